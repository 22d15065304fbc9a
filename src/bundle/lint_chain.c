/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about what is there, and how it hangs together. */
#include "bundle/lint.h"

#include <stdio.h>
#include <string.h>

/* ---- parts --------------------------------------------------------------------------------- */

static bool has_role(const struct fk_bundle *b, enum fk_slot_role role)
{
    switch (role) {
    case FK_SLOT_CA:
        return b->roots.n > 0;
    case FK_SLOT_CERT:
        return b->chain.n > 0;
    case FK_SLOT_KEY:
        return b->key.key != NULL;
    case FK_SLOT_AUTH: /* made from the root */
        return b->roots.n > 0;
    }
    return false;
}

static void join(char *text, size_t size, const char *word)
{
    size_t used = strlen(text);
    snprintf(text + used, size - used, "%s%s", used > 0 ? ", " : "", word);
}

void fk_rule_parts(struct fk_lint *l)
{
    const struct fk_bundle *b = l->b;
    char modes[160] = "";
    char missing[160] = "";
    char nearly[160] = "";
    bool key = b->key.key != NULL;
    if (key != (b->chain.n > 0)) {
        fk_lint_remedy(fk_lint_add(l, FK_VERDICT_REFUSED, "",
                                   key ? "a private key without its certificate"
                                       : "a certificate without its private key"),
                       key ? "add the certificate with --cert" : "add the key with --key");
        return;
    }
    for (size_t i = 0; i < b->use->n_modes; i++) {
        const struct fk_use_mode *m = &b->use->modes[i];
        char lacks[100] = "";
        size_t n_lacks = 0;
        for (size_t k = 0; k < m->n_needed; k++) {
            if (!has_role(b, m->needed[k])) {
                join(lacks, sizeof lacks, fk_slot_role_text(m->needed[k]));
                n_lacks++;
            }
        }
        if (lacks[0] == '\0') {
            join(modes, sizeof modes, m->name);
        } else {
            size_t used = strlen(missing);
            snprintf(missing + used, sizeof missing - used, "%s%s needs %s", used > 0 ? "; " : "",
                     m->name, lacks);
            used = strlen(nearly);
            if (n_lacks == 1) {
                snprintf(nearly + used, sizeof nearly - used, "%s%s needs %s too",
                         used > 0 ? "; " : "", m->name, lacks);
            }
        }
    }
    if (modes[0] != '\0') {
        fk_lint_limit(fk_lint_add(l, FK_VERDICT_OK, "", "enough for %s", modes), "", "%s", nearly);
    } else if (b->use->n_modes > 0) {
        fk_lint_remedy(fk_lint_add(l, FK_VERDICT_REFUSED, "", "not enough for anything"), "%s",
                       missing);
    } else {
        fk_lint_add(l, FK_VERDICT_OK, "", "%zu root%s%s", b->roots.n, b->roots.n == 1 ? "" : "s",
                    key ? ", a certificate and its key" : "");
    }
}

/* ---- order --------------------------------------------------------------------------------- */

/* The certificates of the path that came in the list must come in the path's order. */
static bool in_order(const struct fk_bundle_certs *list, const struct fk_path *path)
{
    size_t at = 0;
    for (size_t i = 0; i < path->n; i++) {
        for (size_t k = 0; k < list->n; k++) {
            if (list->at[k].cert == path->at[i].cert->cert) {
                if (k < at) {
                    return false;
                }
                at = k;
            }
        }
    }
    return list->n == 0 || path->n == 0 || list->at[0].cert == path->at[0].cert->cert;
}

static void check_order(struct fk_lint *l, enum fk_list list, const struct fk_path *path)
{
    const struct fk_bundle_certs *certs = l->lists[list];
    bool server = list == FK_LIST_SERVER;
    if (certs->n < 2) {
        return;
    }
    /* A server's own certificate comes first, so a first one that is a CA is out of place. */
    if (in_order(certs, path) && !(server && fk_cert_info(certs->at[0].cert)->is_ca)) {
        fk_lint_add(l, FK_VERDICT_OK, fk_lint_file_place(l, certs->at[0].file),
                    "each stands before its issuer");
        return;
    }
    struct fk_finding *f =
        fk_lint_add(l, FK_VERDICT_REFUSED, fk_lint_file_place(l, certs->at[0].file),
                    "not in the order in which they sign each other");
    fk_lint_limit(f, "RFC 5246 7.4.2", "own certificate first, then its issuer, and so on");
    fk_lint_remedy(f, server ? "sort the file that the server sends"
                             : "cert-bundle -o DIR puts them in order");
}

