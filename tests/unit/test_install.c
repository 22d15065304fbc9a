/* SPDX-License-Identifier: Apache-2.0 */
/* The life of an update on one device, without faults: what is accepted, refused, kept. */
#include "boot/boot.h"
#include "core/stage.h"
#include "core/state.h"
#include "support/device.h"
#include "support/simflash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define SLOT   (4u * 512u)
#define HEADER 60u

static const struct test_layout swap = {"swap", 512, 512, 4, 4, 0xff, FK_INSTALL_SWAP};
static const struct test_layout overwrite = {"overwrite", 512, 512, 4, 4, 0xff,
                                             FK_INSTALL_OVERWRITE};

struct rig {
    struct fk_device device;
    struct simflash sim;
    struct fk_flash flash;
    struct fk_core core;
    struct fk_boot_report report;
    uint8_t work[512];
    uint8_t old_image[SLOT], new_image[SLOT];
    uint32_t old_len, new_len;
    uint8_t key[16];
    uint8_t packet[HEADER + SLOT];
};

static void open_core(struct rig *r)
{
    assert_int_equal(fk_core_open(&r->core, &r->device, &r->flash, r->work, sizeof r->work), FK_OK);
}

static void boot(struct rig *r)
{
    open_core(r);
    assert_int_equal(fk_boot(&r->core, &r->report), FK_OK);
}

static struct rig *new_rig(const struct test_layout *layout, uint32_t old_len, uint32_t new_len)
{
    struct rig *r = calloc(1, sizeof *r);
    assert_non_null(r);
    r->device = test_device(layout);
    r->old_len = old_len;
    r->new_len = new_len;
    test_fill(r->old_image, SLOT, 1);
    test_fill(r->new_image, SLOT, 2);
    test_fill(r->key, sizeof r->key, 3);
    test_packet(&r->device, r->new_image, new_len, r->key, r->packet);
    sim_init(&r->sim, &r->device.map, 7);
    r->flash = sim_flash(&r->sim);
    assert_int_equal(fk_core_open(&r->core, &r->device, &r->flash, r->work, sizeof r->work),
                     FK_E_NO_STATE);
    assert_int_equal(fk_provision(&r->core, r->old_image, old_len), FK_OK);
    assert_int_equal(fk_update_set_key(&r->core, r->key), FK_OK);
    sim_reset_statistics(&r->sim);
    return r;
}

static void free_rig(struct rig *r)
{
    assert_int_equal(r->sim.violations, 0);
    sim_release(&r->sim);
    free(r);
}

static enum fk_status stage(struct rig *r, const uint8_t *packet, uint32_t len)
{
    struct fk_stage s;
    struct fk_stage_id id = {.source = {9}};
    enum fk_status st = fk_stage_begin(&s, &r->core, &id);
    if (st == FK_OK) {
        st = fk_stage_write(&s, packet, len);
    }
    return st == FK_OK ? fk_stage_finish(&s) : st;
}

static bool runs_old(const struct rig *r)
{
    return r->report.verdict == FK_VERDICT_BOOT && r->report.image.size == r->old_len &&
           memcmp(r->sim.bytes + r->device.map.primary.off, r->old_image, r->old_len) == 0;
}

static bool runs_new(const struct rig *r)
{
    return r->report.verdict == FK_VERDICT_BOOT && r->report.image.size == r->new_len &&
           memcmp(r->sim.bytes + r->device.map.primary.off, r->new_image, r->new_len) == 0;
}

static void update_runs_on_trial_and_stays_once_confirmed(void **state)
{
    (void)state;
    struct rig *r = new_rig(&swap, 1800, 2000);
    boot(r);
    assert_true(runs_old(r));
    assert_int_equal(stage(r, r->packet, HEADER + r->new_len), FK_OK);
    boot(r);
    assert_true(runs_new(r));
    assert_true(r->report.installed);
    assert_int_equal(r->report.packet.packet.tag, FK_CHECK_PASSED);
    assert_int_equal(r->report.packet.packet.digest, FK_CHECK_PASSED);
    assert_int_equal(r->core.state.phase, FK_PHASE_TRIAL);
    assert_int_equal(stage(r, r->packet, HEADER + r->new_len), FK_E_BUSY);
    assert_int_equal(fk_update_confirm(&r->core), FK_OK);
    assert_int_equal(fk_update_confirm(&r->core), FK_OK);
    for (int i = 0; i < 5; i++) {
        boot(r);
        assert_true(runs_new(r));
        assert_false(r->report.installed);
    }
    assert_int_equal(r->core.state.last.status, FK_OK);
    free_rig(r);
}

