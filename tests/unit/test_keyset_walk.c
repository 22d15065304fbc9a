/* SPDX-License-Identifier: Apache-2.0 */
/* Key sets from the host's files into a device: provisioned, exchanged, a key revoked, and what
 * that means for updates that come, that wait and that run. */
#include "fotakit/keyset.h"
#include "support/temp.h"
#include "support/trust_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/pem.h>

/* A private key as a file, as a release engineer has it. */
static void write_pem(struct fk_temp *t, const char *name, const struct suit_key *key)
{
    BIO *mem = BIO_new(BIO_s_mem());
    char *text = NULL;
    assert_int_equal(PEM_write_bio_PKCS8PrivateKey(mem, key->pkey, NULL, NULL, 0, NULL, NULL), 1);
    long len = BIO_get_mem_data(mem, &text);
    fk_temp_file(t, name, text, (size_t)len);
    BIO_free(mem);
}

static struct fk_signer *open_signer(struct fk_temp *t, const char *name)
{
    struct fk_signer *signer = NULL;
    struct fk_error err = FK_ERROR_INIT;
    assert_int_equal(fk_signer_open(fk_temp_path(t, name), NULL, &signer, &err), FK_OK);
    return signer;
}

static void read_entry(struct fk_temp *t, const char *name, const char *words,
                       struct fk_keyset_entry *ret)
{
    char text[300];
    struct fk_error err = FK_ERROR_INIT;
    snprintf(text, sizeof text, "%s=%s", fk_temp_path(t, name), words);
    assert_int_equal(fk_keyset_entry_read(text, ret, &err), FK_OK);
}

/* A set with one key for everything and one for key sets only, signed by the files given. */
static void write_set(struct fk_temp *t, const char *name, uint64_t sequence, const char *key,
                      const char *const signers[2], struct fk_profile *profile)
{
    struct fk_error err = FK_ERROR_INIT;
    struct fk_output out = FK_OUTPUT_INIT;
    struct fk_keyset_entry entries[2];
    struct fk_signer *opened[2] = {open_signer(t, signers[0]), open_signer(t, signers[1])};
    struct fk_keyset_result result;
    read_entry(t, key, "image,keys,esp256", &entries[0]);
    read_entry(t, "spare.pem", "keys", &entries[1]);
    const struct fk_keyset_options o = {.profile = profile,
                                        .sequence = sequence,
                                        .threshold = 1,
                                        .keys = entries,
                                        .n_keys = 2,
                                        .signers = (const struct fk_signer *const *)opened,
                                        .n_signers = 2};
    assert_int_equal(fk_output_open(&out, fk_temp_path(t, name), 0644, true, &err), FK_OK);
    assert_int_equal(fk_keyset_create(&o, &out, &result, &err), FK_OK);
    assert_true(result.complete);
    assert_int_equal(fk_output_commit(&out, true, &err), FK_OK);
    fk_signer_free(opened[0]);
    fk_signer_free(opened[1]);
}

struct walk {
    struct trust_rig *rig;
    struct fk_profile *profile;
    uint8_t *first, *second;
    size_t first_len, second_len;
};

static struct walk begin(struct fk_temp *t)
{
    struct walk w = {.rig = trust_rig_bare()};
    struct fk_error err = FK_ERROR_INIT;
    write_pem(t, "old.pem", &trust_keys.a);
    write_pem(t, "new.pem", &trust_keys.b);
    write_pem(t, "spare.pem", &trust_keys.stranger);
    assert_int_equal(fk_profile_load("mps2-an386", &w.profile, &err), FK_OK);
    write_set(t, "first", 1, "old.pem", (const char *const[]){"old.pem", "spare.pem"}, w.profile);
    write_set(t, "second", 2, "new.pem", (const char *const[]){"old.pem", "new.pem"}, w.profile);
    w.first = fk_temp_read(fk_temp_path(t, "first"), &w.first_len);
    w.second = fk_temp_read(fk_temp_path(t, "second"), &w.second_len);
    assert_int_equal(fk_trust_provision(&w.rig->core, &w.rig->box, &trust_secrets,
                                        (struct fk_slice){w.first, w.first_len}),
                     FK_OK);
    trust_rig_boot(w.rig);
    return w;
}

static void end(struct walk *w)
{
    free(w->first);
    free(w->second);
    fk_profile_free(w->profile);
    trust_rig_free(w->rig);
}

static enum fk_status exchange(struct walk *w)
{
    return fk_trust_replace(&w->rig->core, &w->rig->box,
                            (struct fk_slice){w->second, w->second_len}, NULL);
}

static void key_is_revoked_end_to_end(void **state)
{
    struct walk w = begin(*state);
    struct trust_rig *r = w.rig;
    assert_int_equal(r->core.trust->policy.n_anchors, 2);
    trust_rig_install(r, &trust_keys.a, 7); /* the old key installs */
    assert_int_equal(fk_update_confirm(&r->core), FK_OK);
    assert_int_equal(trust_rig_accept(r, &trust_keys.a, 8), FK_OK);
    trust_rig_stage_payload(r);
    assert_int_equal(exchange(&w), FK_OK);
    trust_rig_boot(r);
    assert_int_equal(r->report.refused, FK_E_SIGNATURE);  /* what was staged by it does not */
    assert_int_equal(r->report.verdict, FK_VERDICT_BOOT); /* what runs goes on running */
    assert_int_equal(r->core.state.running.origin, FK_ORIGIN_RECORDED);
    assert_int_equal(trust_rig_accept(r, &trust_keys.a, 9), FK_E_SIGNATURE);
    assert_int_equal(trust_rig_accept(r, &trust_keys.stranger, 9), FK_E_AUTHORITY);
    trust_rig_install(r, &trust_keys.b, 9);
    assert_int_equal(r->report.image.sequence, 9);
    end(&w);
}

/* The desk says what the device does. */
static void desk_and_device_agree_about_every_set(void **state)
{
    struct fk_temp *t = *state;
    struct walk w = begin(t);
    struct fk_error err = FK_ERROR_INIT;
    struct fk_keyset_file in_use = {.path = NULL}, next = {.path = NULL};
    assert_int_equal(fk_keyset_file_open(&in_use, fk_temp_path(t, "first"), &err), FK_OK);
    const struct fk_suit_device device = {.profile = w.profile, .trusted_set = &in_use.set};
    for (size_t at = 0; at < w.second_len; at += 13) {
        w.second[at] ^= 0x10;
        const char *path = fk_temp_file(t, "turned", w.second, w.second_len);
        enum fk_status desk = fk_keyset_file_open(&next, path, &err);
        if (desk == FK_OK) {
            desk = fk_keyset_file_verify(&next, w.profile, &device, 1, NULL, &err);
            fk_keyset_file_close(&next);
        }
        assert_int_equal(exchange(&w), desk);
        assert_int_not_equal(desk, FK_OK);
        w.second[at] ^= 0x10;
    }
    assert_int_equal(exchange(&w), FK_OK);
    fk_keyset_file_close(&in_use);
    end(&w);
}

static int setup(void **state)
{
    return trust_keys_make(state) == 0 ? fk_temp_setup(state) : -1;
}

static int teardown(void **state)
{
    trust_keys_free(state);
    return fk_temp_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key_is_revoked_end_to_end),
        cmocka_unit_test(desk_and_device_agree_about_every_set),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
