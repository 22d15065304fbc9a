/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE /* flock */
#include "cert-bundle/batch.h"

#include "fotakit/json.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const columns[] = {
    "id", "files", "file", "bytes", "sha256", "certificate_sha256", "inputs_sha256", "error"};
enum { COLUMNS = sizeof columns / sizeof columns[0] };

/* ---- entries ----------------------------------------------------------------------------------
 */

enum fk_status manifest_fill(struct manifest_entry *e, const struct fk_emitted *files,
                             struct fk_error *err)
{
    e->files = calloc(files->n + 1, sizeof *e->files);
    if (e->files == NULL) {
        return fk_fail(err, FK_E_MEMORY, "out of memory");
    }
    enum fk_status st = FK_OK;
    for (e->n = 0; st == FK_OK && e->n < files->n; e->n++) {
        const struct fk_emit_file *f = &files->files[e->n];
        struct manifest_file *to = &e->files[e->n];
        memcpy(to->name, f->name, sizeof to->name);
        to->bytes = f->bytes.len;
        st = sha256_hex((struct fk_slice){f->bytes.ptr, f->bytes.len}, to->sha256, err);
    }
    return st;
}

void manifest_entry_release(struct manifest_entry *e)
{
    free(e->files);
    e->files = NULL;
    e->n = 0;
}

enum fk_status manifest_entry_copy(const struct manifest_entry *e, struct manifest_entry *ret,
                                   struct fk_error *err)
{
    struct manifest_entry copy = *e;
    copy.files = calloc(e->n + 1, sizeof *copy.files);
    if (copy.files == NULL) {
        return fk_fail(err, FK_E_MEMORY, "out of memory");
    }
    memcpy(copy.files, e->files, e->n * sizeof *copy.files);
    *ret = copy;
    return FK_OK;
}

static void print_header(FILE *to)
{
    for (size_t i = 0; i < COLUMNS; i++) {
        fprintf(to, "%s%s", i > 0 ? "," : "", columns[i]);
    }
    fputc('\n', to);
}

static void print_entry(FILE *to, const struct manifest_entry *e)
{
    for (size_t i = 0; i < e->n; i++) {
        fk_csv_print(to, e->id);
        fprintf(to, ",%zu,", e->n);
        fk_csv_print(to, e->files[i].name);
        fprintf(to, ",%zu,%s,%s,%s,\n", e->files[i].bytes, e->files[i].sha256, e->cert_sha256,
                e->inputs_sha256);
    }
    if (e->n == 0) {
        fk_csv_print(to, e->id);
        fputs(",0,,,,,,", to);
        fk_csv_print(to, e->error);
        fputc('\n', to);
    }
}

/* ---- reading what is there --------------------------------------------------------------------
 */

static int by_id(const void *a, const void *b)
{
    const struct manifest_entry *x = a, *y = b;
    return strcmp(x->id, y->id);
}

static bool copy_cell(const struct fk_csv *csv, size_t row, size_t column, char *to, size_t size)
{
    const char *cell = fk_csv_cell(csv, row, column);
    snprintf(to, size, "%s", cell);
    return strlen(cell) < size;
}

/* The rows of one device, from *row on; false when they are not whole. */
static bool take_entry(const struct fk_csv *csv, size_t *row, struct manifest_entry *e)
{
    size_t first = *row;
    bool good = copy_cell(csv, first, 0, e->id, sizeof e->id) &&
                copy_cell(csv, first, 5, e->cert_sha256, sizeof e->cert_sha256) &&
                copy_cell(csv, first, 6, e->inputs_sha256, sizeof e->inputs_sha256) &&
                copy_cell(csv, first, 7, e->error, sizeof e->error);
    while (*row < csv->n_rows && strcmp(fk_csv_cell(csv, *row, 0), e->id) == 0) {
        (*row)++;
    }
    size_t n = *row - first;
    good = good && strtoull(fk_csv_cell(csv, first, 1), NULL, 10) == n;
    e->files = good ? calloc(n + 1, sizeof *e->files) : NULL;
    good = good && e->files != NULL;
    for (e->n = 0; good && e->n < n; e->n++) {
        struct manifest_file *f = &e->files[e->n];
        f->bytes = strtoull(fk_csv_cell(csv, first + e->n, 3), NULL, 10);
        good = copy_cell(csv, first + e->n, 2, f->name, sizeof f->name) &&
               copy_cell(csv, first + e->n, 4, f->sha256, sizeof f->sha256) &&
               strchr(f->name, '/') == NULL && f->name[0] != '\0' && f->name[0] != '.';
    }
    if (!good) {
        manifest_entry_release(e);
    }
    return good;
}

