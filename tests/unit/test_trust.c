/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of a device in flash: provisioned once, loaded at each start, exchanged by signed key sets;
 * old or new at every power cut. */
#include "boot/boot.h"
#include "core/stage.h"
#include "core/state.h"
#include "core/trust.h"
#include "core/trust_file.h"
#include "crypto/crypto.h"
#include "support/bytes.h"
#include "support/device.h"
#include "support/keyset_make.h"
#include "support/signed.h"
#include "support/simflash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SLOT (4u * 512u)

static const struct test_layout layout = {"swap", 512, 1024, 4, 4, 0xff, FK_INSTALL_SWAP};
static const uint8_t kek[16] = "aaaaaaaaaaaaaaaa"; /* as in support/signed.c */
static const uint8_t device_id[16] = "this very device";
static const uint8_t ecdh[32] = "an ECDH secret, only to be kept.";

/* The device trusts a; the new set has b. Sets are made once, keys are slow. */
static struct suit_key a, b, stranger;
static struct set_made first, second, third;

static void make_set(struct set_made *ret, uint64_t sequence, const struct suit_key *in,
                     const struct suit_key *by)
{
    const struct set_recipe r = {
        .version = 1,
        .sequence = sequence,
        .threshold = 1,
        .keys = {{in, 3, 3, true}},
        .n_keys = 1,
        .signers = {by, in},
        .n_signers = 2,
        .context = FK_KEYSET_CONTEXT,
    };
    set_make(&r, ret);
}

static int make_keys(void **state)
{
    (void)state;
    suit_key_make(&a);
    suit_key_make(&b);
    suit_key_make(&stranger);
    make_set(&first, 1, &a, &a);
    make_set(&second, 2, &b, &a);
    make_set(&third, 3, &a, &b);
    return fk_crypto_init() == FK_OK ? 0 : -1;
}

static int free_keys(void **state)
{
    (void)state;
    suit_key_free(&a);
    suit_key_free(&b);
    suit_key_free(&stranger);
    return 0;
}

/* What suit_make() puts into manifests. */
static void set_rules(struct fk_envelope_rules *e)
{
    e->supported = true;
    e->threshold = 1;
    e->ciphers = FK_CONTENT_A128GCM;
    e->deliveries = FK_DELIVERY_A128KW | FK_DELIVERY_ECDH;
    e->manifest_max = 1024;
    e->image = (struct fk_component_id){3, {0x81, 0x41, 0x00}};
    e->packet = (struct fk_component_id){4, {0x81, 0x42, 0x73, 0x74}};
    e->staging = (struct fk_component_id){3, {0x81, 0x41, 0x01}};
    memcpy(e->vendor, fk_hex(SUIT_VENDOR).ptr, sizeof e->vendor);
    memcpy(e->class_id, fk_hex(SUIT_CLASS).ptr, sizeof e->class_id);
}

struct rig {
    struct fk_device device;
    struct simflash sim;
    struct fk_flash flash;
    struct fk_core core;
    struct fk_trust_box box;
    struct fk_boot_report report;
    struct signed_update update; /* by a; its trust is not used */
    uint8_t work[512];
    uint8_t envelope[1024];
    uint8_t old_image[SLOT], new_image[SLOT];
};

static enum fk_status try_open(struct rig *r)
{
    enum fk_status st = fk_core_open(&r->core, &r->device, &r->flash, r->work, sizeof r->work);
    return st == FK_OK ? fk_trust_open(&r->core, &r->box, r->envelope, sizeof r->envelope) : st;
}

static void open_core(struct rig *r)
{
    assert_int_equal(try_open(r), FK_OK);
}

static void boot(struct rig *r)
{
    open_core(r);
    assert_int_equal(fk_boot(&r->core, &r->report), FK_OK);
    open_core(r);
}

static const struct fk_trust_secrets secrets = {
    .kek = {kek, sizeof kek},
    .kek_kid = {(const uint8_t *)"kid-1", 5},
    .ecdh = {ecdh, sizeof ecdh},
    .device_id = {device_id, sizeof device_id},
};

static struct rig *bare_rig(void)
{
    struct rig *r = calloc(1, sizeof *r);
    assert_non_null(r);
    r->device = test_device(&layout);
    set_rules(&r->device.envelope);
    test_fill(r->old_image, SLOT, 1);
    test_fill(r->new_image, SLOT, 2);
    sim_init(&r->sim, &r->device.map, 7);
    r->flash = sim_flash(&r->sim);
    assert_int_equal(try_open(r), FK_E_NO_STATE);
    assert_int_equal(fk_provision(&r->core, r->old_image, 1800), FK_OK);
    return r;
}

