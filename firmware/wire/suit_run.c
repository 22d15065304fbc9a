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

/* Where a command may stand. */
enum {
    IN_INSTALL = 1u << FK_SECTION_INSTALL,
    IN_VALIDATE = 1u << FK_SECTION_VALIDATE,
    IN_INVOKE = 1u << FK_SECTION_INVOKE,
    IN_SHARED = 1u << FK_SECTIONS, /* the shared part of any section */
    ANYWHERE = IN_INSTALL | IN_VALIDATE | IN_INVOKE | IN_SHARED
};

/* Whom an image is for, in the order of their conditions. */
enum { VENDOR, CLASS, DEVICE, IDENTITIES };

struct parameters {
    struct fk_slice identity[IDENTITIES], digest, encryption, uri;
    uint64_t size, source;
    uint32_t given; /* bit: parameter */
};

struct run {
    struct fk_suit_manifest *m;
    struct fk_slice components[COMPONENTS_MAX];
    size_t n_components;
    /* of the section that is running */
    unsigned where; /* IN_… */
    bool index_set;
    size_t at; /* current component */
    struct parameters params[COMPONENTS_MAX];
    bool checked[IDENTITIES];
    /* of the whole manifest */
    int fetched; /* component that was fetched, or NONE */
    int target;  /* component that gets the image, or NONE */
};

static bool given(const struct parameters *p, enum fk_suit_parameter which)
{
    return (p->given >> which & 1) != 0;
}

/* Two conditions of one kind must ask for the same, or no device could meet both. */
static enum fk_status claim(struct fk_slice *claimed, struct fk_slice value)
{
    if (value.len == 0 || (claimed->len > 0 && !fk_slice_same(*claimed, value))) {
        return FK_E_SUIT_CONDITION;
    }
    *claimed = value;
    return FK_OK;
}

/* What ends up in requests and messages: printable ASCII without spaces. */
static void check_uri(struct fk_reader *r, struct fk_slice uri)
{
    fk_reader_require(r, uri.len <= FK_SUIT_URI_MAX, FK_E_LIMIT);
    fk_reader_require(r, uri.len != 0, FK_E_FORMAT);
    for (size_t i = 0; i < uri.len && fk_reader_ok(r); i++) {
        fk_reader_require(r, uri.ptr[i] > 0x20 && uri.ptr[i] < 0x7f, FK_E_FORMAT);
    }
}

