/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of a device in flash: provisioned once, loaded at each start, exchanged by signed key sets.
 */
#include "core/state.h"
#include "core/trust_file.h"
#include "support/trust_rig.h"
#include "wire/keyset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void provisioned_keys_are_there_at_each_start(void **state)
{
    (void)state;
    struct trust_rig *r = trust_rig_bare();
    trust_rig_open(r);
    assert_null(r->core.trust); /* nothing signed is accepted before */
    assert_int_equal(
        fk_trust_provision(&r->core, &r->box, &trust_secrets, set_bytes(&trust_keys.first)), FK_OK);
    for (int i = 0; i < 3; i++) {
        trust_rig_boot(r);
        assert_true(trust_rig_trusts(r, &trust_keys.a) && trust_rig_has_secrets(r));
    }
    assert_int_equal(r->core.trust->policy.threshold, 1);
    assert_int_equal(r->box.sequence, 1);
    trust_rig_install(r, &trust_keys.a, 7); /* decrypts with the key from flash */
    assert_memory_equal(r->sim.bytes + r->device.map.primary.off, r->new_image, 2000);
    fk_trust_close(&r->core, &r->box);
    struct fk_trust_box empty;
    memset(&empty, 0, sizeof empty);
    assert_memory_equal(&r->box, &empty, sizeof empty);
    trust_rig_free(r);
}

static void device_is_provisioned_with_keys_once(void **state)
{
    (void)state;
    struct trust_rig *r = trust_rig_new();
    assert_int_equal(
        fk_trust_provision(&r->core, &r->box, &trust_secrets, set_bytes(&trust_keys.first)),
        FK_E_HAS_KEYS);
    trust_rig_boot(r);
    assert_true(trust_rig_trusts(r, &trust_keys.a));
    /* Making it new again takes the keys along. */
    assert_int_equal(fk_provision(&r->core, r->old_image, 1800), FK_OK);
    const uint8_t *keys = r->sim.bytes + r->device.map.keys.off;
    for (uint32_t i = 0; i < r->device.map.keys.size; i++) {
        assert_int_equal(keys[i], 0xff);
    }
    trust_rig_open(r);
    assert_null(r->core.trust);
    trust_rig_free(r);
}

static void what_cannot_be_provisioned_is_refused_and_nothing_is_touched(void **state)
{
    (void)state;
    struct trust_rig *r = trust_rig_bare();
    struct set_made foreign;
    struct fk_trust_secrets wrong = trust_secrets;
    uint32_t ops = r->sim.ops;
    const struct set_recipe unsigned_by_itself = {
        .version = 1,
        .sequence = 1,
        .threshold = 1,
        .keys = {{&trust_keys.a, 3, 3, true}},
        .n_keys = 1,
        .signers = {&trust_keys.stranger},
        .n_signers = 1,
        .context = FK_KEYSET_CONTEXT,
    };
    set_make(&unsigned_by_itself, &foreign);
    assert_int_equal(fk_trust_provision(&r->core, &r->box, &trust_secrets, set_bytes(&foreign)),
                     FK_E_SIGNATURE);
    wrong.kek.len = 15;
    assert_int_equal(fk_trust_provision(&r->core, &r->box, &wrong, set_bytes(&trust_keys.first)),
                     FK_E_KEY_SIZE);
    wrong = trust_secrets;
    wrong.ecdh.len = 31;
    assert_int_equal(fk_trust_provision(&r->core, &r->box, &wrong, set_bytes(&trust_keys.first)),
                     FK_E_KEY_SIZE);
    r->device.envelope.threshold = 2; /* the profile's threshold counts, whatever the set says */
    assert_int_equal(
        fk_trust_provision(&r->core, &r->box, &trust_secrets, set_bytes(&trust_keys.first)),
        FK_E_PROFILE);
    r->device.envelope.supported = false;
    assert_int_equal(
        fk_trust_provision(&r->core, &r->box, &trust_secrets, set_bytes(&trust_keys.first)),
        FK_E_UNSUPPORTED);
    assert_int_equal(r->sim.ops, ops);
    trust_rig_free(r);
}

static void new_set_counts_at_once_and_the_old_one_never_again(void **state)
{
    (void)state;
    struct trust_rig *r = trust_rig_new();
    assert_int_equal(trust_rig_replace(r, &trust_keys.second), FK_OK);
    assert_true(trust_rig_trusts(r, &trust_keys.b) && trust_rig_has_secrets(r));
    assert_int_equal(trust_rig_accept(r, &trust_keys.a, 7), FK_E_SIGNATURE);
    trust_rig_boot(r);
    assert_true(trust_rig_trusts(r, &trust_keys.b) && trust_rig_has_secrets(r));
    assert_int_equal(r->box.sequence, 2);
    assert_int_equal(trust_rig_accept(r, &trust_keys.a, 7), FK_E_SIGNATURE);
    uint32_t ops = r->sim.ops;
    assert_int_equal(trust_rig_replace(r, &trust_keys.first), FK_E_SIGNATURE);
    assert_int_equal(trust_rig_replace(r, &trust_keys.second), FK_E_ROLLBACK);
    assert_true(trust_rig_trusts(r, &trust_keys.b)); /* a refusal changes nothing */
    assert_int_equal(r->sim.ops, ops);
    assert_int_equal(trust_rig_accept(r, &trust_keys.b, 7), FK_OK);
    assert_int_equal(trust_rig_replace(r, &trust_keys.third), FK_OK);
    trust_rig_boot(r);
    assert_true(trust_rig_trusts(r, &trust_keys.a));
    trust_rig_free(r);
}