static struct rig *new_rig(void)
{
    struct rig *r = bare_rig();
    assert_int_equal(fk_trust_provision(&r->core, &r->box, &secrets, set_bytes(&first)), FK_OK);
    open_core(r);
    assert_non_null(r->core.trust);
    return r;
}

static void free_rig(struct rig *r)
{
    assert_int_equal(r->sim.violations, 0);
    sim_release(&r->sim);
    free(r);
}

static enum fk_status replace(struct rig *r, const struct set_made *set)
{
    return fk_trust_replace(&r->core, &r->box, set_bytes(set), NULL);
}

static bool trusts(const struct rig *r, const struct suit_key *key)
{
    const struct fk_suit_policy *p = &r->core.trust->policy;
    return p->n_anchors == 1 && memcmp(p->anchors[0].key.ptr, key->point, 65) == 0;
}

static bool secrets_are_there(const struct rig *r)
{
    const struct fk_suit_keys *k = &r->core.trust->keys;
    return k->kek.len == 16 && memcmp(k->kek.ptr, kek, 16) == 0 && k->kek_kid.len == 5 &&
           k->ecdh.len == 32 && memcmp(k->ecdh.ptr, ecdh, 32) == 0 && k->ecdh_kid.len == 0 &&
           r->core.trust->policy.device_id.len == 16;
}

/* An update signed by key, all the way to the next start. */
static enum fk_status accept_update(struct rig *r, const struct suit_key *key, uint64_t sequence)
{
    struct fk_suit_plan plan;
    struct fk_suit_report report;
    r->update.key = *key;
    signed_update_remake(&r->update, &r->device, sequence, r->new_image, 2000, SIGNED_ENCRYPTED);
    return fk_stage_accept(&r->core, signed_update_head(&r->update),
                           signed_update_total(&r->update), &plan, &report);
}

static void stage_payload(struct rig *r)
{
    struct fk_stage s;
    struct fk_stage_id id = {.source = {9}, .signed_payload = true};
    assert_int_equal(fk_stage_begin(&s, &r->core, &id), FK_OK);
    assert_int_equal(fk_stage_write(&s, r->update.payload, r->update.payload_len), FK_OK);
    assert_int_equal(fk_stage_finish(&s), FK_OK);
}

static void install_update(struct rig *r, const struct suit_key *key, uint64_t sequence)
{
    assert_int_equal(accept_update(r, key, sequence), FK_OK);
    stage_payload(r);
    boot(r);
    assert_int_equal(r->report.verdict, FK_VERDICT_BOOT);
    assert_int_equal(r->report.refused, FK_OK);
}

static void provisioned_keys_are_there_at_each_start(void **state)
{
    (void)state;
    struct rig *r = bare_rig();
    open_core(r);
    assert_null(r->core.trust); /* nothing signed is accepted before */
    assert_int_equal(fk_trust_provision(&r->core, &r->box, &secrets, set_bytes(&first)), FK_OK);
    for (int i = 0; i < 3; i++) {
        boot(r);
        assert_true(trusts(r, &a) && secrets_are_there(r));
    }
    assert_int_equal(r->core.trust->policy.threshold, 1);
    assert_int_equal(r->box.sequence, 1);
    install_update(r, &a, 7); /* decrypts with the key from flash */
    assert_memory_equal(r->sim.bytes + r->device.map.primary.off, r->new_image, 2000);
    fk_trust_close(&r->core, &r->box);
    struct fk_trust_box empty;
    memset(&empty, 0, sizeof empty);
    assert_memory_equal(&r->box, &empty, sizeof empty);
    free_rig(r);
}

static void device_is_provisioned_with_keys_once(void **state)
{
    (void)state;
    struct rig *r = new_rig();
    assert_int_equal(fk_trust_provision(&r->core, &r->box, &secrets, set_bytes(&first)),
                     FK_E_HAS_KEYS);
    boot(r);
    assert_true(trusts(r, &a));
    /* Making it new again takes the keys along. */
    assert_int_equal(fk_provision(&r->core, r->old_image, 1800), FK_OK);
    const uint8_t *keys = r->sim.bytes + r->device.map.keys.off;
    for (uint32_t i = 0; i < r->device.map.keys.size; i++) {
        assert_int_equal(keys[i], 0xff);
    }
    open_core(r);
    assert_null(r->core.trust);
    free_rig(r);
}

