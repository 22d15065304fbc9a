/* SPDX-License-Identifier: Apache-2.0 */
/* The primitives over mbedTLS 3.6 through the PSA Crypto API. */
#include "crypto/crypto.h"
#include "crypto/psa_aead.h"
#include "crypto/psa_status.h"

#include <mbedtls/constant_time.h>
#include <mbedtls/platform_util.h>

#include <string.h>

_Static_assert(sizeof(psa_hash_operation_t) <= sizeof((struct fk_sha256 *)0)->opaque,
               "struct fk_sha256 is too small");
_Static_assert(sizeof(psa_aead_operation_t) <= sizeof((struct fk_gcm *)0)->opaque,
               "struct fk_gcm is too small");

/* The library has one state for the whole program, and so has its source of random numbers. */
static const struct fk_random *random_source;

void fk_crypto_use_random(const struct fk_random *source)
{
    random_source = source;
}

enum fk_status fk_crypto_random(void *p, size_t len)
{
    return random_source != NULL ? random_source->fill(random_source->ctx, p, len) : FK_E_RANDOM;
}

psa_status_t mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t *context,
                                             uint8_t *output, size_t size, size_t *output_length);
psa_status_t mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t *context,
                                             uint8_t *output, size_t size, size_t *output_length)
{
    (void)context;
    bool filled = fk_crypto_random(output, size) == FK_OK;
    *output_length = filled ? size : 0;
    return filled ? PSA_SUCCESS : PSA_ERROR_INSUFFICIENT_ENTROPY;
}

enum fk_status fk_from_psa(psa_status_t rc)
{
    switch (rc) {
    case PSA_SUCCESS:
        return FK_OK;
    case PSA_ERROR_INVALID_SIGNATURE:
        return FK_E_TAG;
    case PSA_ERROR_INSUFFICIENT_MEMORY:
        return FK_E_MEMORY;
    default:
        return FK_E_CRYPTO;
    }
}

enum fk_status fk_crypto_init(void)
{
    return fk_from_psa(psa_crypto_init());
}

static psa_hash_operation_t *hash_of(struct fk_sha256 *h)
{
    return (psa_hash_operation_t *)(void *)h->opaque;
}

enum fk_status fk_sha256_begin(struct fk_sha256 *h)
{
    *hash_of(h) = psa_hash_operation_init();
    return fk_from_psa(psa_hash_setup(hash_of(h), PSA_ALG_SHA_256));
}

enum fk_status fk_sha256_update(struct fk_sha256 *h, const void *p, size_t len)
{
    return fk_from_psa(psa_hash_update(hash_of(h), p, len));
}

enum fk_status fk_sha256_finish(struct fk_sha256 *h, uint8_t ret[FK_SHA256_SIZE])
{
    size_t len = 0;
    enum fk_status st = fk_from_psa(psa_hash_finish(hash_of(h), ret, FK_SHA256_SIZE, &len));
    if (st == FK_OK && len != FK_SHA256_SIZE) {
        st = FK_E_CRYPTO;
    }
    fk_sha256_abort(h);
    return st;
}

void fk_sha256_abort(struct fk_sha256 *h)
{
    (void)psa_hash_abort(hash_of(h));
}

enum fk_status fk_sha256_of(const void *p, size_t len, uint8_t ret[FK_SHA256_SIZE])
{
    struct fk_sha256 h;
    enum fk_status st = fk_sha256_begin(&h);
    if (st == FK_OK) {
        st = fk_sha256_update(&h, p, len);
    }
    if (st == FK_OK) {
        st = fk_sha256_finish(&h, ret);
    }
    if (st != FK_OK) {
        fk_sha256_abort(&h);
    }
    return st;
}

enum fk_status fk_psa_import_aes(const uint8_t key[FK_AES_KEY_SIZE], psa_algorithm_t alg,
                                 psa_key_usage_t usage, psa_key_id_t *ret)
{
    psa_key_attributes_t attr = PSA_KEY_ATTRIBUTES_INIT;
    psa_set_key_type(&attr, PSA_KEY_TYPE_AES);
    psa_set_key_bits(&attr, 8 * FK_AES_KEY_SIZE);
    psa_set_key_algorithm(&attr, alg);
    psa_set_key_usage_flags(&attr, usage);
    return fk_from_psa(psa_import_key(&attr, key, FK_AES_KEY_SIZE, ret));
}

