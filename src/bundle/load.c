/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/load.h"

#include "fotakit/p12.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum fk_status no_memory(struct fk_error *err)
{
    return fk_fail(err, FK_E_MEMORY, "out of memory");
}

/* Takes over cert, also on failure. */
static enum fk_status add_cert(struct fk_bundle_certs *list, struct fk_bundle_cert one,
                               struct fk_error *err)
{
    if (list->n == FK_BUNDLE_CERTS_MAX) {
        fk_cert_free(one.cert);
        return fk_fail(err, FK_E_LIMIT, "more than %d certificates", FK_BUNDLE_CERTS_MAX);
    }
    if ((list->n & (list->n - 1)) == 0) { /* full at the powers of two: double */
        size_t capacity = list->n == 0 ? 1 : 2 * list->n;
        void *grown = realloc(list->at, capacity * sizeof *list->at);
        if (grown == NULL) {
            fk_cert_free(one.cert);
            return no_memory(err);
        }
        list->at = grown;
    }
    list->at[list->n++] = one;
    return FK_OK;
}

static enum fk_status add_file(struct fk_bundle *b, const char *path, enum fk_bundle_role role,
                               struct fk_error *err)
{
    void *grown = realloc(b->files, (b->n_files + 1) * sizeof *b->files);
    if (grown == NULL) {
        return no_memory(err);
    }
    b->files = grown;
    struct fk_bundle_file *f = &b->files[b->n_files];
    *f = (struct fk_bundle_file){.path = strdup(path), .role = role};
    if (f->path == NULL) {
        return no_memory(err);
    }
    b->n_files++;
    return FK_OK;
}

/* Where certificates of a file go; those of a file without a role are sorted at the end. */
static struct fk_bundle_certs *list_for(struct fk_loading *ld, enum fk_bundle_role role)
{
    switch (role) {
    case FK_BUNDLE_CA:
        return &ld->b.roots;
    case FK_BUNDLE_SERVER:
        return &ld->b.server;
    case FK_BUNDLE_ANY:
        return &ld->unsorted;
    default:
        return &ld->b.chain;
    }
}

/* A key that was named as one beats a key that happens to stand beside a certificate. */
static bool takes_key(const struct fk_loading *ld, enum fk_bundle_role role)
{
    return role == FK_BUNDLE_KEY || role == FK_BUNDLE_ANY ||
           (role == FK_BUNDLE_CERT && !ld->key_comes);
}

static enum fk_status refuse_second_key(const struct fk_loading *ld, size_t file,
                                        struct fk_error *err)
{
    char place[FK_BUNDLE_PLACE_SIZE];
    fk_bundle_place(&ld->b, ld->b.key.file, ld->b.key.line, place);
    return fk_fail(err, FK_E_AMBIGUOUS,
                   "'%s' holds a private key, and so does %s; name the one that counts with --key",
                   ld->b.files[file].path, place);
}

static enum fk_status load_key(struct fk_loading *ld, const struct fk_objects *objects, size_t file,
                               struct fk_error *err)
{
    const struct fk_object *o = NULL;
    size_t pick = ld->pick != NULL ? strtoul(ld->pick, NULL, 10) : 0;
    enum fk_status st = fk_objects_pick_key(objects, pick, &o, err);
    if (st != FK_OK || o == NULL) {
        return st;
    }
    if (ld->b.key.key != NULL) {
        return refuse_second_key(ld, file, err);
    }
    struct fk_bundle_key key = {
        .file = file,
        .line = o->line,
        .form = {.structure = fk_object_structure(o),
                 .form = objects->is_pem ? FK_FORM_PEM : FK_FORM_DER,
                 .curve_block = o->parameters.len > 0,
                 .crlf = (objects->marks & FK_PEM_CRLF) != 0},
        .encrypted = fk_object_is_encrypted(o),
        .mislabelled = o->mislabelled,
    };
    st = fk_key_open(o, ld->passphrase, &key.key, err);
    if (st == FK_OK) {
        ld->b.key = key;
    }
    return st;
}

