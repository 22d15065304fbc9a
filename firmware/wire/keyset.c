/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/keyset.h"

#include "wire/cose.h"
#include "wire/suit_read.h"

#include <string.h>

/* [ "fotakit-keys", bstr authentication, bstr key set ]
 * key set: { 1: 1, 2: sequence, 3: threshold, 4: [ + key ] }
 * key: { 1: kid, 2: point, 3: algorithms, 4: components, 5: may sign key sets } */
enum { SET_LABELS = FK_KEYSET_KEYS, KEY_LABELS = FK_KEYSET_KEY_SIGNS_SETS, POINT_SIZE = 65 };

/* Labels 1 to n, each once, in order, and no other. */
static bool next_label(struct fk_cbor_map *map, int32_t label)
{
    struct fk_cbor_key key = {0};
    if (!fk_cbor_map_next(map, &key)) {
        fk_reader_fail(map->r, FK_E_FORMAT);
    } else if (key.label != label) {
        fk_reader_fail(map->r, FK_E_SUIT_ELEMENT);
    }
    return fk_reader_ok(map->r);
}

static uint8_t read_small(struct fk_reader *r)
{
    uint64_t v = fk_cbor_uint(r);
    fk_reader_require(r, v <= UINT8_MAX, FK_E_LIMIT);
    return (uint8_t)v;
}

struct key_fields {
    struct fk_slice kid, point;
    uint64_t algorithms, components;
    bool key_sets;
};

static struct fk_keyset_key read_key(struct fk_reader *r)
{
    static const struct fk_cbor_field fields[KEY_LABELS] = {
        {FK_KEYSET_KEY_KID, FK_CBOR_TO_BYTES, 0, offsetof(struct key_fields, kid)},
        {FK_KEYSET_KEY_POINT, FK_CBOR_TO_BYTES, POINT_SIZE, offsetof(struct key_fields, point)},
        {FK_KEYSET_KEY_ALGORITHMS, FK_CBOR_TO_UINT, 0, offsetof(struct key_fields, algorithms)},
        {FK_KEYSET_KEY_COMPONENTS, FK_CBOR_TO_UINT, 0, offsetof(struct key_fields, components)},
        {FK_KEYSET_KEY_SIGNS_SETS, FK_CBOR_TO_BOOL, 0, offsetof(struct key_fields, key_sets)},
    };
    struct key_fields f = {.key_sets = false};
    size_t pairs = fk_cbor_take_fields(r, fields, KEY_LABELS, FK_E_SUIT_ELEMENT, &f);
    fk_reader_require(r, pairs == KEY_LABELS, FK_E_SUIT_ELEMENT);
    fk_reader_require(r, f.algorithms <= UINT8_MAX && f.components <= UINT8_MAX, FK_E_LIMIT);
    fk_reader_require(r, f.kid.len != 0, FK_E_FORMAT);
    fk_reader_require(r, f.kid.len <= FK_COSE_KID_MAX, FK_E_LIMIT);
    return (struct fk_keyset_key){.kid = f.kid,
                                  .point = f.point,
                                  .algorithms = (uint8_t)f.algorithms,
                                  .components = (uint8_t)f.components,
                                  .key_sets = f.key_sets};
}

static enum fk_status read_set(struct fk_slice bytes, struct fk_keyset *s)
{
    struct fk_reader r;
    fk_reader_init(&r, bytes);
    struct fk_cbor_map map = fk_cbor_map(&r);
    fk_reader_require(
        &r, !next_label(&map, FK_KEYSET_VERSION) || fk_cbor_uint(&r) == FK_KEYSET_VERSION_1,
        FK_E_SUIT_VERSION);
    fk_reader_require(&r, map.left == SET_LABELS - FK_KEYSET_VERSION, FK_E_SUIT_ELEMENT);
    if (next_label(&map, FK_KEYSET_SEQUENCE)) {
        s->sequence = fk_cbor_uint(&r);
    }
    if (next_label(&map, FK_KEYSET_THRESHOLD)) {
        s->threshold = read_small(&r);
    }
    if (next_label(&map, FK_KEYSET_KEYS)) {
        s->n_keys = fk_cbor_array(&r);
    }
    fk_reader_require(&r, s->n_keys <= FK_KEYSET_KEYS_MAX, FK_E_LIMIT);
    for (size_t i = 0; i < s->n_keys && fk_reader_ok(&r); i++) {
        s->keys[i] = read_key(&r);
    }
    return fk_reader_end(&r);
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
