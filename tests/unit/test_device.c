/* SPDX-License-Identifier: Apache-2.0 */
#include "core/state.h"
#include "fotakit_fw/device.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { SECTOR = 4096 };

static struct fk_device good_device(void)
{
    return (struct fk_device){
        .name = "test",
        .map = {.base = 0x08000000,
                .size = 64 * SECTOR,
                .prog_size = 4,
                .erased = 0xff,
                .boot = {0, SECTOR, SECTOR},
                .state = {SECTOR, 2 * SECTOR, SECTOR},
                .store = {3 * SECTOR, 2 * SECTOR, SECTOR},
                .primary = {5 * SECTOR, 20 * SECTOR, SECTOR},
                .staging = {25 * SECTOR, 21 * SECTOR, SECTOR}},
        .st = {.nonce = {0, 12}, .tag = {12, 16}, .hash = {28, 32}, .size = 60},
        .image_unit = 4,
        .policy = {.install = FK_INSTALL_SWAP},
    };
}

struct rule {
    const char *why; /* what the case is, and how it is told from the other faults */
    void (*spoil)(struct fk_device *d);
    const char *sentence;
    enum fk_device_part part;
    enum fk_region_id region, other;
};

#define SPOIL(name, change)                                                                        \
    static void name(struct fk_device *d)                                                          \
    {                                                                                              \
        change;                                                                                    \
    }

SPOIL(no_flash, d->map.size = 0)
SPOIL(past_4g, d->map.base = UINT32_MAX - 64 * SECTOR + 2)
SPOIL(prog_0, d->map.prog_size = 0)
SPOIL(prog_3, d->map.prog_size = 3)
SPOIL(prog_64, d->map.prog_size = 64)
SPOIL(erased_a5, d->map.erased = 0xa5)
SPOIL(sector_0, d->map.boot.sector = 0)
SPOIL(sector_8, d->map.boot.sector = 8)
SPOIL(sector_below_prog, d->map.prog_size = 32; d->map.store.sector = 16)
SPOIL(empty_region, d->map.boot.size = 0)
SPOIL(half_sector, d->map.store.size -= 16)
SPOIL(shifted_region, d->map.store.off += 16)
SPOIL(outside, d->map.staging.off = 44 * SECTOR)
SPOIL(larger_than_flash, d->map.staging.size = 65 * SECTOR)
SPOIL(off_plus_size_wraps, d->map.staging.off = UINT32_MAX - SECTOR + 1)
SPOIL(last_sector_shared, d->map.staging.off = 24 * SECTOR)
SPOIL(region_inside_another, d->map.store.off = 7 * SECTOR)
SPOIL(same_start, d->map.state.off = 0)
SPOIL(three_banks, d->map.state.size = 3 * SECTOR; d->map.store.off = 4 * SECTOR;
      d->map.store.size = SECTOR)
SPOIL(short_banks, d->map.state = ((struct fk_region){SECTOR, 512, 256}))
SPOIL(one_store_sector, d->map.store.size = SECTOR)
SPOIL(sectors_differ, d->map.staging.sector = 2 * SECTOR; d->map.staging.off = 26 * SECTOR;
      d->map.staging.size = 22 * SECTOR)
SPOIL(no_spare_sector, d->map.staging.size = 20 * SECTOR)
SPOIL(staging_short, d->map.staging.size = 19 * SECTOR; d->policy.install = FK_INSTALL_OVERWRITE)
SPOIL(nonce_8, d->st.nonce.size = 8)
SPOIL(tag_11, d->st.tag.size = 11)
SPOIL(tag_17, d->st.tag.size = 17)
SPOIL(hash_20, d->st.hash.size = 20)
SPOIL(sum_short, d->st.size = 59)
SPOIL(sum_long, d->st.size = 61)
SPOIL(fields_overlap, d->st.tag.off = 11)
SPOIL(field_outside, d->st.hash.off = 29)
SPOIL(field_far_outside, d->st.hash.off = 255)
SPOIL(no_unit, d->image_unit = 0)
SPOIL(odd_unit, d->image_unit = 3)

