/* SPDX-License-Identifier: Apache-2.0 */
#include "suit.h"

#include "crypto/crypto.h"
#include "fotakit/hex.h"
#include "fotakit/json.h"
#include "fotakit/passphrase.h"
#include "fotakit/suit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TOOL "ota-info"

const char *suit_option_given(const struct suit_options *o)
{
    return o->trust.n > 0          ? "trust"
           : o->trust_set != NULL  ? "trust-set"
           : o->device_id != NULL  ? "device-id"
           : o->device_key != NULL ? "device-key"
           : o->kek != NULL        ? "kek"
           : o->passin != NULL     ? "passin"
           : o->payload != NULL    ? "payload"
           : o->counter != NULL    ? "counter"
                                   : NULL;
}

/* What the manifest says, for showing it; empty when it is outside the profile. */
struct claims {
    enum fk_status status; /* why it cannot be shown */
    struct fk_suit_manifest m;
    char version[FK_SUIT_VERSION_MAX + 1];
    enum fk_status encryption_status;
    struct fk_cose_encrypt encryption;
};

static struct claims read_claims(const struct fk_suit_file *f)
{
    struct claims c = {.encryption_status = FK_E_EMPTY};
    c.status = fk_suit_manifest_parse(f->env.manifest, f->env.install, &c.m);
    if (c.status == FK_OK) {
        fk_suit_text_version(c.m.text, c.version);
    }
    if (c.status == FK_OK && c.m.encryption_info.len > 0) {
        c.encryption_status = fk_cose_encrypt_parse(c.m.encryption_info, &c.encryption);
    }
    return c;
}

const char *verdict_text(enum fk_check verdict)
{
    static const char *const words[] = {
        [FK_CHECK_NOT_REACHED] = "not reached",
        [FK_CHECK_NOT_NEEDED] = "not needed",
        [FK_CHECK_PASSED] = "passed",
        [FK_CHECK_FAILED] = "failed",
    };
    return words[verdict];
}

struct check {
    const char *name;
    enum fk_check verdict;
};
#define CHECKS 17

static void list_checks(const struct fk_suit_report *r, struct check ret[CHECKS])
{
    const struct check all[CHECKS] = {{"envelope", r->envelope},   {"digest", r->digest},
                                      {"signature", r->signature}, {"version", r->version},
                                      {"sequence", r->sequence},   {"severed", r->severed},
                                      {"commands", r->commands},   {"vendor", r->vendor},
                                      {"class", r->class_id},      {"device", r->device},
                                      {"component", r->component}, {"encryption", r->encryption},
                                      {"size", r->size},           {"key", r->key},
                                      {"payload", r->payload},     {"tag", r->tag},
                                      {"image", r->image}};
    memcpy(ret, all, sizeof all);
}

static void print_hex(const char *name, struct fk_slice s)
{
    printf("%s", name);
    for (size_t i = 0; i < s.len; i++) {
        printf("%02x", s.ptr[i]);
    }
    putchar('\n');
}

/* Who is meant by an identifier: a UUID says nothing to people, but the profile has the name that
 * its own is made of. */
struct named {
    struct fk_slice id; /* 16 bytes: the parser takes nothing else */
    const uint8_t *own; /* of the profile */
    const char *name;
};

static bool is_own(const struct named *n)
{
    return n->name != NULL && memcmp(n->id.ptr, n->own, n->id.len) == 0;
}

static struct named vendor_of(const struct claims *c, const struct fk_profile *p)
{
    return (struct named){c->m.vendor, p->device.envelope.vendor, p->vendor};
}

static struct named class_of(const struct claims *c, const struct fk_profile *p)
{
    return (struct named){c->m.class_id, p->device.envelope.class_id, p->envelope_class};
}

static void print_named(const char *what, struct named n, const struct fk_profile *p)
{
    char text[FK_UUID_TEXT];
    fk_uuid_text(n.id.ptr, text);
    if (is_own(&n)) {
        printf("%s%s, %s\n", what, text, n.name);
    } else {
        printf("%s%s, not that of profile %s\n", what, text, p->name);
    }
}

static void named_as_json(struct fk_json *j, const char *key, const char *name_key, struct named n)
{
    char text[FK_UUID_TEXT];
    fk_uuid_text(n.id.ptr, text);
    fk_json_string(j, key, text);
    if (is_own(&n)) {
        fk_json_string(j, name_key, n.name);
    } else {
        fk_json_null(j, name_key);
    }
}

static void print_auths(const struct fk_suit_file *f)
{
    for (size_t i = 0; i < f->env.n_auths; i++) {
        struct fk_cose_auth a;
        enum fk_status st = fk_cose_auth_parse(f->env.auths[i], &a);
        if (st != FK_OK) {
            printf("signed    unreadable: %s\n", fk_status_text(st));
            continue;
        }
        printf("signed    %s (%" PRId32 "), key ", fk_cose_algorithm_text(a.alg), a.alg);
        print_hex(a.kid.len > 0 ? "" : "without identifier", a.kid);
    }
    if (f->env.n_auths == 0) {
        printf("signed    by nobody: no device accepts it\n");
    }
}

