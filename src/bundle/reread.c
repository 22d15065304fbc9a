/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/load.h"

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
