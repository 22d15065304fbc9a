/* SPDX-License-Identifier: Apache-2.0 */
/* Shows what the device code says about one published vector; suit.py compares.
 *
 *     suit_vector envelope FILE [NAME=HEX]...       judges an envelope
 *     suit_vector decrypt INFO CIPHERTEXT [NAME=HEX]...   encryption info and payload
 *     suit_vector auth|encrypt FILE                 only takes a COSE structure apart
 *     suit_vector signature|mac KEY MESSAGE SIG     the primitives, all in hexadecimal
 *     suit_vector wrap KEK WRAPPED | ecdh SECRET PEER
 *
 * Names: p256 and hmac (trust anchors), vendor, class, component, staging, kek, ecdh, counter.
 * The answer is lines of NAME=VALUE on stdout; exit 0 unless the call itself is wrong. */
#include "core/suit_verify.h"
#include "crypto/crypto.h"
#include "fotakit/file.h"
#include "fotakit/hex.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PART_MAX = 128, WORK = 256 };

struct part {
    uint8_t bytes[PART_MAX];
    size_t len;
};

struct setting {
    struct part p256, hmac, vendor, class_id, component, staging, kek, ecdh, counter;
};

static struct fk_slice slice(const struct part *p)
{
    return (struct fk_slice){p->bytes, p->len};
}

static bool decode(const char *text, struct part *ret)
{
    ret->len = strlen(text) / 2;
    return ret->len <= PART_MAX && fk_hex_decode(text, strlen(text), ret->bytes, ret->len);
}

static bool parse_settings(int argc, char **argv, struct setting *s)
{
    const struct {
        const char *name;
        struct part *to;
    } names[] = {
        {"p256=", &s->p256},      {"hmac=", &s->hmac},           {"vendor=", &s->vendor},
        {"class=", &s->class_id}, {"component=", &s->component}, {"staging=", &s->staging},
        {"kek=", &s->kek},        {"ecdh=", &s->ecdh},           {"counter=", &s->counter}};
    for (int i = 0; i < argc; i++) {
        bool found = false;
        for (size_t k = 0; k < sizeof names / sizeof names[0] && !found; k++) {
            size_t n = strlen(names[k].name);
            found = strncmp(argv[i], names[k].name, n) == 0 && decode(argv[i] + n, names[k].to);
        }
        if (!found) {
            fprintf(stderr, "suit_vector: cannot use '%s'\n", argv[i]);
            return false;
        }
    }
    return true;
}

static void put_hex(const char *name, struct fk_slice bytes)
{
    printf("%s=", name);
    for (size_t i = 0; i < bytes.len; i++) {
        printf("%02x", bytes.ptr[i]);
    }
    putchar('\n');
}

static void put_check(const char *name, enum fk_check check)
{
    static const char *const words[] = {"not-reached", "not-needed", "passed", "failed"};
    printf("%s=%s\n", name, words[check]);
}

static void put_status(const char *name, enum fk_status st)
{
    printf("%s=%s\n", name, fk_status_symbol(st));
}

static enum fk_status read_slice(void *ctx, uint32_t off, void *buf, size_t len)
{
    const struct fk_slice *s = ctx;
    if (off > s->len || len > s->len - off) {
        return FK_E_TRUNCATED;
    }
    memcpy(buf, s->ptr + off, len);
    return FK_OK;
}

/* The payload through the device's code: checked, then read in small pieces. */
static void put_payload(const struct fk_suit_plan *plan, const uint8_t *key,
                        struct fk_slice payload)
{
    uint8_t work[WORK];
    struct fk_suit_report report = {0};
    const struct fk_source source = {.ctx = &payload, .read = read_slice};
    enum fk_status st = fk_suit_check_payload(plan, key, &source, work, sizeof work, &report);
    put_status("payload", st);
    put_check("tag", report.tag);
    uint8_t *image = calloc(1, plan->image_size);
    for (uint32_t off = 0; st == FK_OK && image != NULL && off < plan->image_size; off += 16) {
        uint32_t n = plan->image_size - off < 16 ? plan->image_size - off : 16;
        st = fk_suit_read_image(plan, key, &source, off, image + off, n);
    }
    if (st == FK_OK && image != NULL) {
        put_hex("image", (struct fk_slice){image, plan->image_size});
    }
    free(image);
}