static enum fk_status load_objects(struct fk_loading *ld, const struct fk_objects *objects,
                                   size_t file, struct fk_error *err)
{
    enum fk_bundle_role role = ld->b.files[file].role;
    enum fk_status st = FK_OK;
    for (size_t i = 0; i < objects->n && st == FK_OK; i++) {
        const struct fk_object *o = &objects->at[i];
        if (o->kind != FK_OBJECT_CERTIFICATE) {
            continue;
        }
        struct fk_bundle_cert one = {.file = file, .line = o->line};
        st = fk_cert_open(o->der, &one.cert, err);
        if (st != FK_OK) {
            return o->line > 0 ? fk_wrap(err, st, "line %u", o->line) : st;
        }
        st = add_cert(list_for(ld, role), one, err);
    }
    if (st == FK_OK && takes_key(ld, role)) {
        st = load_key(ld, objects, file, err);
    }
    return st;
}

/* Moves what the split has chosen out of the container. */
static enum fk_status take_parts(struct fk_loading *ld, struct fk_p12 *p12,
                                 const struct fk_p12_parts *parts, size_t file,
                                 struct fk_error *err)
{
    enum fk_status st = FK_OK;
    for (size_t want = 0; want <= parts->n_ca && st == FK_OK; want++) {
        const struct fk_cert *cert = want == 0 ? parts->cert : parts->ca[want - 1];
        for (size_t i = 0; cert != NULL && i < p12->n; i++) {
            if (p12->at[i].cert == cert) {
                struct fk_bundle_cert one = {.cert = p12->at[i].cert, .file = file};
                p12->at[i].cert = NULL;
                st = add_cert(list_for(ld, ld->b.files[file].role), one, err);
                break;
            }
        }
    }
    for (size_t i = 0; i < p12->n && st == FK_OK; i++) {
        if (parts->key != NULL && p12->at[i].key == parts->key) {
            ld->b.key = (struct fk_bundle_key){
                .key = p12->at[i].key, .file = file, .form = {.structure = FK_KEY_PKCS8}};
            ld->b.key.encrypted = p12->encryption[0] != '\0';
            p12->at[i].key = NULL;
        }
    }
    return st;
}

/* A container that was given for its roots: those alone, and no key. */
static enum fk_status take_roots(struct fk_loading *ld, struct fk_p12 *p12, size_t file,
                                 struct fk_error *err)
{
    enum fk_status st = FK_OK;
    size_t before = ld->b.roots.n;
    ld->b.files[file].n_keys = 0;
    for (size_t i = 0; i < p12->n && st == FK_OK; i++) {
        struct fk_bundle_cert one = {.cert = p12->at[i].cert, .file = file};
        if (one.cert != NULL && fk_cert_info(one.cert)->self_issued &&
            fk_cert_info(one.cert)->is_ca) {
            p12->at[i].cert = NULL;
            st = add_cert(&ld->b.roots, one, err);
        }
    }
    if (st == FK_OK && ld->b.roots.n == before) {
        st = fk_fail(err, FK_E_WRONG_KIND, "holds no root");
    }
    return st;
}

static enum fk_status load_p12(struct fk_loading *ld, const struct fk_object *o, size_t file,
                               struct fk_error *err)
{
    struct fk_p12 p12 = {.n = 0};
    struct fk_p12_parts parts;
    struct fk_bundle_file *f = &ld->b.files[file];
    f->is_p12 = true;
    enum fk_status st = fk_p12_open(o->der, ld->passphrase, &p12, err);
    if (st != FK_OK) {
        return st;
    }
    f->n_keys = p12.n_keys;
    f->n_certs = p12.n_certs;
    f->n_other = p12.n_other;
    if (f->role == FK_BUNDLE_CA) {
        st = take_roots(ld, &p12, file, err);
        fk_p12_release(&p12);
        return st;
    }
    st = fk_p12_split(&p12, ld->pick, &parts, err);
    if (st == FK_OK && parts.key != NULL && ld->b.key.key != NULL) {
        st = refuse_second_key(ld, file, err);
    }
    if (st == FK_OK) {
        st = take_parts(ld, &p12, &parts, file, err);
    }
    fk_p12_release(&p12);
    return st;
}

static enum fk_status check_contents(const struct fk_bundle_file *f,
                                     const struct fk_objects *objects, struct fk_error *err)
{
    bool wants_key = f->role == FK_BUNDLE_KEY;
    bool any = f->role == FK_BUNDLE_ANY;
    if ((f->n_keys > 0 && (wants_key || any)) || (f->n_certs > 0 && !wants_key)) {
        return FK_OK;
    }
    return fk_fail(err, FK_E_WRONG_KIND, "holds %s, expected %s", fk_object_name(&objects->at[0]),
                   any         ? "a private key or certificates"
                   : wants_key ? "a private key"
                               : "certificates");
}

