/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated device's flash: rules, power cuts, and what is in the file. */
#include "port/sim/sim_flash_file.h"
#include "support/device.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

struct bench {
    char path[64];
    struct fk_device device;
    struct fk_sim_flash f;
    struct fk_flash flash;
};

static void reopen(struct bench *b)
{
    fk_sim_flash_close(&b->f);
    assert_int_equal(fk_sim_flash_open(&b->f, &b->device, b->path, true), FK_OK);
    b->flash = fk_sim_flash_table(&b->f);
}

static void bench_begin(struct bench *b, uint8_t erased)
{
    const struct test_layout layout = {.name = "bench",
                                       .sector = 1024,
                                       .state_sector = 512,
                                       .slot_sectors = 4,
                                       .prog_size = 8,
                                       .erased = erased,
                                       .install = FK_INSTALL_SWAP};
    memset(b, 0, sizeof *b);
    b->device = test_device(&layout);
    snprintf(b->path, sizeof b->path, "/tmp/fotakit-test-XXXXXX");
    int fd = mkstemp(b->path);
    assert_true(fd >= 0);
    assert_int_equal(fk_sim_flash_create(&b->f, &b->device, fd), FK_OK);
    reopen(b);
}

static void bench_end(struct bench *b)
{
    fk_sim_flash_close(&b->f);
    fk_sim_flash_close(&b->f); /* harmless */
    assert_int_equal(unlink(b->path), 0);
}

static uint8_t byte_at(struct bench *b, uint32_t off)
{
    uint8_t v = 0x77;
    assert_int_equal(b->flash.read(b->flash.ctx, off, &v, 1), FK_OK);
    return v;
}

static void assert_all(struct bench *b, uint32_t off, uint32_t len, uint8_t value)
{
    for (uint32_t i = 0; i < len; i++) {
        if (byte_at(b, off + i) != value) {
            fail_msg("byte %u is 0x%02x, expected 0x%02x", (unsigned)(off + i),
                     (unsigned)byte_at(b, off + i), (unsigned)value);
        }
    }
}

static void new_file_is_erased_flash_of_exact_size(void **state)
{
    (void)state;
    static const uint8_t values[] = {0xff, 0x00};
    for (size_t i = 0; i < 2; i++) {
        struct bench b;
        struct stat s;
        bench_begin(&b, values[i]);
        assert_int_equal(stat(b.path, &s), 0);
        assert_int_equal(s.st_size, b.device.map.size);
        assert_all(&b, 0, b.device.map.size, values[i]);
        assert_int_equal(fk_flash_check(&b.flash), FK_OK);
        bench_end(&b);
    }
}

static void device_without_envelopes_has_a_flash(void **state)
{
    (void)state;
    struct bench b;
    bench_begin(&b, 0xff);
    b.device.map.envelope = (struct fk_region){.size = 0};
    reopen(&b);
    uint32_t p = b.device.map.primary.off;
    assert_int_equal(b.flash.erase(b.flash.ctx, p, b.device.map.primary.sector), FK_OK);
    assert_int_equal(b.f.most_erases, 1);
    bench_end(&b);
}

static void what_is_programmed_stays_in_the_file(void **state)
{
    (void)state;
    static const uint8_t data[16] = "0123456789abcdef";
    struct bench b;
    bench_begin(&b, 0xff);
    uint32_t at = b.device.map.primary.off + 8;
    assert_int_equal(b.flash.prog(b.flash.ctx, at, data, sizeof data), FK_OK);
    reopen(&b);
    uint8_t found[16] = {0};
    assert_int_equal(b.flash.read(b.flash.ctx, at, found, sizeof found), FK_OK);
    assert_memory_equal(found, data, sizeof data);
    assert_all(&b, 0, at, 0xff);
    uint32_t sector = b.device.map.primary.off;
    assert_int_equal(b.flash.erase(b.flash.ctx, sector, 1024), FK_OK);
    assert_all(&b, 0, b.device.map.size, 0xff);
    assert_int_equal(b.f.programs + b.f.erases, 1); /* since it was opened */
    assert_int_equal(b.f.most_erases, 1);
    bench_end(&b);
}

