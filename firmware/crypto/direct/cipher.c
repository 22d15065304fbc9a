/* SPDX-License-Identifier: Apache-2.0 */
/* Hash and ciphers over mbedTLS 3.6, called directly. */
#include "crypto/crypto.h"

#include <mbedtls/aes.h>
#include <mbedtls/constant_time.h>
#include <mbedtls/gcm.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/sha256.h>

#include <string.h>

_Static_assert(sizeof(mbedtls_sha256_context) <= sizeof((struct fk_sha256 *)0)->opaque,
               "struct fk_sha256 is too small");
_Static_assert(sizeof(mbedtls_gcm_context) <= sizeof((struct fk_gcm *)0)->opaque,
               "struct fk_gcm is too small");

static enum fk_status from_library(int rc)
{
    return rc == 0 ? FK_OK : FK_E_CRYPTO;
}

enum fk_status fk_crypto_init(void)
{
    return FK_OK;
}

static mbedtls_sha256_context *hash_of(struct fk_sha256 *h)
{
    return (mbedtls_sha256_context *)(void *)h->opaque;
}

enum fk_status fk_sha256_begin(struct fk_sha256 *h)
{
    mbedtls_sha256_init(hash_of(h));
    return from_library(mbedtls_sha256_starts(hash_of(h), 0));
}

enum fk_status fk_sha256_update(struct fk_sha256 *h, const void *p, size_t len)
{
    return from_library(mbedtls_sha256_update(hash_of(h), p, len));
}

enum fk_status fk_sha256_finish(struct fk_sha256 *h, uint8_t ret[FK_SHA256_SIZE])
{
    enum fk_status st = from_library(mbedtls_sha256_finish(hash_of(h), ret));
    fk_sha256_abort(h);
    return st;
}

void fk_sha256_abort(struct fk_sha256 *h)
{
    mbedtls_sha256_free(hash_of(h));
}

enum fk_status fk_sha256_of(const void *p, size_t len, uint8_t ret[FK_SHA256_SIZE])
{
    return from_library(mbedtls_sha256(p, len, ret, 0));
}

static mbedtls_gcm_context *gcm_of(struct fk_gcm *g)
{
    return (mbedtls_gcm_context *)(void *)g->opaque;
}

enum fk_status fk_gcm_begin(struct fk_gcm *g, const uint8_t key[FK_AES_KEY_SIZE],
                            const uint8_t nonce[FK_GCM_NONCE], size_t tag_len)
{
    mbedtls_gcm_context *gcm = gcm_of(g);
    (void)tag_len; /* the library asks at the end */
    mbedtls_gcm_init(gcm);
    int rc = mbedtls_gcm_setkey(gcm, MBEDTLS_CIPHER_ID_AES, key, 8 * FK_AES_KEY_SIZE);
    if (rc == 0) {
        rc = mbedtls_gcm_starts(gcm, MBEDTLS_GCM_DECRYPT, nonce, FK_GCM_NONCE);
    }
    if (rc != 0) {
        fk_gcm_abort(g);
    }
    return from_library(rc);
}

enum fk_status fk_gcm_aad(struct fk_gcm *g, const void *p, size_t len)
{
    return from_library(mbedtls_gcm_update_ad(gcm_of(g), p, len));
}

enum fk_status fk_gcm_update(struct fk_gcm *g, const void *in, void *out, size_t len)
{
    size_t n = 0;
    int rc = mbedtls_gcm_update(gcm_of(g), in, len, out, len, &n);
    return rc == 0 && n != len ? FK_E_CRYPTO : from_library(rc);
}

enum fk_status fk_gcm_finish(struct fk_gcm *g, const uint8_t *tag, size_t tag_len)
{
    uint8_t found[FK_GCM_TAG_MAX] = {0};
    size_t n = 0;
    enum fk_status st = FK_E_CRYPTO;
    if (tag_len <= sizeof found) {
        st = from_library(mbedtls_gcm_finish(gcm_of(g), NULL, 0, &n, found, tag_len));
    }
    if (st == FK_OK && !fk_equal(found, tag, tag_len)) {
        st = FK_E_TAG;
    }
    fk_wipe(found, sizeof found); /* the right tag for a packet that does not have it */
    fk_gcm_abort(g);
    return st;
}

void fk_gcm_abort(struct fk_gcm *g)
{
    mbedtls_gcm_free(gcm_of(g));
}

/* The library counts the block up in place and would keep a part of a key stream for the next
 * call; each call begins anew here. */
enum fk_status fk_ctr_xor(const uint8_t key[FK_AES_KEY_SIZE], const uint8_t iv[FK_AES_BLOCK],
                          const void *in, void *out, size_t len)
{
    mbedtls_aes_context aes;
    uint8_t counter[FK_AES_BLOCK], stream[FK_AES_BLOCK] = {0};
    size_t offset = 0;
    memcpy(counter, iv, sizeof counter);
    mbedtls_aes_init(&aes);
    int rc = mbedtls_aes_setkey_enc(&aes, key, 8 * FK_AES_KEY_SIZE);
    if (rc == 0) {
        rc = mbedtls_aes_crypt_ctr(&aes, len, &offset, counter, stream, in, out);
    }
    mbedtls_aes_free(&aes);
    fk_wipe(stream, sizeof stream);
    return from_library(rc);
}

bool fk_equal(const void *a, const void *b, size_t len)
{
    return mbedtls_ct_memcmp(a, b, len) == 0;
}

void fk_wipe(void *p, size_t len)
{
    mbedtls_platform_zeroize(p, len);
}
