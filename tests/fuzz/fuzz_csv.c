/* SPDX-License-Identifier: Apache-2.0 */
/* A table: what parses must be written as the same table again. */
#include "fotakit/csv.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void print_row(FILE *to, const struct fk_csv *csv, size_t index)
{
    for (size_t c = 0; c < csv->n_columns; c++) {
        if (c > 0) {
            fputc(',', to);
        }
        /* one empty cell alone would be an empty line */
        const char *cell = csv->cells[index * csv->n_columns + c];
        if (csv->n_columns == 1 && *cell == '\0') {
            fputs("\"\"", to);
        } else {
            fk_csv_print(to, cell);
        }
    }
    fputc('\n', to);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fk_csv csv = {.n_rows = 0}, again = {.n_rows = 0};
    if (fk_csv_parse("input", (struct fk_slice){data, size}, &csv, NULL) != FK_OK) {
        return 0;
    }
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);
    if (to == NULL) {
        abort();
    }
    for (size_t i = 0; i <= csv.n_rows; i++) {
        print_row(to, &csv, i);
    }
    fclose(to);
    struct fk_slice written = {(const uint8_t *)text, len};
    if (fk_csv_parse("output", written, &again, NULL) != FK_OK || again.n_rows != csv.n_rows ||
        again.n_columns != csv.n_columns) {
        abort();
    }
    for (size_t i = 0; i < (csv.n_rows + 1) * csv.n_columns; i++) {
        if (strcmp(csv.cells[i], again.cells[i]) != 0) {
            abort();
        }
    }
    free(text);
    fk_csv_release(&csv);
    fk_csv_release(&again);
    return 0;
}
