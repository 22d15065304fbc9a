/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the command sequences of a manifest on paper.
 *
 * The draft runs the shared sequence before each other one, with all parameters cleared first; so
 * does this. One image component; a second component holds the encrypted payload:
 *
 *   plain        fetch 0; image-match 0
 *   encrypted    fetch 1; [image-match 1;] copy 1 to 0 with encryption-info; image-match 0
 *
 * Anything else refuses the manifest. */
#include "wire/suit_read.h"

#include <string.h>

enum { COMPONENTS_MAX = 2, POLICY_MAX = 15, NONE = -1 };

enum section { INSTALL, VALIDATE, INVOKE };

struct parameters {
    struct fk_slice vendor, class_id, device, digest, encryption, uri;
    uint64_t size, source;
    bool has_size, has_source;
};

struct run {
    struct fk_suit_manifest *m;
    struct fk_slice components[COMPONENTS_MAX];
    size_t n_components;
    /* of the section that is running */
    enum section section;
    bool shared; /* its shared part */
    bool index_set;
    size_t at; /* current component */
    struct parameters params[COMPONENTS_MAX];
    bool vendor_checked, class_checked;
    /* of the whole manifest */
    int fetched; /* component that was fetched, or NONE */
    int target;  /* component that gets the image, or NONE */
};

