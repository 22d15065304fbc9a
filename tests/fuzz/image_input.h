/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TESTS_FUZZ_IMAGE_INPUT_H
#define FK_TESTS_FUZZ_IMAGE_INPUT_H

#include "fotakit/image.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* Shared by the image fuzz targets: an input as a file in memory, and an image read to its end. */

#define SLOT 65536u

/* A file in memory that holds the bytes; path has room for 32 characters. */
static inline int memory_file(const uint8_t *data, size_t size, char *path)
{
    int fd = memfd_create("input", MFD_CLOEXEC);
    if (fd < 0 || (size > 0 && write(fd, data, size) != (ssize_t)size)) {
        abort();
    }
    snprintf(path, 32, "/proc/self/fd/%d", fd);
    return fd;
}

struct flat {
    enum fk_status st;
    size_t len;
    uint8_t bytes[SLOT];
};

static inline void read_image(const char *path, const struct fk_image_options *options, size_t chunk,
                              struct flat *ret)
{
    struct fk_error err = FK_ERROR_INIT;
    struct fk_image *image = NULL;
    ret->len = 0;
    ret->st = fk_image_open(path, options, &image, &err);
    while (ret->st == FK_OK) {
        size_t room = SLOT - ret->len;
        size_t n = 0;
        /* At the very end one byte is asked for, which must not come. */
        uint8_t one = 0;
        ret->st = fk_image_read(image, room > 0 ? ret->bytes + ret->len : &one,
                                room > chunk ? chunk : room > 0 ? room : 1, &n, &err);
        if (ret->st != FK_OK || n == 0) {
            break;
        }
        if (n > room) {
            abort(); /* more than the slot */
        }
        ret->len += n;
    }
    if (ret->st == FK_OK && ret->len != fk_image_info(image)->size) {
        abort();
    }
    if (ret->st != FK_OK && err.msg[0] == '\0') {
        abort(); /* every refusal has a message */
    }
    fk_image_close(image);
}

#endif
