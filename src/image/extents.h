/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_IMAGE_EXTENTS_H
#define FK_IMAGE_EXTENTS_H

#include "fotakit/image.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Which addresses hold data, in constant memory: at most FK_SURVEY_SPANS areas, sorted, not
 * touching. When one more would be needed, the two neighbours with the smallest gap become one, so
 * the large gaps, which decide, stay exact however many small ones a file has. */
struct fk_extents {
    struct fk_span at[FK_SURVEY_SPANS];
    size_t n;
    size_t last;     /* the area that grew last: the next piece nearly always continues it */
    bool descending; /* some piece began before the highest end so far */
    uint64_t bytes;  /* added in total; overlaps count twice */
};

/* start < end; start from zeroed. */
void fk_extents_add(struct fk_extents *e, uint64_t start, uint64_t end);

/* Behind the highest byte; 0 when there is none. */
uint64_t fk_extents_end(const struct fk_extents *e);

#endif
