/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_CRYPTO_SIGNER_H
#define FK_CRYPTO_SIGNER_H

#include "fotakit/signer.h"

#include <openssl/evp.h>

/* Shared by signer.c, public_key.c and token.c. */

/* What is known about the public half; FK_E_UNSUPPORTED for other keys than P-256 and Ed25519. */
enum fk_status fk_public_key_of(EVP_PKEY *pkey, const char *name, struct fk_public_key *ret,
                                struct fk_error *err) FK_MUST_USE;
/* OpenSSL's own form of a public key; NULL when it cannot be made. */
EVP_PKEY *fk_public_key_load(const struct fk_public_key *key);
/* A private key in a token by its pkcs11: URI. */
enum fk_status fk_token_open(const char *uri, const struct fk_buffer *pin, EVP_PKEY **ret,
                             struct fk_error *err) FK_MUST_USE;

#endif
