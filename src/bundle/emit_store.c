/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/emit.h"

#include "fotakit/store_image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The flash region of a device that runs this project's core, as its console would have filled it:
 * slots under their own names, files under theirs. */

static enum fk_status item_of(const struct fk_emit_job *job, const struct fk_bundle_item *item,
                              char name[FK_BUNDLE_NAME_SIZE], struct fk_store_item *ret,
                              struct fk_error *err)
{
    static const enum fk_store_role roles[] = {[FK_BUNDLE_CA] = FK_STORE_CA,
                                               [FK_BUNDLE_CERT] = FK_STORE_CERT,
                                               [FK_BUNDLE_KEY] = FK_STORE_KEY,
                                               [FK_BUNDLE_AUTH] = FK_STORE_AUTH};
    const struct fk_slot *slot = fk_emit_slot(job, item);
    bool is_slot = strchr(slot->name, '.') == NULL && slot->name[0] != '<';
    enum fk_status st = fk_emit_item_name(job->store, item, fk_emit_number(job, item), name, err);
    if (st == FK_OK && is_slot) {
        snprintf(name, FK_BUNDLE_NAME_SIZE, "%s", slot->name);
    }
    *ret = (struct fk_store_item){
        .set = job->use->purpose == FK_PURPOSE_WPA_ENTERPRISE ? FK_STORE_WPA : FK_STORE_TLS,
        .role = roles[item->role],
        .name = name,
        .data = {item->bytes.ptr, fk_emit_text_len(item)},
    };
    if (item->role == FK_BUNDLE_CA && item->n_certs > 0) {
        const struct fk_cert_info *info = fk_cert_info(item->certs[0]);
        if (info->has_ski && info->ski.len <= FK_STORE_ID_MAX) {
            ret->key_id = info->ski;
        }
    }
    return st;
}

enum fk_status fk_emit_store(const struct fk_emit_job *job, struct fk_emitted *ret,
                             struct fk_error *err)
{
    const struct fk_device *device = &job->profile->device;
    size_t n_items = job->repaired->n_items, n = 0, size = device->map.store.size;
    struct fk_store_image image;
    struct fk_store_item *items = calloc(n_items + 1, sizeof *items);
    char(*names)[FK_BUNDLE_NAME_SIZE] = calloc(n_items + 1, sizeof *names);
    struct fk_buffer bytes = {.ptr = malloc(size), .len = size};
    char what[120];
    enum fk_status st = FK_OK;
    if (items == NULL || names == NULL || bytes.ptr == NULL) {
        bytes.len = bytes.ptr != NULL ? bytes.len : 0;
        st = fk_fail(err, FK_E_MEMORY, "out of memory");
        goto out;
    }
    memset(bytes.ptr, 0, size);
    for (size_t i = 0; st == FK_OK && i < n_items; i++) {
        if (fk_emit_slot(job, &job->repaired->items[i]) != NULL) {
            st = item_of(job, &job->repaired->items[i], names[n], &items[n], err);
            n++;
        }
    }
    st = st == FK_OK ? fk_store_image_create(&image, device, bytes.ptr, NULL, err) : st;
    st = st == FK_OK ? fk_store_image_put(&image, items, n, err) : st;
    if (st == FK_OK) {
        snprintf(what, sizeof what, "certificate store of the device core, %zu entries", n);
        st = fk_emitted_add(ret, "store.bin", &bytes, fk_emit_count(job, FK_BUNDLE_KEY) > 0, what,
                            err);
    }
out:
    fk_buffer_release(&bytes);
    free(items);
    free(names);
    return st;
}
