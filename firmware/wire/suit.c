/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/suit.h"

#include "wire/suit_read.h"

#define N_FIELDS(table) (sizeof(table) / sizeof(table)[0])

enum { MANIFEST_VERSION = 1, DIGEST_SHA256 = -16, TAG_107_LEN = 2 };

struct fk_slice fk_suit_digest_read(struct fk_reader *r)
{
    fk_reader_require(r, fk_cbor_array(r) == 2, FK_E_FORMAT);
    fk_reader_require(r, fk_cbor_int(r) == DIGEST_SHA256, FK_E_UNSUPPORTED);
    struct fk_slice digest = fk_cbor_bytes(r);
    fk_reader_require(r, digest.len == FK_SUIT_DIGEST_SIZE, FK_E_FORMAT);
    return fk_reader_ok(r) ? digest : (struct fk_slice){NULL, 0};
}

/* A child's verdict counts for its parent. */
static void end_inner(struct fk_reader *r, struct fk_reader *inner)
{
    enum fk_status st = fk_reader_end(inner);
    fk_reader_require(r, st == FK_OK, st);
}

struct fk_slice fk_suit_digest_in(struct fk_reader *r, struct fk_slice item)
{
    struct fk_reader inner;
    fk_reader_init(&inner, item);
    inner.st = r->st;
    struct fk_slice digest = fk_suit_digest_read(&inner);
    end_inner(r, &inner);
    return digest;
}

/* [ bstr .cbor SUIT_Digest, * bstr .cbor authentication block ] */
void fk_suit_authentication_read(struct fk_reader *r, struct fk_suit_envelope *e)
{
    struct fk_reader inner = fk_cbor_wrapped(r);
    size_t n = fk_cbor_array(&inner);
    fk_reader_require(&inner, n != 0, FK_E_FORMAT);
    fk_reader_require(&inner, n <= 1 + FK_SUIT_AUTHS_MAX, FK_E_LIMIT);
    e->digest_item = fk_cbor_bytes(&inner);
    e->digest = fk_suit_digest_in(&inner, e->digest_item);
    for (size_t i = 1; i < n && fk_reader_ok(&inner); i++) {
        e->auths[e->n_auths++] = fk_cbor_bytes(&inner);
    }
    end_inner(r, &inner);
}

/* The payload must be the last thing in the envelope, and reach exactly to its end. */
static void read_payload(struct fk_reader *r, const struct fk_cbor_map *map,
                         const struct fk_slice *head, uint64_t total_len,
                         struct fk_suit_envelope *e)
{
    e->payload_len = fk_cbor_bytes_head(r);
    if (!fk_reader_ok(r)) {
        return;
    }
    if (map->left != 0) {
        fk_reader_fail(r, FK_E_SUIT_ELEMENT);
        return;
    }
    e->payload_off = head->len - r->left;
    uint64_t behind = total_len - e->payload_off; /* head.len <= total_len was checked */
    if (e->payload_len != behind) {
        fk_reader_fail(r, e->payload_len > behind ? FK_E_TRUNCATED : FK_E_TRAILING);
        return;
    }
    r->left = 0; /* what of the payload is in memory is not for parsing */
}

enum fk_status fk_suit_envelope_parse(struct fk_slice head, uint64_t total_len,
                                      struct fk_suit_envelope *ret)
{
    struct fk_suit_envelope e = {0};
    struct fk_slice contents;
    struct fk_cbor_key key;
    struct fk_reader r;
    if (head.len > total_len) {
        return FK_E_INTERNAL;
    }
    if (head.len < TAG_107_LEN || head.ptr[0] != 0xd8 || head.ptr[1] != FK_SUIT_TAG) {
        return FK_E_SUIT_ENVELOPE;
    }
    fk_reader_init(&r, head);
    fk_cbor_tag(&r, FK_SUIT_TAG);
    struct fk_cbor_map map = fk_cbor_map(&r);
    while (fk_cbor_map_next(&map, &key)) {
        if (key.is_text) {
            e.payload_name = key.text;
            read_payload(&r, &map, &head, total_len, &e);
        } else if (key.label == FK_SUIT_AUTHENTICATION) {
            fk_suit_authentication_read(&r, &e);
        } else if (key.label == FK_SUIT_MANIFEST) {
            e.manifest_item = fk_cbor_whole_bytes(&r, &e.manifest);
        } else if (key.label == FK_SUIT_INSTALL) {
            e.install_item = fk_cbor_whole_bytes(&r, &e.install);
        } else if (key.label == FK_SUIT_TEXT) {
            e.text_item = fk_cbor_whole_bytes(&r, &contents);
        } else {
            fk_reader_fail(&r, FK_E_SUIT_ELEMENT);
        }
    }
    enum fk_status st = fk_reader_end(&r);
    if (st == FK_OK && (e.digest.len == 0 || e.manifest.len == 0)) {
        st = FK_E_FORMAT;
    }
    if (st == FK_OK && e.payload_off == 0 && total_len != head.len) {
        st = FK_E_TRAILING; /* more than the envelope needs */
    }
    if (st == FK_OK) {
        *ret = e;
    }
    return st;
}