static void print_encryption(const struct claims *c)
{
    if (c->m.encryption_info.len == 0) {
        printf("cipher    none: the payload can be read by anyone\n");
        return;
    }
    if (c->encryption_status != FK_OK) {
        printf("cipher    %s\n", fk_status_text(c->encryption_status));
        return;
    }
    struct fk_reader at = fk_cose_recipients(&c->encryption);
    struct fk_cose_recipient rec;
    printf("cipher    %s, %zu recipient%s\n", fk_cose_algorithm_text(c->encryption.alg),
           c->encryption.n_recipients, c->encryption.n_recipients == 1 ? "" : "s");
    while (fk_cose_recipient_next(&at, &rec)) {
        printf("for       %s, key ", fk_cose_algorithm_text(rec.alg));
        print_hex(rec.kid.len > 0 ? "" : "without identifier", rec.kid);
    }
}

static void print_text(const struct fk_suit_file *f, const struct claims *c,
                       const struct fk_profile *profile, const struct fk_suit_verdict *v)
{
    char device[FK_UUID_TEXT];
    printf("file      %s, %" PRIu64
           " bytes\nkind      signed envelope (SUIT), manifest %zu bytes\n",
           f->path, f->size, f->env.manifest.len);
    print_hex("digest    ", f->env.digest);
    print_auths(f);
    if (c->status != FK_OK) {
        printf("manifest  %s\n", fk_status_text(c->status));
    } else {
        printf("sequence  %" PRIu64 "\n", c->m.sequence);
        if (c->version[0] != '\0') {
            printf("version   %s\n", c->version);
        }
        print_named("vendor    ", vendor_of(c, profile), profile);
        print_named("class     ", class_of(c, profile), profile);
        if (c->m.device.len > 0) {
            fk_uuid_text(c->m.device.ptr, device);
            printf("device    %s\n", device);
        }
        print_hex("component ", c->m.component);
        printf("image     %" PRIu64 " bytes\n", c->m.image.size);
        print_hex("sha256    ", c->m.image.digest);
        printf("payload   %.*s, %" PRIu64 " bytes\n", (int)c->m.uri.len, (const char *)c->m.uri.ptr,
               c->m.payload_size);
        print_encryption(c);
    }
    if (v != NULL) {
        struct check checks[CHECKS];
        list_checks(&v->report, checks);
        for (size_t i = 0; i < CHECKS; i++) {
            printf("%s%-10s %s\n", i == 0 ? "checks    " : "          ", checks[i].name,
                   verdict_text(checks[i].verdict));
        }
        if (v->has_plan && !v->payload_checked && v->report.payload == FK_CHECK_NOT_REACHED &&
            v->report.key != FK_CHECK_FAILED) {
            printf("          the payload was not checked: %s\n",
                   v->plan.encrypted ? "give --device-key or --kek, and --payload when it is apart"
                                     : "give it with --payload");
        }
    }
}

static void auths_as_json(struct fk_json *j, const struct fk_suit_file *f)
{
    fk_json_array(j, "signatures");
    for (size_t i = 0; i < f->env.n_auths; i++) {
        struct fk_cose_auth a;
        fk_json_object(j, NULL);
        if (fk_cose_auth_parse(f->env.auths[i], &a) == FK_OK) {
            fk_json_i64(j, "algorithm", a.alg);
            fk_json_string(j, "algorithm_name", fk_cose_algorithm_text(a.alg));
            fk_json_hex(j, "kid", a.kid.ptr, a.kid.len);
        } else {
            fk_json_null(j, "algorithm");
        }
        fk_json_object_end(j);
    }
    fk_json_array_end(j);
}

static void claims_as_json(struct fk_json *j, const struct claims *c,
                           const struct fk_profile *profile)
{
    char device[FK_UUID_TEXT], uri[FK_SUIT_URI_MAX + 1];
    fk_json_u64(j, "sequence", c->m.sequence);
    if (c->version[0] != '\0') {
        fk_json_string(j, "version", c->version);
    }
    named_as_json(j, "vendor", "vendor_name", vendor_of(c, profile));
    named_as_json(j, "class", "class_name", class_of(c, profile));
    if (c->m.device.len > 0) {
        fk_uuid_text(c->m.device.ptr, device);
        fk_json_string(j, "device", device);
    }
    fk_json_hex(j, "component", c->m.component.ptr, c->m.component.len);
    fk_json_u64(j, "image_size", c->m.image.size);
    fk_json_hex(j, "image_sha256", c->m.image.digest.ptr, c->m.image.digest.len);
    memcpy(uri, c->m.uri.ptr, c->m.uri.len);
    uri[c->m.uri.len] = '\0';
    fk_json_string(j, "uri", uri);
    fk_json_u64(j, "payload_size", c->m.payload_size);
    fk_json_bool(j, "encrypted", c->m.encryption_info.len > 0);
    if (c->encryption_status == FK_OK) {
        struct fk_reader at = fk_cose_recipients(&c->encryption);
        struct fk_cose_recipient rec;
        fk_json_string(j, "cipher", fk_cose_algorithm_text(c->encryption.alg));
        fk_json_array(j, "recipients");
        while (fk_cose_recipient_next(&at, &rec)) {
            fk_json_object(j, NULL);
            fk_json_string(j, "algorithm", fk_cose_algorithm_text(rec.alg));
            fk_json_hex(j, "kid", rec.kid.ptr, rec.kid.len);
            fk_json_object_end(j);
        }
        fk_json_array_end(j);
    }
}

