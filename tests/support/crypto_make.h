/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TESTS_CRYPTO_MAKE_H
#define FK_TESTS_CRYPTO_MAKE_H

#include <stddef.h>
#include <stdint.h>

/* The cryptography that tests make their inputs with, apart from the code under test: OpenSSL on a
 * host (crypto_make.c), on the emulated board parts of mbedTLS that no image links
 * (tests/board/crypto_make.c). What fails ends the program. */

/* A key for tests, made anew in each run; the board has the same ones every time. */
struct suit_key {
    void *pkey; /* EVP_PKEY on a host */
    uint8_t point[65];
};
void suit_key_make(struct suit_key *k);
void suit_key_free(struct suit_key *k);

/* ECDSA P-256 with SHA-256: r and s over the message. */
void suit_key_sign(const struct suit_key *k, const uint8_t *message, size_t len, uint8_t ret[64]);

void make_sha256(const void *p, size_t len, uint8_t ret[32]);
void make_hmac_sha256(const void *key, size_t key_len, const void *p, size_t len,
                      uint8_t ret[32]);
/* AES-128-GCM; out has the length of in. */
void make_gcm(const uint8_t key[16], const uint8_t nonce[12], const void *aad, size_t aad_len,
              const uint8_t *in, size_t len, uint8_t *out, uint8_t ret_tag[16]);

#endif
