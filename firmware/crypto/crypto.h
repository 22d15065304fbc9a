/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_CRYPTO_CRYPTO_H
#define FK_CRYPTO_CRYPTO_H

#include "fotakit_fw/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The primitives that the device core needs, as link-time functions: one adapter file per crypto
 * library is linked in (psa.c: mbedTLS through PSA). Adapters translate the library's codes;
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

struct fk_sha256 {
    _Alignas(8) uint8_t opaque[256];
};
enum fk_status fk_sha256_begin(struct fk_sha256 *h) FK_MUST_USE;
enum fk_status fk_sha256_update(struct fk_sha256 *h, const void *p, size_t len) FK_MUST_USE;
enum fk_status fk_sha256_finish(struct fk_sha256 *h, uint8_t ret[FK_SHA256_SIZE]) FK_MUST_USE;
void fk_sha256_abort(struct fk_sha256 *h);

/* AES-128-GCM decryption without AAD. The plaintext that update gives out is NOT verified until
 * finish has returned FK_OK; the caller must not let it reach a bootable slot before. in and out
 * may be the same buffer. Every length but the last must be a multiple of FK_AES_BLOCK. */
struct fk_gcm {
    _Alignas(8) uint8_t opaque[1024];
    uint32_t key_id;
};
enum fk_status fk_gcm_begin(struct fk_gcm *g, const uint8_t key[FK_AES_KEY_SIZE],
                            const uint8_t nonce[FK_GCM_NONCE], size_t tag_len) FK_MUST_USE;
enum fk_status fk_gcm_update(struct fk_gcm *g, const void *in, void *out, size_t len) FK_MUST_USE;
/* FK_E_TAG when the tag does not verify. */
enum fk_status fk_gcm_finish(struct fk_gcm *g, const uint8_t *tag, size_t tag_len) FK_MUST_USE;
void fk_gcm_abort(struct fk_gcm *g);

/* AES-128-CTR over len bytes from the counter block iv; in and out may be the same buffer. */
enum fk_status fk_ctr_xor(const uint8_t key[FK_AES_KEY_SIZE], const uint8_t iv[FK_AES_BLOCK],
                          const void *in, void *out, size_t len) FK_MUST_USE;

/* Constant-time comparison of secrets, digests and tags. */
bool fk_equal(const void *a, const void *b, size_t len);
/* Overwrites secrets; not optimised away. */
void fk_wipe(void *p, size_t len);

#endif
