/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_CRYPTO_CRYPTO_H
#define FK_CRYPTO_CRYPTO_H

#include "fotakit_fw/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The primitives that the device core needs, as link-time functions: the adapter of one crypto
 * library is linked in (mbedTLS 3.6, through PSA where PSA has it). One file per topic, so that a
 * boot stage links what it uses: psa.c hash and ciphers, signature.c ECDSA and HMAC, agreement.c
 * ECDH and HKDF, keywrap.c AES key wrap, drbg.c a generator of random numbers. Adapters translate the library's codes;
 * whatever they do not know becomes FK_E_CRYPTO.
 *
 * Contexts are the caller's memory; begin may be called on any bytes, every begun context must be
 * ended by its finish or by its abort. No heap of ours; the adapter's library may keep its own. */

#define FK_SHA256_SIZE  32
#define FK_AES_KEY_SIZE 16
#define FK_AES_BLOCK    16
#define FK_GCM_NONCE    12
#define FK_GCM_TAG_MAX  16

/* Once before anything else; harmless to repeat. */
enum fk_status fk_crypto_init(void) FK_MUST_USE;

/* What the contexts of an adapter may take. The images of a board set less, since they lie on its
 * stack; each adapter checks that its own fit. */
#ifndef FK_SHA256_CONTEXT
#define FK_SHA256_CONTEXT 256
#define FK_GCM_CONTEXT    1024
#endif

struct fk_sha256 {
    _Alignas(8) uint8_t opaque[FK_SHA256_CONTEXT];
};
enum fk_status fk_sha256_begin(struct fk_sha256 *h) FK_MUST_USE;
enum fk_status fk_sha256_update(struct fk_sha256 *h, const void *p, size_t len) FK_MUST_USE;
enum fk_status fk_sha256_finish(struct fk_sha256 *h, uint8_t ret[FK_SHA256_SIZE]) FK_MUST_USE;
void fk_sha256_abort(struct fk_sha256 *h);
/* All of a message that is in memory. */
enum fk_status fk_sha256_of(const void *p, size_t len, uint8_t ret[FK_SHA256_SIZE]) FK_MUST_USE;

/* AES-128-GCM decryption without AAD. The plaintext that update gives out is NOT verified until
 * finish has returned FK_OK; the caller must not let it reach a bootable slot before. in and out
 * may be the same buffer. Every length but the last must be a multiple of FK_AES_BLOCK. */
struct fk_gcm {
    _Alignas(8) uint8_t opaque[FK_GCM_CONTEXT];
    uint32_t key_id;
};
enum fk_status fk_gcm_begin(struct fk_gcm *g, const uint8_t key[FK_AES_KEY_SIZE],
                            const uint8_t nonce[FK_GCM_NONCE], size_t tag_len) FK_MUST_USE;
enum fk_status fk_gcm_update(struct fk_gcm *g, const void *in, void *out, size_t len) FK_MUST_USE;
/* FK_E_TAG when the tag does not verify. */
enum fk_status fk_gcm_finish(struct fk_gcm *g, const uint8_t *tag, size_t tag_len) FK_MUST_USE;
void fk_gcm_abort(struct fk_gcm *g);

/* Additional data, right after begin; at most once. */
enum fk_status fk_gcm_aad(struct fk_gcm *g, const void *p, size_t len) FK_MUST_USE;

/* Encryption, with fk_gcm_aad() and fk_gcm_update() in between; a tag of 16 bytes. A nonce must
 * never be used for two different messages under one key. */
enum fk_status fk_gcm_encrypt_begin(struct fk_gcm *g, const uint8_t key[FK_AES_KEY_SIZE],
                                    const uint8_t nonce[FK_GCM_NONCE]) FK_MUST_USE;
enum fk_status fk_gcm_encrypt_finish(struct fk_gcm *g,
                                     uint8_t ret_tag[FK_GCM_TAG_MAX]) FK_MUST_USE;

