/* SPDX-License-Identifier: Apache-2.0 */
#include "image/segments.h"

uint64_t fk_segments_peek(const struct fk_segments *s)
{
    size_t i = s->current;
    uint64_t given = s->given;
    if (i < s->n && given == s->at[i].len) {
        i++;
        given = 0;
    }
    return i < s->n ? s->at[i].addr + given : FK_ADDRESS_END;
}

enum fk_status fk_segments_next(struct fk_segments *s, const struct fk_input *in, uint8_t *data,
                                size_t room, struct fk_piece *ret, struct fk_error *err)
{
    while (s->current < s->n && s->given == s->at[s->current].len) {
        s->current++;
        s->given = 0;
    }
    if (s->current == s->n) {
        *ret = (struct fk_piece){0};
        return fk_input_unchanged(in, err);
    }
    const struct fk_segment *seg = &s->at[s->current];
    uint64_t left = seg->len - s->given;
    struct fk_piece piece = {.addr = seg->addr + s->given, .len = left < room ? (size_t)left : room};
    enum fk_status st = fk_input_read_at(in, seg->off + s->given, data, piece.len, err);
    if (st == FK_OK) {
        s->given += piece.len;
        *ret = piece;
    }
    return st;
}
