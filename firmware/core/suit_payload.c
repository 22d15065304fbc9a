/* SPDX-License-Identifier: Apache-2.0 */
/* Content key and payload of a judged envelope. */
#include "core/suit_verify.h"

#include "crypto/crypto.h"
#include "fotakit_fw/accepts.h"

#include <string.h>

enum { GCM_FIRST_BLOCK = 2, UNCOMPRESSED = 0x04, COORDINATE = 32 };

static bool is_for(struct fk_slice kid, struct fk_slice own)
{
    return kid.len == 0 || own.len == 0 || fk_slice_same(kid, own);
}

static enum fk_status unwrap_ecdh(const struct fk_cose_recipient *rec, struct fk_slice secret,
                                  uint8_t ret[FK_AES_KEY_SIZE])
{
    uint8_t peer[FK_P256_POINT] = {UNCOMPRESSED};
    uint8_t z[FK_P256_SCALAR] = {0};
    uint8_t kek[FK_AES_KEY_SIZE] = {0};
    uint8_t info[FK_COSE_KDF_CONTEXT_MAX];
    size_t info_len = 0;
    memcpy(peer + 1, rec->x.ptr, COORDINATE);
    memcpy(peer + 1 + COORDINATE, rec->y.ptr, COORDINATE);
    enum fk_status st = fk_cose_kdf_context(rec->header, info, &info_len);
    if (st == FK_OK) {
        st = fk_ecdh_p256(secret.ptr, peer, z);
    }
    if (st == FK_OK) {
        st = fk_hkdf_sha256(z, sizeof z, rec->salt.ptr, rec->salt.len, info, info_len, kek,
                            sizeof kek);
    }
    if (st == FK_OK) {
        st = fk_aes_kw_unwrap(kek, rec->wrapped.ptr, ret);
    }
    fk_wipe(z, sizeof z);
    fk_wipe(kek, sizeof kek);
    return st;
}

/* One recipient with the device's key of its kind. FK_E_RECIPIENT: it is somebody else. */
static enum fk_status try_recipient(const struct fk_cose_recipient *rec, uint8_t deliveries,
                                    const struct fk_suit_keys *keys, uint8_t ret[FK_AES_KEY_SIZE],
                                    bool *ret_named)
{
    bool wrap = rec->alg == FK_COSE_A128KW;
    struct fk_slice key = wrap ? keys->kek : keys->ecdh;
    struct fk_slice own = wrap ? keys->kek_kid : keys->ecdh_kid;
    unsigned way = wrap ? FK_DELIVERY_A128KW : FK_DELIVERY_ECDH;
    if ((deliveries & way) == 0 || key.len == 0 || !is_for(rec->kid, own) ||
        (!wrap && !FK_ACCEPTS_ECDH)) {
        return FK_E_RECIPIENT;
    }
    *ret_named = rec->kid.len > 0 && own.len > 0;
    return wrap ? fk_aes_kw_unwrap(key.ptr, rec->wrapped.ptr, ret) : unwrap_ecdh(rec, key, ret);
}

enum fk_status fk_suit_unwrap(const struct fk_suit_plan *plan, const struct fk_suit_keys *keys,
                              uint8_t ret[16], struct fk_suit_report *report)
{
    uint8_t key[FK_AES_KEY_SIZE] = {0};
    struct fk_reader at = fk_cose_recipients(&plan->encryption);
    struct fk_cose_recipient rec;
    enum fk_status why = FK_E_RECIPIENT;
    enum fk_status st = FK_E_RECIPIENT;
    if (!plan->encrypted || (keys->kek.len != 0 && keys->kek.len != FK_AES_KEY_SIZE) ||
        (keys->ecdh.len != 0 && keys->ecdh.len != FK_P256_SCALAR)) {
        return FK_E_INTERNAL;
    }
    if (keys->kek.len == 0 && keys->ecdh.len == 0) {
        st = FK_E_NO_KEY;
    }
    while (st != FK_E_NO_KEY && st != FK_OK && fk_cose_recipient_next(&at, &rec)) {
        bool named = false;
        st = try_recipient(&rec, plan->deliveries, keys, key, &named);
        if (st != FK_OK && st != FK_E_RECIPIENT && st != FK_E_UNWRAP && st != FK_E_POINT) {
            break; /* the crypto library failed */
        }
        /* A key that was not named and does not fit is just another recipient's. */
        if (st != FK_OK && named) {
            why = st;
        }
    }
    if (st == FK_E_RECIPIENT || st == FK_E_UNWRAP || st == FK_E_POINT) {
        st = why;
    }
    if (report != NULL) {
        report->key = st == FK_OK ? FK_CHECK_PASSED : FK_CHECK_FAILED;
    }
    if (st == FK_OK) {
        memcpy(ret, key, sizeof key);
    }
    fk_wipe(key, sizeof key);
    return st;
}

/* Counter block for the 16-byte block number `blocks` of the content. GCM counts in the last 32
 * bits behind its nonce, from 2; an image is too small for them to run over. CTR adds to all 128
 * bits, modulo 2^128. */
static void counter_block(const struct fk_cose_encrypt *e, uint32_t blocks,
                          uint8_t ret[FK_AES_BLOCK])
{
    memset(ret, 0, FK_AES_BLOCK);
    memcpy(ret, e->iv.ptr, e->iv.len);
    fk_counter_add(ret, blocks + (e->alg == FK_COSE_A128GCM ? GCM_FIRST_BLOCK : 0));
}