/* What the build of the device adds when it turns LF into CR LF. */
static size_t made_line_ends(const struct fk_loading *ld, const struct fk_objects *objects,
                             struct fk_slice text)
{
    const struct fk_credential_use *use = ld->b.use;
    const struct fk_file_rules *rules =
        fk_objects_count_keys(objects) > 0 ? &use->key.file : &use->cert.file;
    size_t n = 0;
    if (objects->is_pem && (objects->marks & (FK_PEM_CR | FK_PEM_CRLF)) == 0 &&
        rules->line_end_made && rules->line_end == FK_LINE_END_CRLF) {
        for (size_t i = 0; i < text.len; i++) {
            n += text.ptr[i] == '\n';
        }
    }
    return n;
}

static enum fk_status load_parsed(struct fk_loading *ld, const struct fk_objects *objects,
                                  size_t file, struct fk_error *err)
{
    struct fk_bundle_file *f = &ld->b.files[file];
    f->is_pem = objects->is_pem;
    f->marks = objects->marks;
    if (objects->at[0].kind == FK_OBJECT_PKCS12) {
        return load_p12(ld, &objects->at[0], file, err);
    }
    f->n_keys = fk_objects_count_keys(objects);
    f->n_certs = fk_objects_count(objects, FK_OBJECT_CERTIFICATE);
    f->n_other =
        objects->n - f->n_keys - f->n_certs - fk_objects_count(objects, FK_OBJECT_EC_PARAMETERS);
    enum fk_status st = check_contents(f, objects, err);
    return st == FK_OK ? load_objects(ld, objects, file, err) : st;
}

enum fk_status fk_loading_bytes(struct fk_loading *ld, const char *path, enum fk_bundle_role role,
                                struct fk_slice bytes, struct fk_error *err)
{
    struct fk_objects objects = {.n = 0};
    enum fk_status st = add_file(&ld->b, path, role, err);
    if (st != FK_OK) {
        return st;
    }
    size_t file = ld->b.n_files - 1;
    ld->b.files[file].size = bytes.len;
    st = fk_objects_parse(bytes, &objects, err);
    if (st == FK_OK) {
        ld->b.files[file].size += made_line_ends(ld, &objects, bytes);
        st = load_parsed(ld, &objects, file, err);
    }
    fk_objects_release(&objects);
    return st == FK_E_AMBIGUOUS ? st : fk_wrap(err, st, "'%s'", path);
}

static enum fk_status load_file(struct fk_loading *ld, const char *path, enum fk_bundle_role role,
                                struct fk_error *err)
{
    struct fk_buffer bytes = {.ptr = NULL};
    bool is_stdin = strcmp(path, "-") == 0;
    enum fk_status st =
        fk_file_read(is_stdin ? "/dev/stdin" : path, FK_OBJECT_FILE_MAX, &bytes, err);
    if (st != FK_OK) {
        return fk_wrap(err, st, "%s", fk_bundle_role_text(role));
    }
    st = fk_loading_bytes(ld, is_stdin ? "standard input" : path, role,
                          (struct fk_slice){bytes.ptr, bytes.len}, err);
    fk_buffer_release(&bytes);
    return st;
}

/* ---- which certificate is what ------------------------------------------------------------- */

/* The certificate of the key; else the first that is no CA. n when there is neither. */
static size_t find_leaf(const struct fk_bundle_certs *list, const struct fk_key *key)
{
    size_t plain = list->n;
    for (size_t i = 0; i < list->n; i++) {
        if (key != NULL && fk_cert_has_key(list->at[i].cert, key)) {
            return i;
        }
        if (plain == list->n && !fk_cert_info(list->at[i].cert)->is_ca &&
            !fk_cert_info(list->at[i].cert)->self_issued) {
            plain = i;
        }
    }
    return plain;
}

/* An issuer of below that is no root and not taken yet; n when there is none. */
static size_t find_issuer(const struct fk_bundle_certs *list, const bool *taken,
                          const struct fk_cert *below)
{
    size_t i = 0;
    while (i < list->n && (taken[i] || fk_cert_info(list->at[i].cert)->self_issued ||
                           !fk_cert_names_issuer(below, list->at[i].cert) ||
                           !fk_cert_signed_by(below, list->at[i].cert))) {
        i++;
    }
    return i;
}

