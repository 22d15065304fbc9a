/* SPDX-License-Identifier: Apache-2.0 */
#include "cert-bundle/batch.h"

#include "crypto/hasher.h"
#include "fotakit/hex.h"
#include "fotakit/passphrase.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NONE FK_CSV_COLUMNS_MAX

enum { ID_MAX = 100 };

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static enum fk_status check_columns(const char *path, const struct table *t, bool has_sequence,
                                    struct fk_error *err)
{
    static const char *const known[] = {"id", "cert", "key", "p12", "passin", "pick", "ca", "host"};
    for (size_t c = 0; c < t->csv.n_columns; c++) {
        const char *name = t->csv.cells[c];
        bool good = begins(name, "set.") || begins(name, "secret.");
        if (good && !has_sequence) {
            return fk_fail(err, FK_E_USAGE, "%s:%u: column '%s' goes with --sequence", path,
                           t->csv.lines[0], name);
        }
        for (size_t k = 0; !good && k < sizeof known / sizeof known[0]; k++) {
            good = strcmp(known[k], name) == 0;
        }
        if (!good) {
            return fk_fail(err, FK_E_FORMAT,
                           "%s:%u: unknown column '%s'; expected id, cert, key, "
                           "p12, passin, pick, ca, host, set.NAME or secret.NAME",
                           path, t->csv.lines[0], name);
        }
    }
    return t->id != NONE ? FK_OK
                         : fk_fail(err, FK_E_FORMAT, "%s:%u: the column 'id' is missing", path,
                                   t->csv.lines[0]);
}

/* An id is the name of a folder. */
static bool id_is_good(const char *id)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    size_t len = strlen(id);
    return len > 0 && len <= ID_MAX && strchr(letters, id[0]) != NULL && !begins(id, "manifest.") &&
           strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:@-") == len;
}

struct id_row {
    const char *id;
    size_t row;
};

static int by_id(const void *a, const void *b)
{
    const struct id_row *x = a, *y = b;
    int order = strcmp(x->id, y->id);
    return order != 0 ? order : (x->row > y->row) - (x->row < y->row);
}

static enum fk_status check_ids(const char *path, const struct table *t, struct fk_error *err)
{
    size_t n = t->csv.n_rows;
    struct id_row *ids = calloc(n + 1, sizeof *ids);
    enum fk_status st = FK_OK;
    if (ids == NULL) {
        return fk_fail(err, FK_E_MEMORY, "out of memory");
    }
    for (size_t i = 0; st == FK_OK && i < n; i++) {
        ids[i] = (struct id_row){fk_csv_cell(&t->csv, i, t->id), i};
        if (!id_is_good(ids[i].id)) {
            st = fk_fail(err, FK_E_FORMAT,
                         "%s:%u: id '%.120s': expected 1 to 100 letters, digits "
                         "and . _ : @ -, a letter or digit first",
                         path, fk_csv_line(&t->csv, i), ids[i].id);
        }
    }
    if (st == FK_OK) {
        qsort(ids, n, sizeof *ids, by_id);
    }
    for (size_t i = 1; st == FK_OK && i < n; i++) {
        if (strcmp(ids[i - 1].id, ids[i].id) == 0) {
            st = fk_fail(err, FK_E_FORMAT, "%s:%u: id '%s' stands in line %u, too", path,
                         fk_csv_line(&t->csv, ids[i].row), ids[i].id,
                         fk_csv_line(&t->csv, ids[i - 1].row));
        }
    }
    free(ids);
    return st;
}

