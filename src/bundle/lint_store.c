/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about the places where the device keeps things. */
#include "bundle/lint.h"

#include "fotakit/ski.h"

#include <stdio.h>
#include <string.h>

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* "0123…ef.ca", whatever the case: a name that somebody made from an identifier. */
static bool looks_like_id(const char *name)
{
    size_t digits = strspn(name, "0123456789abcdefABCDEF");
    return digits > 0 && strcmp(name + digits, ".ca") == 0;
}

static void judge_root_name(struct fk_lint *l, size_t i, const struct fk_slot *slot)
{
    const struct fk_bundle *b = l->b;
    const struct fk_cert *cert = b->roots.at[i].cert;
    const char *place = fk_lint_cert_place(l, FK_LIST_ROOTS, i);
    const char *given = base_name(b->files[b->roots.at[i].file].path);
    struct fk_key_id id;
    struct fk_error why = FK_ERROR_INIT;
    bool named = slot != NULL && strstr(slot->name, "<ski>") != NULL;
    if (fk_key_id_of(cert, false, &id, &why) != FK_OK) {
        struct fk_finding *f =
            fk_lint_add(l, FK_VERDICT_REFUSED, place, "'%.150s' has no usable key identifier",
                        fk_cert_info(cert)->subject);
        fk_lint_limit(f, b->use->chain.source, "the device finds roots by their key identifier");
        fk_lint_remedy(f, "use a server below another root");
        return;
    }
    if (named && looks_like_id(given) && strcmp(given, id.name) != 0) {
        struct fk_finding *f = fk_lint_add(l, FK_VERDICT_REFUSED, place, "named '%.140s'", given);
        fk_lint_limit(f, b->use->chain.source, "%s", id.name);
        fk_lint_remedy(f, "ski-name --copy DIR %s", b->files[b->roots.at[i].file].path);
    }
    if (named && b->store->name_max != 0 && strlen(id.name) > b->store->name_max) {
        struct fk_finding *f = fk_lint_add(l, FK_VERDICT_REFUSED, place, "'%.140s' has %zu bytes",
                                           id.name, strlen(id.name));
        fk_lint_limit(f, b->use->chain.source, "%u bytes of a file name",
                      (unsigned)b->store->name_max);
        fk_lint_remedy(f, "use a server below another root");
    }
    static const unsigned doubts[] = {FK_KEY_ID_ODD_LENGTH, FK_KEY_ID_AKI_DIFFERS};
    for (size_t k = 0; k < sizeof doubts / sizeof doubts[0]; k++) {
        if ((id.doubts & doubts[k]) != 0) {
            char text[FK_KEY_ID_DOUBT_SIZE];
            fk_key_id_doubt_text(&id, doubts[k], text);
            fk_lint_remedy(fk_lint_add(l, FK_VERDICT_WARNING, place, "%s", text),
                           "try this root on the device before it goes out");
        }
    }
}

/* The name of a file, or the identifier alone where roots have slots. */
static void tell_root_name(struct fk_lint *l, const struct fk_slot *slot)
{
    struct fk_key_id id;
    if (l->b->roots.n > 1) {
        fk_lint_add(l, FK_VERDICT_OK, "", "all %zu have key identifiers", l->b->roots.n);
    } else if (fk_key_id_of(l->b->roots.at[0].cert, false, &id, NULL) == FK_OK) {
        bool named = slot != NULL && strstr(slot->name, "<ski>") != NULL;
        fk_lint_add(l, FK_VERDICT_OK, fk_lint_cert_place(l, FK_LIST_ROOTS, 0), "%s%.*s",
                    named ? "to be stored as " : "", (int)(strlen(id.name) - (named ? 0 : 3)),
                    id.name);
    }
}

void fk_rule_root_name(struct fk_lint *l)
{
    const struct fk_bundle *b = l->b;
    const struct fk_slot *slot = b->store != NULL ? fk_store_slot(b->store, FK_SLOT_CA) : NULL;
    bool named = slot != NULL && strstr(slot->name, "<ski>") != NULL;
    size_t before = l->found.n;
    if (b->roots.n == 0 || (!named && b->use->chain.root_found_by != FK_LOOKUP_KEY_ID)) {
        return;
    }
    for (size_t i = 0; i < b->roots.n; i++) {
        judge_root_name(l, i, slot);
    }
    if (l->found.n == before) {
        tell_root_name(l, slot);
    }
}

/* ---- slots --------------------------------------------------------------------------------- */

static bool over(struct fk_lint *l, size_t n, uint32_t max, const char *what, const char *remedy)
{
    if (max == 0 || n <= max) {
        return false;
    }
    struct fk_finding *f = fk_lint_add(l, FK_VERDICT_REFUSED, "", "%zu %s", n, what);
    fk_lint_limit(f, l->b->store->title, "%u", (unsigned)max);
    fk_lint_remedy(f, "%s", remedy);
    return true;
}

