/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_CSV_H
#define FOTAKIT_CSV_H

#include "fotakit/error.h"
#include "fotakit_fw/slice.h"

#include <stddef.h>
#include <stdio.h>

/* Tables in CSV (RFC 4180): a first row with the names of the columns, then rows with as many
 * cells. Cells with commas, quotes or line ends stand in double quotes, a quote in them is doubled.
 * LF or CR LF, a byte order mark is skipped, empty lines are too.
 *
 * Refused with the line: rows of another length, a repeated or empty column name, text behind a
 * closing quote, a quote that is not closed, control characters. */

#define FK_CSV_COLUMNS_MAX 64
#define FK_CSV_ROWS_MAX    1000000
#define FK_CSV_CELL_MAX    4096 /* bytes */
#define FK_CSV_FILE_MAX    (64 << 20)

struct fk_csv {
    size_t n_columns, n_rows; /* without the first row */
    char **cells;             /* row 0 is the names */
    unsigned *lines;          /* of each row, from 1; index as in cells */
    char *memory;
};

/* name stands in front of messages. Copies. */
enum fk_status fk_csv_parse(const char *name, struct fk_slice text, struct fk_csv *ret,
                            struct fk_error *err) FK_MUST_USE;
void fk_csv_release(struct fk_csv *csv); /* accepts a zeroed structure */

/* Number of the column; FK_CSV_COLUMNS_MAX when there is none. */
size_t fk_csv_column(const struct fk_csv *csv, const char *name);
/* Row from 0, column from 0. Never NULL. */
const char *fk_csv_cell(const struct fk_csv *csv, size_t row, size_t column);
unsigned fk_csv_line(const struct fk_csv *csv, size_t row);

/* Prints one cell, in quotes when it needs them. */
void fk_csv_print(FILE *to, const char *cell);

#endif
