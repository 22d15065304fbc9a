/* SPDX-License-Identifier: Apache-2.0 */
/* Reading packets back: what the command line cannot reach. */
#include "fotakit/packet.h"
#include "support/device.h"
#include "support/temp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define IMAGE 200000u

static const struct fk_packet_key key = {.bytes = {1, 2, 3}};

static struct fk_device small_device(void)
{
    static const struct test_layout layout = {.name = "small",
                                              .sector = 4096,
                                              .state_sector = 4096,
                                              .slot_sectors = 64,
                                              .prog_size = 4,
                                              .erased = 0xff,
                                              .install = FK_INSTALL_OVERWRITE};
    return test_device(&layout);
}

static const char *write_packet(struct fk_temp *t, const struct fk_device *device)
{
    static uint8_t image[IMAGE], packet[FK_ST_HEADER_MAX + IMAGE];
    test_fill(image, IMAGE, 7);
    test_packet(device, image, IMAGE, key.bytes, packet);
    return fk_temp_file(t, "in.ota", packet, device->st.size + IMAGE);
}

static void packet_verifies_as_often_as_wanted(void **state)
{
    struct fk_device device = small_device();
    struct fk_error err = FK_ERROR_INIT;
    struct fk_packet p = FK_PACKET_INIT;
    struct fk_st_report report;
    const char *path = write_packet(*state, &device);
    assert_int_equal(fk_packet_open(&p, path, &device, &err), FK_OK);
    assert_int_equal(p.body_size, IMAGE);
    assert_false(p.plain);
    assert_int_equal(fk_packet_verify(&p, &key, &report, &err), FK_OK);
    assert_int_equal(report.digest, FK_CHECK_PASSED);
    assert_int_equal(fk_packet_verify(&p, NULL, &report, &err), FK_E_NO_KEY);
    assert_int_equal(report.digest, FK_CHECK_NOT_REACHED);
    assert_int_equal(fk_packet_verify(&p, &key, &report, &err), FK_OK);
    fk_packet_close(&p);
    fk_packet_close(&p);
    assert_int_equal(p.fd, -1);
}

static void packet_cut_after_opening_is_an_error_of_reading(void **state)
{
    struct fk_device device = small_device();
    struct fk_error err = FK_ERROR_INIT;
    struct fk_packet p = FK_PACKET_INIT;
    struct fk_st_report report;
    const char *path = write_packet(*state, &device);
    assert_int_equal(fk_packet_open(&p, path, &device, &err), FK_OK);
    assert_int_equal(truncate(path, 100000), 0);
    assert_int_equal(fk_packet_verify(&p, &key, &report, &err), FK_E_IO);
    assert_non_null(strstr(err.msg, "in.ota' changed while it was read"));
    assert_int_equal(report.tag, FK_CHECK_NOT_REACHED);
    assert_int_equal(truncate(path, 0), 0);
    assert_false(fk_packet_looks_like_code(&p));
    fk_packet_close(&p);
}

static void packet_that_cannot_be_one_is_refused_and_left_closed(void **state)
{
    struct fk_temp *t = *state;
    struct fk_device device = small_device();
    struct fk_error err = FK_ERROR_INIT;
    struct fk_packet p = FK_PACKET_INIT;
    assert_int_equal(fk_packet_open(&p, fk_temp_path(t, "no"), &device, &err), FK_E_NOT_FOUND);
    assert_int_equal(fk_packet_open(&p, fk_temp_file(t, "a", "", 0), &device, &err), FK_E_EMPTY);
    assert_int_equal(fk_packet_open(&p, fk_temp_file(t, "a", "x", 1), &device, &err),
                     FK_E_TRUNCATED);
    assert_non_null(strstr(err.msg, "has 1 byte, a packet has more than 60"));
    assert_int_equal(fk_packet_open(&p, t->dir, &device, &err), FK_E_NOT_REGULAR);
    assert_int_equal(p.fd, -1);
    const char *path = write_packet(t, &device);
    device.st.hash.size = 31;
    assert_int_equal(fk_packet_open(&p, path, &device, &err), FK_E_GEOMETRY);
    assert_string_equal(err.msg, "profile small: fota.header is not usable");
    assert_int_equal(p.fd, -1);
}

static void code_is_told_by_its_vector_table(void **state)
{
    static const struct {
        const char *why;
        uint8_t bytes[8];
        bool code;
    } cases[] = {
        {"stack at 0x20004000, Thumb reset at 0x1ccd8", {0, 0x40, 0, 0x20, 0xd9, 0xcc, 1, 0}, true},
        {"flash at 0x08000000", {0, 0, 1, 0x20, 1, 1, 0, 8}, true},
        {"reset vector is even", {0, 0x40, 0, 0x20, 0xd8, 0xcc, 1, 0}, false},
        {"stack is not aligned", {4, 0x40, 0, 0x20, 0xd9, 0xcc, 1, 0}, false},
        {"stack of no size", {0, 0, 0, 0x20, 0xd9, 0xcc, 1, 0}, false},
        {"stack far up", {0, 0, 0, 0x40, 0xd9, 0xcc, 1, 0}, false},
        {"reset in RAM", {0, 0x40, 0, 0x20, 0xd9, 0xcc, 1, 0x20}, false},
        {"plain packet", {0}, false},
    };
    struct fk_device device = small_device();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t bytes[100] = {0};
        struct fk_error err = FK_ERROR_INIT;
        struct fk_packet p = FK_PACKET_INIT;
        memcpy(bytes, cases[i].bytes, 8);
        const char *path = fk_temp_file(*state, "in", bytes, sizeof bytes);
        assert_int_equal(fk_packet_open(&p, path, &device, &err), FK_OK);
        if (fk_packet_looks_like_code(&p) != cases[i].code) {
            fail_msg("%s", cases[i].why);
        }
        fk_packet_close(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packet_verifies_as_often_as_wanted),
        cmocka_unit_test(packet_cut_after_opening_is_an_error_of_reading),
        cmocka_unit_test(packet_that_cannot_be_one_is_refused_and_left_closed),
        cmocka_unit_test(code_is_told_by_its_vector_table),
    };
    return cmocka_run_group_tests(tests, fk_temp_setup, fk_temp_teardown);
}
