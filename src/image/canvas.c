/* SPDX-License-Identifier: Apache-2.0 */
#include "image/canvas.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum fk_status fk_canvas_init(struct fk_canvas *c, uint64_t cap, struct fk_error *err)
{
    *c = (struct fk_canvas){.cap = cap};
    if (cap == 0 || cap > SIZE_MAX / 2) {
        return fk_fail(err, FK_E_INTERNAL, "no canvas of %" PRIu64 " bytes", cap);
    }
    c->bytes = calloc(1, (size_t)cap);
    c->seen = calloc(1, (size_t)(cap / 8 + 1));
    if (c->bytes == NULL || c->seen == NULL) {
        fk_canvas_release(c);
        return fk_fail(err, FK_E_MEMORY, "no memory for an image of %" PRIu64 " bytes", cap);
    }
    return FK_OK;
}

void fk_canvas_release(struct fk_canvas *c)
{
    free(c->bytes);
    free(c->seen);
    *c = (struct fk_canvas){0};
}

enum fk_status fk_canvas_put(struct fk_canvas *c, struct fk_piece piece, const uint8_t *data,
                             struct fk_error *err)
{
    uint64_t at = piece.addr % c->cap;
    for (size_t i = 0; i < piece.len; i++) {
        uint8_t bit = (uint8_t)(1u << (at & 7));
        if ((c->seen[at >> 3] & bit) != 0 && c->bytes[at] != data[i]) {
            return fk_fail(err, FK_E_IMAGE_OVERLAP,
                           "address 0x%08" PRIx64 " gets 0x%02x, an earlier record gave it 0x%02x",
                           piece.addr + i, data[i], c->bytes[at]);
        }
        c->seen[at >> 3] |= bit;
        c->bytes[at] = data[i];
        at = at + 1 < c->cap ? at + 1 : 0;
    }
    return FK_OK;
}

uint64_t fk_canvas_fill(struct fk_canvas *c, struct fk_span span, uint8_t value)
{
    uint64_t filled = 0;
    uint64_t at = span.start % c->cap;
    for (uint64_t left = span.end - span.start; left > 0; left--) {
        if ((c->seen[at >> 3] & 1u << (at & 7)) == 0) {
            c->bytes[at] = value;
            filled++;
        }
        at = at + 1 < c->cap ? at + 1 : 0;
    }
    return filled;
}

void fk_canvas_copy(const struct fk_canvas *c, uint64_t addr, uint8_t *to, size_t len)
{
    while (len > 0) {
        uint64_t at = addr % c->cap;
        size_t n = c->cap - at < len ? (size_t)(c->cap - at) : len;
        memcpy(to, c->bytes + at, n);
        to += n;
        addr += n;
        len -= n;
    }
}