void fk_suit_first_counter(const struct fk_suit_plan *plan, uint8_t ret[16])
{
    counter_block(&plan->encryption, 0, ret);
}

enum fk_status fk_suit_read_image(const struct fk_suit_plan *plan, const uint8_t *key,
                                  const struct fk_source *source, uint32_t off, void *buf,
                                  size_t len)
{
    uint8_t counter[FK_AES_BLOCK];
    if (off % FK_AES_BLOCK != 0 || off > plan->image_size || len > plan->image_size - off ||
        (plan->encrypted && key == NULL)) {
        return FK_E_INTERNAL;
    }
    enum fk_status st = source->read(source->ctx, off, buf, len);
    if (st == FK_OK && plan->encrypted) {
        counter_block(&plan->encryption, off / FK_AES_BLOCK, counter);
        st = fk_ctr_xor(key, counter, buf, buf, len);
    }
    return st;
}

static enum fk_status begin_gcm(struct fk_gcm *gcm, const struct fk_cose_encrypt *e,
                                const uint8_t *key)
{
    uint8_t aad[FK_COSE_ENC_MAX];
    size_t len = 0;
    enum fk_status st = fk_cose_enc_structure(e->header, aad, &len);
    if (st == FK_OK) {
        st = fk_gcm_begin(gcm, key, e->iv.ptr, FK_GCM_TAG_MAX);
        if (st == FK_OK) {
            st = fk_gcm_aad(gcm, aad, len);
            if (st != FK_OK) {
                fk_gcm_abort(gcm);
            }
        }
    }
    return st;
}

/* The image as a source: decrypted with CTR, or as it is. */
struct image_source {
    const struct fk_suit_plan *plan;
    const uint8_t *key;
    const struct fk_source *payload;
};

static enum fk_status read_image(void *ctx, uint32_t off, void *buf, size_t len)
{
    const struct image_source *s = ctx;
    return fk_suit_read_image(s->plan, s->key, s->payload, off, buf, len);
}

static enum fk_status digest_image(const struct fk_suit_plan *plan, const uint8_t *key,
                                   const struct fk_source *source, uint8_t ret[FK_SHA256_SIZE],
                                   uint8_t *work, size_t work_len)
{
    struct image_source image = {plan, key, source};
    struct fk_source decrypted = {.ctx = &image, .read = read_image};
    return fk_digest_source(&decrypted, plan->image_size, ret, work, work_len);
}

static enum fk_check verdict(enum fk_status st)
{
    return st == FK_OK ? FK_CHECK_PASSED : FK_CHECK_FAILED;
}

/* The tag stands behind the ciphertext; nothing is believed before it holds. */
static enum fk_status check_gcm(const struct fk_suit_plan *plan, const uint8_t *key,
                                const struct fk_source *source, uint8_t digest[FK_SHA256_SIZE],
                                uint8_t *work, size_t work_len, struct fk_suit_report *report)
{
    struct fk_gcm gcm;
    uint8_t tag[FK_GCM_TAG_MAX];
    enum fk_status st = begin_gcm(&gcm, &plan->encryption, key);
    if (st != FK_OK) {
        return st;
    }
    st = fk_digest_gcm(source, plan->image_size, &gcm, digest, work, work_len);
    if (st == FK_OK) {
        st = source->read(source->ctx, plan->image_size, tag, sizeof tag);
    }
    if (st != FK_OK) {
        fk_gcm_abort(&gcm);
        return st;
    }
    st = fk_gcm_finish(&gcm, tag, sizeof tag);
    report->tag = verdict(st);
    return st;
}

enum fk_status fk_suit_check_payload(const struct fk_suit_plan *plan, const uint8_t *key,
                                     const struct fk_source *source, uint8_t *work, size_t work_len,
                                     struct fk_suit_report *report)
{
    const struct fk_suit_manifest *m = &plan->manifest;
    uint8_t digest[FK_SHA256_SIZE] = {0};
    struct fk_suit_report unused;
    struct fk_suit_report *r = report != NULL ? report : &unused;
    if (work_len < FK_AES_BLOCK || (plan->encrypted && key == NULL)) {
        return FK_E_INTERNAL;
    }
    work_len -= work_len % FK_AES_BLOCK;

    enum fk_status st = FK_OK;
    r->payload = FK_CHECK_NOT_NEEDED;
    r->tag = FK_CHECK_NOT_NEEDED;
    if (plan->encrypted && m->payload.digest.len > 0) {
        st = fk_verify_digest(source, plan->payload_size, m->payload.digest.ptr, work, work_len);
        st = st == FK_E_DIGEST ? FK_E_CIPHERTEXT : st;
        r->payload = verdict(st);
    }
    if (st == FK_OK && plan->encrypted && plan->encryption.alg == FK_COSE_A128GCM) {
        st = FK_ACCEPTS_GCM ? check_gcm(plan, key, source, digest, work, work_len, r)
                            : FK_E_UNSUPPORTED;
    } else if (st == FK_OK) {
        st = digest_image(plan, key, source, digest, work, work_len);
    }
    if (st == FK_OK) {
        st = fk_equal(digest, m->image.digest.ptr, sizeof digest) ? FK_OK : FK_E_DIGEST;
        r->image = verdict(st);
    }
    fk_wipe(work, work_len);
    return st;
}