#define NO FK_REGIONS
static const struct rule rules[] = {
    {"flash without a byte", no_flash, "flash is empty or ends behind 4 GiB", FK_DEVICE_SIZE, NO,
     NO},
    {"last byte behind 4 GiB", past_4g, "flash is empty or ends behind 4 GiB", FK_DEVICE_SIZE, NO,
     NO},
    {"program size 0", prog_0, "program size is not 1, 2, 4, 8, 16 or 32", FK_DEVICE_PROGRAM, NO,
     NO},
    {"program size 3", prog_3, "program size is not 1, 2, 4, 8, 16 or 32", FK_DEVICE_PROGRAM, NO,
     NO},
    {"program size 64", prog_64, "program size is not 1, 2, 4, 8, 16 or 32", FK_DEVICE_PROGRAM, NO,
     NO},
    {"erased 0xa5", erased_a5, "erased value is neither 0x00 nor 0xff", FK_DEVICE_ERASED, NO, NO},
    {"sector 0", sector_0, "sector is not a multiple of the program size and of 16 bytes",
     FK_DEVICE_REGION, FK_REGION_BOOT, NO},
    {"sector 8", sector_8, "sector is not a multiple of the program size and of 16 bytes",
     FK_DEVICE_REGION, FK_REGION_BOOT, NO},
    {"sector below the program size", sector_below_prog,
     "sector is not a multiple of the program size and of 16 bytes", FK_DEVICE_REGION,
     FK_REGION_STORE, NO},
    {"region without a byte", empty_region, "region is empty or not whole sectors",
     FK_DEVICE_REGION, FK_REGION_BOOT, NO},
    {"part of a sector", half_sector, "region is empty or not whole sectors", FK_DEVICE_REGION,
     FK_REGION_STORE, NO},
    {"start within a sector", shifted_region, "region is empty or not whole sectors",
     FK_DEVICE_REGION, FK_REGION_STORE, NO},
    {"end behind the flash", outside, "region ends outside the flash", FK_DEVICE_REGION,
     FK_REGION_STAGING, NO},
    {"larger than the flash", larger_than_flash, "region ends outside the flash", FK_DEVICE_REGION,
     FK_REGION_STAGING, NO},
    {"end wraps to 0", off_plus_size_wraps, "region ends outside the flash", FK_DEVICE_REGION,
     FK_REGION_STAGING, NO},
    {"one shared sector", last_sector_shared, "region overlaps with another one", FK_DEVICE_REGION,
     FK_REGION_STAGING, FK_REGION_PRIMARY},
    {"store inside primary", region_inside_another, "region overlaps with another one",
     FK_DEVICE_REGION, FK_REGION_PRIMARY, FK_REGION_STORE},
    {"same start", same_start, "region overlaps with another one", FK_DEVICE_REGION,
     FK_REGION_STATE, FK_REGION_BOOT},
    {"three sectors of state", three_banks, "state is not two equal banks of whole sectors",
     FK_DEVICE_REGION, FK_REGION_STATE, NO},
    {"no room for the cells", short_banks,
     "state bank has no room for the progress of the largest image", FK_DEVICE_REGION,
     FK_REGION_STATE, FK_REGION_PRIMARY},
    {"one sector of store", one_store_sector, "certificate store has fewer than two sectors",
     FK_DEVICE_REGION, FK_REGION_STORE, NO},
    {"two sector sizes", sectors_differ, "slots have different sector sizes", FK_DEVICE_REGION,
     FK_REGION_STAGING, FK_REGION_PRIMARY},
    {"swap without a spare sector", no_spare_sector,
     "staging slot is not one sector larger than the primary slot", FK_DEVICE_REGION,
     FK_REGION_STAGING, FK_REGION_PRIMARY},
    {"overwrite from a smaller slot", staging_short,
     "staging slot is smaller than the primary slot", FK_DEVICE_REGION, FK_REGION_STAGING,
     FK_REGION_PRIMARY},
    {"nonce 8", nonce_8, "header needs a nonce of 12, a tag of 12 to 16 and a hash of 32 bytes",
     FK_DEVICE_HEADER, NO, NO},
    {"tag 11", tag_11, "header needs a nonce of 12, a tag of 12 to 16 and a hash of 32 bytes",
     FK_DEVICE_HEADER, NO, NO},
    {"tag 17", tag_17, "header needs a nonce of 12, a tag of 12 to 16 and a hash of 32 bytes",
     FK_DEVICE_HEADER, NO, NO},
    {"hash 20", hash_20, "header needs a nonce of 12, a tag of 12 to 16 and a hash of 32 bytes",
     FK_DEVICE_HEADER, NO, NO},
    {"sum one short", sum_short, "header size is not the sum of its fields", FK_DEVICE_HEADER, NO,
     NO},
    {"sum one long", sum_long, "header size is not the sum of its fields", FK_DEVICE_HEADER, NO,
     NO},
    {"tag on the nonce", fields_overlap, "header fields overlap or end outside the header",
     FK_DEVICE_HEADER, NO, NO},
    {"hash one too far", field_outside, "header fields overlap or end outside the header",
     FK_DEVICE_HEADER, NO, NO},
    {"hash at 255", field_far_outside, "header fields overlap or end outside the header",
     FK_DEVICE_HEADER, NO, NO},
    {"unit 0", no_unit, "primary slot is not a multiple of the image unit", FK_DEVICE_UNIT, NO, NO},
    {"unit 3", odd_unit, "primary slot is not a multiple of the image unit", FK_DEVICE_UNIT, NO,
     NO},
};

static void each_broken_rule_is_refused_with_its_sentence(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        const struct rule *r = &rules[i];
        struct fk_device d = good_device();
        r->spoil(&d);
        const char *why = "accepted";
        struct fk_device_fault fault = {0};
        enum fk_status st = fk_device_check(&d, &why);
        if (st != FK_E_GEOMETRY || strcmp(why, r->sentence) != 0) {
            fail_msg("%s: status %d, '%s', expected '%s'", r->why, st, why, r->sentence);
        }
        assert_int_equal(fk_device_check(&d, NULL), FK_E_GEOMETRY);
        assert_int_equal(fk_device_find_fault(&d, &fault), FK_E_GEOMETRY);
        if (fault.part != r->part || fault.region != r->region || fault.other != r->other) {
            fail_msg("%s: part %d, region %d, other %d", r->why, (int)fault.part, (int)fault.region,
                     (int)fault.other);
        }
    }
}

