/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_BUNDLE_LOAD_H
#define FK_BUNDLE_LOAD_H

#include "fotakit/bundle.h"
#include "fotakit/object.h"

/* A bundle being loaded: from files, or from the bytes of repaired items. */
struct fk_loading {
    struct fk_bundle b;
    struct fk_bundle_certs unsorted; /* of files whose contents decide */
    const struct fk_buffer *passphrase;
    const char *pick, *host;
    bool key_comes; /* from a file of its own: one beside a certificate does not count */
};

enum fk_status fk_loading_bytes(struct fk_loading *ld, const char *path, enum fk_bundle_role role,
                                struct fk_slice bytes, struct fk_error *err);
/* Sorts what has no role yet and hands out the bundle; with a failed st it only releases. */
enum fk_status fk_loading_finish(struct fk_loading *ld, enum fk_status st, struct fk_bundle *ret,
                                 struct fk_error *err);

#endif
