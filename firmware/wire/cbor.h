/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_WIRE_CBOR_H
#define FK_WIRE_CBOR_H

#include "wire/reader.h"
#include "wire/writer.h"

/* Deterministic CBOR (RFC 8949, 4.2.1), on top of the reader and the writer.
 *
 * The reader is strict, because what it reads comes from an attacker and is hashed as it stands:
 * one value has exactly one encoding here. It refuses indefinite lengths and heads that are not the
 * shortest (FK_E_CBOR), map keys out of order or repeated (FK_E_CBOR), and everything that no
 * format of ours uses: floats, undefined, other simple values, tags that were not asked for
 * (FK_E_FORMAT). Like the reader below it, the first failure sticks and later reads give nothing.
 *
 *     struct fk_cbor_map map = fk_cbor_map(&r);
 *     struct fk_cbor_key key;
 *     while (fk_cbor_map_next(&map, &key)) {
 *         …read exactly one item from r for this key…
 *     }
 *     enum fk_status st = fk_reader_end(&r);
 *
 * Nothing is copied and nothing is allocated: slices point into the caller's bytes. Lengths and
 * counts are checked against the bytes that are there before they are given out.
 *
 * Not checked: that text is UTF-8. Whoever shows or uses a text checks the characters it may
 * have. */

enum fk_cbor_type {
    FK_CBOR_UINT,
    FK_CBOR_NINT,
    FK_CBOR_BYTES,
    FK_CBOR_TEXT,
    FK_CBOR_ARRAY,
    FK_CBOR_MAP,
    FK_CBOR_TAG,
    FK_CBOR_SIMPLE, /* false, true, null */
    FK_CBOR_NONE    /* nothing is left, or the reader has failed */
};

/* Deepest nesting that fk_cbor_item() follows, 72 bytes of stack each on a Cortex-M4. The formats
 * need 2. */
#define FK_CBOR_DEPTH 3

/* Type of the next item; moves nothing. */
enum fk_cbor_type fk_cbor_peek(const struct fk_reader *r);

uint64_t fk_cbor_uint(struct fk_reader *r);
/* A label or an algorithm: 0, which is none of ours, stands for what needs more than 32 bits. */
int32_t fk_cbor_label(struct fk_reader *r);
/* Values below -2^63 or above 2^63 - 1 give FK_E_LIMIT. */
int64_t fk_cbor_int(struct fk_reader *r);
bool fk_cbor_bool(struct fk_reader *r);
struct fk_slice fk_cbor_bytes(struct fk_reader *r);
struct fk_slice fk_cbor_text(struct fk_reader *r);
/* Only the head of a byte string whose contents are elsewhere: the length is NOT checked. */
uint64_t fk_cbor_bytes_head(struct fk_reader *r);
/* Number of items that follow. An item takes a byte at least, so more items than bytes left is
 * FK_E_TRUNCATED: the count may steer a loop. */
size_t fk_cbor_array(struct fk_reader *r);
/* Requires exactly this tag. */
void fk_cbor_tag(struct fk_reader *r, uint64_t tag);
/* Takes a null when the next item is one. */
bool fk_cbor_take_nil(struct fk_reader *r);
/* A reader of the contents of a byte string, for `bstr .cbor x`. End it with fk_reader_end(). */
struct fk_reader fk_cbor_wrapped(struct fk_reader *r);
/* Any one item, checked to its end, as it stands. More than FK_CBOR_DEPTH levels of arrays and
 * maps give FK_E_LIMIT. Byte strings are not looked into. */
struct fk_slice fk_cbor_item(struct fk_reader *r);
/* The same for a byte string only: its head is part of what is given. SUIT digests cover it. */
struct fk_slice fk_cbor_whole_bytes(struct fk_reader *r, struct fk_slice *ret_contents);

/* A map being read; keys are integers or texts. */
struct fk_cbor_map {
    struct fk_reader *r;
    size_t left;          /* pairs */
    bool any_order;       /* the caller refuses repeated keys itself */
    struct fk_slice last; /* encoded key, to check the order */
};

struct fk_cbor_key {
    bool is_text;
    int32_t label; /* 0, which is no label of ours: a text, or a number of more than 32 bits */
    struct fk_slice text;
};

struct fk_cbor_map fk_cbor_map(struct fk_reader *r);
/* For COSE headers only: RFC 9052 asks for no order, and authors in the field use none. */
struct fk_cbor_map fk_cbor_map_any_order(struct fk_reader *r);
/* The next key; false at the end and after a failure. */
bool fk_cbor_map_next(struct fk_cbor_map *map, struct fk_cbor_key *ret);

/* ---- maps by table: labels, and where their values go ------------------------------------- */

enum fk_cbor_kind {
    FK_CBOR_TO_UINT,  /* uint64_t */
    FK_CBOR_TO_UINT8, /* uint8_t; FK_E_LIMIT above 255 */
    FK_CBOR_TO_LABEL, /* int32_t */
    FK_CBOR_TO_BOOL,  /* bool */
    FK_CBOR_TO_BYTES, /* struct fk_slice, the contents */
    FK_CBOR_TO_TEXT,
    FK_CBOR_TO_ITEM /* struct fk_slice, any one item as it stands */
};

struct fk_cbor_field {
    int8_t label; /* not 0 */
    uint8_t kind;
    uint8_t len;  /* bytes and texts: exactly so many, else FK_E_FORMAT; 0: any */
    uint16_t off; /* in the structure that is filled in */
};

/* The value of this label into its place; false when no field has it, and nothing was read. */
bool fk_cbor_take_field(struct fk_reader *r, int32_t label, const struct fk_cbor_field *fields,
                        size_t n, void *ret);
/* A whole map, which has no other labels (`unknown` is the failure then). What is not in it stays
 * as it was. Gives the number of its pairs: n when every field was there. */
size_t fk_cbor_take_fields(struct fk_reader *r, const struct fk_cbor_field *fields, size_t n,
                           enum fk_status unknown, void *ret);

/* ---- writing: always the shortest form; the caller keeps map keys in order ----------------- */

void fk_cbor_put_int(struct fk_writer *w, int64_t v);
void fk_cbor_put_uint(struct fk_writer *w, uint64_t v);
void fk_cbor_put_bytes(struct fk_writer *w, struct fk_slice bytes);
/* Only the head, when the contents are written by other means. */
void fk_cbor_put_bytes_head(struct fk_writer *w, uint64_t len);
void fk_cbor_put_text(struct fk_writer *w, struct fk_slice text);
void fk_cbor_put_array(struct fk_writer *w, size_t items);
void fk_cbor_put_map(struct fk_writer *w, size_t pairs);
void fk_cbor_put_tag(struct fk_writer *w, uint64_t tag);
void fk_cbor_put_nil(struct fk_writer *w);
void fk_cbor_put_bool(struct fk_writer *w, bool v);

#endif