enum fk_status table_load(const char *path, bool has_sequence, struct table *ret,
                          struct fk_error *err)
{
    struct fk_buffer text = {.ptr = NULL};
    struct table t = {.id = NONE};
    enum fk_status st = fk_file_read(path, FK_CSV_FILE_MAX, &text, err);
    st = st == FK_OK ? fk_csv_parse(path, (struct fk_slice){text.ptr, text.len}, &t.csv, err) : st;
    fk_buffer_release(&text);
    if (st != FK_OK) {
        return st;
    }
    struct {
        const char *name;
        size_t *column;
    } const columns[] = {{"id", &t.id},         {"cert", &t.cert}, {"key", &t.key},
                         {"p12", &t.p12},       {"ca", &t.ca},     {"host", &t.host},
                         {"passin", &t.passin}, {"pick", &t.pick}};
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        *columns[i].column = fk_csv_column(&t.csv, columns[i].name);
    }
    const char *slash = strrchr(path, '/');
    size_t len = slash != NULL ? (size_t)(slash - path) + 1 : 0;
    if (len >= sizeof t.folder) {
        st = fk_fail(err, FK_E_IO, "the path of the table is too long");
    } else {
        memcpy(t.folder, path, len);
    }
    st = st == FK_OK ? check_columns(path, &t, has_sequence, err) : st;
    st = st == FK_OK && t.csv.n_rows == 0 ? fk_fail(err, FK_E_EMPTY, "%s names no device", path)
                                          : st;
    st = st == FK_OK ? check_ids(path, &t, err) : st;
    if (st != FK_OK) {
        table_release(&t);
        return st;
    }
    *ret = t;
    return FK_OK;
}

void table_release(struct table *t)
{
    fk_csv_release(&t->csv);
}

/* ---- a row ------------------------------------------------------------------------------------
 */

/* A cell's file, relative to the table; NULL for an empty cell. *room is where it is put. */
static const char *file_at(const struct table *t, const char *cell, size_t len, char **room)
{
    if (len == 0) {
        return NULL;
    }
    char *path = *room;
    size_t folder = cell[0] == '/' ? 0 : strlen(t->folder);
    memcpy(path, t->folder, folder);
    memcpy(path + folder, cell, len);
    path[folder + len] = '\0';
    *room = path + folder + len + 1;
    return path;
}

static enum fk_status add_cas(const struct table *t, size_t row, struct row_inputs *r, char **room,
                              struct fk_error *err)
{
    const char *list = fk_csv_cell(&t->csv, row, t->ca);
    while (*list != '\0') {
        size_t len = strcspn(list, ";");
        const char *path = file_at(t, list, len, room);
        if (path != NULL && r->in.n_ca == FK_TEXTS_MAX) {
            return fk_fail(err, FK_E_LIMIT, "more than %d roots", FK_TEXTS_MAX);
        }
        if (path != NULL) {
            r->ca[r->in.n_ca++] = path;
        }
        list += len + (list[len] == ';');
    }
    return FK_OK;
}

static enum fk_status add_places(const struct table *t, size_t row, const struct emit_options *o,
                                 struct places *places, struct fk_error *err)
{
    enum fk_status st = FK_OK;
    for (size_t i = 0; st == FK_OK && i < o->set.n; i++) {
        st = places_set(places, o->set.at[i], false, err);
    }
    for (size_t i = 0; st == FK_OK && i < o->secret.n; i++) {
        st = places_set(places, o->secret.at[i], true, err);
    }
    for (size_t c = 0; st == FK_OK && c < t->csv.n_columns; c++) {
        const char *name = t->csv.cells[c], *value = fk_csv_cell(&t->csv, row, c);
        bool source = begins(name, "secret.");
        if (*value != '\0' && (source || begins(name, "set."))) {
            st = places_put(places, strchr(name, '.') + 1, value, source, err);
        }
    }
    return st;
}

enum fk_status row_open(const struct table *t, size_t row, const struct emit_options *o,
                        const struct fk_bundle_inputs *common, struct row_inputs *ret,
                        struct fk_error *err)
{
    const struct fk_csv *csv = &t->csv;
    size_t folder = strlen(t->folder), room_len = 4 * (folder + FK_CSV_CELL_MAX + 2);
    /* in the column ca each ';' may bring the folder once more */
    const char *list = fk_csv_cell(csv, row, t->ca);
    for (const char *c = list; *c != '\0'; c++) {
        room_len += *c == ';' ? folder + 1 : 0;
    }
    ret->paths = malloc(room_len);
    if (ret->paths == NULL) {
        return fk_fail(err, FK_E_MEMORY, "out of memory");
    }
    char *room = ret->paths;
    const char *cert = fk_csv_cell(csv, row, t->cert), *key = fk_csv_cell(csv, row, t->key),
               *p12 = fk_csv_cell(csv, row, t->p12), *pick = fk_csv_cell(csv, row, t->pick),
               *host = fk_csv_cell(csv, row, t->host), *passin = fk_csv_cell(csv, row, t->passin);
    ret->in = *common;
    ret->in.ca = ret->ca;
    memcpy(ret->ca, common->ca, common->n_ca * sizeof *ret->ca);
    ret->in.cert = file_at(t, cert, strlen(cert), &room);
    ret->in.key = file_at(t, key, strlen(key), &room);
    ret->in.p12 = file_at(t, p12, strlen(p12), &room);
    ret->in.pick = *pick != '\0' ? pick : common->pick;
    ret->in.host = *host != '\0' ? host : common->host;
    enum fk_status st = add_cas(t, row, ret, &room, err);
    if (st == FK_OK && *passin != '\0') {
        st = fk_passphrase_read(passin, &ret->passphrase, err);
        ret->in.passphrase = &ret->passphrase;
    }
    return st == FK_OK ? add_places(t, row, o, &ret->places, err) : st;
}