static void what_cannot_be_provisioned_is_refused_and_nothing_is_touched(void **state)
{
    (void)state;
    struct rig *r = bare_rig();
    struct set_made foreign;
    struct fk_trust_secrets wrong = secrets;
    uint32_t ops = r->sim.ops;
    const struct set_recipe unsigned_by_itself = {
        .version = 1, .sequence = 1, .threshold = 1, .keys = {{&a, 3, 3, true}}, .n_keys = 1,
        .signers = {&stranger}, .n_signers = 1, .context = FK_KEYSET_CONTEXT,
    };
    set_make(&unsigned_by_itself, &foreign);
    assert_int_equal(fk_trust_provision(&r->core, &r->box, &secrets, set_bytes(&foreign)),
                     FK_E_SIGNATURE);
    wrong.kek.len = 15;
    assert_int_equal(fk_trust_provision(&r->core, &r->box, &wrong, set_bytes(&first)),
                     FK_E_KEY_SIZE);
    wrong = secrets;
    wrong.ecdh.len = 31;
    assert_int_equal(fk_trust_provision(&r->core, &r->box, &wrong, set_bytes(&first)),
                     FK_E_KEY_SIZE);
    r->device.envelope.threshold = 2; /* the profile's threshold counts, whatever the set says */
    assert_int_equal(fk_trust_provision(&r->core, &r->box, &secrets, set_bytes(&first)),
                     FK_E_PROFILE);
    r->device.envelope.supported = false;
    assert_int_equal(fk_trust_provision(&r->core, &r->box, &secrets, set_bytes(&first)),
                     FK_E_UNSUPPORTED);
    assert_int_equal(r->sim.ops, ops);
    free_rig(r);
}

static void new_set_counts_at_once_and_the_old_one_never_again(void **state)
{
    (void)state;
    struct rig *r = new_rig();
    assert_int_equal(replace(r, &second), FK_OK);
    assert_true(trusts(r, &b) && secrets_are_there(r));
    assert_int_equal(accept_update(r, &a, 7), FK_E_SIGNATURE);
    boot(r);
    assert_true(trusts(r, &b) && secrets_are_there(r));
    assert_int_equal(r->box.sequence, 2);
    assert_int_equal(accept_update(r, &a, 7), FK_E_SIGNATURE);
    uint32_t ops = r->sim.ops;
    assert_int_equal(replace(r, &first), FK_E_SIGNATURE);
    assert_int_equal(replace(r, &second), FK_E_ROLLBACK);
    assert_true(trusts(r, &b)); /* a refusal changes nothing */
    assert_int_equal(r->sim.ops, ops);
    assert_int_equal(accept_update(r, &b, 7), FK_OK);
    assert_int_equal(replace(r, &third), FK_OK);
    boot(r);
    assert_true(trusts(r, &a));
    free_rig(r);
}

static void older_set_is_refused_even_if_its_signers_still_count(void **state)
{
    (void)state;
    struct rig *r = new_rig();
    struct set_made same;
    make_set(&same, 1, &a, &a);
    assert_int_equal(replace(r, &same), FK_E_ROLLBACK);
    make_set(&same, 9, &a, &a);
    assert_int_equal(replace(r, &same), FK_OK);
    make_set(&same, 8, &a, &a);
    assert_int_equal(replace(r, &same), FK_E_ROLLBACK);
    free_rig(r);
}

static void staged_update_by_a_revoked_key_is_not_installed(void **state)
{
    (void)state;
    struct rig *r = new_rig();
    assert_int_equal(accept_update(r, &a, 7), FK_OK);
    stage_payload(r);
    assert_int_equal(replace(r, &second), FK_OK);
    boot(r);
    assert_int_equal(r->report.verdict, FK_VERDICT_BOOT);
    assert_int_equal(r->report.refused, FK_E_SIGNATURE);
    assert_memory_equal(r->sim.bytes + r->device.map.primary.off, r->old_image, 1800);
    install_update(r, &b, 7);
    free_rig(r);
}

