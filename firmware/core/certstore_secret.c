/* SPDX-License-Identifier: Apache-2.0 */
/* Encryption of stored secrets. The nonce is a keyed hash of all that is encrypted and
 * authenticated, so the same nonce comes back only with the same record, and then with the same
 * ciphertext: no counter and no random source that a power cut could set back. It costs one
 * thing: whoever reads the flash twice sees that a key was stored again unchanged. */
#include "core/certstore_log.h"

#include <string.h>

#define LABEL_MAX 24u

static enum fk_status derive(const uint8_t *device_key, const char *label, const uint8_t *digest,
                             uint8_t *ret, size_t ret_len)
{
    uint8_t info[LABEL_MAX + FK_SHA256_SIZE];
    size_t n = strlen(label);
    memcpy(info, label, n);
    if (digest != NULL) {
        memcpy(info + n, digest, FK_SHA256_SIZE);
        n += FK_SHA256_SIZE;
    }
    return fk_hkdf_sha256(device_key, FK_STORE_KEY_SIZE, NULL, 0, info, n, ret, ret_len);
}

enum fk_status fk_store_source_read(const struct fk_store_source *source, uint32_t off, uint8_t *to,
                                    uint32_t len)
{
    const struct fk_certstore *from = source->from;
    if (from == NULL) {
        memcpy(to, source->data + off, len);
        return FK_OK;
    }
    return from->flash->read(from->flash->ctx,
                             fk_store_flash_off(from, from->bank, source->at + off), to, len);
}

/* Of what stands before the data, if anything, and the data. */
static enum fk_status digest_of(const uint8_t *front, size_t front_len,
                                const struct fk_store_source *source, uint32_t len,
                                uint8_t ret[FK_SHA256_SIZE])
{
    uint8_t chunk[FK_STORE_CHUNK];
    struct fk_sha256 h;
    enum fk_status st = fk_sha256_begin(&h);
    if (st != FK_OK) {
        return st;
    }
    if (front_len > 0) {
        st = fk_sha256_update(&h, front, front_len);
    }
    for (uint32_t at = 0; st == FK_OK && at < len;) {
        uint32_t n = len - at < sizeof chunk ? len - at : (uint32_t)sizeof chunk;
        st = fk_store_source_read(source, at, chunk, n);
        if (st == FK_OK) {
            st = fk_sha256_update(&h, chunk, n);
        }
        at += n;
    }
    fk_wipe(chunk, sizeof chunk);
    if (st != FK_OK) {
        fk_sha256_abort(&h);
        return st;
    }
    return fk_sha256_finish(&h, ret);
}

enum fk_status fk_store_intact(const struct fk_store_record *record,
                               const struct fk_store_source *source, bool *ret)
{
    uint8_t digest[FK_SHA256_SIZE];
    enum fk_status st = digest_of(NULL, 0, source, record->data_len, digest);
    *ret = st == FK_OK && memcmp(digest, record->digest, sizeof digest) == 0;
    return st;
}

static enum fk_status begin(struct fk_gcm *gcm, const uint8_t *device_key,
                            const struct fk_store_record *record, bool encrypt)
{
    uint8_t key[FK_AES_KEY_SIZE];
    uint8_t aad[FK_STORE_AAD_MAX];
    size_t aad_len = 0;
    enum fk_status st = derive(device_key, "fotakit store key", NULL, key, sizeof key);
    if (st == FK_OK) {
        st = fk_store_record_aad(record, aad, &aad_len);
    }
    if (st == FK_OK) {
        st = encrypt ? fk_gcm_encrypt_begin(gcm, key, record->nonce)
                     : fk_gcm_begin(gcm, key, record->nonce, FK_STORE_TAG);
        if (st == FK_OK) {
            st = fk_gcm_aad(gcm, aad, aad_len);
            if (st != FK_OK) {
                fk_gcm_abort(gcm);
            }
        }
    }
    fk_wipe(key, sizeof key);
    return st;
}