static void rules_of_flash_are_kept(void **state)
{
    (void)state;
    static const uint8_t data[64] = {1, 2, 3};
    struct bench b;
    bench_begin(&b, 0xff);
    const struct fk_flash_map *map = &b.device.map;
    uint32_t p = map->primary.off;
    assert_int_equal(b.flash.prog(b.flash.ctx, p, data, 8), FK_OK);
    const struct {
        const char *why;
        bool erase;
        uint32_t off, len;
    } rows[] = {
        {"program off its unit", false, p + 12, 8},
        {"program half a unit", false, p + 16, 4},
        {"program nothing", false, p + 16, 0},
        {"program a unit twice", false, p, 8},
        {"program over a unit that is written", false, p, 16},
        {"program the boot region", false, map->boot.off, 8},
        {"program across two regions", false, map->staging.off - 8, 16},
        {"program across the end", false, map->size - 8, 16},
        {"program behind the end", false, map->size, 8},
        {"program far behind the end", false, 0xfffffff8u, 8},
        {"erase half a sector", true, p, 512},
        {"erase two sectors", true, p, 2048},
        {"erase from the middle of a sector", true, p + 512, 1024},
        {"erase nothing", true, p, 0},
        {"erase a state sector with the size of another region", true, map->state.off, 1024},
        {"erase the boot region", true, map->boot.off, 512},
        {"erase behind the end", true, map->size, 1024},
        {"erase far behind the end", true, 0xfffffc00u, 1024},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        b.f.breach = NULL;
        uint64_t operations = b.f.operations;
        enum fk_status st = rows[i].erase
                                ? b.flash.erase(b.flash.ctx, rows[i].off, rows[i].len)
                                : b.flash.prog(b.flash.ctx, rows[i].off, data, rows[i].len);
        if (st != FK_E_FLASH_RULE || b.f.breach == NULL || b.f.operations != operations) {
            fail_msg("%s: %s", rows[i].why, fk_status_symbol(st));
        }
    }
    uint8_t found[16];
    assert_int_equal(b.flash.read(b.flash.ctx, map->size - 8, found, 9), FK_E_FLASH_RULE);
    assert_int_equal(b.flash.read(b.flash.ctx, map->size + 1, found, 0), FK_E_FLASH_RULE);
    assert_int_equal(b.flash.read(b.flash.ctx, map->size, found, 0), FK_OK);
    /* and nothing of it got into the file */
    assert_int_equal(b.flash.read(b.flash.ctx, p, found, 16), FK_OK);
    assert_memory_equal(found, data, 8);
    assert_all(&b, p + 8, map->size - p - 8, 0xff);
    assert_all(&b, 0, p, 0xff);
    bench_end(&b);
}

