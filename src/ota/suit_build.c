/* SPDX-License-Identifier: Apache-2.0 */
#include "ota/suit_build.h"

#include "crypto/digest.h"
#include "crypto/random.h"
#include "crypto/wrap.h"
#include "ota/suit_put.h"
#include "wire/cbor.h"

#include <inttypes.h>
#include <string.h>

enum { RECIPIENT_SIZE_MAX = 192 };

static const struct fk_slice nothing = {NULL, 0};

static enum fk_status put_recipient(struct fk_writer *w, const struct fk_suit_recipient *r,
                                    const uint8_t key[16], struct fk_error *err)
{
    static const uint8_t header[] = {0xa1, 0x01, 0x38, 0x1c}; /* {1: -29} */
    uint8_t wrapped[FK_WRAPPED_SIZE], kek[FK_WRAP_KEY_SIZE], point[65];
    uint8_t info[FK_COSE_KDF_CONTEXT_MAX];
    size_t info_len = 0;
    struct fk_cose_recipient out = {.alg = FK_COSE_A128KW, .kid = {r->kid, sizeof r->kid}};
    enum fk_status st = FK_OK;
    if (r->shared) {
        memcpy(kek, r->kek, sizeof kek);
    } else {
        out.alg = FK_COSE_ECDH_ES_A128KW;
        st = fk_cose_kdf_context((struct fk_slice){header, sizeof header}, info, &info_len);
        if (st == FK_OK) {
            st = fk_wrap_agree(&r->key, (struct fk_slice){info, info_len}, kek, point, err);
        }
        out.x = (struct fk_slice){point + 1, 32};
        out.y = (struct fk_slice){point + 33, 32};
    }
    if (st == FK_OK) {
        st = fk_wrap_key(kek, key, wrapped, err);
    }
    out.wrapped = (struct fk_slice){wrapped, sizeof wrapped};
    if (st == FK_OK) {
        fk_cose_recipient_put(w, &out);
    }
    fk_cleanse(kek, sizeof kek);
    return st;
}

enum fk_status fk_suit_encryption_make(const struct fk_suit_options *options, const uint8_t key[16],
                                       struct fk_slice iv, const struct fk_cose_encrypt *old,
                                       struct fk_buffer *ret, struct fk_error *err)
{
    size_t n_old = old != NULL ? old->n_recipients : 0;
    struct fk_slice kept = old != NULL ? old->recipients : nothing;
    struct fk_buffer b = {.ptr = NULL};
    struct fk_writer w;
    enum fk_status st = fk_suit_writer_open(
        &w, 128 + kept.len + options->n_recipients * RECIPIENT_SIZE_MAX, &b, err);
    if (st != FK_OK) {
        return st;
    }
    fk_cose_encrypt_put_head(&w, options->cipher, iv, n_old + options->n_recipients);
    fk_write_bytes(&w, kept.ptr, kept.len);
    for (size_t i = 0; st == FK_OK && i < options->n_recipients; i++) {
        st = put_recipient(&w, &options->recipients[i], key, err);
    }
    if (st != FK_OK) {
        fk_buffer_release(&b);
        return st;
    }
    return fk_suit_writer_close(&w, &b, ret, err);
}

enum fk_status fk_suit_manifest_digest(struct fk_slice manifest, uint8_t ret[32],
                                       struct fk_error *err)
{
    struct fk_buffer b = {.ptr = NULL};
    struct fk_writer w;
    uint8_t digest[FK_DIGEST_MAX];
    enum fk_status st = fk_suit_writer_open(&w, manifest.len + 16, &b, err);
    if (st == FK_OK) {
        fk_cbor_put_bytes(&w, manifest);
        st = fk_digest(FK_DIGEST_SHA256, (struct fk_slice){b.ptr, w.len}, digest, err);
    }
    if (st == FK_OK) {
        memcpy(ret, digest, 32);
    }
    fk_buffer_release(&b);
    return st;
}

enum fk_status fk_suit_wrapper_make(const uint8_t digest[32], const struct fk_slice *auths,
                                    size_t n, uint8_t ret[FK_SUIT_WRAPPER_MAX], size_t *ret_len)
{
    uint8_t item[FK_COSE_DIGEST_SIZE];
    struct fk_writer w, inner;
    fk_writer_init(&inner, item, sizeof item);
    fk_suit_put_digest(&inner, (struct fk_slice){digest, 32});
    fk_writer_init(&w, ret, FK_SUIT_WRAPPER_MAX);
    fk_cbor_put_array(&w, 1 + n);
    fk_cbor_put_bytes(&w, (struct fk_slice){item, inner.len});
    for (size_t i = 0; i < n; i++) {
        fk_cbor_put_bytes(&w, auths[i]);
    }
    return fk_writer_end(&w, ret_len);
}