/* AES-128-CTR over len bytes from the counter block iv; in and out may be the same buffer. */
enum fk_status fk_ctr_xor(const uint8_t key[FK_AES_KEY_SIZE], const uint8_t iv[FK_AES_BLOCK],
                          const void *in, void *out, size_t len) FK_MUST_USE;

#define FK_P256_POINT     65 /* 0x04, x, y */
#define FK_P256_SCALAR    32
#define FK_P256_SIGNATURE 64 /* r, s */

/* ECDSA on P-256 over a SHA-256 digest. FK_E_POINT when the key is not a point of the curve,
 * FK_E_SIGNATURE when the signature does not verify. */
enum fk_status fk_p256_verify(const uint8_t key[FK_P256_POINT],
                              const uint8_t digest[FK_SHA256_SIZE],
                              const uint8_t signature[FK_P256_SIGNATURE]) FK_MUST_USE;

/* HMAC-SHA-256 compared in constant time. FK_E_SIGNATURE when it differs. */
enum fk_status fk_hmac_sha256_verify(const void *key, size_t key_len, const void *msg, size_t len,
                                     const uint8_t mac[FK_SHA256_SIZE]) FK_MUST_USE;

/* HKDF-SHA-256 (RFC 5869); salt may be empty. */
enum fk_status fk_hkdf_sha256(const void *secret, size_t secret_len, const void *salt,
                              size_t salt_len, const void *info, size_t info_len, void *ret,
                              size_t ret_len) FK_MUST_USE;

/* ECDH on P-256: the x coordinate of the shared point. FK_E_POINT when the peer's key is not a
 * point of the curve. The multiplication is blinded with values derived from the secret key, so no
 * random source is needed. */
enum fk_status fk_ecdh_p256(const uint8_t key[FK_P256_SCALAR], const uint8_t peer[FK_P256_POINT],
                            uint8_t ret[FK_P256_SCALAR]) FK_MUST_USE;

/* AES-128 key wrap (RFC 3394) of an AES-128 key. FK_E_UNWRAP when its check value is wrong. */
#define FK_WRAPPED_KEY_SIZE (FK_AES_KEY_SIZE + 8)
enum fk_status fk_aes_kw_unwrap(const uint8_t kek[FK_AES_KEY_SIZE],
                                const uint8_t wrapped[FK_WRAPPED_KEY_SIZE],
                                uint8_t ret[FK_AES_KEY_SIZE]) FK_MUST_USE;

/* Random numbers of the port, for what makes keys and signatures: TLS. Verifying and decrypting
 * need none, so a boot stage has none, and every request is refused with FK_E_RANDOM until a
 * source is named. The source must be fit for keys and outlive its use; NULL takes it away. */
struct fk_random {
    void *ctx;
    enum fk_status (*fill)(void *ctx, void *p, size_t len);
};
void fk_crypto_use_random(const struct fk_random *source);
enum fk_status fk_crypto_random(void *p, size_t len) FK_MUST_USE;

/* For a port that has no more than entropy, such as the bits of a noise source: seeds a generator
 * (HMAC_DRBG with SHA-256, drbg.c) from it and names it as the source of the above. What
 * entropy gives is taken for full entropy; it is asked again after 10000 requests. On failure there
 * is no source: FK_E_CRYPTO when it gave the same FK_DRBG_SEED bytes twice running or nothing but
 * zeros, or what it failed with. entropy must outlive its use. One generator for the whole program;
 * what the library allocates for it must be there (tls/tls.h). */
#define FK_DRBG_SEED 32u
enum fk_status fk_crypto_seed(const struct fk_random *entropy) FK_MUST_USE;

/* Constant-time comparison of secrets, digests and tags. */
bool fk_equal(const void *a, const void *b, size_t len);
/* Overwrites secrets; not optimised away. */
void fk_wipe(void *p, size_t len);

#endif
