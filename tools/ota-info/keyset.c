/* SPDX-License-Identifier: Apache-2.0 */
/* ota-info for key sets. */
#include "suit.h"

#include "core/suit_policy.h"
#include "fotakit/hex.h"
#include "fotakit/json.h"
#include "fotakit/suit.h"

#include <inttypes.h>
#include <stdio.h>

/* What was asked, and what came of it. */
struct judged {
    bool verified; /* --verify was given */
    bool first;    /* as the first set of a device */
    enum fk_status status;
    struct fk_keyset_report report;
};

static void kid_text(struct fk_slice kid, char ret[2 * FK_COSE_KID_MAX + 1])
{
    fk_hex_encode(kid.ptr, kid.len, ret);
}

static void print_text(const struct fk_keyset_file *f, const struct judged *v)
{
    const struct fk_keyset *s = &f->set;
    char kid[2 * FK_COSE_KID_MAX + 1];
    printf("file      %s, %zu bytes\nkind      signed key set\n", f->path, f->bytes.len);
    printf("sequence  %" PRIu64 "\nneeded    %u of %zu %s\n", s->sequence, (unsigned)s->threshold,
           s->n_keys, s->n_keys == 1 ? "key" : "keys");
    for (size_t i = 0; i < s->n_keys; i++) {
        const struct fk_keyset_key *k = &s->keys[i];
        kid_text(k->kid, kid);
        printf("key       %s may sign%s%s%s, with%s%s\n", kid,
               (k->components & FK_SUIT_MAY_IMAGE) != 0 ? " images" : "",
               (k->components & FK_SUIT_MAY_PACKET) != 0 ? " packets" : "",
               k->key_sets ? " key sets" : "",
               (k->algorithms & FK_SIGN_ESP256) != 0 ? " ESP256" : "",
               (k->algorithms & FK_SIGN_ES256) != 0 ? " ES256" : "");
    }
    for (size_t i = 0; i < s->parts.n_auths; i++) {
        struct fk_cose_auth a;
        enum fk_status st = fk_cose_auth_parse(s->parts.auths[i], &a);
        if (st != FK_OK) {
            printf("signed    unreadable: %s\n", fk_status_text(st));
            continue;
        }
        kid_text(a.kid, kid);
        printf("signed    %s (%" PRId32 "), key %s\n", fk_cose_algorithm_text(a.alg), a.alg,
               a.kid.len > 0 ? kid : "without identifier");
    }
    if (s->parts.n_auths == 0) {
        printf("signed    by nobody: no device accepts it\n");
    }
    if (v->verified && v->status == FK_OK) {
        printf("checks    accepted %s\n",
               v->first ? "as the first set of a new device" : "in exchange for the trusted keys");
    }
}

static void print_json(const struct fk_keyset_file *f, const struct judged *v)
{
    const struct fk_keyset *s = &f->set;
    struct fk_json j;
    fk_json_init(&j, stdout);
    fk_json_object(&j, NULL);
    fk_json_string(&j, "file", f->path);
    fk_json_string(&j, "kind", "key-set");
    fk_json_u64(&j, "size", f->bytes.len);
    fk_json_u64(&j, "sequence", s->sequence);
    fk_json_u64(&j, "threshold", s->threshold);
    fk_json_array(&j, "keys");
    for (size_t i = 0; i < s->n_keys; i++) {
        const struct fk_keyset_key *k = &s->keys[i];
        fk_json_object(&j, NULL);
        fk_json_hex(&j, "kid", k->kid.ptr, k->kid.len);
        fk_json_hex(&j, "point", k->point.ptr, k->point.len);
        fk_json_bool(&j, "images", (k->components & FK_SUIT_MAY_IMAGE) != 0);
        fk_json_bool(&j, "packets", (k->components & FK_SUIT_MAY_PACKET) != 0);
        fk_json_bool(&j, "key_sets", k->key_sets);
        fk_json_bool(&j, "esp256", (k->algorithms & FK_SIGN_ESP256) != 0);
        fk_json_bool(&j, "es256", (k->algorithms & FK_SIGN_ES256) != 0);
        fk_json_object_end(&j);
    }
    fk_json_array_end(&j);
    fk_json_array(&j, "signatures");
    for (size_t i = 0; i < s->parts.n_auths; i++) {
        struct fk_cose_auth a;
        fk_json_object(&j, NULL);
        if (fk_cose_auth_parse(s->parts.auths[i], &a) == FK_OK) {
            fk_json_i64(&j, "algorithm", a.alg);
            fk_json_string(&j, "algorithm_name", fk_cose_algorithm_text(a.alg));
            fk_json_hex(&j, "kid", a.kid.ptr, a.kid.len);
        } else {
            fk_json_null(&j, "algorithm");
        }
        fk_json_object_end(&j);
    }
    fk_json_array_end(&j);
    if (v->verified) {
        fk_json_bool(&j, "verified", v->status == FK_OK);
        fk_json_bool(&j, "first", v->first);
        fk_json_u64(&j, "status", (uint64_t)v->status);
        fk_json_string(&j, "status_name", fk_status_symbol(v->status));
        fk_json_u64(&j, "valid_by_trusted", v->report.by_old.n_valid);
        fk_json_u64(&j, "valid_by_own", v->report.by_new.n_valid);
    }
    fk_json_object_end(&j);
}

enum fk_status keyset_show(const struct suit_options *o, const char *file,
                           const struct fk_profile *profile, bool verify, bool json,
                           struct fk_error *err)
{
    struct fk_keyset_file f = {.path = file};
    struct suit_trust trust = {.set = {.path = NULL}};
    struct fk_suit_device device = {.profile = profile};
    struct judged v = {.verified = verify, .first = o->trust.n == 0 && o->trust_set == NULL};
    uint64_t sequence = 0;
    enum fk_status st = FK_OK;
    if (o->device_key != NULL || o->kek != NULL || o->passin != NULL || o->payload != NULL ||
        o->device_id != NULL) {
        return fk_fail(err, FK_E_USAGE, "'%s' is a key set, which has no payload and no recipients",
                       file);
    }
    if (o->counter != NULL) {
        st = fk_cli_u64("counter", o->counter, &sequence, err);
    }
    if (st == FK_OK && verify && !v.first) {
        st = suit_trust_open(o, &trust, &device, err);
        if (st == FK_OK && o->trust_set != NULL && o->counter == NULL) {
            sequence = trust.set.set.sequence;
        }
    }
    if (st == FK_OK) {
        st = fk_keyset_file_open(&f, file, err);
    }
    if (st == FK_OK) {
        if (verify) {
            st = fk_keyset_file_verify(&f, profile, v.first ? NULL : &device, sequence, &v.report,
                                       err);
        }
        v.status = st;
        if (json) {
            print_json(&f, &v);
        } else {
            print_text(&f, &v);
        }
    }
    fk_keyset_file_close(&f);
    suit_trust_close(&trust);
    return st;
}
