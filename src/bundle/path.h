/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_BUNDLE_PATH_H
#define FK_BUNDLE_PATH_H

#include "fotakit/bundle.h"

#define FK_PATH_MAX 16

/* A certificate on the way from a leaf to a root. */
struct fk_path_step {
    const struct fk_bundle_cert *cert;
    bool is_root; /* from the list of roots */
};

struct fk_path {
    struct fk_path_step at[FK_PATH_MAX]; /* the leaf first */
    size_t n;
    bool anchored;  /* the last one is among the roots */
    bool self;      /* the last one is signed by itself */
    bool too_long;  /* FK_PATH_MAX was not enough */
    bool near_miss; /* an issuer of the right name is there, but did not sign the last one */
};

/* From list[leaf] upwards, each step by name and signature; roots win over equals in the list, and
 * key identifiers decide between several issuers of one name. */
void fk_path_build(const struct fk_bundle_certs *list, size_t leaf,
                   const struct fk_bundle_certs *roots, struct fk_path *ret);
bool fk_path_has(const struct fk_path *path, const struct fk_cert *cert);
/* Byte for byte. */
bool fk_same_cert(const struct fk_cert *a, const struct fk_cert *b);
/* Both have the same Subject Key Identifier. */
bool fk_same_key_id(const struct fk_cert *a, const struct fk_cert *b);
/* The certificate's Authority Key Identifier is the issuer's Subject Key Identifier. */
bool fk_key_ids_match(const struct fk_cert *cert, const struct fk_cert *issuer);

#endif
