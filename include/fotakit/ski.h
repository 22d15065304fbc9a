/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_SKI_H
#define FOTAKIT_SKI_H

#include "fotakit/cert.h"
#include "fotakit/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Key identifiers as file names: a module finds the root of a chain as `<identifier in lower-case
 * hexadecimal>.ca`, where the identifier is the Authority Key Identifier of the certificate below,
 * which is the Subject Key Identifier of the root (RFC 5280 4.2.1.1, 4.2.1.2).
 *
 * The identifier that stands in the certificate is the name, however it was made: issuers may
 * compute it in any way, and some do. Only when there is none can it be computed, on request; the
 * certificates below then carry whatever their issuer thought it was, so this may not help. */

#define FK_KEY_ID_MAX       64 /* bytes; SHA-512 is the longest digest in use */
#define FK_KEY_ID_SHA1      20
#define FK_KEY_ID_NAME_SIZE (2 * FK_KEY_ID_MAX + sizeof ".ca")

/* How an identifier comes from the public key; the first that matches. */
enum fk_key_id_method {
    FK_KEY_ID_UNKNOWN,
    FK_KEY_ID_SHA1_KEY,       /* RFC 5280 method 1 */
    FK_KEY_ID_SHORT,          /* RFC 5280 method 2: 0100 and the last 60 bits of SHA-1 */
    FK_KEY_ID_SHA1_SPKI,      /* SHA-1 of the whole SubjectPublicKeyInfo */
    FK_KEY_ID_SHA256_160_KEY, /* RFC 7093 method 1: first 160 bits of SHA-256 */
    FK_KEY_ID_SHA384_160_KEY, /* RFC 7093 method 2 */
    FK_KEY_ID_SHA512_160_KEY, /* RFC 7093 method 3 */
    FK_KEY_ID_SHA256_KEY,     /* whole digests, RFC 7093 method 4 and practice */
    FK_KEY_ID_SHA256_SPKI,
};
const char *fk_key_id_method_text(enum fk_key_id_method m); /* Static. */

/* What a module or a reader may stumble over; each is a warning, not a refusal. */
enum fk_key_id_doubt {
    FK_KEY_ID_COMPUTED = 1 << 0,    /* not in the certificate */
    FK_KEY_ID_ODD_METHOD = 1 << 1,  /* present, but not SHA-1 of the key bits */
    FK_KEY_ID_ODD_LENGTH = 1 << 2,  /* not 20 bytes */
    FK_KEY_ID_AKI_DIFFERS = 1 << 3, /* self-issued, yet AKI and SKI are not the same */
    FK_KEY_ID_NOT_CA = 1 << 4,      /* Basic Constraints do not say CA */
};
#define FK_KEY_ID_DOUBTS 5

struct fk_key_id {
    uint8_t id[FK_KEY_ID_MAX];
    size_t len;
    char name[FK_KEY_ID_NAME_SIZE]; /* "c07a98688d89fbab05640c117daa7d65b8cacc4e.ca" */
    enum fk_key_id_method method;
    unsigned doubts; /* enum fk_key_id_doubt */
};

/* The certificate's own identifier. FK_E_NO_KEY_ID when it has none and may not compute, or an
 * empty one; FK_E_LIMIT when it is longer than FK_KEY_ID_MAX. */
enum fk_status fk_key_id_of(const struct fk_cert *cert, bool may_compute, struct fk_key_id *ret,
                            struct fk_error *err) FK_MUST_USE;
/* The identifier of the certificate's issuer, from its Authority Key Identifier. */
enum fk_status fk_key_id_of_issuer(const struct fk_cert *cert, struct fk_key_id *ret,
                                   struct fk_error *err) FK_MUST_USE;

/* Sentence for one doubt (a single bit of enum fk_key_id_doubt) about id. */
#define FK_KEY_ID_DOUBT_SIZE 256
void fk_key_id_doubt_text(const struct fk_key_id *id, unsigned doubt,
                          char text[FK_KEY_ID_DOUBT_SIZE]);

#endif
