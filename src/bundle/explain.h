/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_BUNDLE_EXPLAIN_H
#define FK_BUNDLE_EXPLAIN_H

#include "fotakit/error_table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Finding the codes in a line of a log. */

struct fk_seen_code {
    const struct fk_error_table *table; /* NULL: it may be of any table */
    uint32_t number;                    /* without its sign */
    bool negative, hex;                 /* how it was written */
    bool certain;                       /* a name: the table has it */
};

#define FK_SEEN_CODES_MAX 16

/* Returns how many; 0 when there is no number and no name of a code. */
size_t fk_seen_codes(const struct fk_error_tables *tables, const char *text,
                     struct fk_seen_code ret[FK_SEEN_CODES_MAX]);

#endif
