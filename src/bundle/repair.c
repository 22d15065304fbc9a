/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/load.h"
#include "bundle/path.h"

#include "fotakit/ski.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct repair {
    const struct fk_bundle *b;
    struct fk_repaired r;
    size_t items_max, changes_max;
    struct fk_error *err;
};

static enum fk_status no_memory(struct fk_error *err)
{
    return fk_fail(err, FK_E_MEMORY, "out of memory");
}

/* ---- what was done ----------------------------------------------------------------------------
 */

static void tell(struct repair *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* There is room for every certificate and key to be mentioned; see open_repair(). */
static void tell(struct repair *p, const char *fmt, ...)
{
    struct fk_error masked = FK_ERROR_INIT; /* names come from certificates */
    char text[sizeof p->r.changes[0].text];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    (void)fk_fail(&masked, FK_OK, "%s", text);
    if (p->r.n_changes < p->changes_max) {
        memcpy(p->r.changes[p->r.n_changes++].text, masked.msg, sizeof text);
    }
}

static const char *place(const struct repair *p, const struct fk_bundle_cert *c,
                         char text[FK_BUNDLE_PLACE_SIZE])
{
    fk_bundle_place(p->b, c->file, c->line, text);
    return text;
}

static const char *found_form(const struct fk_bundle_file *f)
{
    return f->is_p12
               ? "PKCS#12"
               : fk_form_text(f->is_pem ? FK_FORM_PEM : FK_FORM_DER, (f->marks & FK_PEM_CRLF) != 0);
}

/* ---- items ------------------------------------------------------------------------------------
 */

static void item_release(struct fk_bundle_item *i)
{
    fk_buffer_release(&i->bytes);
    free(i->certs);
}

void fk_repaired_release(struct fk_repaired *r)
{
    for (size_t i = 0; i < r->n_items; i++) {
        item_release(&r->items[i]);
    }
    free(r->items);
    free(r->changes);
    *r = (struct fk_repaired){.n_items = 0};
}

/* Takes over the bytes of c. */
static struct fk_bundle_item *add_item(struct repair *p, enum fk_bundle_role role,
                                       struct fk_converted *c)
{
    struct fk_bundle_item *i = &p->r.items[p->r.n_items++];
    const struct fk_credential_use *use = p->b->use;
    const struct fk_file_rules *rules = role == FK_BUNDLE_KEY ? &use->key.file : &use->cert.file;
    *i = (struct fk_bundle_item){.role = role,
                                 .bytes = c->bytes,
                                 .form = c->form,
                                 .crlf =
                                     c->form == FK_FORM_PEM && rules->line_end == FK_LINE_END_CRLF,
                                 .secret = c->secret};
    snprintf(i->what, sizeof i->what, "%s", c->what);
    c->bytes = (struct fk_buffer){.ptr = NULL};
    return i;
}

static enum fk_status keep_certs(struct fk_bundle_item *i, const struct fk_cert *const *certs,
                                 size_t n, struct fk_error *err)
{
    i->certs = calloc(n, sizeof(struct fk_cert *));
    if (i->certs == NULL) {
        return no_memory(err);
    }
    memcpy(i->certs, certs, n * sizeof(struct fk_cert *));
    i->n_certs = n;
    return FK_OK;
}

static enum fk_status find_slot(const struct repair *p, enum fk_slot_role role, const char *what,
                                const struct fk_slot **ret)
{
    const struct fk_store *store = p->b->store;
    *ret = store != NULL ? fk_store_slot(store, role) : NULL;
    if (store != NULL && *ret == NULL) {
        return fk_fail(p->err, FK_E_UNSUPPORTED,
                       "the store '%s' of %s has no place for %s; choose another with --store",
                       store->name, p->b->use->title, what);
    }
    return FK_OK;
}

/* The slot's pattern with <ski> and <name> filled in. number is that of the item, from 1. */
static enum fk_status name_item(const struct repair *p, struct fk_bundle_item *i,
                                const struct fk_slot *slot, const char *plain, size_t number)
{
    const char *pattern = slot != NULL ? slot->name : "<name>";
    const char *mark = strchr(pattern, '<');
    char middle[FK_KEY_ID_NAME_SIZE] = "";
    if (mark == NULL) {
        snprintf(i->name, sizeof i->name, "%s", pattern);
        return FK_OK;
    }
    if (strncmp(mark, "<ski>", 5) == 0) {
        struct fk_key_id id;
        enum fk_status st = fk_key_id_of(i->certs[0], false, &id, p->err);
        if (st != FK_OK) {
            return fk_wrap(p->err, st, "root '%.150s'", fk_cert_info(i->certs[0])->subject);
        }
        snprintf(middle, sizeof middle, "%.*s", (int)(2 * id.len), id.name);
    } else if (number > 1) {
        snprintf(middle, sizeof middle, "%s-%zu.%s", plain, number,
                 i->form == FK_FORM_DER ? "der" : "pem");
    } else {
        snprintf(middle, sizeof middle, "%s.%s", plain, i->form == FK_FORM_DER ? "der" : "pem");
    }
    const char *rest = strchr(mark, '>');
    snprintf(i->name, sizeof i->name, "%.*s%s%s", (int)(mark - pattern), pattern, middle,
             rest != NULL ? rest + 1 : "");
    return FK_OK;
}

/* ---- roots ------------------------------------------------------------------------------------
 */

static bool same_ski(const struct fk_cert *a, const struct fk_cert *b)
{
    const struct fk_cert_info *x = fk_cert_info(a);
    const struct fk_cert_info *y = fk_cert_info(b);
    return x->has_ski && y->has_ski && x->ski.len == y->ski.len &&
           memcmp(x->ski.ptr, y->ski.ptr, x->ski.len) == 0;
}

/* Marks what stands in the way of root i, and says so. */
static void drop_rivals(struct repair *p, bool *dropped, size_t i)
{
    const struct fk_bundle_certs *roots = &p->b->roots;
    char here[FK_BUNDLE_PLACE_SIZE];
    char there[FK_BUNDLE_PLACE_SIZE];
    for (size_t k = 0; k < i && !dropped[i]; k++) {
        const struct fk_cert *first = roots->at[k].cert;
        const struct fk_cert *second = roots->at[i].cert;
        if (dropped[k]) {
            continue;
        }
        if (fk_same_cert(first, second)) {
            dropped[i] = true;
            tell(p, "%s: left out, the same as %s", place(p, &roots->at[i], here),
                 place(p, &roots->at[k], there));
        } else if (p->b->use->chain.root_found_by == FK_LOOKUP_KEY_ID && same_ski(first, second)) {
            bool later = fk_cert_info(second)->not_after > fk_cert_info(first)->not_after;
            size_t loser = later ? k : i;
            dropped[loser] = true;
            tell(p, "%s: left out, it has the key identifier of %s, which ends later",
                 place(p, &roots->at[loser], here), place(p, &roots->at[later ? i : k], there));
        }
    }
}

/* With fewer places than roots, the one that the server needs stays. */
static void drop_excess(struct repair *p, bool *dropped, const struct fk_slot *slot)
{
    const struct fk_bundle_certs *roots = &p->b->roots;
    struct fk_path path = {.n = 0};
    char text[FK_BUNDLE_PLACE_SIZE];
    size_t n = 0;
    for (size_t i = 0; i < roots->n; i++) {
        n += dropped[i] ? 0 : 1;
    }
    if (slot == NULL || slot->items_max == 0 || slot->certs_max == 0 ||
        n <= (size_t)slot->items_max * slot->certs_max || p->b->server.n == 0) {
        return;
    }
    fk_path_build(&p->b->server, 0, roots, &path);
    for (size_t i = 0; path.anchored && i < roots->n; i++) {
        if (!dropped[i] && !fk_path_has(&path, roots->at[i].cert)) {
            dropped[i] = true;
            tell(p, "%s: left out, the server's chain does not lead to it and there is no room",
                 place(p, &roots->at[i], text));
        }
    }
}

static void tell_cert_form(struct repair *p, const struct fk_bundle_cert *c,
                           const struct fk_bundle_item *i, const char *why)
{
    const struct fk_bundle_file *f = &p->b->files[c->file];
    char text[FK_BUNDLE_PLACE_SIZE];
    bool same = !f->is_p12 && f->is_pem == (i->form == FK_FORM_PEM) &&
                (!f->is_pem || ((f->marks & FK_PEM_CRLF) != 0) == i->crlf);
    if (!same) {
        tell(p, "%s: %s became %s%s%s", place(p, c, text), found_form(f),
             fk_form_text(i->form, i->crlf), why[0] != '\0' ? "; " : "", why);
    } else if ((f->marks & ~(unsigned)FK_PEM_CRLF) != 0 || f->n_other > 0) {
        tell(p, "%s: written anew, without what stood around it", place(p, c, text));
    }
}

static enum fk_status add_roots(struct repair *p, const struct fk_cert *const *certs, size_t n,
                                const struct fk_slot *slot, size_t number,
                                const struct fk_bundle_cert *from)
{
    struct fk_converted c = {.secret = false};
    char text[FK_BUNDLE_PLACE_SIZE];
    enum fk_status st = fk_use_convert_certs(p->b->use, certs, n, NULL, &c, p->err);
    if (st != FK_OK) {
        return fk_wrap(p->err, st, "root %s", place(p, from, text));
    }
    struct fk_bundle_item *i = add_item(p, FK_BUNDLE_CA, &c);
    st = keep_certs(i, certs, n, p->err);
    if (st == FK_OK) {
        st = name_item(p, i, slot, "ca", number);
    }
    if (st == FK_OK && n == 1) {
        tell_cert_form(p, from, i, c.passed_over);
    } else if (st == FK_OK) {
        tell(p, "%zu roots became one file, %s", n, fk_form_text(i->form, i->crlf));
    }
    fk_converted_release(&c);
    return st;
}

static enum fk_status repair_roots(struct repair *p)
{
    const struct fk_bundle_certs *roots = &p->b->roots;
    const struct fk_slot *slot = NULL;
    if (roots->n == 0) {
        return FK_OK;
    }
    enum fk_status st = find_slot(p, FK_SLOT_CA, "roots", &slot);
    bool *dropped = calloc(roots->n, sizeof *dropped);
    const struct fk_cert **kept = calloc(roots->n, sizeof *kept);
    if (dropped == NULL || kept == NULL) {
        st = st == FK_OK ? no_memory(p->err) : st;
    }
    size_t n = 0;
    for (size_t i = 0; st == FK_OK && i < roots->n; i++) {
        drop_rivals(p, dropped, i);
    }
    if (st == FK_OK) {
        drop_excess(p, dropped, slot);
    }
    bool together = slot != NULL && slot->items_max == 1 && slot->certs_max != 1;
    size_t number = 0;
    for (size_t i = 0; st == FK_OK && i < roots->n; i++) {
        if (dropped[i]) {
            continue;
        }
        kept[n++] = roots->at[i].cert;
        if (!together) {
            st = add_roots(p, &kept[n - 1], 1, slot, ++number, &roots->at[i]);
        }
    }
    if (st == FK_OK && together) {
        st = add_roots(p, kept, n, slot, 1, &roots->at[0]);
    }
    free(dropped);
    free(kept);
    return st;
}

/* The key identifier beside a root in PEM, where the device cannot take it from there. */
static enum fk_status repair_auth(struct repair *p)
{
    const struct fk_slot *slot =
        p->b->store != NULL ? fk_store_slot(p->b->store, FK_SLOT_AUTH) : NULL;
    size_t n = p->r.n_items;
    for (size_t k = 0; slot != NULL && k < n; k++) {
        struct fk_bundle_item *root = &p->r.items[k];
        struct fk_key_id id;
        if (root->role != FK_BUNDLE_CA || (slot->only_with_pem_ca && root->form == FK_FORM_DER)) {
            continue;
        }
        enum fk_status st = fk_key_id_of(root->certs[0], false, &id, p->err);
        if (st != FK_OK) {
            return st;
        }
        struct fk_converted c = {.bytes = {.ptr = malloc(id.len), .len = id.len},
                                 .form = FK_FORM_DER};
        if (c.bytes.ptr == NULL) {
            return no_memory(p->err);
        }
        memcpy(c.bytes.ptr, id.id, id.len);
        snprintf(c.what, sizeof c.what, "key identifier of the root, %zu bytes", id.len);
        struct fk_bundle_item *auth = add_item(p, FK_BUNDLE_AUTH, &c);
        st = keep_certs(auth, root->certs, 1, p->err);
        if (st == FK_OK) {
            st = name_item(p, auth, slot, "auth", 1);
        }
        if (st != FK_OK) {
            return st;
        }
        tell(p, "'%.150s': added, %s, as the root is in PEM", auth->name, auth->what);
    }
    return FK_OK;
}

/* ---- certificate ------------------------------------------------------------------------------
 */

static void tell_dropped(struct repair *p, const struct fk_path *path)
{
    const struct fk_bundle_certs *chain = &p->b->chain;
    char text[FK_BUNDLE_PLACE_SIZE];
    for (size_t i = 0; i < chain->n; i++) {
        const struct fk_cert *c = chain->at[i].cert;
        if (i == p->b->leaf) {
            continue;
        }
        if (!fk_path_has(path, c)) {
            tell(p, "%s: left out, '%.150s' did not issue any of the others",
                 place(p, &chain->at[i], text), fk_cert_info(c)->subject);
        } else if (fk_cert_info(c)->self_issued) {
            tell(p, "%s: left out, '%.150s' is the root, which the peer has",
                 place(p, &chain->at[i], text), fk_cert_info(c)->subject);
        }
    }
}

/* Own certificate first, then its issuers without the root. */
static size_t collect_chain(struct repair *p, const struct fk_path *path,
                            const struct fk_cert *certs[FK_PATH_MAX])
{
    const struct fk_bundle_certs *chain = &p->b->chain;
    char text[FK_BUNDLE_PLACE_SIZE];
    size_t n = 0;
    bool moved = false;
    const struct fk_bundle_cert *last = NULL;
    for (size_t i = 0; i < path->n; i++) {
        const struct fk_bundle_cert *c = path->at[i].cert;
        if (i > 0 && fk_cert_info(c->cert)->self_issued) {
            continue;
        }
        certs[n++] = c->cert;
        if (path->at[i].is_root && i > 0) {
            tell(p, "chain completed with %s", place(p, c, text));
        } else {
            moved |= last != NULL && c < last;
            last = c;
        }
    }
    if (moved || p->b->leaf != 0) {
        tell(p, "%s: chain put in order, own certificate first", place(p, &chain->at[0], text));
    }
    return n;
}

static size_t room_for_chain(const struct repair *p, const struct fk_slot *slot, size_t n)
{
    if (p->b->use->chain.intermediates_loaded == FK_NO) {
        return 1;
    }
    return slot != NULL && slot->certs_max != 0 && n > slot->certs_max ? slot->certs_max : n;
}

static enum fk_status repair_chain(struct repair *p)
{
    const struct fk_cert *certs[FK_PATH_MAX];
    const struct fk_slot *slot = NULL;
    struct fk_path path;
    struct fk_converted c = {.secret = false};
    char text[FK_BUNDLE_PLACE_SIZE];
    if (p->b->chain.n == 0) {
        return FK_OK;
    }
    enum fk_status st = find_slot(p, FK_SLOT_CERT, "the device's certificate", &slot);
    if (st != FK_OK) {
        return st;
    }
    const struct fk_bundle_cert *leaf = &p->b->chain.at[p->b->leaf];
    fk_path_build(&p->b->chain, p->b->leaf, &p->b->roots, &path);
    tell_dropped(p, &path);
    size_t all = collect_chain(p, &path, certs);
    size_t n = room_for_chain(p, slot, all);
    if (n < all) {
        tell(p,
             "%zu issuers of the certificate left out: the device keeps %zu; give them to the "
             "peer",
             all - n, n);
    }
    st = fk_use_convert_certs(p->b->use, certs, n, NULL, &c, p->err);
    if (st == FK_E_LIMIT && n > 1) {
        st = fk_use_convert_certs(p->b->use, certs, 1, NULL, &c, p->err);
        if (st == FK_OK) {
            tell(p,
                 "%zu issuers of the certificate left out: there is no room; give them to the "
                 "peer",
                 n - 1);
            n = 1;
        }
    }
    if (st != FK_OK) {
        return fk_wrap(p->err, st, "certificate %s", place(p, leaf, text));
    }
    struct fk_bundle_item *i = add_item(p, FK_BUNDLE_CERT, &c);
    st = keep_certs(i, certs, n, p->err);
    if (st == FK_OK) {
        st = name_item(p, i, slot, "cert", 1);
    }
    if (st == FK_OK) {
        tell_cert_form(p, leaf, i, c.passed_over);
    }
    fk_converted_release(&c);
    return st;
}

/* ---- key --------------------------------------------------------------------------------------
 */

static void tell_key_form(struct repair *p, const struct fk_bundle_item *i, const char *why)
{
    const struct fk_bundle_key *k = &p->b->key;
    const struct fk_bundle_file *f = &p->b->files[k->file];
    char found[FK_KEY_FORM_TEXT_SIZE] = "PKCS#12";
    char text[FK_BUNDLE_PLACE_SIZE];
    char type[FK_KEY_TEXT_SIZE];
    fk_bundle_place(p->b, k->file, k->line, text);
    fk_key_describe(fk_key_public(k->key), type);
    if (!f->is_p12) {
        fk_key_form_text(&k->form, found);
    }
    const char *now = i->what + (strncmp(i->what, type, strlen(type)) == 0 ? strlen(type) + 2 : 0);
    if (k->encrypted) {
        tell(p, "%s: password removed", text);
    }
    if (strcmp(found, now) != 0) {
        tell(p, "%s: %s became %s%s%s", text, found, now, why[0] != '\0' ? "; " : "", why);
    } else if ((f->marks & ~(unsigned)FK_PEM_CRLF) != 0 || f->n_other > 0 || k->mislabelled ||
               f->n_certs > 0) {
        tell(p, "%s: written anew, without what stood around it", text);
    }
    if (fk_key_found(k->key)->public_missing) {
        tell(p, "%s: public part computed", text);
    }
    if (fk_key_found(k->key)->curve_explicit) {
        tell(p, "%s: curve named instead of written out", text);
    }
}

static enum fk_status repair_key(struct repair *p)
{
    const struct fk_bundle *b = p->b;
    const struct fk_cert *leaf = fk_bundle_leaf(b);
    const struct fk_slot *slot = NULL;
    struct fk_converted c = {.secret = true};
    char text[FK_BUNDLE_PLACE_SIZE];
    if (b->key.key == NULL) {
        return FK_OK;
    }
    fk_bundle_place(b, b->key.file, b->key.line, text);
    if (leaf != NULL && !fk_cert_has_key(leaf, b->key.key)) {
        return fk_fail(p->err, FK_E_KEY_MISMATCH,
                       "private key %s is not the one of the certificate '%.150s'", text,
                       fk_cert_info(leaf)->subject);
    }
    enum fk_status st = find_slot(p, FK_SLOT_KEY, "the private key", &slot);
    if (st == FK_OK) {
        st = fk_use_convert_key(b->use, b->key.key, NULL, &c, p->err);
    }
    if (st != FK_OK) {
        return fk_wrap(p->err, st, "private key %s", text);
    }
    struct fk_bundle_item *i = add_item(p, FK_BUNDLE_KEY, &c);
    i->key = b->key.key;
    st = name_item(p, i, slot, "key", 1);
    if (st == FK_OK) {
        tell_key_form(p, i, c.passed_over);
    }
    fk_converted_release(&c);
    return st;
}

enum fk_status fk_bundle_repair(const struct fk_bundle *b, struct fk_repaired *ret,
                                struct fk_error *err)
{
    struct repair p = {.b = b, .err = err};
    p.items_max = 2 * b->roots.n + 2; /* each root, its identifier; certificate; key */
    p.changes_max = 3 * b->roots.n + 2 * b->chain.n + 16;
    p.r.items = calloc(p.items_max, sizeof *p.r.items);
    p.r.changes = calloc(p.changes_max, sizeof *p.r.changes);
    enum fk_status st =
        p.r.items != NULL && p.r.changes != NULL ? repair_roots(&p) : no_memory(err);
    if (st == FK_OK) {
        st = repair_chain(&p);
    }
    if (st == FK_OK) {
        st = repair_key(&p);
    }
    if (st == FK_OK) {
        st = repair_auth(&p);
    }
    if (st == FK_OK) {
        *ret = p.r;
    } else {
        fk_repaired_release(&p.r);
    }
    return st;
}

/* ---- the result, read again -------------------------------------------------------------------
 */

static enum fk_status copy_server(struct fk_loading *ld, const struct fk_bundle *b,
                                  struct fk_error *err)
{
    enum fk_status st = FK_OK;
    for (size_t i = 0; i < b->server.n && st == FK_OK; i++) {
        st = fk_loading_bytes(ld, b->files[b->server.at[i].file].path, FK_BUNDLE_SERVER,
                              fk_cert_info(b->server.at[i].cert)->der, err);
    }
    return st;
}

enum fk_status fk_bundle_reread(const struct fk_bundle *b, const struct fk_repaired *r,
                                struct fk_bundle *ret, struct fk_error *err)
{
    struct fk_loading ld = {
        .b = {.profile = b->profile,
              .use = b->use,
              .store = b->store,
              .at = b->at,
              .service_end = b->service_end,
              .known = b->known,
              .repaired = true},
        .host = b->host,
        .key_comes = true,
    };
    enum fk_status st = FK_OK;
    for (size_t i = 0; i < r->n_items && st == FK_OK; i++) {
        const struct fk_bundle_item *item = &r->items[i];
        if (item->role != FK_BUNDLE_AUTH) { /* raw bytes, nothing to parse */
            st = fk_loading_bytes(&ld, item->name, item->role,
                                  (struct fk_slice){item->bytes.ptr, item->bytes.len}, err);
        }
    }
    if (st == FK_OK) {
        st = copy_server(&ld, b, err);
    }
    return fk_loading_finish(&ld, st, ret, err);
}
