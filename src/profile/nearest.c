/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/fields.h"

#include <string.h>

enum { NAME_MAX_LEN = 64 };

/* Edits (insert, delete, replace, swap neighbours) between two short names. */
static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t rows[3][NAME_MAX_LEN + 1]; /* two back, one back, current */
    size_t *before = rows[0], *above = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b_len; j++) {
        before[j] = j;
        above[j] = j;
    }
    for (size_t i = 1; i <= a_len; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t best = above[j - 1] + (a[i - 1] != b[j - 1]);
            if (above[j] + 1 < best) {
                best = above[j] + 1;
            }
            if (row[j - 1] + 1 < best) {
                best = row[j - 1] + 1;
            }
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                before[j - 2] + 1 < best) {
                best = before[j - 2] + 1;
            }
            row[j] = best;
        }
        size_t *oldest = before;
        before = above;
        above = row;
        row = oldest;
    }
    return above[b_len];
}

const char *fk_nearest(const char *name, const char *const *names, size_t n)
{
    const char *best = NULL;
    size_t len = strlen(name);
    size_t best_edits = len / 3 + 1; /* more than a third wrong is another word */
    for (size_t i = 0; i < n; i++) {
        size_t other = strlen(names[i]);
        if (len > NAME_MAX_LEN || other > NAME_MAX_LEN) {
            continue;
        }
        size_t edits = distance(name, len, names[i], other);
        bool alike = edits < len && edits < other; /* some of it is left */
        if (alike && (edits < best_edits || (edits == best_edits && best == NULL))) {
            best = names[i];
            best_edits = edits;
        }
    }
    return best;
}
