/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_IMAGE_RULES_H
#define FK_IMAGE_RULES_H

#include "image/extents.h"
#include "image/piece.h"

/* Which data belongs into the image, and whether it may.
 *
 * Where the profile names regions, all data must lie in application regions, and the image begins
 * at the start of the region that holds the lowest byte, because that is where the device's slot
 * begins. Where it names none (any_base), the image is what the data spans. */

/* What --only-region keeps. */
struct fk_keep {
    bool all;
    struct fk_span span;
    const char *text; /* as given; borrowed */
};

/* text NULL keeps all; otherwise the name of a region or START-END in hexadecimal (0x) or decimal.
 * FK_E_USAGE. */
enum fk_status fk_keep_parse(const char *text, const struct fk_image_rules *rules,
                             struct fk_keep *ret, struct fk_error *err) FK_MUST_USE;
/* Cuts the piece down to what is kept, possibly to length 0; returns the bytes cut at its front. */
size_t fk_keep_clip(const struct fk_keep *keep, struct fk_piece *piece);

struct fk_judge {
    const struct fk_image_rules *rules; /* borrowed */
    struct fk_keep keep;
    uint64_t max_size;
    size_t region; /* the application region that held the last piece */
    struct fk_extents all;  /* what the input holds; equal to kept when all is kept */
    struct fk_extents kept; /* what goes into the image */
};

/* Counts a piece and cuts it down to what is kept; *ret_skip bytes were cut at its front.
 * FK_E_IMAGE_RANGE when it lies outside the application regions; the caller adds file and line. */
enum fk_status fk_judge_add(struct fk_judge *j, struct fk_piece *piece, size_t *ret_skip,
                            struct fk_error *err) FK_MUST_USE;
/* The verdict when all pieces were counted: where the image lies, or FK_E_EMPTY or
 * FK_E_IMAGE_TOO_BIG. */
enum fk_status fk_judge_end(const struct fk_judge *j, const char *path, struct fk_span *ret,
                            struct fk_error *err) FK_MUST_USE;

#endif
