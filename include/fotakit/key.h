/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_KEY_H
#define FOTAKIT_KEY_H

#include "fotakit/error.h"
#include "fotakit/file.h"
#include "fotakit/object.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Private keys: opened from every encoding in use, described, checked, and written in one
 * canonical encoding per structure (named curve, uncompressed points, public part present), so
 * that one key has one PKCS#1, one SEC1 and one PKCS#8 form, byte for byte.
 *
 * Order of calls: fk_key_open() on an object of fk_objects_read(), fk_key_check() unless the key
 * is known to be sound, fk_key_encode(), fk_key_free(), which wipes it. Encoded keys are in
 * buffers whose release wipes them.
 *
 * Limits: RSA up to FK_RSA_BITS_MAX; pass phrase derivations up to FK_PBE_ITERATIONS_MAX (PBKDF2)
 * or 32 MiB (scrypt), so that a hostile file cannot hold the caller for hours. */

#define FK_RSA_BITS_MAX       8192
#define FK_PBE_ITERATIONS_MAX 10000000

enum fk_key_type {
    FK_KEY_OTHER, /* only in certificates: a type or curve that is not known */
    FK_KEY_RSA,
    FK_KEY_RSA_PSS, /* RSA restricted to PSS signatures (RFC 4055) */
    FK_KEY_EC,
    FK_KEY_ED25519,
    FK_KEY_ED448,
    FK_KEY_X25519,
    FK_KEY_X448,
};

/* Same text for the same key, private or in a certificate. */
struct fk_public_info {
    enum fk_key_type type;
    unsigned bits;
    char curve[32]; /* EC: "secp256r1", "secp256k1", "brainpoolP256r1" (SEC 2, RFC 5639); or "" */
    uint8_t spki_sha256[32]; /* SHA-256 of the SubjectPublicKeyInfo */
};

/* "RSA", "EC", "Ed25519"... Static. */
const char *fk_key_type_text(enum fk_key_type type);
/* "RSA 2048", "EC secp256r1 (P-256)", "Ed25519"; needs FK_KEY_TEXT_SIZE bytes. */
#define FK_KEY_TEXT_SIZE 64
void fk_key_describe(const struct fk_public_info *info, char text[FK_KEY_TEXT_SIZE]);

struct fk_key; /* wiped by fk_key_free() */

/* What was unusual about the key as it was found. */
struct fk_key_found {
    bool public_missing;   /* EC: the public part was not there and has been computed */
    bool point_compressed; /* EC: the public part was compressed */
    bool curve_explicit;   /* EC: curve as parameters that equal a named curve */
    bool curve_from_block; /* EC: curve taken from the EC PARAMETERS block in front */
    char encryption[96];   /* "PBES2, PBKDF2 (hmacWithSHA256, 2048 iterations), AES-256-CBC"; "" */
};

/* passphrase may be NULL. Refusals: FK_E_PASSPHRASE_NEEDED, FK_E_PASSPHRASE (wrong, or the file is
 * damaged: the two cannot be told apart), FK_E_UNSUPPORTED (key type, curve, encryption),
 * FK_E_KEY_INVALID, FK_E_LIMIT, FK_E_WRONG_KIND when the object is no private key. */
enum fk_status fk_key_open(const struct fk_object *o, const struct fk_buffer *passphrase,
                           struct fk_key **ret, struct fk_error *err) FK_MUST_USE;
/* How an encrypted key object is encrypted, without decrypting it; "" when that is unreadable. */
void fk_key_encryption(const struct fk_object *o, char text[96]);
void fk_key_free(struct fk_key *key); /* accepts NULL */

const struct fk_public_info *fk_key_public(const struct fk_key *key);
const struct fk_key_found *fk_key_found(const struct fk_key *key);

/* Every number of the key fits the others; primes are prime, the public point is on its curve and
 * belongs to the private number. RSA-4096 takes about 0.3 s, the others a few milliseconds. */
enum fk_status fk_key_check(const struct fk_key *key, struct fk_error *err) FK_MUST_USE;

enum fk_key_structure {
    FK_KEY_PKCS1, /* RSAPrivateKey: RSA only */
    FK_KEY_SEC1,  /* ECPrivateKey with curve and public point: EC only */
    FK_KEY_PKCS8, /* PrivateKeyInfo, version 0: all types */
};
const char *fk_key_structure_text(enum fk_key_structure s); /* "PKCS#1"... Static. */

/* Appends nothing: ret is a new buffer with the DER. FK_E_UNSUPPORTED when the structure cannot
 * hold the key, with the reason. */
enum fk_status fk_key_encode(const struct fk_key *key, enum fk_key_structure structure,
                             struct fk_buffer *ret, struct fk_error *err) FK_MUST_USE;
/* The content of an EC PARAMETERS block: the curve's object identifier. */
enum fk_status fk_key_encode_curve(const struct fk_key *key, struct fk_buffer *ret,
                                   struct fk_error *err) FK_MUST_USE;

#endif