static enum fk_status take_all(struct manifest *m, const char *path, struct fk_slice text,
                               struct fk_error *err)
{
    struct fk_csv csv = {.n_rows = 0};
    while (text.len > 0 && text.ptr[text.len - 1] != '\n') {
        text.len--; /* a line that was being written when the run was cut */
    }
    if (text.len == 0) {
        return FK_OK;
    }
    enum fk_status st = fk_csv_parse(path, text, &csv, err);
    if (st != FK_OK) {
        return st;
    }
    bool ours = csv.n_columns == COLUMNS;
    for (size_t i = 0; ours && i < COLUMNS; i++) {
        ours = strcmp(csv.cells[i], columns[i]) == 0;
    }
    m->old = ours ? calloc(csv.n_rows + 1, sizeof *m->old) : NULL;
    if (m->old == NULL) {
        st = ours ? fk_fail(err, FK_E_MEMORY, "out of memory")
                  : fk_fail(err, FK_E_FORMAT,
                            "'%s' is not a manifest of cert-bundle; use another "
                            "folder",
                            path);
    }
    for (size_t row = 0; st == FK_OK && row < csv.n_rows;) {
        m->n_old += take_entry(&csv, &row, &m->old[m->n_old]);
    }
    fk_csv_release(&csv);
    if (m->n_old > 1) {
        qsort(m->old, m->n_old, sizeof *m->old, by_id);
    }
    return st;
}

enum fk_status manifest_open(const char *dir, struct manifest *ret, struct fk_error *err)
{
    struct manifest m = {.log = NULL};
    char path[sizeof m.dir + 20];
    struct fk_buffer text = {.ptr = NULL};
    if (strlen(dir) >= sizeof m.dir) {
        return fk_fail(err, FK_E_IO, "the path of the folder is too long");
    }
    memcpy(m.dir, dir, strlen(dir) + 1);
    if (mkdir(dir, 0755) != 0 && errno != EEXIST) {
        return fk_fail(err, FK_E_IO, "cannot make the folder '%s': %s", dir, strerror(errno));
    }
    snprintf(path, sizeof path, "%s/manifest.csv", dir);
    int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    m.log = fd >= 0 ? fdopen(fd, "a") : NULL;
    if (m.log == NULL) {
        return fk_fail(err, FK_E_IO, "cannot open '%s': %s", path, strerror(errno));
    }
    enum fk_status st = FK_OK;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        st = fk_fail(err, FK_E_BUSY, "'%s' is in use by another run", path);
    }
    if (st == FK_OK) {
        fk_emitted_sweep(dir); /* the lock says that nobody is at work here */
    }
    st = st == FK_OK ? fk_file_read(path, FK_CSV_FILE_MAX, &text, err) : st;
    st = st == FK_OK ? take_all(&m, path, (struct fk_slice){text.ptr, text.len}, err) : st;
    if (st == FK_OK && text.len == 0) {
        print_header(m.log);
    } else if (st == FK_OK && text.ptr[text.len - 1] != '\n') {
        fputc('\n', m.log);
    }
    fk_buffer_release(&text);
    if (st != FK_OK) {
        manifest_release(&m);
        return st;
    }
    *ret = m;
    return FK_OK;
}

void manifest_release(struct manifest *m)
{
    for (size_t i = 0; i < m->n_old; i++) {
        manifest_entry_release(&m->old[i]);
    }
    free(m->old);
    if (m->log != NULL) {
        fclose(m->log);
    }
    *m = (struct manifest){.log = NULL};
}

const struct manifest_entry *manifest_find(const struct manifest *m, const char *id)
{
    struct manifest_entry key = {.n = 0};
    snprintf(key.id, sizeof key.id, "%s", id);
    return m->n_old > 0 ? bsearch(&key, m->old, m->n_old, sizeof key, by_id) : NULL;
}

bool manifest_holds(const struct manifest *m, const struct manifest_entry *e)
{
    char path[sizeof m->dir + sizeof e->id + FK_BUNDLE_NAME_SIZE + 3], hex[65];
    bool same = e->n > 0;
    for (size_t i = 0; same && i < e->n; i++) {
        struct fk_buffer there = {.ptr = NULL};
        snprintf(path, sizeof path, "%s/%s/%s", m->dir, e->id, e->files[i].name);
        same = fk_file_read(path, e->files[i].bytes, &there, NULL) == FK_OK &&
               sha256_hex((struct fk_slice){there.ptr, there.len}, hex, NULL) == FK_OK &&
               there.len == e->files[i].bytes && strcmp(hex, e->files[i].sha256) == 0;
        fk_buffer_release(&there);
    }
    return same;
}

