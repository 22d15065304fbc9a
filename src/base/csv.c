/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/csv.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct parse {
    const char *name;
    const char *at, *end;
    unsigned line;
    char *out; /* next free byte of csv.memory, which has as many bytes as the text, and one more */
    struct fk_csv csv;
    size_t rows_cap;
    struct fk_error *err;
};

static enum fk_status refuse(const struct parse *p, enum fk_status st, const char *what)
{
    return fk_fail(p->err, st, "%s:%u: %s", p->name, p->line, what);
}

/* Puts one byte of a cell; tabs are the only control characters that are let through. */
static enum fk_status put(struct parse *p, const char *cell, char c)
{
    if (((unsigned char)c < 0x20 && c != '\t' && c != '\n') || c == 0x7f) {
        return refuse(p, FK_E_FORMAT, "control character in a cell");
    }
    if (p->out - cell >= FK_CSV_CELL_MAX) {
        return refuse(p, FK_E_LIMIT, "a cell has more than 4096 bytes; is a quote missing?");
    }
    *p->out++ = c;
    return FK_OK;
}

static bool at_line_end(const struct parse *p)
{
    return p->at == p->end || *p->at == '\n' ||
           (*p->at == '\r' && (p->at + 1 == p->end || p->at[1] == '\n'));
}

static enum fk_status quoted_cell(struct parse *p)
{
    const char *cell = p->out;
    unsigned opened = p->line;
    enum fk_status st = FK_OK;
    for (p->at++; st == FK_OK && p->at < p->end; p->at++) {
        if (*p->at == '"' && (p->at + 1 == p->end || p->at[1] != '"')) {
            p->at++;
            return at_line_end(p) || *p->at == ','
                       ? FK_OK
                       : refuse(p, FK_E_FORMAT, "text behind a closing quote");
        }
        p->line += *p->at == '\n';
        if (*p->at == '"') {
            p->at++;
        }
        if (*p->at != '\r') { /* CR LF in a cell is LF */
            st = put(p, cell, *p->at);
        }
    }
    p->line = st == FK_OK ? opened : p->line;
    return st == FK_OK ? refuse(p, FK_E_TRUNCATED, "a quote is not closed") : st;
}

static enum fk_status plain_cell(struct parse *p)
{
    const char *cell = p->out;
    enum fk_status st = FK_OK;
    for (; st == FK_OK && !at_line_end(p) && *p->at != ','; p->at++) {
        st = *p->at == '"' ? refuse(p, FK_E_FORMAT,
                                    "a quote inside a cell; the whole cell must "
                                    "stand in quotes, and this one doubled")
                           : put(p, cell, *p->at);
    }
    return st;
}

/* Room for one more row of n_columns cells. */
static enum fk_status grow(struct parse *p, size_t columns)
{
    size_t rows = p->csv.n_rows + 1;
    if (rows > FK_CSV_ROWS_MAX) {
        return refuse(p, FK_E_LIMIT, "more than 1000000 rows");
    }
    if (rows <= p->rows_cap) {
        return FK_OK;
    }
    size_t cap = p->rows_cap == 0 ? 64 : 2 * p->rows_cap;
    char **cells = realloc(p->csv.cells, cap * columns * sizeof *cells);
    if (cells != NULL) {
        p->csv.cells = cells;
    }
    unsigned *lines = realloc(p->csv.lines, cap * sizeof *lines);
    if (lines != NULL) {
        p->csv.lines = lines;
    }
    if (cells == NULL || lines == NULL) {
        return fk_fail(p->err, FK_E_MEMORY, "out of memory");
    }
    p->rows_cap = cap;
    return FK_OK;
}

static enum fk_status read_row(struct parse *p, bool first)
{
    char *cells[FK_CSV_COLUMNS_MAX];
    unsigned line = p->line;
    size_t n = 0;
    enum fk_status st = FK_OK;
    for (bool more = true; more && st == FK_OK;) {
        if (n == FK_CSV_COLUMNS_MAX) {
            return refuse(p, FK_E_LIMIT, "more than 64 columns");
        }
        cells[n++] = p->out;
        st = p->at < p->end && *p->at == '"' ? quoted_cell(p) : plain_cell(p);
        *p->out++ = '\0';
        more = st == FK_OK && p->at < p->end && *p->at == ',';
        p->at += more;
    }
    if (st == FK_OK && first) {
        p->csv.n_columns = n;
    }
    if (st == FK_OK && n != p->csv.n_columns) {
        p->line = line;
        return fk_fail(p->err, FK_E_FORMAT,
                       "%s:%u: expected %zu cells, as in the first row, found "
                       "%zu",
                       p->name, p->line, p->csv.n_columns, n);
    }
    st = st == FK_OK ? grow(p, n) : st;
    if (st == FK_OK) {
        memcpy(p->csv.cells + p->csv.n_rows * n, cells, n * sizeof *cells);
        p->csv.lines[p->csv.n_rows++] = line;
    }
    return st;
}

