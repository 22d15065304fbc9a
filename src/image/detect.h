/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_IMAGE_DETECT_H
#define FK_IMAGE_DETECT_H

#include "fotakit/image.h"
#include "image/input.h"

/* Tells the format by the first bytes, when the wanted one is FK_IMAGE_AUTO. ELF has a magic
 * number, Intel HEX begins with ':' and goes on as text. What looks like other text is refused
 * instead of packed as if it were code. Consumes nothing. FK_E_EMPTY,
 * FK_E_UNSUPPORTED. */
enum fk_status fk_image_detect(struct fk_input *in, enum fk_image_format wanted,
                               enum fk_image_format *ret, struct fk_error *err) FK_MUST_USE;

#endif