static void trial_that_is_not_confirmed_gets_its_boots_and_is_reverted(void **state)
{
    (void)state;
    struct rig *r = new_rig(&swap, 1800, 700);
    boot(r);
    assert_int_equal(stage(r, r->packet, HEADER + r->new_len), FK_OK);
    for (int i = 0; i < r->device.policy.trial_boots; i++) {
        boot(r);
        assert_true(runs_new(r));
    }
    boot(r);
    assert_true(runs_old(r));
    assert_true(r->report.reverted);
    assert_int_equal(r->core.state.last.status, FK_E_NOT_CONFIRMED);
    assert_int_equal(r->core.state.last.phase, FK_PHASE_TRIAL);
    boot(r);
    assert_true(runs_old(r));
    /* and the device takes the next update */
    assert_int_equal(stage(r, r->packet, HEADER + r->new_len), FK_OK);
    boot(r);
    assert_true(runs_new(r));
    free_rig(r);
}

static void install_erases_each_sector_of_each_slot_once(void **state)
{
    (void)state;
    static const struct {
        const struct test_layout *layout;
        uint32_t old_len, new_len, primary, staging;
    } cases[] = {
        /* sectors of 512: what the new image covers in primary; what it displaces in staging */
        {&swap, 2048, 2048, 4, 4},      {&swap, 2048, 600, 2, 2}, {&swap, 600, 2048, 4, 2},
        {&overwrite, 2048, 2048, 4, 0}, {&overwrite, 2048, 600, 2, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rig *r = new_rig(cases[i].layout, cases[i].old_len, cases[i].new_len);
        boot(r);
        assert_int_equal(stage(r, r->packet, HEADER + r->new_len), FK_OK);
        sim_reset_statistics(&r->sim);
        boot(r);
        assert_true(runs_new(r));
        uint32_t primary = 0;
        uint32_t staging = 0;
        for (uint32_t s = 0; s < r->device.map.size / 512; s++) {
            uint32_t off = s * 512;
            bool in_primary = off >= r->device.map.primary.off &&
                              off < r->device.map.primary.off + r->device.map.primary.size;
            bool in_staging = off >= r->device.map.staging.off;
            assert_true(r->sim.erases[s] <= (in_primary || in_staging ? 1u : 2u));
            primary += in_primary ? r->sim.erases[s] : 0;
            staging += in_staging ? r->sim.erases[s] : 0;
        }
        assert_int_equal(primary, cases[i].primary);
        assert_int_equal(staging, cases[i].staging);
        /* What the job needs: every byte of the new image written, every displaced one saved. On
         * top come two records of the state, each twice with a marker, and a cell per step. */
        uint64_t displaced = cases[i].old_len < cases[i].new_len ? cases[i].old_len
                                                                 : staging * 512u;
        uint64_t least = cases[i].new_len + (cases[i].staging > 0 ? displaced : 0);
        uint64_t records = 2 * (2 * 352 + 8) + 8;
        assert_true(r->sim.bytes_programmed >= least);
        assert_true(r->sim.bytes_programmed <= least + records + 8 * (primary + staging));
        printf("%s, %u to %u bytes: %u + %u sectors erased once each, %llu bytes programmed (%llu "
               "are needed), %llu read\n",
               cases[i].layout->name, cases[i].old_len, cases[i].new_len, primary, staging,
               (unsigned long long)r->sim.bytes_programmed, (unsigned long long)least,
               (unsigned long long)r->sim.bytes_read);
        free_rig(r);
    }
}

static void flip(uint8_t *packet, uint32_t at)
{
    packet[at] ^= 0x10;
}

static void expect_refused(struct rig *r, enum fk_status why, const char *what)
{
    boot(r);
    if (!runs_old(r) || r->report.refused != why) {
        fail_msg("%s: expected refusal %d, got %d, verdict %x", what, why, r->report.refused,
                 r->report.verdict);
    }
    boot(r);
    assert_true(runs_old(r));
    assert_int_equal(r->report.refused, FK_OK); /* once */
    assert_int_equal(r->core.state.phase, FK_PHASE_IDLE);
    assert_int_equal(r->core.state.last.status, why); /* and remembered */
    assert_int_equal(r->core.state.last.phase, FK_PHASE_STAGED);
    for (uint32_t i = 0; i < r->device.map.staging.size; i++) {
        if (r->sim.bytes[r->device.map.staging.off + i] != r->device.map.erased) {
            fail_msg("%s: refused packet was not erased", what);
        }
    }
}

static void tampered_packet_is_refused_erased_and_remembered(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        uint32_t at;
        enum fk_status why;
    } cases[] = {
        {"nonce, first byte", 0, FK_E_TAG},      {"nonce, last byte", 11, FK_E_TAG},
        {"tag, first byte", 12, FK_E_TAG},       {"tag, last byte", 27, FK_E_TAG},
        {"hash, first byte", 28, FK_E_DIGEST},   {"hash, last byte", 59, FK_E_DIGEST},
        {"body, first byte", 60, FK_E_TAG},      {"body, in the middle", 1000, FK_E_TAG},
        {"body, last byte", 60 + 1999, FK_E_TAG},
    };
    const struct test_layout *layouts[] = {&swap, &overwrite};
    for (size_t l = 0; l < 2; l++) {
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
            struct rig *r = new_rig(layouts[l], 1800, 2000);
            boot(r);
            flip(r->packet, cases[i].at);
            assert_int_equal(stage(r, r->packet, HEADER + r->new_len), FK_OK);
            expect_refused(r, cases[i].why, cases[i].what);
            free_rig(r);
        }
    }
}