static void image_by_a_key_that_is_revoked_later_still_boots(void **state)
{
    (void)state;
    struct rig *r = new_rig();
    r->device.policy.boot_check = FK_BOOT_CHECK_SIGNATURE;
    install_update(r, &a, 7);
    assert_int_equal(replace(r, &second), FK_E_BUSY); /* on trial: its fate comes first */
    assert_true(trusts(r, &a));
    assert_int_equal(fk_update_confirm(&r->core), FK_OK);
    assert_int_equal(r->core.state.running.origin, FK_ORIGIN_ENVELOPE);
    assert_int_equal(replace(r, &second), FK_OK);
    boot(r);
    assert_int_equal(r->report.verdict, FK_VERDICT_BOOT);
    assert_int_equal(r->core.state.running.origin, FK_ORIGIN_RECORDED);
    assert_int_equal(r->core.state.previous.origin, FK_ORIGIN_FACTORY);
    /* The next update is judged at each boot again, and may come back as the previous image. */
    install_update(r, &b, 8);
    assert_int_equal(r->core.state.running.origin, FK_ORIGIN_ENVELOPE);
    assert_int_equal(fk_update_confirm(&r->core), FK_OK);
    r->sim.bytes[r->device.map.primary.off + 5] ^= 1;
    boot(r);
    assert_true(r->report.reverted);
    assert_int_equal(r->report.verdict, FK_VERDICT_BOOT);
    free_rig(r);
}

static void image_by_a_key_that_stays_keeps_its_envelope(void **state)
{
    (void)state;
    struct rig *r = new_rig();
    struct set_made both;
    const struct set_recipe recipe = {
        .version = 1, .sequence = 2, .threshold = 1,
        .keys = {{&a, 3, 3, false}, {&b, 3, 0, true}}, .n_keys = 2,
        .signers = {&a, &b}, .n_signers = 2, .context = FK_KEYSET_CONTEXT,
    };
    set_make(&recipe, &both);
    install_update(r, &a, 7);
    assert_int_equal(fk_update_confirm(&r->core), FK_OK);
    assert_int_equal(replace(r, &both), FK_OK);
    assert_int_equal(r->core.state.running.origin, FK_ORIGIN_ENVELOPE);
    assert_int_equal(accept_update(r, &b, 8), FK_E_AUTHORITY); /* signs key sets only */
    assert_int_equal(accept_update(r, &a, 8), FK_OK);
    free_rig(r);
}

/* Going back to an image that is older than the counter is the device's own decision. */
static void damaged_image_goes_back_to_the_older_envelope(void **state)
{
    (void)state;
    struct rig *r = new_rig();
    r->device.policy.boot_check = FK_BOOT_CHECK_SIGNATURE;
    install_update(r, &a, 7);
    assert_int_equal(fk_update_confirm(&r->core), FK_OK);
    test_fill(r->new_image, SLOT, 3);
    install_update(r, &a, 8);
    assert_int_equal(fk_update_confirm(&r->core), FK_OK);
    r->sim.bytes[r->device.map.primary.off + 5] ^= 1;
    boot(r);
    assert_true(r->report.reverted);
    assert_int_equal(r->report.verdict, FK_VERDICT_BOOT);
    assert_int_equal(r->report.image.sequence, 7);
    free_rig(r);
}

static void one_rotten_byte_loses_no_keys(void **state)
{
    (void)state;
    struct rig *r = new_rig();
    const struct fk_region *keys = &r->device.map.keys;
    assert_int_equal(replace(r, &second), FK_OK);
    for (uint32_t i = 0; i < keys->size; i++) {
        r->sim.bytes[keys->off + i] ^= 0x40;
        if (try_open(r) != FK_OK || !trusts(r, &b) || !secrets_are_there(r)) {
            fail_msg("byte %u", (unsigned)i);
        }
        r->sim.bytes[keys->off + i] ^= 0x40;
    }
    free_rig(r);
}

static void damaged_keys_trust_nothing_and_still_boot(void **state)
{
    (void)state;
    struct rig *r = new_rig();
    uint32_t off = fk_trust_copy_off(&r->core, r->core.state.key_slot, 0);
    for (uint32_t i = 0; i < 240; i += 20) {
        r->sim.bytes[off + i] ^= 1;
        r->sim.bytes[off + FK_KEY_FILE_MAX + i] ^= 1;
        assert_int_equal(try_open(r), FK_E_KEYS);
        assert_null(r->core.trust);
        assert_int_equal(fk_boot(&r->core, &r->report), FK_OK);
        assert_int_equal(r->report.verdict, FK_VERDICT_BOOT);
        assert_int_equal(accept_update(r, &a, 7), FK_E_UNSUPPORTED);
        r->sim.bytes[off + i] ^= 1;
        r->sim.bytes[off + FK_KEY_FILE_MAX + i] ^= 1;
    }
    free_rig(r);
}

/* Arbitrary bytes in the slot, with a mark that fits: the codec stands alone. */
static void forged_key_file_is_bounded(void **state)
{
    (void)state;
    struct rig *r = new_rig();
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
        assert_int_equal(try_open(r), FK_E_KEYS);
        file[cases[i].at] = kept;
    }
    free_rig(r);
}

