/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TESTS_LOAD_H
#define FK_TESTS_LOAD_H

#include "fotakit/image.h"

/* An image opened and read to its end in chunks of some size. bytes is NULL unless st is FK_OK. */
struct fk_loaded {
    enum fk_status st;
    struct fk_error err;
    struct fk_image_info info;
    uint8_t *bytes;
    size_t len;
};

/* Rules of a device without a map, gap value 0xff, slot of 1 MiB. */
struct fk_image_options fk_load_any_base(void);

void fk_load(const char *path, const struct fk_image_options *options, size_t chunk,
             struct fk_loaded *ret);
void fk_loaded_free(struct fk_loaded *l);

#endif
