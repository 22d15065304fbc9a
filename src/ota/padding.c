/* SPDX-License-Identifier: Apache-2.0 */
#include "ota/padding.h"

#include <inttypes.h>

enum fk_status fk_ota_padding(const struct fk_image *image, const struct fk_ota_options *options,
                              uint64_t *ret, struct fk_error *err)
{
    const struct fk_device *device = options->device;
    uint64_t size = fk_image_info(image)->size;
    uint64_t over = size % device->image_unit;
    uint64_t padding = over > 0 ? device->image_unit - over : 0;
    if (padding > 0 && !options->pad) {
        return fk_fail(err, FK_E_IMAGE_ALIGN,
                       "'%s': the image has %" PRIu64 " byte%s, %" PRIu64 " more than a multiple "
                       "of %" PRIu32 "; add %" PRIu64 " byte%s of 0x%02x with --pad",
                       fk_image_path(image), size, fk_plural(size), over, device->image_unit,
                       padding, fk_plural(padding), options->gap_value);
    }
    if (size + padding > fk_device_slot_size(device)) {
        return fk_fail(err, FK_E_IMAGE_TOO_BIG,
                       "'%s': the image has %" PRIu64 " bytes with padding, the slot holds "
                       "%" PRIu32,
                       fk_image_path(image), size + padding, fk_device_slot_size(device));
    }
    *ret = padding;
    return FK_OK;
}
