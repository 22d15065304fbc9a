/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_CRYPTO_DER_H
#define FK_CRYPTO_DER_H

#include "fotakit_fw/slice.h"
#include "wire/reader.h"

#include <stdbool.h>

/* Walks DER (X.690) one element at a time, just deep enough to tell what a file holds before
 * OpenSSL is asked to decode it, and to point at the byte where it stops making sense.
 *
 * Strict: one-byte tags, definite and shortest lengths of at most four bytes. What is inside an
 * element is not looked at until a reader is opened on it. Everything is borrowed. */

#define FK_DER_INTEGER      0x02
#define FK_DER_BIT_STRING   0x03
#define FK_DER_OCTET_STRING 0x04
#define FK_DER_OID          0x06
#define FK_DER_UTC_TIME     0x17
#define FK_DER_GEN_TIME     0x18
#define FK_DER_SEQUENCE     0x30
#define FK_DER_CONTEXT(n)   (0xa0 | (n)) /* constructed */

struct fk_der {
    uint8_t tag;
    struct fk_slice whole;   /* with tag and length */
    struct fk_slice content; /* without */
};

/* The next element. False when the reader is at its end, has failed, or fails now: FK_E_TRUNCATED
 * when the element claims more bytes than are left, FK_E_FORMAT when it is not DER. */
bool fk_der_next(struct fk_reader *r, struct fk_der *ret);

/* Elements of a constructed element. */
struct fk_reader fk_der_enter(const struct fk_der *e);

/* How many bytes the element at the start of bytes claims, header included. False when the header
 * itself is short or not DER; the claim may exceed bytes.len, and fits in 33 bits. */
bool fk_der_claim(struct fk_slice bytes, uint64_t *ret);

#endif