static void truncated_or_extended_packet_is_refused(void **state)
{
    (void)state;
    struct rig *r = new_rig(&swap, 1800, 2000);
    boot(r);
    assert_int_equal(stage(r, r->packet, HEADER + r->new_len - 4), FK_OK);
    expect_refused(r, FK_E_TAG, "four bytes short");
    assert_int_equal(stage(r, r->packet, HEADER + r->new_len + 4), FK_OK);
    expect_refused(r, FK_E_TAG, "four bytes more");
    free_rig(r);
}

static void wrong_key_is_refused(void **state)
{
    (void)state;
    struct rig *r = new_rig(&swap, 1800, 2000);
    uint8_t other[16] = {1};
    boot(r);
    assert_int_equal(fk_update_set_key(&r->core, other), FK_OK);
    assert_int_equal(stage(r, r->packet, HEADER + r->new_len), FK_OK);
    expect_refused(r, FK_E_TAG, "wrong key");
    free_rig(r);
}

static void key_removed_after_staging_is_refused_at_boot(void **state)
{
    (void)state;
    struct rig *r = new_rig(&swap, 1800, 2000);
    boot(r);
    assert_int_equal(stage(r, r->packet, HEADER + r->new_len), FK_OK);
    assert_int_equal(fk_update_set_key(&r->core, NULL), FK_OK);
    expect_refused(r, FK_E_NO_KEY, "no key");
    free_rig(r);
}

static void plain_packet_obeys_the_policy_of_the_device(void **state)
{
    (void)state;
    struct rig *r = new_rig(&swap, 1800, 2000);
    test_packet(&r->device, r->new_image, r->new_len, NULL, r->packet);
    boot(r);
    r->device.policy.plain_allowed = false;
    assert_int_equal(stage(r, r->packet, HEADER + r->new_len), FK_E_PLAIN_REFUSED);
    /* staged while it was allowed, judged when it is not: refused as well */
    r->device.policy.plain_allowed = true;
    open_core(r);
    assert_int_equal(stage(r, r->packet, HEADER + r->new_len), FK_OK);
    r->device.policy.plain_allowed = false;
    expect_refused(r, FK_E_PLAIN_REFUSED, "plain");
    r->device.policy.plain_allowed = true;
    assert_int_equal(stage(r, r->packet, HEADER + r->new_len), FK_OK);
    boot(r);
    assert_true(runs_new(r));
    free_rig(r);
}

/* Zeroing nonce and tag of an encrypted packet turns it into a "plain" one whose hash cannot be
 * right: the body is ciphertext. */
/* Everything that is done with a packet before it is verified happens outside the primary slot, and
 * what stands in staging is ciphertext. */
