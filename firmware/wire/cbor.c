/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/cbor.h"

#include <string.h>

enum { INFO_U8 = 24, INFO_U64 = 27, INFO_INDEFINITE = 31, FALSE = 20, TRUE = 21, NIL = 22 };

/* Initial byte and argument of one item. The argument is theirs: check it before use. */
static enum fk_cbor_type read_head(struct fk_reader *r, uint64_t *ret_arg)
{
    uint8_t initial = fk_read_u8(r);
    enum fk_cbor_type type = (enum fk_cbor_type)(initial >> 5);
    uint8_t info = initial & 0x1f;
    uint64_t arg = info;
    if (info > INFO_U64) {
        fk_reader_fail(r, info == INFO_INDEFINITE ? FK_E_CBOR : FK_E_FORMAT);
    } else if (info >= INFO_U8) {
        unsigned bytes = 1u << (info - INFO_U8);
        arg = fk_read_be(r, bytes);
        /* Shortest form: 24 or more, and an argument of 2n bytes needs n + 1. In 32 bits. */
        uint32_t upper = (uint32_t)(bytes == 8 ? arg >> 32 : (uint32_t)arg >> (4 * bytes));
        fk_reader_require(r, arg >= INFO_U8 && upper != 0, FK_E_CBOR);
    }
    if (fk_reader_ok(r) && type == FK_CBOR_SIMPLE && (info < FALSE || info > NIL)) {
        fk_reader_fail(r, info == INFO_INDEFINITE ? FK_E_CBOR : FK_E_FORMAT);
    }
    *ret_arg = fk_reader_ok(r) ? arg : 0;
    return fk_reader_ok(r) ? type : FK_CBOR_NONE;
}

/* The argument of an item of this type. */
static uint64_t expect(struct fk_reader *r, enum fk_cbor_type type)
{
    uint64_t arg = 0;
    enum fk_cbor_type found = read_head(r, &arg);
    if (fk_reader_ok(r) && found != type) {
        fk_reader_fail(r, FK_E_FORMAT);
    }
    return fk_reader_ok(r) ? arg : 0;
}

/* Each thing counted takes at least each bytes; compare by division, never multiply. */
static size_t count(struct fk_reader *r, uint64_t n, size_t each)
{
    fk_reader_require(r, n <= r->left / each, FK_E_TRUNCATED);
    return fk_reader_ok(r) ? (size_t)n : 0;
}

static struct fk_slice take(struct fk_reader *r, uint64_t n)
{
    size_t len = count(r, n, 1);
    const uint8_t *p = fk_read_bytes(r, len);
    return (struct fk_slice){p, p != NULL ? len : 0};
}

/* What was read since start, which was r->at then. */
static struct fk_slice since(const struct fk_reader *r, const uint8_t *start)
{
    return fk_reader_ok(r) ? (struct fk_slice){start, (size_t)(r->at - start)}
                           : (struct fk_slice){NULL, 0};
}

enum fk_cbor_type fk_cbor_peek(const struct fk_reader *r)
{
    return fk_reader_more(r) ? (enum fk_cbor_type)(*r->at >> 5) : FK_CBOR_NONE;
}

uint64_t fk_cbor_uint(struct fk_reader *r)
{
    return expect(r, FK_CBOR_UINT);
}

int64_t fk_cbor_int(struct fk_reader *r)
{
    uint64_t arg = 0;
    enum fk_cbor_type type = read_head(r, &arg);
    fk_reader_require(r, type == FK_CBOR_UINT || type == FK_CBOR_NINT, FK_E_FORMAT);
    fk_reader_require(r, arg <= INT64_MAX, FK_E_LIMIT);
    if (!fk_reader_ok(r)) {
        return 0;
    }
    return type == FK_CBOR_NINT ? -1 - (int64_t)arg : (int64_t)arg;
}

int32_t fk_cbor_label(struct fk_reader *r)
{
    int64_t v = fk_cbor_int(r);
    return v == (int32_t)v ? (int32_t)v : 0;
}

bool fk_cbor_bool(struct fk_reader *r)
{
    uint64_t arg = expect(r, FK_CBOR_SIMPLE);
    fk_reader_require(r, arg != NIL, FK_E_FORMAT);
    return fk_reader_ok(r) && arg == TRUE;
}

struct fk_slice fk_cbor_bytes(struct fk_reader *r)
{
    return take(r, expect(r, FK_CBOR_BYTES));
}

struct fk_slice fk_cbor_text(struct fk_reader *r)
{
    return take(r, expect(r, FK_CBOR_TEXT));
}

