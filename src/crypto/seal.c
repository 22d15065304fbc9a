/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/seal.h"

#include "crypto/ossl.h"

#include <openssl/evp.h>

#include <limits.h>
#include <stdbool.h>

static enum fk_status failed(struct fk_error *err)
{
    return fk_fail(err, FK_E_CRYPTO, "AES-128 failed: %s", fk_ossl_reason());
}

enum fk_status fk_seal_begin(struct fk_seal *s, const uint8_t key[FK_SEAL_KEY_SIZE],
                             const uint8_t nonce[FK_SEAL_NONCE_SIZE], struct fk_error *err)
{
    s->ctx = EVP_CIPHER_CTX_new();
    /* A nonce of 12 bytes is OpenSSL's default for GCM. */
    if (s->ctx == NULL || EVP_EncryptInit_ex(s->ctx, EVP_aes_128_gcm(), NULL, key, nonce) != 1 ||
        EVP_CIPHER_CTX_get_iv_length(s->ctx) != FK_SEAL_NONCE_SIZE) {
        return failed(err);
    }
    return FK_OK;
}

enum fk_status fk_seal_aad(struct fk_seal *s, const uint8_t *p, size_t len, struct fk_error *err)
{
    int done = 0;
    return len <= INT_MAX && EVP_EncryptUpdate(s->ctx, NULL, &done, p, (int)len) == 1 ? FK_OK
                                                                                     : failed(err);
}

enum fk_status fk_seal_begin_ctr(struct fk_seal *s, const uint8_t key[FK_SEAL_KEY_SIZE],
                                 const uint8_t counter[FK_SEAL_COUNTER], struct fk_error *err)
{
    s->ctx = EVP_CIPHER_CTX_new();
    return s->ctx != NULL && EVP_EncryptInit_ex(s->ctx, EVP_aes_128_ctr(), NULL, key, counter) == 1
               ? FK_OK
               : failed(err);
}

enum fk_status fk_seal_update(struct fk_seal *s, uint8_t *p, size_t len, struct fk_error *err)
{
    int done = 0;
    if (len > INT_MAX) {
        return fk_fail(err, FK_E_INTERNAL, "chunk of %zu bytes", len);
    }
    if (EVP_EncryptUpdate(s->ctx, p, &done, p, (int)len) != 1 || (size_t)done != len) {
        return failed(err);
    }
    return FK_OK;
}

enum fk_status fk_seal_finish(struct fk_seal *s, uint8_t *ret_tag, size_t tag_len,
                              struct fk_error *err)
{
    uint8_t rest[FK_SEAL_TAG_MAX]; /* GCM holds nothing back */
    int len = 0;
    if (tag_len < 12 || tag_len > FK_SEAL_TAG_MAX) {
        return fk_fail(err, FK_E_INTERNAL, "tag of %zu bytes", tag_len);
    }
    bool done = EVP_EncryptFinal_ex(s->ctx, rest, &len) == 1 && len == 0 &&
                EVP_CIPHER_CTX_ctrl(s->ctx, EVP_CTRL_AEAD_GET_TAG, (int)tag_len, ret_tag) == 1;
    return done ? FK_OK : failed(err);
}

void fk_seal_release(struct fk_seal *s)
{
    EVP_CIPHER_CTX_free(s->ctx);
    s->ctx = NULL;
}