static void plaintext_stays_out_of_flash_until_the_packet_is_verified(void **state)
{
    (void)state;
    struct rig *r = new_rig(&swap, 1800, 2000);
    uint8_t before[SLOT];
    boot(r);
    memcpy(before, r->sim.bytes + r->device.map.primary.off, SLOT);
    flip(r->packet, HEADER + r->new_len - 1); /* all but the last byte decrypts well */
    assert_int_equal(stage(r, r->packet, HEADER + r->new_len), FK_OK);
    for (uint32_t i = 0; i + 16 <= r->sim.size; i++) {
        assert_memory_not_equal(r->sim.bytes + i, r->new_image + 64, 16);
    }
    sim_reset_statistics(&r->sim);
    expect_refused(r, FK_E_TAG, "last byte");
    assert_int_equal(sim_most_erases(&r->sim, &r->device.map.primary), 0);
    assert_memory_equal(r->sim.bytes + r->device.map.primary.off, before, SLOT);
    for (uint32_t i = 0; i + 16 <= r->sim.size; i++) {
        assert_memory_not_equal(r->sim.bytes + i, r->new_image + 64, 16);
    }
    free_rig(r);
}

static void stripping_the_encryption_marks_does_not_help(void **state)
{
    (void)state;
    struct rig *r = new_rig(&swap, 1800, 2000);
    boot(r);
    memset(r->packet, 0, 28);
    assert_int_equal(stage(r, r->packet, HEADER + r->new_len), FK_OK);
    expect_refused(r, FK_E_DIGEST, "stripped");
    free_rig(r);
}

static void stage_refuses_what_cannot_be_a_packet(void **state)
{
    (void)state;
    static uint8_t big[HEADER + SLOT + 4];
    struct rig *r = new_rig(&swap, 1800, 2000);
    memset(big, 0x5a, sizeof big);
    boot(r);
    assert_int_equal(stage(r, big, HEADER - 1), FK_E_TRUNCATED);
    assert_int_equal(stage(r, big, HEADER), FK_E_EMPTY);
    open_core(r);
    assert_int_equal(stage(r, big, HEADER + 6), FK_E_IMAGE_ALIGN);
    open_core(r);
    assert_int_equal(stage(r, big, sizeof big), FK_E_IMAGE_TOO_BIG);
    boot(r);
    assert_true(runs_old(r));
    assert_int_equal(r->core.state.phase, FK_PHASE_RECEIVING);
    assert_int_equal(fk_update_cancel(&r->core, FK_E_IMAGE_TOO_BIG), FK_OK);
    boot(r);
    assert_int_equal(r->core.state.last.status, FK_E_IMAGE_TOO_BIG);
    free_rig(r);
}

static void damaged_primary_recovers_from_the_previous_image(void **state)
{
    (void)state;
    struct rig *r = new_rig(&swap, 1800, 2000);
    boot(r);
    assert_int_equal(stage(r, r->packet, HEADER + r->new_len), FK_OK);
    boot(r);
    assert_int_equal(fk_update_confirm(&r->core), FK_OK);
    r->sim.bytes[r->device.map.primary.off + 900] ^= 1;
    boot(r);
    assert_true(runs_old(r));
    assert_true(r->report.reverted);
    assert_int_equal(r->core.state.last.status, FK_E_DIGEST);
    /* the last image there is: damaged now, too */
    r->sim.bytes[r->device.map.primary.off + 900] ^= 1;
    boot(r);
    assert_int_equal(r->report.verdict, FK_VERDICT_STAY);
    assert_int_equal(r->report.status, FK_E_NO_IMAGE);
    /* the console can still stage a packet, and the boot stage installs it */
    assert_int_equal(stage(r, r->packet, HEADER + r->new_len), FK_OK);
    boot(r);
    assert_true(runs_new(r));
    free_rig(r);
}

static void damaged_primary_stays_in_the_boot_stage_when_policy_says_so(void **state)
{
    (void)state;
    struct rig *r = new_rig(&swap, 1800, 2000);
    r->device.policy.recover_previous = false;
    boot(r);
    assert_int_equal(stage(r, r->packet, HEADER + r->new_len), FK_OK);
    boot(r);
    assert_int_equal(fk_update_confirm(&r->core), FK_OK);
    r->sim.bytes[r->device.map.primary.off] ^= 1;
    boot(r);
    assert_int_equal(r->report.verdict, FK_VERDICT_STAY);
    assert_int_equal(r->report.status, FK_E_NO_IMAGE);
    free_rig(r);
}

