/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_P12_H
#define FOTAKIT_P12_H

#include "fotakit/cert.h"
#include "fotakit/error.h"
#include "fotakit/file.h"
#include "fotakit/key.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* PKCS#12 files (RFC 7292), as browsers, Windows and certificate services hand them out: modern
 * (PBES2) and legacy (RC2-40, 3DES: read with OpenSSL's legacy provider in a context of its own),
 * in DER or BER, with or without a MAC, with any number of keys.
 *
 * Without a MAC nothing proves that the file is whole or that the pass phrase is right; has_mac
 * says so and the caller warns. Files protected by public keys instead of a pass phrase are
 * refused. Not checked: that keys and certificates belong together; fk_p12_split() finds out. */

#define FK_P12_ENTRIES_MAX 256
#define FK_P12_NAME_MAX    127

struct fk_p12_entry {
    struct fk_key *key; /* one of the two */
    struct fk_cert *cert;
    char name[FK_P12_NAME_MAX + 1]; /* friendly name, cut to fit; "" for none */
    uint8_t id[32];                 /* local key id; longer ones are left out */
    size_t id_len;
};

struct fk_p12 {
    struct fk_p12_entry *at; /* in the order of the file */
    size_t n, n_keys, n_certs;
    size_t n_other; /* bags of other kinds: revocation lists, secrets */
    bool has_mac;
    char encryption[96]; /* of the last encrypted part, "" when nothing is */
};

/* passphrase may be NULL: the empty ones are tried. FK_E_PASSPHRASE_NEEDED, FK_E_PASSPHRASE,
 * FK_E_UNSUPPORTED, FK_E_LIMIT, FK_E_FORMAT. */
enum fk_status fk_p12_open(struct fk_slice bytes, const struct fk_buffer *passphrase,
                           struct fk_p12 *ret, struct fk_error *err) FK_MUST_USE;
void fk_p12_release(struct fk_p12 *p12); /* accepts a zeroed structure */

/* One key, the certificate that goes with it, and the rest of its chain. Borrowed from p12. */
struct fk_p12_parts {
    const struct fk_key *key;                     /* NULL when the file has none */
    const struct fk_cert *cert;                   /* NULL when none fits the key */
    const struct fk_cert *ca[FK_P12_ENTRIES_MAX]; /* issuer of cert first, then its issuer, … */
    size_t n_ca;
    size_t n_left; /* entries that are not part of it: other keys and their certificates */
};

/* pick: a key by number from 1 or by friendly name; NULL when there is one. Several and no pick
 * give FK_E_AMBIGUOUS with a list. */
enum fk_status fk_p12_split(const struct fk_p12 *p12, const char *pick, struct fk_p12_parts *ret,
                            struct fk_error *err) FK_MUST_USE;

#endif
