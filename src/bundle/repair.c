/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/repair.h"

#include "fotakit/ski.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum fk_status fk_repair_no_memory(struct fk_error *err)
{
    return fk_fail(err, FK_E_MEMORY, "out of memory");
}

/* ---- what was done ------------------------------------------------------------------------- */

/* There is room for every certificate and key to be mentioned; see open_repair(). */
void fk_repair_tell(struct fk_repair *p, const char *fmt, ...)
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

const char *fk_repair_place(const struct fk_repair *p, const struct fk_bundle_cert *c,
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

/* ---- items --------------------------------------------------------------------------------- */

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
struct fk_bundle_item *fk_repair_add(struct fk_repair *p, enum fk_bundle_role role,
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

enum fk_status fk_repair_keep_certs(struct fk_bundle_item *i, const struct fk_cert *const *certs,
                                    size_t n, struct fk_error *err)
{
    i->certs = calloc(n, sizeof(struct fk_cert *));
    if (i->certs == NULL) {
        return fk_repair_no_memory(err);
    }
    memcpy(i->certs, certs, n * sizeof(struct fk_cert *));
    i->n_certs = n;
    return FK_OK;
}

enum fk_status fk_repair_slot(const struct fk_repair *p, enum fk_slot_role role, const char *what,
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

void fk_repair_tell_form(struct fk_repair *p, const struct fk_bundle_cert *c,
                         const struct fk_bundle_item *i, const char *why)
{
    const struct fk_bundle_file *f = &p->b->files[c->file];
    char text[FK_BUNDLE_PLACE_SIZE];
    bool same = !f->is_p12 && f->is_pem == (i->form == FK_FORM_PEM) &&
                (!f->is_pem || ((f->marks & FK_PEM_CRLF) != 0) == i->crlf);
    if (!same) {
        fk_repair_tell(p, "%s: %s became %s%s%s", fk_repair_place(p, c, text), found_form(f),
                       fk_form_text(i->form, i->crlf), why[0] != '\0' ? "; " : "", why);
    } else if ((f->marks & ~(unsigned)FK_PEM_CRLF) != 0 || f->n_other > 0) {
        fk_repair_tell(p, "%s: written anew, without what stood around it",
                       fk_repair_place(p, c, text));
    }
}

/* ---- the whole ----------------------------------------------------------------------------- */

enum fk_status fk_bundle_repair(const struct fk_bundle *b, struct fk_repaired *ret,
                                struct fk_error *err)
{
    struct fk_repair p = {.b = b, .err = err};
    p.items_max = 2 * b->roots.n + 2; /* each root, its identifier; certificate; key */
    p.changes_max = 3 * b->roots.n + 2 * b->chain.n + 16;
    p.r.items = calloc(p.items_max, sizeof *p.r.items);
    p.r.changes = calloc(p.changes_max, sizeof *p.r.changes);
    enum fk_status st =
        p.r.items != NULL && p.r.changes != NULL ? fk_repair_roots(&p) : fk_repair_no_memory(err);
    if (st == FK_OK) {
        st = fk_repair_chain(&p);
    }
    if (st == FK_OK) {
        st = fk_repair_key(&p);
    }
    if (st == FK_OK) {
        st = fk_repair_auth(&p);
    }
    if (st == FK_OK) {
        *ret = p.r;
    } else {
        fk_repaired_release(&p.r);
    }
    return st;
}