uint64_t fk_cbor_bytes_head(struct fk_reader *r)
{
    return expect(r, FK_CBOR_BYTES);
}

size_t fk_cbor_array(struct fk_reader *r)
{
    return count(r, expect(r, FK_CBOR_ARRAY), 1);
}

void fk_cbor_tag(struct fk_reader *r, uint64_t tag)
{
    fk_reader_require(r, expect(r, FK_CBOR_TAG) == tag, FK_E_FORMAT);
}

bool fk_cbor_take_nil(struct fk_reader *r)
{
    bool nil = fk_reader_more(r) && *r->at == (FK_CBOR_SIMPLE << 5 | NIL);
    if (nil) {
        (void)fk_read_u8(r);
    }
    return nil;
}

struct fk_slice fk_cbor_whole_bytes(struct fk_reader *r, struct fk_slice *ret_contents)
{
    const uint8_t *start = r->at;
    *ret_contents = fk_cbor_bytes(r);
    return since(r, start);
}

struct fk_reader fk_cbor_wrapped(struct fk_reader *r)
{
    struct fk_reader inner;
    fk_reader_init(&inner, fk_cbor_bytes(r));
    inner.st = r->st;
    return inner;
}

/* RFC 8949, 4.2.1: bytewise order of the encoded keys; equal means repeated. Encodings are free of
 * prefixes, so the common length decides. */
static bool in_order(struct fk_slice before, struct fk_slice after)
{
    size_t n = before.len < after.len ? before.len : after.len;
    return n == 0 || memcmp(before.ptr, after.ptr, n) < 0;
}

static void check_order(struct fk_reader *r, struct fk_slice *last, struct fk_slice key)
{
    fk_reader_require(r, in_order(*last, key), FK_E_CBOR);
    *last = key;
}

/* Recursion is bounded by depth, and each level by the count of its own head. */
static void skip(struct fk_reader *r, unsigned depth)
{
    uint64_t arg = 0;
    enum fk_cbor_type type = read_head(r, &arg);
    struct fk_slice last = {NULL, 0};
    size_t n = 0;
    switch (type) {
    case FK_CBOR_BYTES:
    case FK_CBOR_TEXT:
        (void)take(r, arg);
        break;
    case FK_CBOR_ARRAY:
    case FK_CBOR_MAP:
        fk_reader_require(r, depth != 0, FK_E_LIMIT);
        n = count(r, arg, type == FK_CBOR_MAP ? 2 : 1);
        break;
    case FK_CBOR_TAG:
        fk_reader_fail(r, FK_E_FORMAT);
        break;
    case FK_CBOR_UINT:
    case FK_CBOR_NINT:
    case FK_CBOR_SIMPLE:
    case FK_CBOR_NONE:
        break;
    }
    for (size_t i = 0; i < n && fk_reader_ok(r); i++) {
        const uint8_t *start = r->at;
        skip(r, depth - 1);
        if (type == FK_CBOR_MAP) {
            check_order(r, &last, since(r, start));
            skip(r, depth - 1);
        }
    }
}

struct fk_slice fk_cbor_item(struct fk_reader *r)
{
    const uint8_t *start = r->at;
    skip(r, FK_CBOR_DEPTH);
    return since(r, start);
}

struct fk_cbor_map fk_cbor_map(struct fk_reader *r)
{
    size_t pairs = count(r, expect(r, FK_CBOR_MAP), 2);
    return (struct fk_cbor_map){.r = r, .left = pairs, .any_order = false, .last = {NULL, 0}};
}

struct fk_cbor_map fk_cbor_map_any_order(struct fk_reader *r)
{
    struct fk_cbor_map map = fk_cbor_map(r);
    map.any_order = true;
    return map;
}

bool fk_cbor_map_next(struct fk_cbor_map *map, struct fk_cbor_key *ret)
{
    struct fk_reader *r = map->r;
    struct fk_cbor_key key = {0};
    if (map->left == 0 || !fk_reader_ok(r)) {
        return false;
    }
    map->left--;
    const uint8_t *start = r->at;
    key.is_text = fk_cbor_peek(r) == FK_CBOR_TEXT;
    if (key.is_text) {
        key.text = fk_cbor_text(r);
    } else {
        key.label = fk_cbor_label(r);
    }
    if (!map->any_order) {
        check_order(r, &map->last, since(r, start));
    }
    *ret = key;
    return fk_reader_ok(r);
}

static uint8_t small_uint(struct fk_reader *r)
{
    uint64_t v = fk_cbor_uint(r);
    fk_reader_require(r, v <= UINT8_MAX, FK_E_LIMIT);
    return (uint8_t)v;
}