static void older_set_is_refused_even_if_its_signers_still_count(void **state)
{
    (void)state;
    struct trust_rig *r = trust_rig_new();
    struct set_made same;
    trust_make_set(&same, 1, &trust_keys.a, &trust_keys.a);
    assert_int_equal(trust_rig_replace(r, &same), FK_E_ROLLBACK);
    trust_make_set(&same, 9, &trust_keys.a, &trust_keys.a);
    assert_int_equal(trust_rig_replace(r, &same), FK_OK);
    trust_make_set(&same, 8, &trust_keys.a, &trust_keys.a);
    assert_int_equal(trust_rig_replace(r, &same), FK_E_ROLLBACK);
    trust_rig_free(r);
}

static void staged_update_by_a_revoked_key_is_not_installed(void **state)
{
    (void)state;
    struct trust_rig *r = trust_rig_new();
    assert_int_equal(trust_rig_accept(r, &trust_keys.a, 7), FK_OK);
    trust_rig_stage_payload(r);
    assert_int_equal(trust_rig_replace(r, &trust_keys.second), FK_OK);
    trust_rig_boot(r);
    assert_int_equal(r->report.verdict, FK_VERDICT_BOOT);
    assert_int_equal(r->report.refused, FK_E_SIGNATURE);
    assert_memory_equal(r->sim.bytes + r->device.map.primary.off, r->old_image, 1800);
    trust_rig_install(r, &trust_keys.b, 7);
    trust_rig_free(r);
}

static void image_by_a_key_that_is_revoked_later_still_boots(void **state)
{
    (void)state;
    struct trust_rig *r = trust_rig_new();
    r->device.policy.boot_check = FK_BOOT_CHECK_SIGNATURE;
    trust_rig_install(r, &trust_keys.a, 7);
    assert_int_equal(trust_rig_replace(r, &trust_keys.second),
                     FK_E_BUSY); /* on trial: its fate comes first */
    assert_true(trust_rig_trusts(r, &trust_keys.a));
    assert_int_equal(fk_update_confirm(&r->core), FK_OK);
    assert_int_equal(r->core.state.running.origin, FK_ORIGIN_ENVELOPE);
    assert_int_equal(trust_rig_replace(r, &trust_keys.second), FK_OK);
    trust_rig_boot(r);
    assert_int_equal(r->report.verdict, FK_VERDICT_BOOT);
    assert_int_equal(r->core.state.running.origin, FK_ORIGIN_RECORDED);
    assert_int_equal(r->core.state.previous.origin, FK_ORIGIN_FACTORY);
    /* The next update is judged at each boot again, and may come back as the previous image. */
    trust_rig_install(r, &trust_keys.b, 8);
    assert_int_equal(r->core.state.running.origin, FK_ORIGIN_ENVELOPE);
    assert_int_equal(fk_update_confirm(&r->core), FK_OK);
    r->sim.bytes[r->device.map.primary.off + 5] ^= 1;
    trust_rig_boot(r);
    assert_true(r->report.reverted);
    assert_int_equal(r->report.verdict, FK_VERDICT_BOOT);
    trust_rig_free(r);
}

static void image_by_a_key_that_stays_keeps_its_envelope(void **state)
{
    (void)state;
    struct trust_rig *r = trust_rig_new();
    struct set_made both;
    const struct set_recipe recipe = {
        .version = 1,
        .sequence = 2,
        .threshold = 1,
        .keys = {{&trust_keys.a, 3, 3, false}, {&trust_keys.b, 3, 0, true}},
        .n_keys = 2,
        .signers = {&trust_keys.a, &trust_keys.b},
        .n_signers = 2,
        .context = FK_KEYSET_CONTEXT,
    };
    set_make(&recipe, &both);
    trust_rig_install(r, &trust_keys.a, 7);
    assert_int_equal(fk_update_confirm(&r->core), FK_OK);
    assert_int_equal(trust_rig_replace(r, &both), FK_OK);
    assert_int_equal(r->core.state.running.origin, FK_ORIGIN_ENVELOPE);
    assert_int_equal(trust_rig_accept(r, &trust_keys.b, 8),
                     FK_E_AUTHORITY); /* signs key sets only */
    assert_int_equal(trust_rig_accept(r, &trust_keys.a, 8), FK_OK);
    trust_rig_free(r);
}

