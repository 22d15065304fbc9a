/* SPDX-License-Identifier: Apache-2.0 */
#include "support/load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

struct fk_image_options fk_load_any_base(void)
{
    static const struct fk_image_rules rules = {.unit = 4, .gap_value = 0xff, .any_base = true};
    return (struct fk_image_options){.rules = &rules, .max_size = 1u << 20};
}

void fk_load(const char *path, const struct fk_image_options *options, size_t chunk,
             struct fk_loaded *ret)
{
    struct fk_loaded l = {.st = FK_E_INTERNAL};
    struct fk_image *image = NULL;
    l.st = fk_image_open(path, options, &image, &l.err);
    if (l.st == FK_OK) {
        l.info = *fk_image_info(image);
        l.bytes = malloc((size_t)l.info.size + chunk);
        assert_non_null(l.bytes);
    }
    while (l.st == FK_OK) {
        size_t n = 0;
        l.st = fk_image_read(image, l.bytes + l.len, chunk, &n, &l.err);
        if (l.st != FK_OK || n == 0) {
            break;
        }
        l.len += n;
        assert_true(l.len <= l.info.size);
    }
    if (l.st == FK_OK) {
        size_t n = 1;
        assert_int_equal(l.len, l.info.size);
        assert_int_equal(fk_image_read(image, l.bytes, chunk, &n, &l.err), FK_OK);
        assert_int_equal(n, 0); /* the end stays the end */
    } else {
        free(l.bytes);
        l.bytes = NULL;
    }
    fk_image_close(image);
    *ret = l;
}

void fk_loaded_free(struct fk_loaded *l)
{
    free(l->bytes);
    l->bytes = NULL;
}
