/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_IMAGE_CANVAS_H
#define FK_IMAGE_CANVAS_H

#include "fotakit/error.h"
#include "fotakit/image.h"
#include "image/piece.h"

#include <stdint.h>

/* An image put together from pieces in any order: its bytes, and which of them were written.
 *
 * A byte stands at its address modulo cap, so nobody needs to know where the image begins before
 * its last piece was seen; the caller makes sure that all pieces together span at most cap bytes.
 * Pages that nothing is written to cost no memory. */
struct fk_canvas {
    uint8_t *bytes;
    uint8_t *seen; /* one bit per byte */
    uint64_t cap;
};

enum fk_status fk_canvas_init(struct fk_canvas *c, uint64_t cap, struct fk_error *err) FK_MUST_USE;
/* Accepts a zeroed or released canvas. */
void fk_canvas_release(struct fk_canvas *c);

/* FK_E_IMAGE_OVERLAP when a byte was written before with another value; the caller adds file and
 * line. */
enum fk_status fk_canvas_put(struct fk_canvas *c, struct fk_piece piece, const uint8_t *data,
                             struct fk_error *err) FK_MUST_USE;
/* Gives every byte of the span that was not written a value; returns how many there were. */
uint64_t fk_canvas_fill(struct fk_canvas *c, struct fk_span span, uint8_t value);
void fk_canvas_copy(const struct fk_canvas *c, uint64_t addr, uint8_t *to, size_t len);

#endif