void fk_rule_chain_order(struct fk_lint *l)
{
    check_order(l, FK_LIST_CHAIN, &l->chain);
    check_order(l, FK_LIST_SERVER, &l->server);
}

/* ---- signatures ---------------------------------------------------------------------------- */

static const struct fk_cert_info *top_of(const struct fk_path *path)
{
    return fk_cert_info(path->at[path->n - 1].cert->cert);
}

void fk_rule_chain_signatures(struct fk_lint *l)
{
    const struct fk_path *path = &l->chain;
    if (path->n == 0) {
        return;
    }
    const struct fk_cert_info *top = top_of(path);
    const char *place = fk_lint_cert_place(l, FK_LIST_CHAIN, l->b->leaf);
    if (path->too_long) {
        struct fk_finding *f =
            fk_lint_add(l, FK_VERDICT_REFUSED, place, "more than %d certificates", FK_PATH_MAX);
        fk_lint_remedy(f, "take a shorter chain");
    } else if (path->self || path->anchored) {
        fk_lint_add(l, FK_VERDICT_OK, place,
                    path->n == 1 ? "signed by itself: '%.150s'" : "leads to '%.150s'",
                    top->subject);
    } else if (path->near_miss) {
        struct fk_finding *f = fk_lint_add(
            l, FK_VERDICT_REFUSED, place,
            "'%.150s' is there, but its key did not sign this certificate", top->issuer);
        fk_lint_remedy(f,
                       "find the issuer's certificate with the key identifier that this one "
                       "names: ski-name --issuer %s",
                       l->b->files[path->at[path->n - 1].cert->file].path);
    } else {
        struct fk_finding *f = fk_lint_add(l, FK_VERDICT_UNKNOWN, place,
                                           "ends below '%.150s', which is not here", top->issuer);
        fk_lint_remedy(f, "the peer must have that certificate; or add it to --cert");
    }
}

/* ---- length -------------------------------------------------------------------------------- */

static size_t intermediates(const struct fk_path *path)
{
    size_t n = path->n;
    if (n > 0 && (path->self || path->anchored)) {
        n--; /* the root */
    }
    return n > 0 ? n - 1 : 0;
}

static void check_length(struct fk_lint *l, const struct fk_path *path, const char *place)
{
    const struct fk_chain_rules *rules = &l->b->use->chain;
    size_t n = intermediates(path);
    if (path->n == 0) {
        return;
    }
    bool over = rules->has_intermediates_max && n > rules->intermediates_max;
    enum fk_verdict v = over                           ? FK_VERDICT_REFUSED
                        : rules->has_intermediates_max ? FK_VERDICT_OK
                                                       : FK_VERDICT_UNKNOWN;
    struct fk_finding *f = fk_lint_add(l, v, place, "%zu between root and certificate%s", n,
                                       v == FK_VERDICT_UNKNOWN ? "; no limit is published" : "");
    if (rules->has_intermediates_max) {
        fk_lint_limit(f, rules->source, "%u", (unsigned)rules->intermediates_max);
        f->unverified = fk_lint_unverified(l, "chain");
    }
    if (over) {
        fk_lint_remedy(f, "have it issued by a CA nearer to the root");
    }
}

/* Certificates beside the device's own, on a device that can send none of them. */
static void check_loaded(struct fk_lint *l)
{
    const struct fk_chain_rules *rules = &l->b->use->chain;
    size_t n = intermediates(&l->chain);
    if (n == 0 || rules->intermediates_loaded == FK_YES) {
        return;
    }
    bool no = rules->intermediates_loaded == FK_NO;
    struct fk_finding *f = fk_lint_add(l, no ? FK_VERDICT_WARNING : FK_VERDICT_UNKNOWN,
                                       fk_lint_cert_place(l, FK_LIST_CHAIN, l->b->leaf),
                                       "%zu issuer%s of the certificate", n, n == 1 ? "" : "s");
    fk_lint_limit(f, rules->source,
                  no ? "the device sends its own certificate alone"
                     : "whether the device can send them is not published");
    fk_lint_remedy(f, "give the issuers to the peer, which needs them to verify");
}

void fk_rule_chain_length(struct fk_lint *l)
{
    if (l->b->chain.n > 0) {
        check_length(l, &l->chain, fk_lint_cert_place(l, FK_LIST_CHAIN, l->b->leaf));
        check_loaded(l);
    }
    if (l->b->server.n > 0) {
        check_length(l, &l->server, fk_lint_cert_place(l, FK_LIST_SERVER, 0));
    }
}