/* ---- power cuts --------------------------------------------------------- */

/* After a cut: old or new keys, complete, the same at every start, and the exchange can end. */
static void check_after_cut(struct rig *r, bool returned, const char *where)
{
    sim_power_up(&r->sim, SIM_NEVER, SIM_CUT_BEFORE);
    boot(r);
    if (r->core.trust == NULL || !secrets_are_there(r) || (!trusts(r, &a) && !trusts(r, &b))) {
        fail_msg("%s: keys are lost", where);
    }
    bool is_new = trusts(r, &b);
    if (returned && !is_new) {
        fail_msg("%s: the exchange returned, and the old keys are back", where);
    }
    for (int i = 0; i < 2; i++) {
        boot(r);
        if (trusts(r, &b) != is_new) {
            fail_msg("%s: the keys changed their mind", where);
        }
    }
    if (r->report.verdict != FK_VERDICT_BOOT) {
        fail_msg("%s: no image boots", where);
    }
    enum fk_status st = is_new ? FK_OK : replace(r, &second);
    if (st != FK_OK || !trusts(r, &b)) {
        fail_msg("%s: the exchange cannot be finished: %s", where, fk_status_symbol(st));
    }
}

static void exchange_survives_one_cut_anywhere(void **state)
{
    (void)state;
    struct rig *fresh = new_rig();
    struct rig *r = calloc(1, sizeof *r);
    assert_non_null(r);
    char where[80];
    unsigned cuts = 0;
    *r = *fresh;
    sim_init(&r->sim, &fresh->device.map, 1);
    for (enum sim_cut kind = SIM_CUT_BEFORE; kind < SIM_CUT_KINDS; kind++) {
        enum fk_status st = FK_E_POWER;
        for (uint32_t k = 1; st == FK_E_POWER; k++) {
            sim_copy(&r->sim, &fresh->sim);
            r->flash = sim_flash(&r->sim);
            r->sim.random = k * 1000003u + (unsigned)kind;
            sim_power_up(&r->sim, SIM_NEVER, kind);
            open_core(r);
            sim_power_up(&r->sim, k, kind);
            st = replace(r, &second);
            assert_true(st == FK_OK || st == FK_E_POWER);
            snprintf(where, sizeof where, "cut %s at %u", sim_cut_name(kind), (unsigned)k);
            cuts += st == FK_E_POWER;
            check_after_cut(r, st == FK_OK, where);
        }
    }
    assert_true(cuts > 10 * SIM_CUT_KINDS);
    assert_int_equal(r->sim.violations, 0);
    sim_release(&r->sim);
    free(r);
    free_rig(fresh);
}

/* Cut again and again while the exchange is tried anew after each start. */
static void exchange_survives_storms_of_cuts(void **state)
{
    (void)state;
    struct rig *fresh = new_rig();
    struct rig *r = calloc(1, sizeof *r);
    assert_non_null(r);
    char where[80];
    *r = *fresh;
    sim_init(&r->sim, &fresh->device.map, 1);
    for (unsigned n = 0; n < 60; n++) {
        sim_copy(&r->sim, &fresh->sim);
        r->flash = sim_flash(&r->sim);
        uint64_t random = n * 0x9e3779b97f4a7c15u + 11;
        enum fk_status st = FK_E_POWER;
        for (int cut = 0; cut < 4 && st == FK_E_POWER; cut++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            sim_power_up(&r->sim, 1 + (uint32_t)(random >> 33) % 20,
                         (enum sim_cut)((random >> 50) % SIM_CUT_KINDS));
            st = try_open(r);
            if (st == FK_OK) {
                st = fk_boot(&r->core, &r->report);
            }
            if (st == FK_OK) {
                st = try_open(r);
            }
            if (st == FK_OK && r->core.trust != NULL && trusts(r, &a)) {
                st = replace(r, &second);
            }
        }
        assert_true(st == FK_OK || st == FK_E_POWER);
        snprintf(where, sizeof where, "storm %u", n);
        check_after_cut(r, st == FK_OK, where);
    }
    assert_int_equal(r->sim.violations, 0);
    sim_release(&r->sim);
    free(r);
    free_rig(fresh);
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
        cmocka_unit_test(exchange_survives_one_cut_anywhere),
        cmocka_unit_test(exchange_survives_storms_of_cuts),
    };
    return cmocka_run_group_tests(tests, make_keys, free_keys);
}