void fk_rule_slots(struct fk_lint *l)
{
    const struct fk_bundle *b = l->b;
    if (b->store == NULL) {
        return;
    }
    const struct fk_slot *ca = fk_store_slot(b->store, FK_SLOT_CA);
    const struct fk_slot *cert = fk_store_slot(b->store, FK_SLOT_CERT);
    size_t before = l->found.n;
    size_t files = b->roots.n + (b->chain.n > 0 ? 1 : 0) + (b->key.key != NULL ? 1 : 0);
    if (ca != NULL && ca->items_max != 0 && ca->certs_max != 0) {
        over(l, b->roots.n, ca->items_max * ca->certs_max, "roots",
             "give only the root of the server that the device talks to");
    } else if (ca == NULL && b->roots.n > 0) {
        fk_lint_remedy(fk_lint_add(l, FK_VERDICT_REFUSED, "",
                                   "the store '%s' has no place for roots", b->store->name),
                       "choose another store of the device with --store");
    }
    if (cert != NULL) {
        over(l, b->chain.n, cert->certs_max, "certificates in the chain",
             "give the issuers to the peer instead; cert-bundle -o DIR leaves them out");
    } else if (b->chain.n > 0) {
        fk_lint_remedy(fk_lint_add(l, FK_VERDICT_REFUSED, "",
                                   "the store '%s' has no place for the device's certificate",
                                   b->store->name),
                       "choose another store of the device with --store");
    }
    over(l, files, b->store->files_max, "files", "take fewer roots");
    if (files > 0 && l->found.n == before) {
        fk_lint_add(l, FK_VERDICT_OK, "", "%s: room for %s", b->store->title,
                    ca != NULL && ca->items_max == 1 && b->roots.n > 0 ? "this root" : "all");
    }
}

/* ---- shared room --------------------------------------------------------------------------- */

static size_t key_size(const struct fk_bundle *b, bool der)
{
    struct fk_buffer bytes = {.ptr = NULL};
    size_t n = b->files[b->key.file].size;
    if (!der) {
        return n;
    }
    for (size_t i = 0; i < b->use->key.n_forms; i++) { /* as it will lie there */
        const struct fk_key_rule *r = &b->use->key.forms[i];
        if (r->type == fk_key_public(b->key.key)->type &&
            fk_key_encode(b->key.key, r->form.structure, &bytes, NULL) == FK_OK) {
            n = bytes.len;
            fk_buffer_release(&bytes);
            break;
        }
    }
    return n;
}

/* What the certificates of one list take: each an item of its own, or files as they are. */
static size_t certs_size(const struct fk_bundle *b, const struct fk_bundle_certs *list,
                         const struct fk_area *area, size_t *items)
{
    size_t sum = 0;
    for (size_t i = 0; i < list->n; i++) {
        bool first = i == 0 || list->at[i - 1].file != list->at[i].file;
        if (area->der || first) {
            sum += area->der ? fk_cert_info(list->at[i].cert)->der.len
                             : b->files[list->at[i].file].size;
            (*items)++;
        }
    }
    return sum;
}

static void judge_area(struct fk_lint *l, const struct fk_area *area)
{
    const struct fk_bundle *b = l->b;
    size_t items = 0;
    size_t sum = 0;
    for (size_t i = 0; i < b->store->n_slots; i++) {
        const struct fk_slot *slot = &b->store->slots[i];
        if (slot->area == NULL || strcmp(slot->area, area->name) != 0) {
            continue;
        }
        if (slot->role == FK_SLOT_CA) {
            sum += certs_size(b, &b->roots, area, &items);
        } else if (slot->role == FK_SLOT_CERT) {
            sum += certs_size(b, &b->chain, area, &items);
        } else if (slot->role == FK_SLOT_KEY && b->key.key != NULL) {
            sum += key_size(b, area->der);
            items++;
        }
    }
    sum += items * area->overhead;
    if (items == 0) {
        return;
    }
    bool fits = sum <= area->size;
    struct fk_finding *f =
        fk_lint_add(l, fits ? FK_VERDICT_OK : FK_VERDICT_REFUSED, "", "%s: %zu bytes in %zu item%s",
                    area->name, sum, items, items == 1 ? "" : "s");
    fk_lint_limit(f, area->source, "%u bytes", (unsigned)area->size);
    if (!fits) {
        fk_lint_remedy(f, "take EC P-256 instead of RSA, a shorter chain or fewer roots");
    }
}

void fk_rule_area(struct fk_lint *l)
{
    for (size_t i = 0; l->b->store != NULL && i < l->b->store->n_areas; i++) {
        judge_area(l, &l->b->store->areas[i]);
    }
}
