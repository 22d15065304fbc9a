/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/keyset.h"

#include "wire/cose.h"
#include "wire/suit_read.h"

#include <string.h>

/* [ "fotakit-keys", bstr authentication, bstr key set ]
 * key set: { 1: 1, 2: sequence, 3: threshold, 4: [ + key ] }
 * key: { 1: kid, 2: point, 3: algorithms, 4: components, 5: may sign key sets } */
enum { SET_LABELS = FK_KEYSET_KEYS, KEY_LABELS = FK_KEYSET_KEY_SIGNS_SETS, POINT_SIZE = 65 };

static void read_key(struct fk_reader *r, struct fk_keyset_key *k)
{
    static const struct fk_cbor_field fields[KEY_LABELS] = {
        {FK_KEYSET_KEY_KID, FK_CBOR_TO_BYTES, 0, offsetof(struct fk_keyset_key, kid)},
        {FK_KEYSET_KEY_POINT, FK_CBOR_TO_BYTES, POINT_SIZE, offsetof(struct fk_keyset_key, point)},
        {FK_KEYSET_KEY_ALGORITHMS, FK_CBOR_TO_UINT8, 0, offsetof(struct fk_keyset_key, algorithms)},
        {FK_KEYSET_KEY_COMPONENTS, FK_CBOR_TO_UINT8, 0, offsetof(struct fk_keyset_key, components)},
        {FK_KEYSET_KEY_SIGNS_SETS, FK_CBOR_TO_BOOL, 0, offsetof(struct fk_keyset_key, key_sets)},
    };
    size_t pairs = fk_cbor_take_fields(r, fields, KEY_LABELS, FK_E_SUIT_ELEMENT, k);
    fk_reader_require(r, pairs == KEY_LABELS, FK_E_SUIT_ELEMENT);
    fk_reader_require(r, k->kid.len != 0, FK_E_FORMAT);
    fk_reader_require(r, k->kid.len <= FK_COSE_KID_MAX, FK_E_LIMIT);
}

/* What stands behind the version, which says whether it can be understood. */
struct rest {
    uint64_t sequence;
    struct fk_slice keys; /* encoded array */
    uint8_t threshold;
};

static enum fk_status read_keys(struct fk_slice keys, struct fk_keyset *s)
{
    struct fk_reader r;
    fk_reader_init(&r, keys);
    s->n_keys = fk_cbor_array(&r);
    fk_reader_require(&r, s->n_keys <= FK_KEYSET_KEYS_MAX, FK_E_LIMIT);
    for (size_t i = 0; i < s->n_keys && fk_reader_ok(&r); i++) {
        read_key(&r, &s->keys[i]);
    }
    return fk_reader_end(&r);
}

static enum fk_status read_set(struct fk_slice bytes, struct fk_keyset *s)
{
    static const struct fk_cbor_field fields[] = {
        {FK_KEYSET_SEQUENCE, FK_CBOR_TO_UINT, 0, offsetof(struct rest, sequence)},
        {FK_KEYSET_THRESHOLD, FK_CBOR_TO_UINT8, 0, offsetof(struct rest, threshold)},
        {FK_KEYSET_KEYS, FK_CBOR_TO_ITEM, 0, offsetof(struct rest, keys)},
    };
    struct rest rest = {.sequence = 0};
    struct fk_reader r;
    fk_reader_init(&r, bytes);
    struct fk_cbor_map map = fk_cbor_map(&r);
    struct fk_cbor_key key = {.label = 0};
    fk_reader_require(&r, fk_cbor_map_next(&map, &key), FK_E_FORMAT);
    fk_reader_require(&r, key.label == FK_KEYSET_VERSION, FK_E_SUIT_ELEMENT);
    fk_reader_require(&r, fk_cbor_uint(&r) == FK_KEYSET_VERSION_1, FK_E_SUIT_VERSION);
    fk_reader_require(&r, map.left == SET_LABELS - FK_KEYSET_VERSION, FK_E_SUIT_ELEMENT);
    while (fk_cbor_map_next(&map, &key)) {
        fk_reader_require(&r, fk_cbor_take_field(&r, key.label, fields,
                                                 sizeof fields / sizeof fields[0], &rest),
                          FK_E_SUIT_ELEMENT);
    }
    enum fk_status st = fk_reader_end(&r);
    s->sequence = rest.sequence;
    s->threshold = rest.threshold;
    return st == FK_OK ? read_keys(rest.keys, s) : st;
}

enum fk_status fk_keyset_parse(struct fk_slice bytes, struct fk_keyset *ret)
{
    static const uint8_t context[] = FK_KEYSET_CONTEXT;
    struct fk_keyset s = {.sequence = 0};
    struct fk_reader r;
    fk_reader_init(&r, bytes);
    fk_reader_require(&r, fk_cbor_array(&r) == 3, FK_E_FORMAT);
    struct fk_slice magic = fk_cbor_text(&r);
    if (fk_reader_ok(&r) &&
        (magic.len != sizeof context - 1 || memcmp(magic.ptr, context, sizeof context - 1) != 0)) {
        fk_reader_fail(&r, FK_E_FORMAT);
    }
    fk_suit_authentication_read(&r, &s.parts);
    s.parts.manifest_item = fk_cbor_whole_bytes(&r, &s.parts.manifest);
    s.parts.context = (struct fk_slice){context, sizeof context - 1};
    enum fk_status st = fk_reader_end(&r);
    if (st == FK_OK) {
        st = read_set(s.parts.manifest, &s);
    }
    if (st == FK_OK) {
        *ret = s;
    }
    return st;
}

enum fk_status fk_keyset_read(struct fk_slice set, struct fk_keyset *ret)
{
    struct fk_keyset s = {.sequence = 0};
    enum fk_status st = read_set(set, &s);
    if (st == FK_OK) {
        *ret = s;
    }
    return st;
}
