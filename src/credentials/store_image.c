/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/store_image.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/crypto.h"

/* ---- flash in memory: the region alone, at the start -------------------- */

static bool outside(const struct fk_store_image *image, uint32_t off, size_t len)
{
    return len > image->flash.size || off > image->flash.size - len;
}

static enum fk_status mem_read(void *ctx, uint32_t off, void *buf, size_t len)
{
    const struct fk_store_image *image = ctx;
    if (outside(image, off, len)) {
        return FK_E_FLASH_RULE;
    }
    memcpy(buf, image->bytes + off, len);
    return FK_OK;
}

static enum fk_status mem_prog(void *ctx, uint32_t off, const void *buf, size_t len)
{
    const struct fk_store_image *image = ctx;
    if (outside(image, off, len)) {
        return FK_E_FLASH_RULE;
    }
    memcpy(image->bytes + off, buf, len);
    return FK_OK;
}

static enum fk_status mem_erase(void *ctx, uint32_t off, uint32_t len)
{
    const struct fk_store_image *image = ctx;
    if (outside(image, off, len)) {
        return FK_E_FLASH_RULE;
    }
    memset(image->bytes + off, image->flash.erased, len);
    return FK_OK;
}

enum fk_status fk_store_image_open(struct fk_store_image *image, const struct fk_device *device,
                                   uint8_t *bytes, const uint8_t *device_key, struct fk_error *err)
{
    *image = (struct fk_store_image){
        .device = *device,
        .flash = {.ctx = image,
                  .read = mem_read,
                  .prog = mem_prog,
                  .erase = mem_erase,
                  .size = device->map.store.size,
                  .prog_size = device->map.prog_size,
                  .erased = device->map.erased},
        .bytes = bytes,
    };
    image->device.map.store.off = 0;
    enum fk_status st = fk_crypto_init();
    if (st == FK_OK) {
        st = fk_certstore_open(&image->store, &image->device, &image->flash, device_key);
    }
    if (st != FK_OK) {
        return fk_fail(err, st, "certificate store of %s: %s", device->name, fk_status_text(st));
    }
    return FK_OK;
}

enum fk_status fk_store_image_create(struct fk_store_image *image, const struct fk_device *device,
                                     uint8_t *bytes, const uint8_t *device_key,
                                     struct fk_error *err)
{
    memset(bytes, device->map.erased, device->map.store.size);
    return fk_store_image_open(image, device, bytes, device_key, err);
}

static enum fk_status refused(struct fk_store_image *image, const struct fk_store_item *items,
                              size_t n, enum fk_status st, struct fk_error *err)
{
    size_t total = 0;
    for (size_t i = 0; i < n; i++) {
        total += items[i].data.len;
    }
    if (st == FK_E_STORE_FULL) {
        return fk_fail(err, st,
                       "%zu entries of %zu bytes do not fit the certificate store of %s, which has "
                       "room for %u bytes with their heads",
                       n, total, image->device.name, (unsigned)fk_certstore_room(&image->store));
    }
    return fk_fail(err, st, "certificate store of %s: %s", image->device.name, fk_status_text(st));
}

enum fk_status fk_store_image_put(struct fk_store_image *image, const struct fk_store_item *items,
                                  size_t n, struct fk_error *err)
{
    struct fk_store_change *changes = calloc(n > 0 ? n : 1, sizeof *changes);
    if (changes == NULL) {
        return fk_fail(err, FK_E_MEMORY, "%s", fk_status_text(FK_E_MEMORY));
    }
    for (size_t i = 0; i < n; i++) {
        changes[i] = (struct fk_store_change){.verb = FK_STORE_PUT, .item = items[i]};
    }
    enum fk_status st = fk_certstore_apply(&image->store, changes, n);
    free(changes);
    return st == FK_OK ? FK_OK : refused(image, items, n, st, err);
}
