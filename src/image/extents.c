/* SPDX-License-Identifier: Apache-2.0 */
#include "image/extents.h"

#include <string.h>

uint64_t fk_extents_end(const struct fk_extents *e)
{
    return e->n > 0 ? e->at[e->n - 1].end : 0;
}

static void remove_at(struct fk_extents *e, size_t i)
{
    memmove(&e->at[i], &e->at[i + 1], (e->n - i - 1) * sizeof e->at[0]);
    e->n--;
}

/* Joins the two neighbours with the smallest gap. */
static void make_room(struct fk_extents *e)
{
    size_t best = 1;
    for (size_t i = 2; i < e->n; i++) {
        if (e->at[i].start - e->at[i - 1].end < e->at[best].start - e->at[best - 1].end) {
            best = i;
        }
    }
    e->at[best - 1].end = e->at[best].end;
    remove_at(e, best);
}

static void insert(struct fk_extents *e, struct fk_span s)
{
    size_t i = e->n;
    while (i > 0 && e->at[i - 1].start > s.start) {
        i--;
    }
    if (i > 0 && e->at[i - 1].end >= s.start) { /* continues or overlaps the one before */
        i--;
        if (s.end > e->at[i].end) {
            e->at[i].end = s.end;
        }
    } else {
        if (e->n == FK_SURVEY_SPANS) {
            make_room(e);
            insert(e, s); /* once: there is room now */
            return;
        }
        memmove(&e->at[i + 1], &e->at[i], (e->n - i) * sizeof e->at[0]);
        e->at[i] = s;
        e->n++;
    }
    while (i + 1 < e->n && e->at[i + 1].start <= e->at[i].end) { /* reached the ones behind */
        if (e->at[i + 1].end > e->at[i].end) {
            e->at[i].end = e->at[i + 1].end;
        }
        remove_at(e, i + 1);
    }
    e->last = i;
}

void fk_extents_add(struct fk_extents *e, uint64_t start, uint64_t end)
{
    e->bytes += end - start;
    e->descending |= start < fk_extents_end(e);
    size_t last = e->last;
    if (last < e->n && e->at[last].end == start &&
        (last + 1 == e->n || end < e->at[last + 1].start)) {
        e->at[last].end = end;
    } else {
        insert(e, (struct fk_span){start, end});
    }
}