static enum fk_status check_names(struct parse *p)
{
    p->line = p->csv.lines[0];
    for (size_t i = 0; i < p->csv.n_columns; i++) {
        const char *name = p->csv.cells[i];
        if (strncmp(name, "\xef\xbb\xbf", 3) == 0) {
            return refuse(p, FK_E_FORMAT, "a byte order mark inside the text");
        }
        if (*name == '\0' || fk_csv_column(&p->csv, name) != i) {
            return fk_fail(p->err, FK_E_FORMAT, "%s:%u: column %zu: %s '%s'", p->name, p->line,
                           i + 1, *name == '\0' ? "no name" : "repeated name", name);
        }
    }
    return FK_OK;
}

static void skip_line_end(struct parse *p)
{
    p->at += p->at < p->end && *p->at == '\r';
    if (p->at < p->end && *p->at == '\n') {
        p->at++;
        p->line++;
    }
}

/* see fotakit/csv.h */
enum fk_status fk_csv_parse(const char *name, struct fk_slice text, struct fk_csv *ret,
                            struct fk_error *err)
{
    struct parse p = {.name = name, .line = 1, .err = err};
    enum fk_status st = FK_OK;
    if (text.len > FK_CSV_FILE_MAX) {
        return fk_fail(err, FK_E_LIMIT, "%s: longer than %d bytes", name, FK_CSV_FILE_MAX);
    }
    if (text.len == 0) {
        return fk_fail(err, FK_E_EMPTY, "%s is empty; the first row names the columns", name);
    }
    /* A cell takes its bytes and a NUL in place of the comma or line end behind it. */
    p.csv.memory = malloc(text.len + 1);
    if (p.csv.memory == NULL) {
        return fk_fail(err, FK_E_MEMORY, "out of memory");
    }
    p.out = p.csv.memory;
    p.at = (const char *)text.ptr;
    p.end = p.at + text.len;
    if (text.len >= 3 && memcmp(p.at, "\xef\xbb\xbf", 3) == 0) {
        p.at += 3;
    }
    bool first = true;
    while (st == FK_OK && p.at < p.end) {
        if (at_line_end(&p)) {
            skip_line_end(&p);
            continue;
        }
        st = read_row(&p, first);
        if (st == FK_OK && first) {
            st = check_names(&p);
        }
        first = false;
        skip_line_end(&p);
    }
    if (st == FK_OK && first) {
        st = fk_fail(err, FK_E_EMPTY, "%s is empty; the first row names the columns", name);
    }
    if (st == FK_OK) {
        p.csv.n_rows--;
        *ret = p.csv;
        return FK_OK;
    }
    fk_csv_release(&p.csv);
    return st;
}

/* see fotakit/csv.h */
void fk_csv_release(struct fk_csv *csv)
{
    free(csv->cells);
    free(csv->lines);
    free(csv->memory);
    *csv = (struct fk_csv){.n_rows = 0};
}

/* see fotakit/csv.h */
size_t fk_csv_column(const struct fk_csv *csv, const char *name)
{
    for (size_t i = 0; i < csv->n_columns; i++) {
        if (strcmp(csv->cells[i], name) == 0) {
            return i;
        }
    }
    return FK_CSV_COLUMNS_MAX;
}

/* see fotakit/csv.h */
const char *fk_csv_cell(const struct fk_csv *csv, size_t row, size_t column)
{
    return row < csv->n_rows && column < csv->n_columns
               ? csv->cells[(row + 1) * csv->n_columns + column]
               : "";
}

/* see fotakit/csv.h */
unsigned fk_csv_line(const struct fk_csv *csv, size_t row)
{
    return row < csv->n_rows ? csv->lines[row + 1] : 0;
}

/* see fotakit/csv.h */
void fk_csv_print(FILE *to, const char *cell)
{
    if (cell[strcspn(cell, ",\"\r\n")] == '\0') {
        fputs(cell, to);
        return;
    }
    fputc('"', to);
    for (; *cell != '\0'; cell++) {
        if (*cell == '"') {
            fputc('"', to);
        }
        fputc(*cell, to);
    }
    fputc('"', to);
}