static void boot_check_after_update_only_is_a_policy(void **state)
{
    (void)state;
    struct rig *r = new_rig(&swap, 1800, 2000);
    r->device.policy.boot_check = FK_BOOT_CHECK_AFTER_UPDATE;
    boot(r);
    assert_int_equal(stage(r, r->packet, HEADER + r->new_len), FK_OK);
    boot(r);
    assert_true(runs_new(r));
    r->sim.bytes[r->device.map.primary.off] ^= 1;
    boot(r); /* still on trial: checked, and back */
    assert_true(runs_old(r));
    r->sim.bytes[r->device.map.primary.off] ^= 1;
    boot(r); /* confirmed: not looked at, which is what this policy costs */
    assert_int_equal(r->report.verdict, FK_VERDICT_BOOT);
    free_rig(r);
}

static void replaced_key_is_gone_from_flash(void **state)
{
    (void)state;
    struct rig *r = new_rig(&swap, 1800, 2000);
    uint8_t other[16];
    test_fill(other, sizeof other, 99);
    boot(r);
    assert_int_equal(fk_update_set_key(&r->core, other), FK_OK);
    for (uint32_t i = 0; i + 16 <= r->sim.size; i++) {
        assert_memory_not_equal(r->sim.bytes + i, r->key, 16);
    }
    assert_int_equal(fk_update_set_key(&r->core, NULL), FK_OK);
    for (uint32_t i = 0; i + 16 <= r->sim.size; i++) {
        assert_memory_not_equal(r->sim.bytes + i, other, 16);
    }
    free_rig(r);
}

static void interrupted_download_resumes_only_from_the_same_source(void **state)
{
    (void)state;
    struct rig *r = new_rig(&swap, 1800, 2000);
    struct fk_stage s;
    struct fk_stage_id id = {.source = {9}, .validator = "\"v1\"", .validator_len = 4};
    uint8_t elsewhere[32] = {8};
    uint32_t from = 0;
    boot(r);
    assert_int_equal(fk_stage_resume(&s, &r->core, id.source, &from), FK_E_BUSY);
    assert_int_equal(fk_stage_begin(&s, &r->core, &id), FK_OK);
    assert_int_equal(fk_stage_write(&s, r->packet, HEADER + 1100), FK_OK);
    open_core(r); /* a reset */
    assert_int_equal(fk_stage_resume(&s, &r->core, elsewhere, &from), FK_E_BUSY);
    assert_int_equal(fk_stage_resume(&s, &r->core, id.source, &from), FK_OK);
    assert_int_equal(from, HEADER + 1024); /* whole sectors */
    assert_int_equal(s.id.validator_len, 4);
    assert_memory_equal(s.id.validator, "\"v1\"", 4);
    assert_int_equal(fk_stage_write(&s, r->packet + from, HEADER + r->new_len - from), FK_OK);
    assert_int_equal(fk_stage_finish(&s), FK_OK);
    boot(r);
    assert_true(runs_new(r));
    free_rig(r);
}

static void download_without_validator_cannot_be_resumed(void **state)
{
    (void)state;
    struct rig *r = new_rig(&swap, 1800, 2000);
    struct fk_stage s;
    struct fk_stage_id id = {.source = {9}};
    uint32_t from = 0;
    boot(r);
    assert_int_equal(fk_stage_begin(&s, &r->core, &id), FK_OK);
    assert_int_equal(fk_stage_write(&s, r->packet, HEADER + 1100), FK_OK);
    open_core(r);
    assert_int_equal(fk_stage_resume(&s, &r->core, id.source, &from), FK_E_BUSY);
    free_rig(r);
}

static void overwrite_keeps_the_packet_until_the_image_is_verified(void **state)
{
    (void)state;
    struct rig *r = new_rig(&overwrite, 1800, 2000);
    boot(r);
    assert_int_equal(stage(r, r->packet, HEADER + r->new_len), FK_OK);
    sim_power_up(&r->sim, 7, SIM_CUT_PREFIX); /* in the middle of the install */
    open_core(r);
    assert_int_equal(fk_boot(&r->core, &r->report), FK_E_POWER);
    assert_memory_equal(r->sim.bytes + r->device.map.staging.off, r->packet + HEADER, r->new_len);
    sim_power_up(&r->sim, SIM_NEVER, SIM_CUT_PREFIX);
    boot(r);
    assert_true(runs_new(r));
    assert_int_equal(r->report.began, FK_PHASE_INSTALLING);
    assert_int_equal(r->core.state.phase, FK_PHASE_IDLE); /* no trial: there is no way back */
    assert_int_equal(r->core.state.previous.size, 0);
    free_rig(r);
}