static struct fk_suit_policy make_policy(const struct setting *s, struct fk_trust_anchor *anchors,
                                         struct fk_component *components)
{
    struct fk_suit_policy p = {.anchors = anchors,
                               .threshold = 1,
                               .components = components,
                               .manifest_max = 4096,
                               .ciphers = FK_CONTENT_A128GCM | FK_CONTENT_A128CTR,
                               .deliveries = FK_DELIVERY_A128KW | FK_DELIVERY_ECDH};
    components[p.n_components++] = (struct fk_component){
        .id = slice(&s->component), .kind = FK_COMPONENT_IMAGE, .size_max = 1 << 20, .unit = 1};
    if (s->staging.len > 0) {
        components[p.n_components++] = (struct fk_component){
            .id = slice(&s->staging), .kind = FK_COMPONENT_STAGING, .size_max = 1 << 20, .unit = 1};
    }
    if (s->p256.len > 0) {
        anchors[p.n_anchors++] = (struct fk_trust_anchor){
            .key = slice(&s->p256), .algorithms = FK_SIGN_ESP256 | FK_SIGN_ES256, .components = 1};
    }
    if (s->hmac.len > 0) {
        anchors[p.n_anchors++] = (struct fk_trust_anchor){
            .key = slice(&s->hmac), .algorithms = FK_SIGN_HMAC256, .components = 1};
    }
    memcpy(p.vendor, s->vendor.bytes, sizeof p.vendor);
    memcpy(p.class_id, s->class_id.bytes, sizeof p.class_id);
    for (size_t i = 0; i < s->counter.len; i++) {
        p.counter = p.counter << 8 | s->counter.bytes[i];
    }
    return p;
}

static void put_tbs(struct fk_slice file)
{
    struct fk_suit_envelope env;
    struct fk_cose_auth auth;
    uint8_t tbs[FK_COSE_TBS_MAX];
    size_t len = 0;
    if (fk_suit_envelope_parse(file, file.len, &env) == FK_OK) {
        put_hex("suit_digest", env.digest);
        printf("manifest_bytes=%zu\n", env.manifest.len);
        if (env.n_auths > 0 && fk_cose_auth_parse(env.auths[0], &auth) == FK_OK &&
            fk_cose_tbs(&auth, env.digest_item, tbs, &len) == FK_OK) {
            printf("alg=%" PRId32 "\n", auth.alg);
            put_hex("tbs", (struct fk_slice){tbs, len});
        }
    }
}

