/* SPDX-License-Identifier: Apache-2.0 */
/* Repair of roots, and of the key identifier that goes with one. */
#include "bundle/name.h"
#include "bundle/repair.h"

#include "fotakit/ski.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- roots --------------------------------------------------------------------------------- */

/* Marks what stands in the way of root i, and says so. */
static void drop_rivals(struct fk_repair *p, bool *dropped, size_t i)
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
            fk_repair_tell(p, "%s: left out, the same as %s",
                           fk_repair_place(p, &roots->at[i], here),
                           fk_repair_place(p, &roots->at[k], there));
        } else if (p->b->use->chain.root_found_by == FK_LOOKUP_KEY_ID &&
                   fk_same_key_id(first, second)) {
            bool later = fk_cert_info(second)->not_after > fk_cert_info(first)->not_after;
            size_t loser = later ? k : i;
            dropped[loser] = true;
            fk_repair_tell(p, "%s: left out, it has the key identifier of %s, which ends later",
                           fk_repair_place(p, &roots->at[loser], here),
                           fk_repair_place(p, &roots->at[later ? i : k], there));
        }
    }
}

/* With fewer places than roots, the one that the server needs stays. */
static void drop_excess(struct fk_repair *p, bool *dropped, const struct fk_slot *slot)
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
            fk_repair_tell(
                p, "%s: left out, the server's chain does not lead to it and there is no room",
                fk_repair_place(p, &roots->at[i], text));
        }
    }
}

static enum fk_status add_roots(struct fk_repair *p, const struct fk_cert *const *certs, size_t n,
                                const struct fk_slot *slot, size_t number,
                                const struct fk_bundle_cert *from)
{
    struct fk_converted c = {.secret = false};
    char text[FK_BUNDLE_PLACE_SIZE];
    enum fk_status st = fk_use_convert_certs(p->b->use, certs, n, NULL, &c, p->err);
    if (st != FK_OK) {
        return fk_wrap(p->err, st, "root %s", fk_repair_place(p, from, text));
    }
    struct fk_bundle_item *i = fk_repair_add(p, FK_BUNDLE_CA, &c);
    st = fk_repair_keep_certs(i, certs, n, p->err);
    if (st == FK_OK) {
        st = fk_bundle_item_name(slot, i, number, i->name, p->err);
    }
    if (st == FK_OK && n == 1) {
        fk_repair_tell_form(p, from, i, c.passed_over);
    } else if (st == FK_OK) {
        fk_repair_tell(p, "%zu roots became one file, %s", n, fk_form_text(i->form, i->crlf));
    }
    fk_converted_release(&c);
    return st;
}

enum fk_status fk_repair_roots(struct fk_repair *p)
{
    const struct fk_bundle_certs *roots = &p->b->roots;
    const struct fk_slot *slot = NULL;
    if (roots->n == 0) {
        return FK_OK;
    }
    enum fk_status st = fk_repair_slot(p, FK_SLOT_CA, "roots", &slot);
    bool *dropped = calloc(roots->n, sizeof *dropped);
    const struct fk_cert **kept = calloc(roots->n, sizeof *kept);
    if (dropped == NULL || kept == NULL) {
        st = st == FK_OK ? fk_repair_no_memory(p->err) : st;
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
            st = add_roots(p, &kept[n - 1], 1, slot, number++, &roots->at[i]);
        }
    }
    if (st == FK_OK && together) {
        st = add_roots(p, kept, n, slot, 0, &roots->at[0]);
    }
    free(dropped);
    free(kept);
    return st;
}

/* The key identifier beside a root in PEM, where the device cannot take it from there. */
enum fk_status fk_repair_auth(struct fk_repair *p)
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
            return fk_repair_no_memory(p->err);
        }
        memcpy(c.bytes.ptr, id.id, id.len);
        snprintf(c.what, sizeof c.what, "key identifier of the root, %zu bytes", id.len);
        struct fk_bundle_item *auth = fk_repair_add(p, FK_BUNDLE_AUTH, &c);
        st = fk_repair_keep_certs(auth, root->certs, 1, p->err);
        if (st == FK_OK) {
            st = fk_bundle_item_name(slot, auth, 0, auth->name, p->err);
        }
        if (st != FK_OK) {
            return st;
        }
        fk_repair_tell(p, "'%.150s': added, %s, as the root is in PEM", auth->name, auth->what);
    }
    return FK_OK;
}