static void print_json(const struct fk_suit_file *f, const struct claims *c,
                       const struct fk_profile *profile, const struct fk_suit_verdict *v,
                       enum fk_status verdict)
{
    struct fk_json j;
    fk_json_init(&j, stdout);
    fk_json_object(&j, NULL);
    fk_json_string(&j, "file", f->path);
    fk_json_string(&j, "kind", "suit-envelope");
    fk_json_u64(&j, "size", f->size);
    fk_json_u64(&j, "manifest_size", f->env.manifest.len);
    fk_json_hex(&j, "manifest_sha256", f->env.digest.ptr, f->env.digest.len);
    auths_as_json(&j, f);
    if (c->status == FK_OK) {
        fk_json_object(&j, "manifest");
        claims_as_json(&j, c, profile);
        fk_json_object_end(&j);
    } else {
        fk_json_null(&j, "manifest");
    }
    if (v != NULL) {
        struct check checks[CHECKS];
        list_checks(&v->report, checks);
        fk_json_bool(&j, "verified", verdict == FK_OK);
        fk_json_u64(&j, "status", (uint64_t)verdict);
        fk_json_string(&j, "status_name", fk_status_symbol(verdict));
        fk_json_bool(&j, "payload_checked", v->payload_checked);
        fk_json_object(&j, "checks");
        for (size_t i = 0; i < CHECKS; i++) {
            fk_json_string(&j, checks[i].name, verdict_text(checks[i].verdict));
        }
        fk_json_object_end(&j);
    }
    fk_json_object_end(&j);
}

/* ---- keys ---- */

struct keys {
    struct suit_trust trust;
    uint8_t device_id[16];
    struct fk_suit_recipient kek;
    uint8_t secret[32];
    struct fk_public_key secret_public;
    struct fk_buffer passphrase;
};

static enum fk_status open_keys(const struct suit_options *o, struct keys *k,
                                struct fk_suit_device *d, struct fk_error *err)
{
    enum fk_status st = suit_trust_open(o, &k->trust, d, err);
    if (st == FK_OK && o->device_id != NULL) {
        st = fk_cli_uuid("device-id", o->device_id, k->device_id, err);
        d->device_id = (struct fk_slice){k->device_id, sizeof k->device_id};
    }
    if (st == FK_OK && o->passin != NULL) {
        st = fk_wrap(err, fk_passphrase_read(o->passin, &k->passphrase, err), "--passin");
    }
    if (st == FK_OK && o->device_key != NULL) {
        st = fk_secret_p256_read(o->device_key, o->passin != NULL ? &k->passphrase : NULL,
                                 k->secret, &k->secret_public, err);
        d->keys.ecdh = (struct fk_slice){k->secret, sizeof k->secret};
        d->keys.ecdh_kid = (struct fk_slice){k->secret_public.kid, FK_KID_SIZE};
    }
    if (st == FK_OK && o->kek != NULL) {
        st = fk_suit_kek_read(o->kek, &k->kek, err);
        d->keys.kek = (struct fk_slice){k->kek.kek, sizeof k->kek.kek};
        d->keys.kek_kid = (struct fk_slice){k->kek.kid, FK_KID_SIZE};
    }
    return st;
}

static void wipe(struct keys *k)
{
    fk_buffer_release(&k->passphrase);
    suit_trust_close(&k->trust);
    fk_wipe(k, sizeof *k);
}

enum fk_status suit_show(const struct suit_options *o, const char *file,
                         const struct fk_profile *profile, bool verify, bool json,
                         struct fk_error *err)
{
    struct fk_suit_file f = FK_SUIT_FILE_INIT;
    struct fk_suit_device device = {.profile = profile, .payload = o->payload};
    struct fk_suit_verdict verdict = {.has_plan = false};
    struct keys keys = {.passphrase = {.ptr = NULL}};
    enum fk_status st = FK_OK;
    if (o->counter != NULL) {
        st = fk_cli_u64("counter", o->counter, &device.counter, err);
    }
    if (st == FK_OK && verify) {
        st = open_keys(o, &keys, &device, err);
    }
    if (st == FK_OK) {
        st = fk_suit_file_open(&f, file, err);
    }
    if (st == FK_OK) {
        struct claims claims = read_claims(&f);
        if (verify) {
            st = fk_suit_file_verify(&f, &device, &verdict, err);
        }
        if (json) {
            print_json(&f, &claims, profile, verify ? &verdict : NULL, st);
        } else {
            print_text(&f, &claims, profile, verify ? &verdict : NULL);
        }
    }
    fk_suit_file_close(&f);
    wipe(&keys);
    return st;
}