static void power_cut_leaves_nothing_half_or_all_of_a_program(void **state)
{
    (void)state;
    static const uint8_t data[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    static const struct {
        enum fk_sim_cut cut;
        uint8_t first, middle, last;
    } rows[] = {
        {FK_SIM_CUT_BEFORE, 0xff, 0xff, 0xff},
        {FK_SIM_CUT_AFTER, 0x00, 0x00, 0x00},
        {FK_SIM_CUT_TORN, 0x00, 0xaa, 0xff},
    };
    for (size_t i = 0; i < 3; i++) {
        struct bench b;
        uint8_t any[4];
        bench_begin(&b, 0xff);
        uint32_t p = b.device.map.primary.off;
        fk_sim_flash_cut(&b.f, 2, rows[i].cut);
        assert_int_equal(b.flash.prog(b.flash.ctx, p + 32, data, 16), FK_OK);
        assert_int_equal(b.flash.prog(b.flash.ctx, p, data, 16), FK_E_POWER);
        assert_true(b.f.power_lost);
        assert_int_equal(b.flash.read(b.flash.ctx, p, any, 4), FK_E_POWER);
        assert_int_equal(b.flash.prog(b.flash.ctx, p + 64, data, 16), FK_E_POWER);
        assert_int_equal(b.flash.erase(b.flash.ctx, p, 1024), FK_E_POWER);
        reopen(&b);
        assert_false(b.f.power_lost);
        assert_all(&b, p, 8, rows[i].first);
        assert_int_equal(byte_at(&b, p + 8), rows[i].middle);
        assert_all(&b, p + 9, 7, rows[i].last);
        assert_all(&b, p + 32, 16, 0x00); /* the operation before it */
        assert_all(&b, p + 64, 16, 0xff);
        bench_end(&b);
    }
}

static void power_cut_leaves_nothing_half_or_all_of_an_erase(void **state)
{
    (void)state;
    static uint8_t data[1024];
    static const struct {
        enum fk_sim_cut cut;
        uint8_t first, middle, last;
    } rows[] = {
        {FK_SIM_CUT_BEFORE, 0x00, 0x00, 0x00},
        {FK_SIM_CUT_AFTER, 0xff, 0xff, 0xff},
        {FK_SIM_CUT_TORN, 0xff, 0x55, 0x00},
    };
    for (size_t i = 0; i < 3; i++) {
        struct bench b;
        bench_begin(&b, 0xff);
        uint32_t p = b.device.map.primary.off;
        assert_int_equal(b.flash.prog(b.flash.ctx, p, data, sizeof data), FK_OK);
        reopen(&b);
        fk_sim_flash_cut(&b.f, 1, rows[i].cut);
        assert_int_equal(b.flash.erase(b.flash.ctx, p, 1024), FK_E_POWER);
        reopen(&b);
        assert_all(&b, p, 512, rows[i].first);
        assert_int_equal(byte_at(&b, p + 512), rows[i].middle);
        assert_all(&b, p + 513, 511, rows[i].last);
        bench_end(&b);
    }
}

static void file_that_is_no_flash_is_refused(void **state)
{
    (void)state;
    struct bench b;
    bench_begin(&b, 0xff);
    fk_sim_flash_close(&b.f);
    assert_int_equal(truncate(b.path, (off_t)b.device.map.size - 1), 0);
    assert_int_equal(fk_sim_flash_open(&b.f, &b.device, b.path, true), FK_E_GEOMETRY);
    assert_int_equal(truncate(b.path, (off_t)b.device.map.size + 1), 0);
    assert_int_equal(fk_sim_flash_open(&b.f, &b.device, b.path, true), FK_E_GEOMETRY);
    assert_int_equal(fk_sim_flash_open(&b.f, &b.device, "/tmp", false), FK_E_NOT_REGULAR);
    assert_int_equal(fk_sim_flash_open(&b.f, &b.device, "/tmp/fotakit-no/such", true),
                     FK_E_NOT_FOUND);
    assert_int_equal(b.f.error, ENOENT);
    assert_int_equal(b.f.fd, -1);
    bench_end(&b);
}

static void file_that_shrinks_under_us_is_an_error_of_the_host(void **state)
{
    (void)state;
    struct bench b;
    uint8_t found[8];
    bench_begin(&b, 0xff);
    assert_int_equal(truncate(b.path, 4), 0);
    assert_int_equal(b.flash.read(b.flash.ctx, 0, found, 8), FK_E_IO);
    assert_int_equal(b.f.error, EIO);
    bench_end(&b);
}

/* Locks belong to the open file, so one process can play both parts. */
static void second_owner_is_refused(void **state)
{
    (void)state;
    struct bench b;
    struct fk_sim_flash other;
    bench_begin(&b, 0xff);
    assert_int_equal(fk_sim_flash_open(&other, &b.device, b.path, true), FK_E_BUSY);
    assert_int_equal(fk_sim_flash_open(&other, &b.device, b.path, false), FK_E_BUSY);
    fk_sim_flash_close(&b.f);
    assert_int_equal(fk_sim_flash_open(&b.f, &b.device, b.path, false), FK_OK);
    assert_int_equal(fk_sim_flash_open(&other, &b.device, b.path, false), FK_OK);
    fk_sim_flash_close(&other);
    assert_int_equal(fk_sim_flash_open(&other, &b.device, b.path, true), FK_E_BUSY);
    bench_end(&b);
}

static void reader_cannot_change_anything(void **state)
{
    (void)state;
    static const uint8_t data[8] = {0};
    struct bench b;
    bench_begin(&b, 0xff);
    fk_sim_flash_close(&b.f);
    assert_int_equal(fk_sim_flash_open(&b.f, &b.device, b.path, false), FK_OK);
    b.flash = fk_sim_flash_table(&b.f);
    uint32_t p = b.device.map.primary.off;
    assert_int_equal(b.flash.prog(b.flash.ctx, p, data, 8), FK_E_FLASH_RULE);
    assert_int_equal(b.flash.erase(b.flash.ctx, p, 1024), FK_E_FLASH_RULE);
    assert_all(&b, 0, b.device.map.size, 0xff);
    bench_end(&b);
}

static void device_without_a_usable_map_is_refused(void **state)
{
    (void)state;
    struct bench b;
    bench_begin(&b, 0xff);
    fk_sim_flash_close(&b.f);
    b.device.map.prog_size = 3;
    assert_int_equal(fk_sim_flash_open(&b.f, &b.device, b.path, true), FK_E_GEOMETRY);
    bench_end(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_file_is_erased_flash_of_exact_size),
        cmocka_unit_test(device_without_envelopes_has_a_flash),
        cmocka_unit_test(what_is_programmed_stays_in_the_file),
        cmocka_unit_test(rules_of_flash_are_kept),
        cmocka_unit_test(power_cut_leaves_nothing_half_or_all_of_a_program),
        cmocka_unit_test(power_cut_leaves_nothing_half_or_all_of_an_erase),
        cmocka_unit_test(file_that_is_no_flash_is_refused),
        cmocka_unit_test(file_that_shrinks_under_us_is_an_error_of_the_host),
        cmocka_unit_test(second_owner_is_refused),
        cmocka_unit_test(reader_cannot_change_anything),
        cmocka_unit_test(device_without_a_usable_map_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
