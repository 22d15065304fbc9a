/* SPDX-License-Identifier: Apache-2.0 */
#include "support/trust_rig.h"

#include "core/stage.h"
#include "crypto/crypto.h"
#include "support/bytes.h"
#include "wire/keyset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct test_layout layout = {"swap", 512, 1024, 4, 4, 0xff, FK_INSTALL_SWAP};
static const uint8_t kek[16] = "aaaaaaaaaaaaaaaa"; /* as in support/signed.c */
static const uint8_t device_id[16] = "this very device";
static const uint8_t ecdh[32] = "an ECDH secret, only to be kept.";

struct trust_keys trust_keys;

void trust_make_set(struct set_made *ret, uint64_t sequence, const struct suit_key *in,
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

int trust_keys_make(void **state)
{
    (void)state;
    suit_key_make(&trust_keys.a);
    suit_key_make(&trust_keys.b);
    suit_key_make(&trust_keys.stranger);
    trust_make_set(&trust_keys.first, 1, &trust_keys.a, &trust_keys.a);
    trust_make_set(&trust_keys.second, 2, &trust_keys.b, &trust_keys.a);
    trust_make_set(&trust_keys.third, 3, &trust_keys.a, &trust_keys.b);
    return fk_crypto_init() == FK_OK ? 0 : -1;
}

int trust_keys_free(void **state)
{
    (void)state;
    suit_key_free(&trust_keys.a);
    suit_key_free(&trust_keys.b);
    suit_key_free(&trust_keys.stranger);
    return 0;
}

enum fk_status trust_rig_try_open(struct trust_rig *r)
{
    enum fk_status st = fk_core_open(&r->core, &r->device, &r->flash, r->work, sizeof r->work);
    return st == FK_OK ? fk_trust_open(&r->core, &r->box, r->envelope, sizeof r->envelope) : st;
}

void trust_rig_open(struct trust_rig *r)
{
    assert_int_equal(trust_rig_try_open(r), FK_OK);
}

void trust_rig_boot(struct trust_rig *r)
{
    trust_rig_open(r);
    assert_int_equal(fk_boot(&r->core, &r->report), FK_OK);
    trust_rig_open(r);
}

const struct fk_trust_secrets trust_secrets = {
    .kek = {kek, sizeof kek},
    .kek_kid = {(const uint8_t *)"kid-1", 5},
    .ecdh = {ecdh, sizeof ecdh},
    .device_id = {device_id, sizeof device_id},
};

struct trust_rig *trust_rig_bare(void)
{
    struct trust_rig *r = calloc(1, sizeof *r);
    assert_non_null(r);
    r->device = test_device(&layout);
    suit_rules_init(&r->device.envelope);
    test_fill(r->old_image, TRUST_SLOT, 1);
    test_fill(r->new_image, TRUST_SLOT, 2);
    sim_init(&r->sim, &r->device.map, 7);
    r->flash = sim_flash(&r->sim);
    assert_int_equal(trust_rig_try_open(r), FK_E_NO_STATE);
    assert_int_equal(fk_provision(&r->core, r->old_image, 1800), FK_OK);
    return r;
}

struct trust_rig *trust_rig_new(void)
{
    struct trust_rig *r = trust_rig_bare();
    assert_int_equal(
        fk_trust_provision(&r->core, &r->box, &trust_secrets, set_bytes(&trust_keys.first)), FK_OK);
    trust_rig_open(r);
    assert_non_null(r->core.trust);
    return r;
}

void trust_rig_free(struct trust_rig *r)
{
    assert_int_equal(r->sim.violations, 0);
    sim_release(&r->sim);
    free(r);
}

enum fk_status trust_rig_replace(struct trust_rig *r, const struct set_made *set)
{
    assert_true(set->len <= sizeof r->envelope);
    memcpy(r->envelope, set->bytes, set->len);
    return fk_trust_replace(&r->core, &r->box, (struct fk_slice){r->envelope, set->len}, NULL);
}

bool trust_rig_trusts(const struct trust_rig *r, const struct suit_key *key)
{
    const struct fk_suit_policy *p = &r->core.trust->policy;
    return p->n_anchors == 1 && memcmp(p->anchors[0].key.ptr, key->point, 65) == 0;
}

bool trust_rig_has_secrets(const struct trust_rig *r)
{
    const struct fk_suit_keys *k = &r->core.trust->keys;
    return k->kek.len == 16 && memcmp(k->kek.ptr, kek, 16) == 0 && k->kek_kid.len == 5 &&
           k->ecdh.len == 32 && memcmp(k->ecdh.ptr, ecdh, 32) == 0 && k->ecdh_kid.len == 0 &&
           r->core.trust->policy.device_id.len == 16;
}

/* An update signed by key, all the way to the next start. */
enum fk_status trust_rig_accept(struct trust_rig *r, const struct suit_key *key, uint64_t sequence)
{
    struct fk_suit_plan plan;
    struct fk_suit_report report;
    r->update.key = *key;
    signed_update_remake(&r->update, &r->device, sequence, r->new_image, 2000, SIGNED_ENCRYPTED);
    return fk_stage_accept(&r->core, signed_update_head(&r->update),
                           signed_update_total(&r->update), &plan, &report);
}

void trust_rig_stage_payload(struct trust_rig *r)
{
    struct fk_stage s;
    struct fk_stage_id id = {.source = {9}, .signed_payload = true};
    assert_int_equal(fk_stage_begin(&s, &r->core, &id), FK_OK);
    assert_int_equal(fk_stage_write(&s, r->update.payload, r->update.payload_len), FK_OK);
    assert_int_equal(fk_stage_finish(&s), FK_OK);
}

void trust_rig_install(struct trust_rig *r, const struct suit_key *key, uint64_t sequence)
{
    assert_int_equal(trust_rig_accept(r, key, sequence), FK_OK);
    trust_rig_stage_payload(r);
    trust_rig_boot(r);
    assert_int_equal(r->report.verdict, FK_VERDICT_BOOT);
    assert_int_equal(r->report.refused, FK_OK);
}
