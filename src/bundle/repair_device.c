/* SPDX-License-Identifier: Apache-2.0 */
/* Repair of the device's own certificate, chain and key. */
#include "bundle/name.h"
#include "bundle/repair.h"

#include <string.h>

/* ---- certificate --------------------------------------------------------------------------- */

static void tell_dropped(struct fk_repair *p, const struct fk_path *path)
{
    const struct fk_bundle_certs *chain = &p->b->chain;
    char text[FK_BUNDLE_PLACE_SIZE];
    for (size_t i = 0; i < chain->n; i++) {
        const struct fk_cert *c = chain->at[i].cert;
        if (i == p->b->leaf) {
            continue;
        }
        if (!fk_path_has(path, c)) {
            fk_repair_tell(p, "%s: left out, '%.150s' did not issue any of the others",
                           fk_repair_place(p, &chain->at[i], text), fk_cert_info(c)->subject);
        } else if (fk_cert_info(c)->self_issued) {
            fk_repair_tell(p, "%s: left out, '%.150s' is the root, which the peer has",
                           fk_repair_place(p, &chain->at[i], text), fk_cert_info(c)->subject);
        }
    }
}

/* Own certificate first, then its issuers without the root. */
static size_t collect_chain(struct fk_repair *p, const struct fk_path *path,
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
            fk_repair_tell(p, "chain completed with %s", fk_repair_place(p, c, text));
        } else {
            moved |= last != NULL && c < last;
            last = c;
        }
    }
    if (moved || p->b->leaf != 0) {
        fk_repair_tell(p, "%s: chain put in order, own certificate first",
                       fk_repair_place(p, &chain->at[0], text));
    }
    return n;
}

static size_t room_for_chain(const struct fk_repair *p, const struct fk_slot *slot, size_t n)
{
    if (p->b->use->chain.intermediates_loaded == FK_NO) {
        return 1;
    }
    return slot != NULL && slot->certs_max != 0 && n > slot->certs_max ? slot->certs_max : n;
}

enum fk_status fk_repair_chain(struct fk_repair *p)
{
    const struct fk_cert *certs[FK_PATH_MAX];
    const struct fk_slot *slot = NULL;
    struct fk_path path;
    struct fk_converted c = {.secret = false};
    char text[FK_BUNDLE_PLACE_SIZE];
    if (p->b->chain.n == 0) {
        return FK_OK;
    }
    enum fk_status st = fk_repair_slot(p, FK_SLOT_CERT, "the device's certificate", &slot);
    if (st != FK_OK) {
        return st;
    }
    const struct fk_bundle_cert *leaf = &p->b->chain.at[p->b->leaf];
    fk_path_build(&p->b->chain, p->b->leaf, &p->b->roots, &path);
    tell_dropped(p, &path);
    size_t all = collect_chain(p, &path, certs);
    size_t n = room_for_chain(p, slot, all);
    if (n < all) {
        fk_repair_tell(
            p,
            "%zu issuer%s of the certificate left out: the device keeps %zu; give them to the "
            "peer",
            all - n, all - n == 1 ? "" : "s", n);
    }
    st = fk_use_convert_certs(p->b->use, certs, n, NULL, &c, p->err);
    if (st == FK_E_LIMIT && n > 1) {
        st = fk_use_convert_certs(p->b->use, certs, 1, NULL, &c, p->err);
        if (st == FK_OK) {
            fk_repair_tell(
                p,
                "%zu issuer%s of the certificate left out: there is no room; give them to the "
                "peer",
                n - 1, n == 2 ? "" : "s");
            n = 1;
        }
    }
    if (st != FK_OK) {
        return fk_wrap(p->err, st, "certificate %s", fk_repair_place(p, leaf, text));
    }
    struct fk_bundle_item *i = fk_repair_add(p, FK_BUNDLE_CERT, &c);
    st = fk_repair_keep_certs(i, certs, n, p->err);
    if (st == FK_OK) {
        st = fk_bundle_item_name(slot, i, 0, i->name, p->err);
    }
    if (st == FK_OK) {
        fk_repair_tell_form(p, leaf, i, c.passed_over);
    }
    fk_converted_release(&c);
    return st;
}

/* ---- key ----------------------------------------------------------------------------------- */

static void tell_key_form(struct fk_repair *p, const struct fk_bundle_item *i, const char *why)
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
        fk_repair_tell(p, "%s: password removed", text);
    }
    if (strcmp(found, now) != 0) {
        fk_repair_tell(p, "%s: %s became %s%s%s", text, found, now, why[0] != '\0' ? "; " : "",
                       why);
    } else if ((f->marks & ~(unsigned)FK_PEM_CRLF) != 0 || f->n_other > 0 || k->mislabelled ||
               f->n_certs > 0) {
        fk_repair_tell(p, "%s: written anew, without what stood around it", text);
    }
    if (fk_key_found(k->key)->public_missing) {
        fk_repair_tell(p, "%s: public part computed", text);
    }
    if (fk_key_found(k->key)->curve_explicit) {
        fk_repair_tell(p, "%s: curve named instead of written out", text);
    }
}

enum fk_status fk_repair_key(struct fk_repair *p)
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
    enum fk_status st = fk_repair_slot(p, FK_SLOT_KEY, "the private key", &slot);
    if (st == FK_OK) {
        st = fk_use_convert_key(b->use, b->key.key, NULL, &c, p->err);
    }
    if (st != FK_OK) {
        return fk_wrap(p->err, st, "private key %s", text);
    }
    struct fk_bundle_item *i = fk_repair_add(p, FK_BUNDLE_KEY, &c);
    i->key = b->key.key;
    st = fk_bundle_item_name(slot, i, 0, i->name, p->err);
    if (st == FK_OK) {
        tell_key_form(p, i, c.passed_over);
    }
    fk_converted_release(&c);
    return st;
}