/* ---- more than is needed ------------------------------------------------------------------- */

static void unneeded_chain(struct fk_lint *l)
{
    const struct fk_bundle *b = l->b;
    for (size_t i = 0; i < b->chain.n; i++) {
        const struct fk_cert_info *info = fk_cert_info(b->chain.at[i].cert);
        bool on_path = fk_path_has(&l->chain, b->chain.at[i].cert);
        if (i == b->leaf || (on_path && !info->self_issued)) {
            continue;
        }
        struct fk_finding *f =
            fk_lint_add(l, FK_VERDICT_WARNING, fk_lint_cert_place(l, FK_LIST_CHAIN, i),
                        on_path ? "'%.150s' is the root, which the peer has"
                                : "'%.150s' did not issue any of the others",
                        info->subject);
        fk_lint_remedy(f, "leave it out; cert-bundle -o DIR does");
    }
}

static void unneeded_roots(struct fk_lint *l)
{
    const struct fk_bundle *b = l->b;
    for (size_t i = 0; i < b->roots.n; i++) {
        const struct fk_cert_info *info = fk_cert_info(b->roots.at[i].cert);
        if (!info->self_issued && info->is_ca) {
            fk_lint_remedy(
                fk_lint_add(l, FK_VERDICT_WARNING, fk_lint_cert_place(l, FK_LIST_ROOTS, i),
                            "'%.120s' is no root but an intermediate, which its CA replaces at "
                            "will",
                            info->subject),
                "trust the root above it, '%.150s'", info->issuer);
        }
        if (b->server.n > 0 && l->server.anchored &&
            !fk_path_has(&l->server, b->roots.at[i].cert)) {
            fk_lint_remedy(
                fk_lint_add(l, FK_VERDICT_WARNING, fk_lint_cert_place(l, FK_LIST_ROOTS, i),
                            "'%.150s' is not needed for this server", info->subject),
                "leave it out: each root more is one more that can vouch for a false server");
        }
    }
}

void fk_rule_unneeded(struct fk_lint *l)
{
    size_t before = l->found.n;
    unneeded_chain(l);
    unneeded_roots(l);
    if (l->b->chain.n + l->b->roots.n > 0 && l->found.n == before) {
        fk_lint_add(l, FK_VERDICT_OK, "", "none");
    }
}

/* ---- duplicates ---------------------------------------------------------------------------- */

static void judge_duplicate(struct fk_lint *l, size_t first, size_t second)
{
    const struct fk_cert *a = l->b->roots.at[first].cert;
    const struct fk_cert *b = l->b->roots.at[second].cert;
    const struct fk_cert_info *x = fk_cert_info(a);
    const struct fk_cert_info *y = fk_cert_info(b);
    char other[FK_BUNDLE_PLACE_SIZE];
    memcpy(other, fk_lint_cert_place(l, FK_LIST_ROOTS, first), sizeof other);
    const char *place = fk_lint_cert_place(l, FK_LIST_ROOTS, second);
    if (fk_same_cert(a, b)) {
        fk_lint_remedy(
            fk_lint_add(l, FK_VERDICT_WARNING, place, "the same certificate as %s", other),
            "leave one out; cert-bundle -o DIR does");
        return;
    }
    bool by_id = l->b->use->chain.root_found_by == FK_LOOKUP_KEY_ID;
    if (fk_same_key_id(a, b)) {
        struct fk_finding *f =
            fk_lint_add(l, by_id ? FK_VERDICT_REFUSED : FK_VERDICT_WARNING, place,
                        "another certificate, the same key identifier as %s", other);
        fk_lint_limit(f, l->b->use->chain.source, "%s",
                      by_id ? "the device finds roots by it" : "");
        fk_lint_remedy(f, "take one of them, usually the one that ends later");
    } else if (strcmp(x->subject, y->subject) == 0) {
        fk_lint_remedy(fk_lint_add(l, FK_VERDICT_WARNING, place,
                                   "another certificate of the same name as %s", other),
                       "small readers try the first one of a name only; take the one that is used");
    }
}

void fk_rule_duplicates(struct fk_lint *l)
{
    size_t before = l->found.n;
    for (size_t i = 1; i < l->b->roots.n; i++) {
        for (size_t k = 0; k < i; k++) {
            judge_duplicate(l, k, i);
        }
    }
    if (l->b->roots.n > 0 && l->found.n == before) {
        fk_lint_add(l, FK_VERDICT_OK, "", "none");
    }
}