static enum fk_status choose_nonce(const uint8_t *device_key, struct fk_store_record *record,
                                   const struct fk_store_source *source)
{
    uint8_t aad[FK_STORE_AAD_MAX];
    uint8_t digest[FK_SHA256_SIZE];
    size_t aad_len = 0;
    enum fk_status st = fk_store_record_aad(record, aad, &aad_len);
    if (st == FK_OK) {
        st = digest_of(aad, aad_len, source, record->data_len, digest);
    }
    if (st == FK_OK) {
        st =
            derive(device_key, "fotakit store nonce ", digest, record->nonce, sizeof record->nonce);
    }
    fk_wipe(digest, sizeof digest);
    return st;
}

/* The digest of the ciphertext, which nobody has yet, and the tag. */
static enum fk_status encrypt_and_digest(struct fk_gcm *gcm, struct fk_store_record *record,
                                         const struct fk_store_source *source)
{
    uint8_t chunk[FK_STORE_CHUNK];
    struct fk_sha256 h;
    enum fk_status st = fk_sha256_begin(&h);
    if (st != FK_OK) {
        fk_gcm_abort(gcm);
        return st;
    }
    for (uint32_t at = 0; st == FK_OK && at < record->data_len;) {
        uint32_t left = record->data_len - at;
        uint32_t n = left < sizeof chunk ? left : (uint32_t)sizeof chunk;
        st = fk_store_source_read(source, at, chunk, n);
        if (st == FK_OK) {
            st = fk_gcm_update(gcm, chunk, chunk, n);
        }
        if (st == FK_OK) {
            st = fk_sha256_update(&h, chunk, n);
        }
        at += n;
    }
    fk_wipe(chunk, sizeof chunk);
    if (st == FK_OK) {
        st = fk_gcm_encrypt_finish(gcm, record->tag);
    } else {
        fk_gcm_abort(gcm);
    }
    if (st != FK_OK) {
        fk_sha256_abort(&h);
        return st;
    }
    return fk_sha256_finish(&h, record->digest);
}

enum fk_status fk_store_seal(const uint8_t *device_key, struct fk_store_record *record,
                             const struct fk_store_source *source)
{
    if (!record->encrypted) {
        return digest_of(NULL, 0, source, record->data_len, record->digest);
    }
    struct fk_gcm gcm;
    enum fk_status st = choose_nonce(device_key, record, source);
    if (st == FK_OK) {
        st = begin(&gcm, device_key, record, true);
    }
    return st == FK_OK ? encrypt_and_digest(&gcm, record, source) : st;
}

enum fk_status fk_store_cipher_begin(struct fk_store_cipher *cipher, const uint8_t *device_key,
                                     const struct fk_store_record *record)
{
    cipher->on = record->encrypted;
    enum fk_status st = FK_OK;
    if (cipher->on) {
        st = begin(&cipher->gcm, device_key, record, true);
        cipher->on = st == FK_OK;
    }
    return st;
}

enum fk_status fk_store_cipher_next(struct fk_store_cipher *cipher, const uint8_t *in, uint8_t *out,
                                    size_t len)
{
    if (cipher->on) {
        return fk_gcm_update(&cipher->gcm, in, out, len);
    }
    memcpy(out, in, len);
    return FK_OK;
}

void fk_store_cipher_end(struct fk_store_cipher *cipher)
{
    if (cipher->on) {
        fk_gcm_abort(&cipher->gcm); /* the tag is known already */
    }
}

enum fk_status fk_store_unseal(const uint8_t *device_key, const struct fk_store_record *record,
                               uint8_t *data)
{
    struct fk_gcm gcm;
    if (device_key == NULL) {
        return FK_E_STORE_LOCKED;
    }
    enum fk_status st = begin(&gcm, device_key, record, false);
    if (st != FK_OK) {
        return st;
    }
    st = fk_gcm_update(&gcm, data, data, record->data_len);
    if (st != FK_OK) {
        fk_gcm_abort(&gcm);
        return st;
    }
    st = fk_gcm_finish(&gcm, record->tag, FK_STORE_TAG);
    return st == FK_E_TAG ? FK_E_STORE_LOCKED : st;
}