/* ---- writing ----------------------------------------------------------------------------------
 */

enum fk_status manifest_append(struct manifest *m, const struct manifest_entry *e,
                               struct fk_error *err)
{
    print_entry(m->log, e);
    return fflush(m->log) == 0 ? FK_OK
                               : fk_fail(err, FK_E_IO, "cannot write '%s/manifest.csv': %s", m->dir,
                                         strerror(errno));
}

static void print_json(FILE *to, const struct manifest_entry *entries, size_t n,
                       const struct emit_plan *plan)
{
    struct fk_json j;
    fk_json_init(&j, to);
    fk_json_object(&j, NULL);
    fk_json_string(&j, "profile", plan->profile->name);
    fk_json_string(&j, "use", plan->use->name);
    fk_json_array(&j, "devices");
    for (size_t i = 0; i < n; i++) {
        const struct manifest_entry *e = &entries[i];
        fk_json_object(&j, NULL);
        fk_json_string(&j, "id", e->id);
        if (e->error[0] != '\0') {
            fk_json_string(&j, "error", e->error);
        }
        if (e->cert_sha256[0] != '\0') {
            fk_json_string(&j, "certificate_sha256", e->cert_sha256);
        }
        fk_json_array(&j, "files");
        for (size_t f = 0; f < e->n; f++) {
            fk_json_object(&j, NULL);
            fk_json_string(&j, "name", e->files[f].name);
            fk_json_u64(&j, "bytes", e->files[f].bytes);
            fk_json_string(&j, "sha256", e->files[f].sha256);
            fk_json_object_end(&j);
        }
        fk_json_array_end(&j);
        fk_json_object_end(&j);
    }
    fk_json_array_end(&j);
    fk_json_object_end(&j);
}

/* A run that was cut after --force may have left several entries of one id. */
static void mark_again(struct manifest *m, const char *id)
{
    const struct manifest_entry *found = manifest_find(m, id);
    if (found == NULL) {
        return;
    }
    size_t at = (size_t)(found - m->old);
    while (at > 0 && strcmp(m->old[at - 1].id, id) == 0) {
        at--;
    }
    for (; at < m->n_old && strcmp(m->old[at].id, id) == 0; at++) {
        m->old[at].again = true;
    }
}

static void print_csv(FILE *to, const struct manifest *m, const struct manifest_entry *entries,
                      size_t n)
{
    print_header(to);
    for (size_t i = 0; i < n; i++) {
        print_entry(to, &entries[i]);
    }
    for (size_t i = 0; i < m->n_old; i++) {
        bool last = i + 1 == m->n_old || strcmp(m->old[i].id, m->old[i + 1].id) != 0;
        if (last && !m->old[i].again) {
            print_entry(to, &m->old[i]);
        }
    }
}

enum fk_status manifest_finish(struct manifest *m, const struct manifest_entry *entries, size_t n,
                               bool json, const struct emit_plan *plan, struct fk_error *err)
{
    char *texts[2] = {NULL, NULL};
    size_t lens[2] = {0, 0};
    char paths[2][sizeof m->dir + 20];
    struct fk_new_file files[2];
    size_t n_files = json ? 2 : 1;
    enum fk_status st = FK_OK;
    for (size_t i = 0; i < n; i++) {
        mark_again(m, entries[i].id);
    }
    for (size_t i = 0; st == FK_OK && i < n_files; i++) {
        FILE *to = open_memstream(&texts[i], &lens[i]);
        if (to != NULL && i == 0) {
            print_csv(to, m, entries, n);
        } else if (to != NULL) {
            print_json(to, entries, n, plan);
        }
        if (to == NULL || fclose(to) != 0) {
            st = fk_fail(err, FK_E_MEMORY, "out of memory");
        }
        snprintf(paths[i], sizeof paths[i], "%s/manifest.%s", m->dir, i == 0 ? "csv" : "json");
        files[i] = (struct fk_new_file){
            .path = paths[i], .bytes = {(const uint8_t *)texts[i], lens[i]}, .mode = 0644};
    }
    st = st == FK_OK ? fk_files_write(files, n_files, true, err) : st;
    free(texts[0]);
    free(texts[1]);
    return st;
}
