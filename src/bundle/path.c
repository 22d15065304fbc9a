/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/path.h"

#include <string.h>

bool fk_same_cert(const struct fk_cert *a, const struct fk_cert *b)
{
    struct fk_slice x = fk_cert_info(a)->der;
    struct fk_slice y = fk_cert_info(b)->der;
    return x.len == y.len && memcmp(x.ptr, y.ptr, x.len) == 0;
}

bool fk_same_key_id(const struct fk_cert *a, const struct fk_cert *b)
{
    const struct fk_cert_info *x = fk_cert_info(a);
    const struct fk_cert_info *y = fk_cert_info(b);
    return x->has_ski && y->has_ski && x->ski.len == y->ski.len &&
           memcmp(x->ski.ptr, y->ski.ptr, x->ski.len) == 0;
}

bool fk_key_ids_match(const struct fk_cert *cert, const struct fk_cert *issuer)
{
    const struct fk_cert_info *below = fk_cert_info(cert);
    const struct fk_cert_info *above = fk_cert_info(issuer);
    return below->has_aki_keyid && above->has_ski && below->aki_keyid.len == above->ski.len &&
           (above->ski.len == 0 ||
            memcmp(below->aki_keyid.ptr, above->ski.ptr, above->ski.len) == 0);
}

bool fk_path_has(const struct fk_path *path, const struct fk_cert *cert)
{
    for (size_t i = 0; i < path->n; i++) {
        if (path->at[i].cert->cert == cert || fk_same_cert(path->at[i].cert->cert, cert)) {
            return true;
        }
    }
    return false;
}

/* The best issuer of below in the list that is not on the path yet; NULL when there is none. */
static const struct fk_bundle_cert *find_issuer(const struct fk_bundle_certs *list,
                                                struct fk_path *path, const struct fk_cert *below)
{
    const struct fk_bundle_cert *best = NULL;
    for (size_t i = 0; i < list->n; i++) {
        const struct fk_cert *above = list->at[i].cert;
        if (!fk_cert_names_issuer(below, above) || fk_path_has(path, above)) {
            continue;
        }
        if (!fk_cert_signed_by(below, above)) {
            path->near_miss = true;
        } else if (best == NULL ||
                   (fk_key_ids_match(below, above) && !fk_key_ids_match(below, best->cert))) {
            best = &list->at[i];
        }
    }
    return best;
}

static bool is_among(const struct fk_bundle_certs *list, const struct fk_cert *cert)
{
    for (size_t i = 0; i < list->n; i++) {
        if (fk_same_cert(list->at[i].cert, cert)) {
            return true;
        }
    }
    return false;
}

void fk_path_build(const struct fk_bundle_certs *list, size_t leaf,
                   const struct fk_bundle_certs *roots, struct fk_path *ret)
{
    struct fk_path path = {.n = 0};
    const struct fk_bundle_cert *next = &list->at[leaf];
    bool is_root = is_among(roots, next->cert);
    while (next != NULL && path.n < FK_PATH_MAX) {
        const struct fk_cert *now = next->cert;
        path.at[path.n++] = (struct fk_path_step){.cert = next, .is_root = is_root};
        path.near_miss = false;
        path.self = fk_cert_info(now)->self_issued && fk_cert_signed_by(now, now);
        path.anchored = is_root;
        if (path.self || path.anchored) {
            *ret = path;
            return;
        }
        next = find_issuer(roots, &path, now);
        is_root = next != NULL;
        if (next == NULL) {
            next = find_issuer(list, &path, now);
        }
    }
    path.too_long = next != NULL;
    *ret = path;
}
