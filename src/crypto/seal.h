/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_CRYPTO_SEAL_H
#define FK_CRYPTO_SEAL_H

#include "fotakit/error.h"

#include <stddef.h>
#include <stdint.h>

/* AES-128 encryption chunk by chunk in place: GCM (NIST SP 800-38D), or CTR from a counter block.
 * fk_seal_begin, update, finish; release in `out:` in every case. A nonce must never be used twice
 * under one key: take it from fk_random_bytes(). */
#define FK_SEAL_KEY_SIZE   16
#define FK_SEAL_NONCE_SIZE 12
#define FK_SEAL_TAG_MAX    16
#define FK_SEAL_COUNTER    16

struct fk_seal {
    void *ctx; /* NULL when there is none; its release wipes the key schedule */
};

enum fk_status fk_seal_begin(struct fk_seal *s, const uint8_t key[FK_SEAL_KEY_SIZE],
                             const uint8_t nonce[FK_SEAL_NONCE_SIZE],
                             struct fk_error *err) FK_MUST_USE;
/* Additional data of GCM, right after begin. */
enum fk_status fk_seal_aad(struct fk_seal *s, const uint8_t *p, size_t len,
                           struct fk_error *err) FK_MUST_USE;
/* CTR instead: there is no tag, so nothing to finish. */
enum fk_status fk_seal_begin_ctr(struct fk_seal *s, const uint8_t key[FK_SEAL_KEY_SIZE],
                                 const uint8_t counter[FK_SEAL_COUNTER],
                                 struct fk_error *err) FK_MUST_USE;
enum fk_status fk_seal_update(struct fk_seal *s, uint8_t *p, size_t len,
                              struct fk_error *err) FK_MUST_USE;
/* The first tag_len (12 to 16) bytes of the tag. */
enum fk_status fk_seal_finish(struct fk_seal *s, uint8_t *ret_tag, size_t tag_len,
                              struct fk_error *err) FK_MUST_USE;
void fk_seal_release(struct fk_seal *s);

#endif