static bool same(struct fk_slice a, struct fk_slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* Two conditions of one kind must ask for the same, or no device could meet both. */
static enum fk_status claim(struct fk_slice *claimed, struct fk_slice value)
{
    if (value.len == 0 || (claimed->len > 0 && !same(*claimed, value))) {
        return FK_E_SUIT_CONDITION;
    }
    *claimed = value;
    return FK_OK;
}

static struct fk_slice read_uuid(struct fk_reader *r)
{
    struct fk_slice uuid = fk_cbor_bytes(r);
    fk_reader_require(r, uuid.len == FK_SUIT_UUID_SIZE, FK_E_FORMAT);
    return uuid;
}

/* What ends up in requests and messages: printable ASCII without spaces. */
static struct fk_slice read_uri(struct fk_reader *r)
{
    struct fk_slice uri = fk_cbor_text(r);
    fk_reader_require(r, uri.len <= FK_SUIT_URI_MAX, FK_E_LIMIT);
    fk_reader_require(r, uri.len != 0, FK_E_FORMAT);
    for (size_t i = 0; i < uri.len && fk_reader_ok(r); i++) {
        fk_reader_require(r, uri.ptr[i] > 0x20 && uri.ptr[i] < 0x7f, FK_E_FORMAT);
    }
    return uri;
}

static struct fk_slice read_wrapped_digest(struct fk_reader *r)
{
    struct fk_reader inner = fk_cbor_wrapped(r);
    struct fk_slice digest = fk_suit_digest_read(&inner);
    enum fk_status st = fk_reader_end(&inner);
    fk_reader_require(r, st == FK_OK, st);
    return digest;
}

static void read_parameter(struct fk_reader *r, const struct fk_cbor_key *key, struct parameters *p)
{
    switch (key->label) {
    case FK_SUIT_PARAM_VENDOR:
        p->vendor = read_uuid(r);
        break;
    case FK_SUIT_PARAM_CLASS:
        p->class_id = read_uuid(r);
        break;
    case FK_SUIT_PARAM_DEVICE:
        p->device = read_uuid(r);
        break;
    case FK_SUIT_PARAM_DIGEST:
        p->digest = read_wrapped_digest(r);
        break;
    case FK_SUIT_PARAM_SIZE:
        p->size = fk_cbor_uint(r);
        p->has_size = true;
        break;
    case FK_SUIT_PARAM_ENCRYPTION:
        p->encryption = fk_cbor_bytes(r);
        break;
    case FK_SUIT_PARAM_URI:
        p->uri = read_uri(r);
        break;
    case FK_SUIT_PARAM_SOURCE:
        p->source = fk_cbor_uint(r);
        p->has_source = true;
        break;
    default:
        fk_reader_fail(r, FK_E_SUIT_PARAMETER);
        break;
    }
}

static enum fk_status override_parameters(struct run *x, struct fk_reader *r)
{
    struct fk_cbor_map map = fk_cbor_map(r);
    struct fk_cbor_key key;
    if (fk_reader_ok(r) && map.left == 0) {
        return FK_E_FORMAT;
    }
    while (fk_cbor_map_next(&map, &key)) {
        read_parameter(r, &key, &x->params[x->at]);
    }
    return r->st;
}

/* An index, or `true` or a list when that means one component as well. */
static enum fk_status set_component(struct run *x, struct fk_reader *r)
{
    enum fk_cbor_type type = fk_cbor_peek(r);
    uint64_t index = 0;
    if (type == FK_CBOR_SIMPLE) {
        if (!fk_cbor_bool(r) || x->n_components != 1) {
            return r->st != FK_OK ? r->st : FK_E_SUIT_COMPONENT;
        }
    } else {
        if (type == FK_CBOR_ARRAY && fk_cbor_array(r) != 1) {
            return r->st != FK_OK ? r->st : FK_E_SUIT_COMPONENT;
        }
        index = fk_cbor_uint(r);
    }
    if (fk_reader_ok(r) && index >= x->n_components) {
        return FK_E_SUIT_COMPONENT;
    }
    x->at = (size_t)index;
    x->index_set = true;
    return r->st;
}

static enum fk_status match_image(struct run *x, const struct parameters *p)
{
    struct fk_suit_manifest *m = x->m;
    bool target = x->target == (int)x->at;
    bool staged = x->section == INSTALL && x->target == NONE && x->fetched == (int)x->at;
    /* Before anything was fetched, the component holds the old image: never a match. */
    if (x->shared || x->section == INVOKE || (!target && !staged)) {
        return FK_E_SUIT_COMMAND;
    }
    struct fk_suit_match *match = target ? &m->image : &m->payload;
    if (!p->has_size || (match->digest.len > 0 && match->size != p->size)) {
        return FK_E_SUIT_CONDITION;
    }
    match->size = p->size;
    return claim(&match->digest, p->digest);
}

static enum fk_status fetch(struct run *x, const struct parameters *p)
{
    if (x->shared || x->section != INSTALL || x->fetched != NONE) {
        return FK_E_SUIT_COMMAND;
    }
    /* For whom it is, how large and from where: all of it before a byte is fetched. */
    if (!x->vendor_checked || !x->class_checked || !p->has_size || p->uri.len == 0) {
        return FK_E_SUIT_CONDITION;
    }
    x->m->uri = p->uri;
    x->m->payload_size = p->size;
    x->fetched = (int)x->at;
    if (x->n_components == 1) {
        x->target = x->fetched;
    }
    return FK_OK;
}

static enum fk_status copy(struct run *x, const struct parameters *p)
{
    if (x->shared || x->section != INSTALL || x->fetched == NONE || x->target != NONE ||
        x->fetched == (int)x->at) {
        return FK_E_SUIT_COMMAND;
    }
    if (!p->has_source || p->encryption.len == 0) {
        return FK_E_SUIT_CONDITION;
    }
    if (p->source != (uint64_t)x->fetched) {
        return FK_E_SUIT_COMPONENT;
    }
    x->m->encryption_info = p->encryption;
    x->target = (int)x->at;
    return FK_OK;
}

static enum fk_status invoke(struct run *x)
{
    if (x->shared || x->section != INVOKE || x->m->invoke) {
        return FK_E_SUIT_COMMAND;
    }
    if (x->target != (int)x->at) {
        return FK_E_SUIT_COMPONENT;
    }
    x->m->invoke = true;
    return FK_OK;
}

static enum fk_status check(struct fk_slice *claimed, struct fk_slice value, bool *ret_checked)
{
    enum fk_status st = claim(claimed, value);
    *ret_checked = st == FK_OK;
    return st;
}

static enum fk_status run_command(struct run *x, int64_t code, struct fk_reader *r)
{
    const struct parameters *p = &x->params[x->at];
    bool checked = false;
    if (code == FK_SUIT_SET_COMPONENT) {
        return set_component(x, r);
    }
    /* With several components, each sequence says which one it means. */
    if (x->n_components > 1 && !x->index_set) {
        return FK_E_SUIT_COMPONENT;
    }
    if (code == FK_SUIT_OVERRIDE) {
        return override_parameters(x, r);
    }
    switch (code) {
    case FK_SUIT_COND_VENDOR:
    case FK_SUIT_COND_CLASS:
    case FK_SUIT_COND_DEVICE:
    case FK_SUIT_COND_IMAGE_MATCH:
    case FK_SUIT_FETCH:
    case FK_SUIT_COPY:
    case FK_SUIT_DO_INVOKE:
        break;
    default:
        return FK_E_SUIT_COMMAND;
    }
    /* What they all take: a reporting policy of four bits, which this device does not need. */
    uint64_t policy = fk_cbor_uint(r);
    if (!fk_reader_ok(r) || policy > POLICY_MAX) {
        return fk_reader_ok(r) ? FK_E_FORMAT : r->st;
    }
    switch (code) {
    case FK_SUIT_COND_VENDOR:
        return check(&x->m->vendor, p->vendor, &x->vendor_checked);
    case FK_SUIT_COND_CLASS:
        return check(&x->m->class_id, p->class_id, &x->class_checked);
    case FK_SUIT_COND_DEVICE:
        return check(&x->m->device, p->device, &checked);
    case FK_SUIT_COND_IMAGE_MATCH:
        return match_image(x, p);
    case FK_SUIT_FETCH:
        return fetch(x, p);
    case FK_SUIT_COPY:
        return copy(x, p);
    default:
        return invoke(x);
    }
}

/* A flat array of pairs: code and argument. */
static enum fk_status run_sequence(struct run *x, struct fk_slice sequence)
{
    struct fk_reader r;
    fk_reader_init(&r, sequence);
    size_t n = fk_cbor_array(&r);
    x->index_set = false;
    x->at = 0;
    if (fk_reader_ok(&r) && (n == 0 || n % 2 != 0)) {
        return FK_E_FORMAT;
    }
    for (size_t i = 0; i < n && fk_reader_ok(&r); i += 2) {
        int64_t code = fk_cbor_int(&r);
        if (fk_reader_ok(&r)) {
            enum fk_status st = run_command(x, code, &r);
            fk_reader_require(&r, st == FK_OK, st);
        }
    }
    return fk_reader_end(&r);
}

static enum fk_status run_section(struct run *x, enum section section, struct fk_slice shared,
                                  struct fk_slice own)
{
    enum fk_status st = FK_OK;
    if (own.len == 0) {
        return FK_OK;
    }
    memset(x->params, 0, sizeof x->params);
    x->vendor_checked = false;
    x->class_checked = false;
    x->section = section;
    if (shared.len > 0) {
        x->shared = true;
        st = run_sequence(x, shared);
        x->shared = false;
    }
    return st == FK_OK ? run_sequence(x, own) : st;
}

/* [ + [ + bstr ] ] */
static enum fk_status read_components(struct fk_slice encoded, struct run *x)
{
    struct fk_reader r;
    fk_reader_init(&r, encoded);
    size_t n = fk_cbor_array(&r);
    if (fk_reader_ok(&r) && (n == 0 || n > COMPONENTS_MAX)) {
        return FK_E_SUIT_COMPONENT;
    }
    for (size_t i = 0; i < n && fk_reader_ok(&r); i++) {
        const uint8_t *start = r.at;
        size_t left = r.left;
        size_t parts = fk_cbor_array(&r);
        if (fk_reader_ok(&r) && parts == 0) {
            fk_reader_fail(&r, FK_E_FORMAT);
        }
        for (size_t k = 0; k < parts && fk_reader_ok(&r); k++) {
            (void)fk_cbor_bytes(&r);
        }
        x->components[i] = (struct fk_slice){start, left - r.left};
        fk_reader_require(&r, x->components[i].len <= FK_SUIT_COMPONENT_MAX, FK_E_LIMIT);
    }
    x->n_components = n;
    enum fk_status st = fk_reader_end(&r);
    if (st == FK_OK && n == 2 && same(x->components[0], x->components[1])) {
        st = FK_E_SUIT_COMPONENT;
    }
    return st;
}

enum fk_status fk_suit_run(const struct fk_suit_sequences *s, struct fk_suit_manifest *m)
{
    struct run x = {.m = m, .fetched = NONE, .target = NONE};
    enum fk_status st = read_components(s->components, &x);
    if (st == FK_OK) {
        st = run_section(&x, INSTALL, s->shared, s->install);
    }
    if (st == FK_OK && x.target == NONE) {
        st = FK_E_SUIT_CONDITION; /* nothing was fetched, or it was not copied to its place */
    }
    if (st == FK_OK) {
        st = run_section(&x, VALIDATE, s->shared, s->validate);
    }
    if (st == FK_OK) {
        st = run_section(&x, INVOKE, s->shared, s->invoke);
    }
    if (st == FK_OK && m->image.digest.len == 0) {
        st = FK_E_SUIT_CONDITION;
    }
    if (st == FK_OK) {
        m->component = x.components[x.target];
        if (x.target != x.fetched) {
            m->staging = x.components[x.fetched];
        } else {
            m->payload = m->image;
        }
    }
    return st;
}