enum fk_status fk_suit_head_make(const struct fk_suit_head *h, struct fk_buffer *ret,
                                 struct fk_error *err)
{
    uint8_t digest[32], wrapper[FK_SUIT_WRAPPER_MAX];
    size_t wrapper_len = 0;
    struct fk_buffer b = {.ptr = NULL};
    struct fk_writer w;
    enum fk_status st = fk_suit_manifest_digest(h->manifest, digest, err);
    if (st == FK_OK) {
        st = fk_suit_wrapper_make(digest, h->auths, h->n_auths, wrapper, &wrapper_len);
    }
    if (st == FK_OK) {
        st = fk_suit_writer_open(&w,
                                 h->manifest.len + h->install.len + h->text.len + sizeof wrapper +
                                     h->payload_name.len + 64,
                                 &b, err);
    }
    if (st != FK_OK) {
        return st;
    }
    fk_cbor_put_tag(&w, FK_SUIT_TAG);
    fk_cbor_put_map(&w, 2u + (h->install.len > 0 ? 1 : 0) + (h->text.len > 0 ? 1 : 0) +
                            (h->payload_name.len > 0 ? 1 : 0));
    fk_suit_put_bytes(&w, FK_SUIT_AUTHENTICATION, (struct fk_slice){wrapper, wrapper_len});
    fk_suit_put_bytes(&w, FK_SUIT_MANIFEST, h->manifest);
    if (h->install.len > 0) {
        fk_cbor_put_uint(&w, FK_SUIT_INSTALL);
        fk_write_bytes(&w, h->install.ptr, h->install.len);
    }
    if (h->text.len > 0) {
        fk_cbor_put_uint(&w, FK_SUIT_TEXT);
        fk_write_bytes(&w, h->text.ptr, h->text.len);
    }
    if (h->payload_name.len > 0) {
        fk_cbor_put_text(&w, h->payload_name);
        fk_cbor_put_bytes_head(&w, h->payload_len);
    }
    return fk_suit_writer_close(&w, &b, ret, err);
}

enum fk_status fk_suit_tbs(const uint8_t sha256[32], struct fk_slice context, int32_t alg,
                           uint8_t ret[FK_COSE_TBS_MAX], size_t *ret_len)
{
    uint8_t header[FK_COSE_PROTECTED_MAX], item[FK_COSE_DIGEST_SIZE];
    struct fk_writer w;
    struct fk_cose_auth auth = {.kind = FK_COSE_SIGN1, .alg = alg, .external = context};
    fk_writer_init(&w, header, sizeof header);
    fk_cose_put_alg_header(&w, alg);
    auth.header = (struct fk_slice){header, w.len};
    fk_writer_init(&w, item, sizeof item);
    fk_suit_put_digest(&w, (struct fk_slice){sha256, 32});
    return fk_cose_tbs(&auth, (struct fk_slice){item, sizeof item}, ret, ret_len);
}

int32_t fk_suit_algorithm(const struct fk_public_key *key, bool es256)
{
    if (key->kind == FK_PUBLIC_ED25519) {
        return FK_COSE_ED25519;
    }
    return es256 ? FK_COSE_ES256 : FK_COSE_ESP256;
}

enum fk_status fk_suit_block_make(const struct fk_public_key *key, int32_t alg,
                                  const uint8_t signature[FK_SIGNATURE_SIZE], uint8_t ret[160],
                                  size_t *ret_len)
{
    uint8_t header[FK_COSE_PROTECTED_MAX];
    struct fk_writer w;
    fk_writer_init(&w, header, sizeof header);
    fk_cose_put_alg_header(&w, alg);
    const struct fk_cose_auth auth = {.kind = FK_COSE_SIGN1,
                                      .alg = alg,
                                      .header = {header, w.len},
                                      .kid = {key->kid, sizeof key->kid},
                                      .signature = {signature, FK_SIGNATURE_SIZE}};
    fk_writer_init(&w, ret, 160);
    fk_cose_auth_put(&w, &auth);
    return fk_writer_end(&w, ret_len);
}