static void good_devices_are_accepted(void **state)
{
    (void)state;
    const char *why = "untouched";
    struct fk_device d = good_device();
    assert_int_equal(fk_device_check(&d, &why), FK_OK);
    assert_int_equal(fk_device_slot_size(&d), 20 * SECTOR);

    d.map.erased = 0x00;
    d.map.base = UINT32_MAX - 64 * SECTOR + 1; /* the last byte is the last of 4 GiB */
    d.map.staging.off = 43 * SECTOR;           /* and staging ends with it */
    assert_int_equal(fk_device_check(&d, &why), FK_OK);

    d = good_device();
    d.policy.install = FK_INSTALL_OVERWRITE;
    d.map.staging.size = 20 * SECTOR;
    d.st = (struct fk_st_layout){.hash = {0, 32}, .tag = {32, 12}, .nonce = {44, 12}, .size = 56};
    assert_int_equal(fk_device_check(&d, &why), FK_OK);
    assert_string_equal(why, "untouched");
}

/* The need of a bank at the most sectors, largest cells and swap must not wrap to a small number.
 */
static void slot_of_too_many_sectors_is_refused_before_it_is_counted(void **state)
{
    (void)state;
    struct fk_device d = good_device();
    d.map.base = 0;
    d.map.size = 1u << 31;
    d.map.prog_size = 32;
    d.map.primary = (struct fk_region){1u << 20, FK_SLOT_SECTORS_MAX * 32, 32};
    d.map.staging = (struct fk_region){1u << 30, FK_SLOT_SECTORS_MAX * 32 + 32, 32};
    d.map.state = (struct fk_region){1u << 28, 1u << 24, SECTOR};
    const char *why = "";
    assert_int_equal(fk_device_check(&d, &why), FK_OK);
    assert_in_range(fk_state_bank_need(&d), 2 * FK_SLOT_SECTORS_MAX * 32, 1u << 23);

    d.map.primary.size += 32;
    d.map.staging.size += 32;
    assert_int_equal(fk_device_check(&d, &why), FK_E_GEOMETRY);
    assert_string_equal(why, "primary slot has more than 65536 sectors");
}

static void regions_are_found_by_number(void **state)
{
    (void)state;
    struct fk_device d = good_device();
    assert_ptr_equal(fk_device_region(&d, FK_REGION_BOOT), &d.map.boot);
    assert_ptr_equal(fk_device_region(&d, FK_REGION_STATE), &d.map.state);
    assert_ptr_equal(fk_device_region(&d, FK_REGION_STORE), &d.map.store);
    assert_ptr_equal(fk_device_region(&d, FK_REGION_PRIMARY), &d.map.primary);
    assert_ptr_equal(fk_device_region(&d, FK_REGION_STAGING), &d.map.staging);
    assert_null(fk_device_region(&d, FK_REGIONS));
}

/* ---- the port's table ----------------------------------------------------- */

static enum fk_status no_read(void *ctx, uint32_t off, void *buf, size_t len)
{
    (void)ctx;
    (void)off;
    (void)buf;
    (void)len;
    return FK_E_FLASH;
}

static enum fk_status no_prog(void *ctx, uint32_t off, const void *buf, size_t len)
{
    (void)ctx;
    (void)off;
    (void)buf;
    (void)len;
    return FK_E_FLASH;
}

static enum fk_status no_erase(void *ctx, uint32_t off, uint32_t len)
{
    (void)ctx;
    (void)off;
    (void)len;
    return FK_E_FLASH;
}

static void flash_table_with_a_hole_or_impossible_geometry_is_refused(void **state)
{
    (void)state;
    const struct fk_flash good = {.read = no_read,
                                  .prog = no_prog,
                                  .erase = no_erase,
                                  .size = 4096,
                                  .prog_size = 4,
                                  .erased = 0xff};
    assert_int_equal(fk_flash_check(&good), FK_OK);
    struct fk_flash bad[9];
    for (size_t i = 0; i < 9; i++) {
        bad[i] = good;
    }
    bad[0].read = NULL;
    bad[1].prog = NULL;
    bad[2].erase = NULL;
    bad[3].size = 0;
    bad[4].size = 4098; /* not whole program units */
    bad[5].prog_size = 0;
    bad[6].prog_size = 12;
    bad[7].prog_size = 64;
    bad[8].erased = 0x7f;
    for (size_t i = 0; i < 9; i++) {
        if (fk_flash_check(&bad[i]) != FK_E_GEOMETRY) {
            fail_msg("case %zu was accepted", i);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_broken_rule_is_refused_with_its_sentence),
        cmocka_unit_test(good_devices_are_accepted),
        cmocka_unit_test(slot_of_too_many_sectors_is_refused_before_it_is_counted),
        cmocka_unit_test(regions_are_found_by_number),
        cmocka_unit_test(flash_table_with_a_hole_or_impossible_geometry_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