/* The elements of a manifest. */
struct elements {
    struct fk_suit_sequences run;
    struct fk_suit_severed severed;
    struct fk_slice common;
    struct fk_slice reference_uri;
    struct fk_slice text;
    uint64_t version, sequence;
    bool has_install;
};

/* A severable element: the byte string itself, or its digest as an array. */
static struct fk_slice read_severable(struct fk_reader *r, struct fk_slice *ret_digest)
{
    if (fk_cbor_peek(r) != FK_CBOR_ARRAY) {
        return fk_cbor_bytes(r);
    }
    *ret_digest = fk_suit_digest_read(r);
    return (struct fk_slice){NULL, 0};
}

static const struct fk_cbor_field element_fields[] = {
    {FK_SUIT_VERSION, FK_CBOR_TO_UINT, 0, offsetof(struct elements, version)},
    {FK_SUIT_SEQUENCE, FK_CBOR_TO_UINT, 0, offsetof(struct elements, sequence)},
    {FK_SUIT_COMMON, FK_CBOR_TO_BYTES, 0, offsetof(struct elements, common)},
    {FK_SUIT_REFERENCE_URI, FK_CBOR_TO_TEXT, 0, offsetof(struct elements, reference_uri)},
    {FK_SUIT_VALIDATE, FK_CBOR_TO_BYTES, 0,
     offsetof(struct elements, run.own[FK_SECTION_VALIDATE])},
    {FK_SUIT_INVOKE, FK_CBOR_TO_BYTES, 0, offsetof(struct elements, run.own[FK_SECTION_INVOKE])},
};

static void read_element(struct fk_reader *r, int32_t label, struct elements *e)
{
    if (label == FK_SUIT_INSTALL) {
        e->run.own[FK_SECTION_INSTALL] = read_severable(r, &e->severed.install);
        e->has_install = true;
    } else if (label == FK_SUIT_TEXT) {
        e->text = read_severable(r, &e->severed.text);
    } else {
        fk_reader_require(r, fk_cbor_take_field(r, label, element_fields, N_FIELDS(element_fields), e),
                          FK_E_SUIT_ELEMENT);
    }
    fk_reader_require(r, label != FK_SUIT_VERSION || e->version == MANIFEST_VERSION,
                      FK_E_SUIT_VERSION);
}

static enum fk_status read_elements(struct fk_slice manifest, struct elements *ret)
{
    struct elements e = {0};
    struct fk_reader r;
    fk_reader_init(&r, manifest);
    struct fk_cbor_map map = fk_cbor_map(&r);
    struct fk_cbor_key key;
    /* Keys are in order, so the first three say whether the rest can be understood. */
    int32_t next = FK_SUIT_VERSION;
    for (; fk_cbor_map_next(&map, &key); next++) {
        fk_reader_require(&r, next > FK_SUIT_COMMON || key.label == next, FK_E_FORMAT);
        read_element(&r, key.label, &e);
    }
    fk_reader_require(&r, next > FK_SUIT_COMMON, FK_E_FORMAT);
    enum fk_status st = fk_reader_end(&r);
    if (st == FK_OK) {
        *ret = e;
    }
    return st;
}

static enum fk_status read_common(struct fk_slice common, struct fk_suit_sequences *ret)
{
    static const struct fk_cbor_field fields[] = {
        {FK_SUIT_COMMON_COMPONENTS, FK_CBOR_TO_ITEM, 0,
         offsetof(struct fk_suit_sequences, components)},
        {FK_SUIT_COMMON_SHARED, FK_CBOR_TO_BYTES, 0, offsetof(struct fk_suit_sequences, shared)},
    };
    struct fk_reader r;
    fk_reader_init(&r, common);
    fk_cbor_take_fields(&r, fields, N_FIELDS(fields), FK_E_SUIT_ELEMENT, ret);
    enum fk_status st = fk_reader_end(&r);
    return st == FK_OK && ret->components.len == 0 ? FK_E_FORMAT : st;
}

enum fk_status fk_suit_manifest_scan(struct fk_slice manifest, struct fk_suit_severed *ret_severed,
                                     uint64_t *ret_sequence)
{
    struct elements e = {0};
    enum fk_status st = read_elements(manifest, &e);
    if (st == FK_OK) {
        *ret_severed = e.severed;
        *ret_sequence = e.sequence;
    }
    return st;
}

enum fk_status fk_suit_manifest_parse(struct fk_slice manifest, struct fk_slice install,
                                      struct fk_suit_manifest *ret)
{
    struct fk_suit_manifest m = {0};
    struct elements e = {0};
    enum fk_status st = read_elements(manifest, &e);
    if (st == FK_OK) {
        st = read_common(e.common, &e.run);
    }
    if (st == FK_OK && !e.has_install) {
        st = FK_E_SUIT_CONDITION; /* nothing to install is not an update */
    }
    if (st == FK_OK && e.severed.install.len > 0) {
        e.run.own[FK_SECTION_INSTALL] = install;
        st = install.len > 0 ? FK_OK : FK_E_SEVERED;
    }
    m.sequence = e.sequence;
    m.reference_uri = e.reference_uri;
    m.text = e.text;
    if (st == FK_OK) {
        st = fk_suit_run(&e.run, &m);
    }
    if (st == FK_OK) {
        *ret = m;
    }
    return st;
}
