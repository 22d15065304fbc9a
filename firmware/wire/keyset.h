/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_WIRE_KEYSET_H
#define FK_WIRE_KEYSET_H

#include "wire/key_file.h"
#include "wire/suit.h"
#include "wire/writer.h"

/* Key sets: the trust anchors of a device, replaced as a whole (firmware/FORMAT.md, "Key set").
 * Signed like an envelope, over other bytes: the external data of the signatures is
 * FK_KEYSET_CONTEXT, so neither can be taken for the other. Parsed, not verified; core/keyset.h
 * judges. */

#define FK_KEYSET_CONTEXT  "fotakit-keys"
#define FK_KEYSET_KEYS_MAX 8
/* As it travels: the set, its digest, eight signatures and the bytes between. */
#define FK_KEYSET_FILE_MAX (FK_KEY_SET_MAX + 1088u)

/* Labels, in their order. */
enum {
    FK_KEYSET_VERSION = 1, /* the only value is FK_KEYSET_VERSION_1 */
    FK_KEYSET_SEQUENCE,
    FK_KEYSET_THRESHOLD,
    FK_KEYSET_KEYS
};
enum {
    FK_KEYSET_KEY_KID = 1,
    FK_KEYSET_KEY_POINT,
    FK_KEYSET_KEY_ALGORITHMS,
    FK_KEYSET_KEY_COMPONENTS,
    FK_KEYSET_KEY_SIGNS_SETS
};
enum { FK_KEYSET_VERSION_1 = 1 };

struct fk_keyset_key {
    struct fk_slice kid;   /* 1 to 32 bytes */
    struct fk_slice point; /* P-256: 65 bytes. Symmetric keys do not travel in key sets */
    uint8_t algorithms;    /* FK_SIGN_ESP256, FK_SIGN_ES256 or both */
    uint8_t components;    /* may be 0 for a key that signs key sets only */
    bool key_sets;
};

struct fk_keyset {
    struct fk_suit_envelope parts; /* digest and blocks; manifest is the set as fk_keyset_read()
                                      takes it. All empty when read without signatures */
    uint64_t sequence;
    uint8_t threshold;
    size_t n_keys;
    struct fk_keyset_key keys[FK_KEYSET_KEYS_MAX];
};

/* Writes the set (not parts, not signatures); the mirror of fk_keyset_read(). */
void fk_keyset_put(struct fk_writer *w, const struct fk_keyset *set);

/* FK_E_FORMAT, FK_E_CBOR, FK_E_TRUNCATED, FK_E_TRAILING, FK_E_LIMIT, FK_E_SUIT_VERSION,
 * FK_E_SUIT_ELEMENT for unknown labels. Slices point into bytes. */
enum fk_status fk_keyset_parse(struct fk_slice bytes, struct fk_keyset *ret) FK_MUST_USE;

/* The set alone, without its signatures: what a device keeps once it has judged them. */
enum fk_status fk_keyset_read(struct fk_slice set, struct fk_keyset *ret) FK_MUST_USE;

#endif