/* Certificates of files without a role: the device's own and those that lead from it to a root
 * are its chain; the other CAs are roots. */
static enum fk_status sort_certs(struct fk_loading *ld, struct fk_error *err)
{
    struct fk_bundle_certs list = ld->unsorted;
    bool *in_chain = calloc(list.n, sizeof *in_chain);
    enum fk_status st = in_chain != NULL ? FK_OK : no_memory(err);
    ld->unsorted = (struct fk_bundle_certs){.at = NULL};
    size_t next = list.n;
    if (st == FK_OK) {
        next = ld->b.chain.n > 0 ? find_issuer(&list, in_chain, ld->b.chain.at[0].cert)
                                 : find_leaf(&list, ld->b.key.key);
    }
    while (next < list.n) {
        in_chain[next] = true;
        next = find_issuer(&list, in_chain, list.at[next].cert);
    }
    for (size_t i = 0; i < list.n; i++) {
        if (st != FK_OK) {
            fk_cert_free(list.at[i].cert);
            continue;
        }
        const struct fk_cert_info *info = fk_cert_info(list.at[i].cert);
        bool root = !in_chain[i] && (info->is_ca || info->self_issued);
        st = add_cert(root ? &ld->b.roots : &ld->b.chain, list.at[i], err);
    }
    free(in_chain);
    free(list.at);
    return st;
}

enum fk_status fk_loading_finish(struct fk_loading *ld, enum fk_status st, struct fk_bundle *ret,
                                 struct fk_error *err)
{
    if (st == FK_OK && ld->unsorted.n > 0) {
        st = sort_certs(ld, err);
    }
    struct fk_bundle *b = &ld->b;
    for (size_t i = 0; st == FK_OK && b->key.key != NULL && i < b->chain.n; i++) {
        if (fk_cert_has_key(b->chain.at[i].cert, b->key.key)) {
            b->leaf = i;
            break;
        }
    }
    if (st == FK_OK && b->host == NULL && ld->host != NULL) {
        b->host = strdup(ld->host);
        st = b->host == NULL ? no_memory(err) : FK_OK;
    }
    for (size_t i = 0; i < ld->unsorted.n; i++) {
        fk_cert_free(ld->unsorted.at[i].cert);
    }
    free(ld->unsorted.at);
    if (st == FK_OK) {
        *ret = *b;
    } else {
        fk_bundle_release(b);
    }
    return st;
}

enum fk_status fk_bundle_load(const struct fk_bundle_inputs *in, struct fk_bundle *ret,
                              struct fk_error *err)
{
    struct fk_loading ld = {
        .b = {.profile = in->profile,
              .use = in->use,
              .store = in->store,
              .known = in->known,
              .at = in->at,
              .service_end = in->service_end},
        .passphrase = in->passphrase,
        .pick = in->pick,
        .host = in->host,
        .key_comes = in->key != NULL || in->p12 != NULL,
    };
    const struct {
        const char *path;
        enum fk_bundle_role role;
    } named[] = {
        {in->key, FK_BUNDLE_KEY},
        {in->p12, FK_BUNDLE_CERT},
        {in->cert, FK_BUNDLE_CERT},
        {in->server_chain, FK_BUNDLE_SERVER},
    };
    enum fk_status st = FK_OK;
    if (ld.b.store == NULL && in->use->n_stores > 0) {
        ld.b.store = &in->use->stores[0];
    }
    for (size_t i = 0; i < sizeof named / sizeof named[0] && st == FK_OK; i++) {
        if (named[i].path != NULL) {
            st = load_file(&ld, named[i].path, named[i].role, err);
        }
    }
    for (size_t i = 0; i < in->n_chain && st == FK_OK; i++) {
        st = load_file(&ld, in->chain[i], FK_BUNDLE_CERT, err);
    }
    for (size_t i = 0; i < in->n_ca && st == FK_OK; i++) {
        st = load_file(&ld, in->ca[i], FK_BUNDLE_CA, err);
    }
    for (size_t i = 0; i < in->n_files && st == FK_OK; i++) {
        st = load_file(&ld, in->files[i], FK_BUNDLE_ANY, err);
    }
    return fk_loading_finish(&ld, st, ret, err);
}