enum fk_status fk_gcm_begin(struct fk_gcm *g, const uint8_t key[FK_AES_KEY_SIZE],
                            const uint8_t nonce[FK_GCM_NONCE], size_t tag_len)
{
    *fk_psa_aead(g) = psa_aead_operation_init();
    g->key_id = 0;
    psa_algorithm_t alg = PSA_ALG_AEAD_WITH_SHORTENED_TAG(PSA_ALG_GCM, tag_len);
    psa_key_id_t id = 0;
    enum fk_status st = fk_psa_import_aes(key, alg, PSA_KEY_USAGE_DECRYPT, &id);
    g->key_id = id;
    if (st == FK_OK) {
        st = fk_from_psa(psa_aead_decrypt_setup(fk_psa_aead(g), id, alg));
    }
    if (st == FK_OK) {
        st = fk_from_psa(psa_aead_set_nonce(fk_psa_aead(g), nonce, FK_GCM_NONCE));
    }
    if (st != FK_OK) {
        fk_gcm_abort(g);
    }
    return st;
}

enum fk_status fk_gcm_aad(struct fk_gcm *g, const void *p, size_t len)
{
    return fk_from_psa(psa_aead_update_ad(fk_psa_aead(g), p, len));
}

enum fk_status fk_gcm_update(struct fk_gcm *g, const void *in, void *out, size_t len)
{
    size_t n = 0;
    enum fk_status st = fk_from_psa(psa_aead_update(fk_psa_aead(g), in, len, out, len, &n));
    /* GCM gives out byte for byte what it takes in. */
    return st == FK_OK && n != len ? FK_E_CRYPTO : st;
}

enum fk_status fk_gcm_finish(struct fk_gcm *g, const uint8_t *tag, size_t tag_len)
{
    uint8_t rest[FK_AES_BLOCK];
    size_t n = 0;
    enum fk_status st =
        fk_from_psa(psa_aead_verify(fk_psa_aead(g), rest, sizeof rest, &n, tag, tag_len));
    if (st == FK_OK && n != 0) {
        st = FK_E_CRYPTO;
    }
    fk_gcm_abort(g);
    return st;
}

void fk_gcm_abort(struct fk_gcm *g)
{
    (void)psa_aead_abort(fk_psa_aead(g));
    (void)psa_destroy_key(g->key_id); /* 0 is harmless */
    g->key_id = 0;
}

/* mbedTLS refuses in-place work on a part of a block, so the last part goes through a copy. CTR
 * gives out byte for byte: nothing is left to finish. */
static enum fk_status ctr_run(psa_cipher_operation_t *op, const uint8_t *in, uint8_t *out,
                              size_t len)
{
    uint8_t block[FK_AES_BLOCK] = {0};
    size_t whole = len - len % FK_AES_BLOCK;
    size_t n = 0;
    enum fk_status st = fk_from_psa(psa_cipher_update(op, in, whole, out, whole, &n));
    if (st == FK_OK && n != whole) {
        st = FK_E_CRYPTO;
    }
    if (st == FK_OK && whole < len) {
        uint8_t last[FK_AES_BLOCK];
        memcpy(block, in + whole, len - whole);
        st = fk_from_psa(psa_cipher_update(op, block, sizeof block, last, sizeof last, &n));
        if (st == FK_OK && n != sizeof last) {
            st = FK_E_CRYPTO;
        }
        if (st == FK_OK) {
            memcpy(out + whole, last, len - whole);
        }
        fk_wipe(last, sizeof last);
    }
    return st;
}

enum fk_status fk_ctr_xor(const uint8_t key[FK_AES_KEY_SIZE], const uint8_t iv[FK_AES_BLOCK],
                          const void *in, void *out, size_t len)
{
    psa_key_id_t id = 0;
    psa_cipher_operation_t op = psa_cipher_operation_init();
    enum fk_status st = fk_psa_import_aes(key, PSA_ALG_CTR, PSA_KEY_USAGE_DECRYPT, &id);
    if (st == FK_OK) {
        st = fk_from_psa(psa_cipher_decrypt_setup(&op, id, PSA_ALG_CTR));
    }
    if (st == FK_OK) {
        st = fk_from_psa(psa_cipher_set_iv(&op, iv, FK_AES_BLOCK));
    }
    if (st == FK_OK) {
        st = ctr_run(&op, in, out, len);
    }
    (void)psa_cipher_abort(&op);
    (void)psa_destroy_key(id);
    return st;
}

bool fk_equal(const void *a, const void *b, size_t len)
{
    return mbedtls_ct_memcmp(a, b, len) == 0;
}

void fk_wipe(void *p, size_t len)
{
    mbedtls_platform_zeroize(p, len);
}