/* Going back to an image that is older than the counter is the device's own decision. */
static void damaged_image_goes_back_to_the_older_envelope(void **state)
{
    (void)state;
    struct trust_rig *r = trust_rig_new();
    r->device.policy.boot_check = FK_BOOT_CHECK_SIGNATURE;
    trust_rig_install(r, &trust_keys.a, 7);
    assert_int_equal(fk_update_confirm(&r->core), FK_OK);
    test_fill(r->new_image, TRUST_SLOT, 3);
    trust_rig_install(r, &trust_keys.a, 8);
    assert_int_equal(fk_update_confirm(&r->core), FK_OK);
    r->sim.bytes[r->device.map.primary.off + 5] ^= 1;
    trust_rig_boot(r);
    assert_true(r->report.reverted);
    assert_int_equal(r->report.verdict, FK_VERDICT_BOOT);
    assert_int_equal(r->report.image.sequence, 7);
    trust_rig_free(r);
}

static void one_rotten_byte_loses_no_keys(void **state)
{
    (void)state;
    struct trust_rig *r = trust_rig_new();
    const struct fk_region *keys = &r->device.map.keys;
    assert_int_equal(trust_rig_replace(r, &trust_keys.second), FK_OK);
    for (uint32_t i = 0; i < keys->size; i++) {
        r->sim.bytes[keys->off + i] ^= 0x40;
        if (trust_rig_try_open(r) != FK_OK || !trust_rig_trusts(r, &trust_keys.b) ||
            !trust_rig_has_secrets(r)) {
            fail_msg("byte %u", (unsigned)i);
        }
        r->sim.bytes[keys->off + i] ^= 0x40;
    }
    trust_rig_free(r);
}

static void damaged_keys_trust_nothing_and_still_boot(void **state)
{
    (void)state;
    struct trust_rig *r = trust_rig_new();
    uint32_t off = fk_trust_copy_off(&r->core, r->core.state.key_slot, 0);
    for (uint32_t i = 0; i < 240; i += 20) {
        r->sim.bytes[off + i] ^= 1;
        r->sim.bytes[off + FK_KEY_FILE_MAX + i] ^= 1;
        assert_int_equal(trust_rig_try_open(r), FK_E_KEYS);
        assert_null(r->core.trust);
        assert_int_equal(fk_boot(&r->core, &r->report), FK_OK);
        assert_int_equal(r->report.verdict, FK_VERDICT_BOOT);
        assert_int_equal(trust_rig_accept(r, &trust_keys.a, 7), FK_E_UNSUPPORTED);
        r->sim.bytes[off + i] ^= 1;
        r->sim.bytes[off + FK_KEY_FILE_MAX + i] ^= 1;
    }
    trust_rig_free(r);
}

/* Arbitrary bytes in the slot, with a mark that fits: the codec stands alone. */
static void forged_key_file_is_bounded(void **state)
{
    (void)state;
    struct trust_rig *r = trust_rig_new();
    uint32_t off = fk_trust_copy_off(&r->core, r->core.state.key_slot, 0);
    uint8_t *file = r->sim.bytes + off;
    static const struct {
        uint32_t at;
        uint8_t value;
    } cases[] = {{0, 0}, {4, 2}, {5, 1}, {7, 9}, {9, 15}, {26, 33}, {59, 31}, {92, 255}, {125, 17}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t kept = file[cases[i].at];
        uint32_t set_len = 0;
        file[cases[i].at] = cases[i].value;
        memcpy(file + FK_KEY_FILE_MAX, file, FK_KEY_FILE_MAX);
        size_t len = FK_KEY_FILE_HEAD;
        if (fk_key_file_set_len(file, &set_len) == FK_OK) {
            len += set_len;
        }
        assert_int_equal(fk_trust_mark((struct fk_slice){file, len}, r->core.state.key_mark),
                         FK_OK);
        assert_int_equal(fk_state_write(&r->core), FK_OK);
        assert_int_equal(trust_rig_try_open(r), FK_E_KEYS);
        file[cases[i].at] = kept;
    }
    trust_rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(provisioned_keys_are_there_at_each_start),
        cmocka_unit_test(device_is_provisioned_with_keys_once),
        cmocka_unit_test(what_cannot_be_provisioned_is_refused_and_nothing_is_touched),
        cmocka_unit_test(new_set_counts_at_once_and_the_old_one_never_again),
        cmocka_unit_test(older_set_is_refused_even_if_its_signers_still_count),
        cmocka_unit_test(staged_update_by_a_revoked_key_is_not_installed),
        cmocka_unit_test(image_by_a_key_that_is_revoked_later_still_boots),
        cmocka_unit_test(image_by_a_key_that_stays_keeps_its_envelope),
        cmocka_unit_test(damaged_image_goes_back_to_the_older_envelope),
        cmocka_unit_test(one_rotten_byte_loses_no_keys),
        cmocka_unit_test(damaged_keys_trust_nothing_and_still_boot),
        cmocka_unit_test(forged_key_file_is_bounded),
    };
    return cmocka_run_group_tests(tests, trust_keys_make, trust_keys_free);
}
