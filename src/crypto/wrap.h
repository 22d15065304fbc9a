/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_CRYPTO_WRAP_H
#define FK_CRYPTO_WRAP_H

#include "fotakit/error.h"
#include "fotakit/signer.h"

#include <stdint.h>

/* How a content key reaches a device. */
#define FK_WRAP_KEY_SIZE 16
#define FK_WRAPPED_SIZE  24

/* AES-128 key wrap, RFC 3394. */
enum fk_status fk_wrap_key(const uint8_t kek[FK_WRAP_KEY_SIZE], const uint8_t key[FK_WRAP_KEY_SIZE],
                           uint8_t ret[FK_WRAPPED_SIZE], struct fk_error *err) FK_MUST_USE;

/* A fresh key on P-256 agrees with the peer's: *ret_kek is HKDF-SHA-256 of the shared x coordinate
 * with info, and ret_point the fresh public key (0x04 x y). */
enum fk_status fk_wrap_agree(const struct fk_public_key *peer, struct fk_slice info,
                             uint8_t ret_kek[FK_WRAP_KEY_SIZE], uint8_t ret_point[65],
                             struct fk_error *err) FK_MUST_USE;

#endif
