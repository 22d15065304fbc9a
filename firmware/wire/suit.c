/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/suit.h"

#include "wire/suit_read.h"

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

/* [ bstr .cbor SUIT_Digest, * bstr .cbor authentication block ] */
void fk_suit_authentication_read(struct fk_reader *r, struct fk_suit_envelope *e)
{
    struct fk_reader inner = fk_cbor_wrapped(r);
    size_t n = fk_cbor_array(&inner);
    fk_reader_require(&inner, n != 0, FK_E_FORMAT);
    fk_reader_require(&inner, n <= 1 + FK_SUIT_AUTHS_MAX, FK_E_LIMIT);
    e->digest_item = fk_cbor_bytes(&inner);
    struct fk_reader digest;
    fk_reader_init(&digest, e->digest_item);
    digest.st = inner.st;
    e->digest = fk_suit_digest_read(&digest);
    end_inner(&inner, &digest);
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
    uint64_t sequence;
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

static void read_version(struct fk_reader *r)
{
    fk_reader_require(r, fk_cbor_uint(r) == MANIFEST_VERSION, FK_E_SUIT_VERSION);
}

static void read_element(struct fk_reader *r, const struct fk_cbor_key *key, struct elements *e)
{
    switch (key->label) {
    case FK_SUIT_VERSION:
        read_version(r);
        break;
    case FK_SUIT_SEQUENCE:
        e->sequence = fk_cbor_uint(r);
        break;
    case FK_SUIT_COMMON:
        e->common = fk_cbor_bytes(r);
        break;
    case FK_SUIT_REFERENCE_URI:
        e->reference_uri = fk_cbor_text(r);
        break;
    case FK_SUIT_VALIDATE:
        e->run.validate = fk_cbor_bytes(r);
        break;
    case FK_SUIT_INVOKE:
        e->run.invoke = fk_cbor_bytes(r);
        break;
    case FK_SUIT_INSTALL:
        e->run.install = read_severable(r, &e->severed.install);
        e->has_install = true;
        break;
    case FK_SUIT_TEXT:
        e->text = read_severable(r, &e->severed.text);
        break;
    default:
        fk_reader_fail(r, FK_E_SUIT_ELEMENT);
        break;
    }
}

static enum fk_status read_elements(struct fk_slice manifest, struct elements *ret)
{
    struct elements e = {0};
    struct fk_reader r;
    fk_reader_init(&r, manifest);
    struct fk_cbor_map map = fk_cbor_map(&r);
    struct fk_cbor_key key = {0};
    /* Keys are in order, so the first three say whether the rest can be understood. */
    for (int64_t label = FK_SUIT_VERSION; label <= FK_SUIT_COMMON; label++) {
        fk_reader_require(&r, fk_cbor_map_next(&map, &key) && key.label == label, FK_E_FORMAT);
        read_element(&r, &key, &e);
    }
    while (fk_cbor_map_next(&map, &key)) {
        read_element(&r, &key, &e);
    }
    enum fk_status st = fk_reader_end(&r);
    if (st == FK_OK) {
        *ret = e;
    }
    return st;
}

static enum fk_status read_common(struct fk_slice common, struct fk_suit_sequences *ret)
{
    struct fk_reader r;
    fk_reader_init(&r, common);
    struct fk_cbor_map map = fk_cbor_map(&r);
    struct fk_cbor_key key;
    while (fk_cbor_map_next(&map, &key)) {
        if (key.label == FK_SUIT_COMMON_COMPONENTS) {
            ret->components = fk_cbor_item(&r);
        } else if (key.label == FK_SUIT_COMMON_SHARED) {
            ret->shared = fk_cbor_bytes(&r);
        } else {
            fk_reader_fail(&r, FK_E_SUIT_ELEMENT);
        }
    }
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
        e.run.install = install;
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
