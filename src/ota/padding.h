/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_OTA_PADDING_H
#define FK_OTA_PADDING_H

#include "fotakit/ota.h"

/* Bytes that bring the image to the unit of the device. FK_E_IMAGE_ALIGN when some are needed and
 * options.pad is false, FK_E_IMAGE_TOO_BIG when they do not fit the slot. */
enum fk_status fk_ota_padding(const struct fk_image *image, const struct fk_ota_options *options,
                              uint64_t *ret, struct fk_error *err) FK_MUST_USE;

#endif
