/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_IMAGE_SEGMENTS_H
#define FK_IMAGE_SEGMENTS_H

#include "image/input.h"
#include "image/rules.h"

/* Parts of a regular file that are parts of the image as they stand: the segments of an ELF file,
 * or a raw binary as one. Sorted by address, without overlaps. */
#define FK_SEGMENTS_MAX 64

struct fk_segment {
    uint64_t addr;
    uint64_t off; /* in the file */
    uint64_t len;
};

struct fk_segments {
    struct fk_segment at[FK_SEGMENTS_MAX];
    size_t n;
    size_t current;
    uint64_t given; /* bytes of the current one */
};

/* The loadable segments of an ELF file and its entry point. FK_E_UNSUPPORTED for 64-bit and big
 * endian files and for segments that hold the ELF header itself; FK_E_IMAGE_OVERLAP, FK_E_FORMAT,
 * FK_E_TRUNCATED, FK_E_EMPTY, FK_E_LIMIT. */
enum fk_status fk_segments_of_elf(const struct fk_input *in, struct fk_segments *ret,
                                  uint32_t *ret_entry, struct fk_error *err) FK_MUST_USE;

/* Address of the next byte; FK_ADDRESS_END when there is none. */
uint64_t fk_segments_peek(const struct fk_segments *s);

/* The next piece of at most room bytes into data; length 0 is the end. */
enum fk_status fk_segments_next(struct fk_segments *s, const struct fk_input *in, uint8_t *data,
                                size_t room, struct fk_piece *ret,
                                struct fk_error *err) FK_MUST_USE;

#endif
