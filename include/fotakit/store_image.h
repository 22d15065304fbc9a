/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_STORE_IMAGE_H
#define FOTAKIT_STORE_IMAGE_H

#include "fotakit/error.h"
#include "fotakit_fw/certstore.h"

/* A device's certificate store as an image of its flash region, written and read with the device's
 * own code (fotakit_fw/certstore.h), so that what a programmer puts into the region is what the
 * device would have written itself. The same calls give the same bytes.
 *
 *   fk_store_image_create(), fk_store_image_put() once or more; the image is in `bytes`.
 *   fk_store_image_open(), then fk_certstore_next(), _find(), _read() on image->store.
 *
 * Needs no release; do not move or copy it while it is in use. With keys in it, the caller wipes
 * the bytes. */
struct fk_store_image {
    struct fk_certstore store;
    struct fk_device device; /* private */
    struct fk_flash flash;
    uint8_t *bytes;
};

/* bytes: device->map.store.size of them, the caller's; they become an empty store. device_key: as
 * for fk_certstore_open(), NULL for a device without one. */
enum fk_status fk_store_image_create(struct fk_store_image *image, const struct fk_device *device,
                                     uint8_t *bytes, const uint8_t *device_key,
                                     struct fk_error *err) FK_MUST_USE;

/* An image that is there. FK_E_CHECKSUM when it is damaged. */
enum fk_status fk_store_image_open(struct fk_store_image *image, const struct fk_device *device,
                                   uint8_t *bytes, const uint8_t *device_key,
                                   struct fk_error *err) FK_MUST_USE;

/* Adds items, all or none; what has the same set and name is replaced. */
enum fk_status fk_store_image_put(struct fk_store_image *image, const struct fk_store_item *items,
                                  size_t n, struct fk_error *err) FK_MUST_USE;

#endif