static void first_image_needs_no_trial(void **state)
{
    (void)state;
    struct rig *r = new_rig(&swap, 0, 2000);
    boot(r);
    assert_int_equal(r->report.status, FK_E_NO_IMAGE);
    assert_int_equal(r->core.state.phase, FK_PHASE_EMPTY);
    assert_int_equal(stage(r, r->packet, HEADER + r->new_len), FK_OK);
    boot(r);
    assert_true(runs_new(r));
    assert_int_equal(r->core.state.phase, FK_PHASE_IDLE);
    free_rig(r);
}

static void device_without_state_stays_in_the_boot_stage(void **state)
{
    (void)state;
    struct rig *r = new_rig(&swap, 1800, 2000);
    memset(r->sim.bytes + r->device.map.state.off, 0, r->device.map.state.size);
    assert_int_equal(fk_core_open(&r->core, &r->device, &r->flash, r->work, sizeof r->work),
                     FK_E_NO_STATE);
    assert_int_equal(fk_boot(&r->core, &r->report), FK_OK);
    assert_int_equal(r->report.verdict, FK_VERDICT_STAY);
    assert_int_equal(r->report.status, FK_E_NO_STATE);
    assert_int_equal(stage(r, r->packet, HEADER + r->new_len), FK_E_NO_STATE);
    assert_int_equal(fk_update_set_key(&r->core, r->key), FK_E_NO_STATE);
    free_rig(r);
}

static void core_refuses_a_flash_that_is_not_the_one_of_the_table(void **state)
{
    (void)state;
    struct rig *r = new_rig(&swap, 1800, 2000);
    struct fk_flash other = r->flash;
    other.prog_size = 8;
    assert_int_equal(fk_core_open(&r->core, &r->device, &other, r->work, sizeof r->work),
                     FK_E_GEOMETRY);
    other = r->flash;
    other.erase = NULL;
    assert_int_equal(fk_core_open(&r->core, &r->device, &other, r->work, sizeof r->work),
                     FK_E_GEOMETRY);
    assert_int_equal(fk_core_open(&r->core, &r->device, &r->flash, r->work, FK_WORK_MIN - 1),
                     FK_E_GEOMETRY);
    free_rig(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(update_runs_on_trial_and_stays_once_confirmed),
        cmocka_unit_test(trial_that_is_not_confirmed_gets_its_boots_and_is_reverted),
        cmocka_unit_test(install_erases_each_sector_of_each_slot_once),
        cmocka_unit_test(tampered_packet_is_refused_erased_and_remembered),
        cmocka_unit_test(truncated_or_extended_packet_is_refused),
        cmocka_unit_test(wrong_key_is_refused),
        cmocka_unit_test(key_removed_after_staging_is_refused_at_boot),
        cmocka_unit_test(plain_packet_obeys_the_policy_of_the_device),
        cmocka_unit_test(plaintext_stays_out_of_flash_until_the_packet_is_verified),
        cmocka_unit_test(stripping_the_encryption_marks_does_not_help),
        cmocka_unit_test(stage_refuses_what_cannot_be_a_packet),
        cmocka_unit_test(damaged_primary_recovers_from_the_previous_image),
        cmocka_unit_test(damaged_primary_stays_in_the_boot_stage_when_policy_says_so),
        cmocka_unit_test(boot_check_after_update_only_is_a_policy),
        cmocka_unit_test(replaced_key_is_gone_from_flash),
        cmocka_unit_test(interrupted_download_resumes_only_from_the_same_source),
        cmocka_unit_test(download_without_validator_cannot_be_resumed),
        cmocka_unit_test(overwrite_keeps_the_packet_until_the_image_is_verified),
        cmocka_unit_test(first_image_needs_no_trial),
        cmocka_unit_test(device_without_state_stays_in_the_boot_stage),
        cmocka_unit_test(core_refuses_a_flash_that_is_not_the_one_of_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