bool fk_cbor_take_field(struct fk_reader *r, int32_t label, const struct fk_cbor_field *fields,
                        size_t n, void *ret)
{
    size_t i = 0;
    while (i < n && fields[i].label != label) {
        i++;
    }
    if (i == n) {
        return false;
    }
    void *to = (uint8_t *)ret + fields[i].off;
    struct fk_slice bytes;
    switch (fields[i].kind) {
    case FK_CBOR_TO_UINT:
        *(uint64_t *)to = fk_cbor_uint(r);
        return true;
    case FK_CBOR_TO_UINT8:
        *(uint8_t *)to = small_uint(r);
        return true;
    case FK_CBOR_TO_LABEL:
        *(int32_t *)to = fk_cbor_label(r);
        return true;
    case FK_CBOR_TO_BOOL:
        *(bool *)to = fk_cbor_bool(r);
        return true;
    case FK_CBOR_TO_BYTES:
        bytes = fk_cbor_bytes(r);
        break;
    case FK_CBOR_TO_TEXT:
        bytes = fk_cbor_text(r);
        break;
    default:
        bytes = fk_cbor_item(r);
        break;
    }
    fk_reader_require(r, fields[i].len == 0 || bytes.len == fields[i].len, FK_E_FORMAT);
    *(struct fk_slice *)to = bytes;
    return true;
}

size_t fk_cbor_take_fields(struct fk_reader *r, const struct fk_cbor_field *fields, size_t n,
                           enum fk_status unknown, void *ret)
{
    struct fk_cbor_map map = fk_cbor_map(r);
    struct fk_cbor_key key;
    size_t pairs = map.left;
    while (fk_cbor_map_next(&map, &key)) {
        fk_reader_require(r, fk_cbor_take_field(r, key.label, fields, n, ret), unknown);
    }
    return pairs;
}

static void put_head(struct fk_writer *w, enum fk_cbor_type type, uint64_t arg)
{
    uint8_t major = (uint8_t)(type << 5);
    if (arg < INFO_U8) {
        fk_write_u8(w, (uint8_t)(major | arg));
    } else if (arg <= UINT8_MAX) {
        fk_write_u8(w, (uint8_t)(major | INFO_U8));
        fk_write_u8(w, (uint8_t)arg);
    } else if (arg <= UINT16_MAX) {
        fk_write_u8(w, (uint8_t)(major | (INFO_U8 + 1)));
        fk_write_u16be(w, (uint16_t)arg);
    } else if (arg <= UINT32_MAX) {
        fk_write_u8(w, (uint8_t)(major | (INFO_U8 + 2)));
        fk_write_u32be(w, (uint32_t)arg);
    } else {
        fk_write_u8(w, (uint8_t)(major | INFO_U64));
        fk_write_u64be(w, arg);
    }
}

void fk_cbor_put_int(struct fk_writer *w, int64_t v)
{
    if (v < 0) {
        put_head(w, FK_CBOR_NINT, (uint64_t)(-1 - v));
    } else {
        put_head(w, FK_CBOR_UINT, (uint64_t)v);
    }
}

void fk_cbor_put_uint(struct fk_writer *w, uint64_t v)
{
    put_head(w, FK_CBOR_UINT, v);
}

void fk_cbor_put_bytes_head(struct fk_writer *w, uint64_t len)
{
    put_head(w, FK_CBOR_BYTES, len);
}

void fk_cbor_put_bytes(struct fk_writer *w, struct fk_slice bytes)
{
    put_head(w, FK_CBOR_BYTES, bytes.len);
    fk_write_bytes(w, bytes.ptr, bytes.len);
}

void fk_cbor_put_text(struct fk_writer *w, struct fk_slice text)
{
    put_head(w, FK_CBOR_TEXT, text.len);
    fk_write_bytes(w, text.ptr, text.len);
}

void fk_cbor_put_array(struct fk_writer *w, size_t items)
{
    put_head(w, FK_CBOR_ARRAY, items);
}

void fk_cbor_put_map(struct fk_writer *w, size_t pairs)
{
    put_head(w, FK_CBOR_MAP, pairs);
}

void fk_cbor_put_tag(struct fk_writer *w, uint64_t tag)
{
    put_head(w, FK_CBOR_TAG, tag);
}

void fk_cbor_put_nil(struct fk_writer *w)
{
    put_head(w, FK_CBOR_SIMPLE, NIL);
}

void fk_cbor_put_bool(struct fk_writer *w, bool v)
{
    fk_write_u8(w, v ? 0xf5 : 0xf4);
}