enum fk_status fk_suit_sign(const struct fk_suit_signers *by, const uint8_t digest[32],
                            struct fk_slice context, struct fk_suit_signed *ret,
                            struct fk_error *err)
{
    enum fk_status st = FK_OK;
    for (size_t i = 0; st == FK_OK && i < by->n; i++) {
        const struct fk_public_key *key = fk_signer_public(by->at[i]);
        int32_t alg = fk_suit_algorithm(key, by->es256);
        uint8_t tbs[FK_COSE_TBS_MAX], signature[FK_SIGNATURE_SIZE];
        size_t len = 0;
        st = fk_suit_tbs(digest, context, alg, tbs, &len);
        if (st == FK_OK) {
            st = fk_signer_sign(by->at[i], (struct fk_slice){tbs, len}, signature, err);
        }
        if (st == FK_OK) {
            st = fk_suit_block_make(key, alg, signature, ret->bytes[i], &ret->len[i]);
        }
    }
    return st;
}

static enum fk_status check_not_signed(const struct fk_suit_attachment *a,
                                       const struct fk_suit_envelope *parts, struct fk_error *err)
{
    const struct fk_public_key *key = a->key;
    struct fk_cose_auth auth;
    for (size_t i = 0; i < parts->n_auths; i++) {
        if (fk_cose_auth_parse(parts->auths[i], &auth) == FK_OK &&
            auth.kid.len == sizeof key->kid && memcmp(auth.kid.ptr, key->kid, auth.kid.len) == 0) {
            return fk_fail(err, FK_E_EXISTS, "'%s' is signed by this key already", a->path);
        }
    }
    if (parts->n_auths == FK_SUIT_AUTHS_MAX) {
        return fk_fail(err, FK_E_LIMIT, "'%s' has %d signatures already, which is the limit",
                       a->path, FK_SUIT_AUTHS_MAX);
    }
    return FK_OK;
}

enum fk_status fk_suit_attach_block(const struct fk_suit_attachment *a,
                                    const struct fk_suit_envelope *parts, uint8_t ret[160],
                                    size_t *ret_len, struct fk_error *err)
{
    uint8_t digest[32], tbs[FK_COSE_TBS_MAX], raw[FK_SIGNATURE_SIZE];
    size_t tbs_len = 0;
    int32_t alg = fk_suit_algorithm(a->key, a->es256);
    /* The digest must be that of what it stands for, or signing would be signing something else. */
    enum fk_status st = fk_suit_manifest_digest(parts->manifest, digest, err);
    if (st == FK_OK && memcmp(digest, parts->digest.ptr, sizeof digest) != 0) {
        st = fk_fail(err, FK_E_SUIT_DIGEST, "'%s': %s", a->path, fk_status_text(FK_E_SUIT_DIGEST));
    }
    if (st == FK_OK) {
        st = check_not_signed(a, parts, err);
    }
    if (st == FK_OK) {
        st = fk_signature_read(a->signature, a->key->kind, raw, err);
    }
    if (st == FK_OK) {
        st = fk_suit_tbs(digest, parts->context, alg, tbs, &tbs_len);
    }
    if (st == FK_OK) {
        st = fk_wrap(err, fk_public_key_verify(a->key, (struct fk_slice){tbs, tbs_len}, raw, err),
                     "'%s' with algorithm %s (%d)", a->path, fk_cose_algorithm_text(alg), (int)alg);
    }
    return st == FK_OK ? fk_suit_block_make(a->key, alg, raw, ret, ret_len) : st;
}

enum fk_status fk_suit_check_sequence(uint64_t sequence, struct fk_error *err)
{
    return sequence < UINT64_MAX
               ? FK_OK
               : fk_fail(err, FK_E_USAGE,
                         "sequence %" PRIu64 " is the last number there is: devices would refuse "
                         "everything that comes later",
                         sequence);
}

enum fk_status fk_suit_check_limit(const struct fk_profile *profile, size_t manifest_len,
                                   size_t n_recipients, struct fk_error *err)
{
    uint32_t max = profile->device.envelope.manifest_max;
    if (manifest_len <= max) {
        return FK_OK;
    }
    return fk_fail(err, FK_E_SUIT_TOO_BIG,
                   "the manifest has %zu bytes with %zu recipient%s, profile %s reads %" PRIu32
                   " (envelope.manifest_max); use --split max for several envelopes around one "
                   "payload, or one recipient key for a group of devices",
                   manifest_len, n_recipients, n_recipients == 1 ? "" : "s", profile->name, max);
}
