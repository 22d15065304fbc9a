/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_SIGNER_H
#define FOTAKIT_SIGNER_H

#include "fotakit/error.h"
#include "fotakit/file.h"
#include "fotakit_fw/slice.h"

#include <stddef.h>
#include <stdint.h>

/* Keys that sign envelopes, and the public keys that envelopes are checked with or encrypted to.
 *
 * A key is named by its identifier: the first FK_KID_SIZE bytes of its COSE Key Thumbprint (RFC
 * 9679, SHA-256). Anyone can compute it from the public key, and a device needs to keep nothing
 * else to find the right one.
 *
 * Algorithms: P-256 signs ESP256 (COSE -9) or ES256 (-7, the older number of the same thing);
 * Ed25519 signs -19, for verifiers on hosts only. */

#define FK_KID_SIZE       8
#define FK_SIGNATURE_SIZE 64 /* r and s, or Ed25519 */

enum fk_public_kind { FK_PUBLIC_P256, FK_PUBLIC_ED25519 };

struct fk_public_key {
    enum fk_public_kind kind;
    uint8_t bytes[65]; /* P-256: 0x04 x y; Ed25519: 32 bytes */
    size_t len;
    uint8_t kid[FK_KID_SIZE];
};

/* From a file with one public key, certificate or clear private key, PEM or DER. FK_E_UNSUPPORTED
 * for other types of key, FK_E_WRONG_KIND when the file holds something else. */
enum fk_status fk_public_key_read(const char *path, struct fk_public_key *ret,
                                  struct fk_error *err) FK_MUST_USE;
/* Identifier of a symmetric key, made the same way. */
enum fk_status fk_kid_of_secret(struct fk_slice key, uint8_t ret[FK_KID_SIZE],
                                struct fk_error *err) FK_MUST_USE;
/* FK_E_SIGNATURE when it does not verify. */
enum fk_status fk_public_key_verify(const struct fk_public_key *key, struct fk_slice message,
                                    const uint8_t signature[FK_SIGNATURE_SIZE],
                                    struct fk_error *err) FK_MUST_USE;

struct fk_signer; /* its secret is wiped by fk_signer_free(), or never leaves its token */

/* name: a file, or a pkcs11: URI (RFC 7512) of a key in a token. secret: pass phrase of an
 * encrypted file, PIN of a token; NULL when there is none. */
enum fk_status fk_signer_open(const char *name, const struct fk_buffer *secret,
                              struct fk_signer **ret, struct fk_error *err) FK_MUST_USE;
void fk_signer_free(struct fk_signer *signer); /* accepts NULL */
const struct fk_public_key *fk_signer_public(const struct fk_signer *signer);
enum fk_status fk_signer_sign(const struct fk_signer *signer, struct fk_slice message,
                              uint8_t ret[FK_SIGNATURE_SIZE], struct fk_error *err) FK_MUST_USE;

/* The secret number of a clear or encrypted P-256 key file, for decryption like a device; wipe it.
 */
enum fk_status fk_secret_p256_read(const char *path, const struct fk_buffer *passphrase,
                                   uint8_t ret[32], struct fk_public_key *ret_public,
                                   struct fk_error *err) FK_MUST_USE;

/* r and s from the form in which OpenSSL and most tools write an ECDSA signature (DER). 64 bytes
 * that are no DER are taken as r and s. FK_E_FORMAT otherwise. */
enum fk_status fk_signature_read(struct fk_slice bytes, enum fk_public_kind kind,
                                 uint8_t ret[FK_SIGNATURE_SIZE], struct fk_error *err) FK_MUST_USE;

#endif