/* Every single bit before the payload, turned: none may be accepted. */
static unsigned count_accepted_flips(const struct fk_suit_policy *policy, struct fk_slice file,
                                     uint64_t total_len)
{
    unsigned accepted = 0;
    struct fk_suit_plan plan;
    struct fk_suit_report report;
    uint8_t *copy = malloc(file.len);
    if (copy == NULL) {
        return 1;
    }
    memcpy(copy, file.ptr, file.len);
    for (size_t bit = 0; bit < 8 * file.len; bit++) {
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
        const struct fk_slice turned = {copy, file.len};
        accepted += fk_suit_judge(policy, turned, total_len, &plan, &report) == FK_OK;
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    free(copy);
    return accepted;
}

static void do_envelope(struct fk_slice file, const struct setting *s)
{
    struct fk_trust_anchor anchors[2] = {0};
    struct fk_component components[2] = {0};
    const struct fk_suit_policy policy = make_policy(s, anchors, components);
    struct fk_suit_plan plan = {0};
    struct fk_suit_report report = {0};
    enum fk_status st = fk_suit_judge(&policy, file, file.len, &plan, &report);
    put_status("status", st);
    put_check("digest", report.digest);
    put_check("signature", report.signature);
    put_check("severed", report.severed);
    put_check("commands", report.commands);
    put_tbs(file);
    if (st != FK_OK) {
        return;
    }
    printf("sequence=%" PRIu64 "\nuri=%.*s\nsize=%" PRIu32 "\n", plan.manifest.sequence,
           (int)plan.manifest.uri.len, (const char *)plan.manifest.uri.ptr, plan.image_size);
    printf("flips_accepted=%u\n",
           count_accepted_flips(
               &policy, (struct fk_slice){file.ptr, plan.integrated ? plan.payload_off : file.len},
               file.len));
    if (plan.integrated) {
        put_payload(&plan, NULL, (struct fk_slice){file.ptr + plan.payload_off, plan.payload_size});
    }
}

/* Encryption information without a manifest around it: the image digest is given instead. */
static void do_decrypt(struct fk_slice info, struct fk_slice ciphertext, struct fk_slice digest,
                       const struct setting *s)
{
    const struct fk_suit_keys keys = {.kek = slice(&s->kek), .ecdh = slice(&s->ecdh)};
    struct fk_suit_plan plan = {.encrypted = true,
                                .deliveries = FK_DELIVERY_A128KW | FK_DELIVERY_ECDH,
                                .payload_size = (uint32_t)ciphertext.len};
    uint8_t key[FK_AES_KEY_SIZE] = {0};
    uint8_t buf[FK_COSE_KDF_CONTEXT_MAX];
    size_t len = 0;
    enum fk_status st = fk_cose_encrypt_parse(info, &plan.encryption);
    put_status("status", st);
    if (st != FK_OK) {
        return;
    }
    struct fk_reader at = fk_cose_recipients(&plan.encryption);
    struct fk_cose_recipient rec;
    bool gcm = plan.encryption.alg == FK_COSE_A128GCM;
    plan.image_size = plan.payload_size - (gcm ? FK_GCM_TAG_MAX : 0);
    plan.manifest.image.digest = digest;
    printf("content_alg=%" PRId32 "\n", plan.encryption.alg);
    put_hex("iv", plan.encryption.iv);
    if (gcm && fk_cose_enc_structure(plan.encryption.header, buf, &len) == FK_OK) {
        put_hex("enc_structure", (struct fk_slice){buf, len});
    }
    if (fk_cose_recipient_next(&at, &rec)) {
        printf("key_alg=%" PRId32 "\n", rec.alg);
        if (rec.alg == FK_COSE_ECDH_ES_A128KW &&
            fk_cose_kdf_context(rec.header, buf, &len) == FK_OK) {
            put_hex("kdf_context", (struct fk_slice){buf, len});
        }
    }
    st = fk_suit_unwrap(&plan, &keys, key, NULL);
    put_status("unwrap", st);
    if (st == FK_OK) {
        put_hex("cek", (struct fk_slice){key, sizeof key});
        put_payload(&plan, key, ciphertext);
    }
}

static int usage(void)
{
    fprintf(stderr, "usage: suit_vector envelope|decrypt|auth|encrypt|signature|mac|wrap|ecdh …\n");
    return 2;
}

static int do_primitive(const char *verb, int argc, char **argv)
{
    struct part a[3] = {{.len = 0}};
    uint8_t out[FK_P256_SCALAR] = {0};
    uint8_t digest[FK_SHA256_SIZE] = {0};
    struct fk_sha256 hash;
    enum fk_status st = FK_E_INTERNAL;
    if (argc < 2 || argc > 3) {
        return usage();
    }
    for (int i = 0; i < argc; i++) {
        if (!decode(argv[i], &a[i])) {
            return usage();
        }
    }
    if (strcmp(verb, "signature") == 0 && a[0].len == FK_P256_POINT) {
        st = fk_sha256_begin(&hash);
        if (st == FK_OK) {
            st = fk_sha256_update(&hash, a[1].bytes, a[1].len);
        }
        if (st == FK_OK) {
            st = fk_sha256_finish(&hash, digest);
        }
        if (st == FK_OK) {
            st = a[2].len == FK_P256_SIGNATURE ? fk_p256_verify(a[0].bytes, digest, a[2].bytes)
                                               : FK_E_FORMAT;
        }
    } else if (strcmp(verb, "mac") == 0) {
        st = a[2].len == FK_SHA256_SIZE
                 ? fk_hmac_sha256_verify(a[0].bytes, a[0].len, a[1].bytes, a[1].len, a[2].bytes)
                 : FK_E_FORMAT;
    } else if (strcmp(verb, "wrap") == 0 && a[1].len == FK_WRAPPED_KEY_SIZE) {
        st = fk_aes_kw_unwrap(a[0].bytes, a[1].bytes, out);
        put_hex("key", (struct fk_slice){out, FK_AES_KEY_SIZE});
    } else if (strcmp(verb, "ecdh") == 0 && a[1].len == FK_P256_POINT) {
        st = fk_ecdh_p256(a[0].bytes, a[1].bytes, out);
        put_hex("z", (struct fk_slice){out, sizeof out});
    } else {
        return usage();
    }
    put_status("status", st);
    return 0;
}

static int run(const char *verb, int argc, char **argv)
{
    static const uint8_t image_digest[FK_SHA256_SIZE] = {
        0x36, 0x92, 0x14, 0x88, 0xfe, 0x66, 0x80, 0x71, 0x2f, 0x73, 0x4e,
        0x11, 0xf5, 0x8d, 0x87, 0xee, 0xb6, 0x6d, 0x4b, 0x21, 0xa8, 0xa1,
        0xad, 0x34, 0x41, 0x06, 0x08, 0x14, 0xda, 0x16, 0xd5, 0x0f}; /* "This is a real firmware
                                                                        image." */
    struct fk_error err = FK_ERROR_INIT;
    struct fk_buffer files[2] = {{NULL, 0}};
    struct setting s = {.p256 = {.len = 0}};
    struct fk_cose_auth auth;
    struct fk_cose_encrypt enc;
    int n_files = strcmp(verb, "decrypt") == 0 ? 2 : 1;
    int rc = 3;
    if (argc < n_files || !parse_settings(argc - n_files, argv + n_files, &s)) {
        return usage();
    }
    for (int i = 0; i < n_files; i++) {
        if (fk_file_read(argv[i], 1 << 24, &files[i], &err) != FK_OK) {
            fprintf(stderr, "suit_vector: %s\n", err.msg);
            goto out;
        }
    }
    const struct fk_slice a = {files[0].ptr, files[0].len};
    const struct fk_slice b = {files[1].ptr, files[1].len};
    rc = 0;
    if (strcmp(verb, "envelope") == 0) {
        do_envelope(a, &s);
    } else if (strcmp(verb, "decrypt") == 0) {
        do_decrypt(a, b, (struct fk_slice){image_digest, sizeof image_digest}, &s);
    } else if (strcmp(verb, "auth") == 0) {
        put_status("status", fk_cose_auth_parse(a, &auth));
    } else if (strcmp(verb, "encrypt") == 0) {
        put_status("status", fk_cose_encrypt_parse(a, &enc));
    } else {
        rc = usage();
    }
out:
    fk_buffer_release(&files[0]);
    fk_buffer_release(&files[1]);
    return rc;
}

int main(int argc, char **argv)
{
    static const char *const primitives[] = {"signature", "mac", "wrap", "ecdh"};
    if (argc < 3) {
        return usage();
    }
    if (fk_crypto_init() != FK_OK) {
        return 3;
    }
    for (size_t i = 0; i < sizeof primitives / sizeof primitives[0]; i++) {
        if (strcmp(argv[1], primitives[i]) == 0) {
            return do_primitive(argv[1], argc - 2, argv + 2);
        }
    }
    return run(argv[1], argc - 2, argv + 2);
}