void row_release(struct row_inputs *r)
{
    places_release(&r->places);
    fk_buffer_release(&r->passphrase);
    free(r->paths);
    r->paths = NULL;
}

/* ---- digest of the inputs ---------------------------------------------------------------------
 */

/* Each part with its end, so that two lists never look alike. */
static enum fk_status add_text(struct fk_hasher *h, const char *text, struct fk_error *err)
{
    return fk_hasher_update(h, text != NULL ? text : "", text != NULL ? strlen(text) + 1 : 1, err);
}

static enum fk_status add_file(struct fk_hasher *h, const char *path, struct fk_error *err)
{
    struct fk_buffer bytes = {.ptr = NULL};
    if (path == NULL) {
        return add_text(h, "", err);
    }
    enum fk_status st = fk_file_read(path, FK_OBJECT_FILE_MAX, &bytes, err);
    uint64_t len = bytes.len;
    st = st == FK_OK ? fk_hasher_update(h, &len, sizeof len, err) : st;
    st = st == FK_OK ? fk_hasher_update(h, bytes.ptr, bytes.len, err) : st;
    fk_buffer_release(&bytes);
    return st;
}

enum fk_status row_digest(const struct table *t, size_t row, const struct emit_plan *plan,
                          const struct emit_options *o, const struct row_inputs *r, char ret[65],
                          struct fk_error *err)
{
    struct fk_hasher h = {.ctx = NULL};
    uint8_t digest[FK_HASHER_SIZE];
    const char *files[] = {plan->profile->path, r->in.cert, r->in.key, r->in.p12,
                           r->in.server_chain};
    enum fk_status st = fk_hasher_begin(&h, err);
    st = st == FK_OK ? add_text(&h, FK_VERSION, err) : st;
    st = st == FK_OK ? add_text(&h, plan->use->name, err) : st;
    st = st == FK_OK ? add_text(&h, plan->store != NULL ? plan->store->name : "", err) : st;
    st = st == FK_OK ? add_text(&h, plan->sequence != NULL ? plan->sequence->name : "", err) : st;
    for (size_t i = 0; st == FK_OK && i < plan->n_forms; i++) {
        st = add_text(&h, fk_emit_form_word(plan->forms[i]), err);
    }
    for (size_t i = 0; st == FK_OK && i < o->set.n; i++) {
        st = add_text(&h, o->set.at[i], err);
    }
    for (size_t i = 0; st == FK_OK && i < o->serve.n; i++) {
        st = add_text(&h, o->serve.at[i], err);
    }
    for (size_t c = 0; st == FK_OK && c < t->csv.n_columns; c++) {
        st = add_text(&h, fk_csv_cell(&t->csv, row, c), err);
    }
    for (size_t i = 0; st == FK_OK && i < sizeof files / sizeof files[0]; i++) {
        st = add_file(&h, files[i], err);
    }
    for (size_t i = 0; st == FK_OK && i < r->in.n_ca; i++) {
        st = add_file(&h, r->ca[i], err);
    }
    st = st == FK_OK ? fk_hasher_finish(&h, digest, err) : st;
    fk_hasher_release(&h);
    if (st == FK_OK) {
        fk_hex_encode(digest, sizeof digest, ret);
    }
    return st;
}