static void read_parameter(struct fk_reader *r, int32_t label, struct parameters *p)
{
    static const struct fk_cbor_field fields[] = {
        {FK_SUIT_PARAM_VENDOR, FK_CBOR_TO_BYTES, FK_SUIT_UUID_SIZE,
         offsetof(struct parameters, identity[VENDOR])},
        {FK_SUIT_PARAM_CLASS, FK_CBOR_TO_BYTES, FK_SUIT_UUID_SIZE,
         offsetof(struct parameters, identity[CLASS])},
        {FK_SUIT_PARAM_DEVICE, FK_CBOR_TO_BYTES, FK_SUIT_UUID_SIZE,
         offsetof(struct parameters, identity[DEVICE])},
        {FK_SUIT_PARAM_DIGEST, FK_CBOR_TO_BYTES, 0, offsetof(struct parameters, digest)},
        {FK_SUIT_PARAM_SIZE, FK_CBOR_TO_UINT, 0, offsetof(struct parameters, size)},
        {FK_SUIT_PARAM_ENCRYPTION, FK_CBOR_TO_BYTES, 0, offsetof(struct parameters, encryption)},
        {FK_SUIT_PARAM_URI, FK_CBOR_TO_TEXT, 0, offsetof(struct parameters, uri)},
        {FK_SUIT_PARAM_SOURCE, FK_CBOR_TO_UINT, 0, offsetof(struct parameters, source)},
    };
    if (!fk_cbor_take_field(r, label, fields, sizeof fields / sizeof fields[0], p)) {
        fk_reader_fail(r, FK_E_SUIT_PARAMETER);
        return;
    }
    p->given |= (uint32_t)1 << label; /* one of the table: below 32 */
    if (label == FK_SUIT_PARAM_DIGEST) {
        p->digest = fk_suit_digest_in(r, p->digest);
    } else if (label == FK_SUIT_PARAM_URI) {
        check_uri(r, p->uri);
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
        read_parameter(r, key.label, &x->params[x->at]);
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
    bool staged = x->where == IN_INSTALL && x->target == NONE && x->fetched == (int)x->at;
    /* Before anything was fetched, the component holds the old image: never a match. */
    if (!target && !staged) {
        return FK_E_SUIT_COMMAND;
    }
    struct fk_suit_match *match = target ? &m->image : &m->payload;
    if (!given(p, FK_SUIT_PARAM_SIZE) || (match->digest.len > 0 && match->size != p->size)) {
        return FK_E_SUIT_CONDITION;
    }
    match->size = p->size;
    return claim(&match->digest, p->digest);
}

static enum fk_status fetch(struct run *x, const struct parameters *p)
{
    if (x->fetched != NONE) {
        return FK_E_SUIT_COMMAND;
    }
    /* For whom it is, how large and from where: all of it before a byte is fetched. */
    if (!x->checked[VENDOR] || !x->checked[CLASS] || !given(p, FK_SUIT_PARAM_SIZE) ||
        p->uri.len == 0) {
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
    if (x->fetched == NONE || x->target != NONE || x->fetched == (int)x->at) {
        return FK_E_SUIT_COMMAND;
    }
    if (!given(p, FK_SUIT_PARAM_SOURCE) || p->encryption.len == 0) {
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
    if (x->m->invoke) {
        return FK_E_SUIT_COMMAND;
    }
    if (x->target != (int)x->at) {
        return FK_E_SUIT_COMPONENT;
    }
    x->m->invoke = true;
    return FK_OK;
}

static enum fk_status check_identity(struct run *x, const struct parameters *p, int which)
{
    struct fk_suit_manifest *m = x->m;
    struct fk_slice *claimed = which == VENDOR  ? &m->vendor
                               : which == CLASS ? &m->class_id
                                                : &m->device;
    enum fk_status st = claim(claimed, p->identity[which]);
    x->checked[which] = st == FK_OK;
    return st;
}

/* Where a command may stand; 0: it is none of the profile's. */
static unsigned places_of(int32_t code)
{
    static const uint8_t places[] = {
        [FK_SUIT_COND_VENDOR] = ANYWHERE,
        [FK_SUIT_COND_CLASS] = ANYWHERE,
        [FK_SUIT_COND_IMAGE_MATCH] = IN_INSTALL | IN_VALIDATE,
        [FK_SUIT_FETCH] = IN_INSTALL,
        [FK_SUIT_COPY] = IN_INSTALL,
        [FK_SUIT_DO_INVOKE] = IN_INVOKE,
        [FK_SUIT_COND_DEVICE] = ANYWHERE,
    };
    return code >= 0 && code < (int32_t)sizeof places ? places[code] : 0;
}

static enum fk_status run_command(struct run *x, int32_t code, struct fk_reader *r)
{
    const struct parameters *p = &x->params[x->at];
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
    unsigned places = places_of(code);
    if (places == 0) {
        return FK_E_SUIT_COMMAND;
    }
    /* What they all take: a reporting policy of four bits, which this device does not need. */
    fk_reader_require(r, fk_cbor_uint(r) <= POLICY_MAX, FK_E_FORMAT);
    if (!fk_reader_ok(r)) {
        return r->st;
    }
    if ((places & x->where) == 0) {
        return FK_E_SUIT_COMMAND;
    }
    switch (code) {
    case FK_SUIT_COND_VENDOR:
        return check_identity(x, p, VENDOR);
    case FK_SUIT_COND_CLASS:
        return check_identity(x, p, CLASS);
    case FK_SUIT_COND_DEVICE:
        return check_identity(x, p, DEVICE);
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
        int32_t code = fk_cbor_label(&r);
        if (fk_reader_ok(&r)) {
            enum fk_status st = run_command(x, code, &r);
            fk_reader_require(&r, st == FK_OK, st);
        }
    }
    return fk_reader_end(&r);
}

static enum fk_status run_section(struct run *x, const struct fk_suit_sequences *s,
                                  enum fk_suit_section section)
{
    enum fk_status st = FK_OK;
    if (s->own[section].len == 0) {
        return FK_OK;
    }
    memset(x->params, 0, sizeof x->params);
    memset(x->checked, 0, sizeof x->checked);
    if (s->shared.len > 0) {
        x->where = IN_SHARED;
        st = run_sequence(x, s->shared);
    }
    x->where = 1u << section;
    return st == FK_OK ? run_sequence(x, s->own[section]) : st;
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
    if (st == FK_OK && n == 2 && fk_slice_same(x->components[0], x->components[1])) {
        st = FK_E_SUIT_COMPONENT;
    }
    return st;
}

enum fk_status fk_suit_run(const struct fk_suit_sequences *s, struct fk_suit_manifest *m)
{
    struct run x = {.m = m, .fetched = NONE, .target = NONE};
    enum fk_status st = read_components(s->components, &x);
    for (int i = 0; st == FK_OK && i < FK_SECTIONS; i++) {
        st = run_section(&x, s, (enum fk_suit_section)i);
        if (st == FK_OK && x.target == NONE) {
            st = FK_E_SUIT_CONDITION; /* nothing was fetched, or it was not copied to its place */
        }
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
