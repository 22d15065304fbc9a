/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* syncfs */
#include "cert-bundle/batch.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Many devices, some at a time. Each is made on its own: one that fails leaves nothing behind and
 * does not stop the others. */

enum { JOBS_MAX = 64 };

struct batch {
    const struct emit_options *o;
    const struct emit_plan *plan;
    const struct fk_bundle_inputs *common;
    struct table table;
    struct manifest manifest;
    struct manifest_entry *entries; /* one a row */
    pthread_mutex_t lock;           /* for all below, the manifest's log and stderr */
    size_t next, done, made, kept, failed;
    int exit_code; /* the worst of those that failed */
    bool terminal;
    struct timespec start, shown;
};

static double seconds_since(const struct timespec *t)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - t->tv_sec) + (double)(now.tv_nsec - t->tv_nsec) / 1e9;
}

static void show_progress(struct batch *b, bool last)
{
    enum { WIDTH = 30 };
    size_t n = b->table.csv.n_rows;
    if (!b->terminal || b->o->quiet || (!last && seconds_since(&b->shown) < 0.1)) {
        return;
    }
    clock_gettime(CLOCK_MONOTONIC, &b->shown);
    char bar[WIDTH + 1];
    size_t full = WIDTH * b->done / n;
    memset(bar, '=', full);
    memset(bar + full, ' ', WIDTH - full);
    bar[WIDTH] = '\0';
    double took = seconds_since(&b->start);
    fprintf(stderr, "\r[%s] %zu/%zu, %zu failed, %.0f/s %s", bar, b->done, n, b->failed,
            took > 0 ? (double)b->done / took : 0, last ? "\n" : "");
}

/* Makes one device, or finds that it is there. *ret_kept: it was. */
static enum fk_status make(struct batch *b, size_t row, struct manifest_entry *e, bool *ret_kept,
                           struct fk_error *err)
{
    struct row_inputs *r = calloc(1, sizeof *r);
    struct emit_result result = {.cert_sha256 = ""};
    char dir[sizeof b->manifest.dir + sizeof e->id + 2];
    if (r == NULL) {
        return fk_fail(err, FK_E_MEMORY, "out of memory");
    }
    snprintf(dir, sizeof dir, "%s/%s", b->manifest.dir, e->id);
    const struct manifest_entry *old = manifest_find(&b->manifest, e->id);
    enum fk_status st = row_open(&b->table, row, b->o, b->common, r, err);
    st = st == FK_OK ? row_digest(&b->table, row, b->plan, b->o, r, e->inputs_sha256, err) : st;
    if (st == FK_OK && !b->plan->replace && old != NULL &&
        strcmp(old->inputs_sha256, e->inputs_sha256) == 0 && manifest_holds(&b->manifest, old)) {
        *ret_kept = true;
        st = manifest_entry_copy(old, e, err);
        goto out;
    }
    st = st == FK_OK ? emit_one(b->plan, &r->in, &r->places, &result, err) : st;
    if (st == FK_OK && result.files.n == 0) {
        st = fk_fail(err, FK_E_EMPTY, "nothing to write: no certificate, key or root is named");
    }
    st = st == FK_OK ? manifest_fill(e, &result.files, err) : st;
    if (st == FK_OK) {
        memcpy(e->cert_sha256, result.cert_sha256, sizeof e->cert_sha256);
        /* A run that was cut may have made the folder and not told the manifest. */
        if (!fk_emitted_is_there(&result.files, dir)) {
            st = fk_emitted_write(&result.files, dir, b->plan->replace, false, err);
        }
    }
out:
    if (st != FK_OK) {
        manifest_entry_release(e);
    }
    emit_result_release(&result);
    row_release(r);
    free(r);
    return st;
}

static void finish(struct batch *b, size_t row, enum fk_status st, bool kept,
                   const struct fk_error *why)
{
    struct manifest_entry *e = &b->entries[row];
    struct fk_error err = FK_ERROR_INIT;
    pthread_mutex_lock(&b->lock);
    if (st == FK_OK && !kept) {
        st = manifest_append(&b->manifest, e, &err);
        why = &err;
    }
    b->done++;
    b->made += st == FK_OK && !kept;
    b->kept += st == FK_OK && kept;
    if (st != FK_OK) {
        int code = fk_cli_exit(st);
        b->failed++;
        b->exit_code = code > b->exit_code ? code : b->exit_code;
        manifest_entry_release(e);
        snprintf(e->error, sizeof e->error, "%.*s", (int)sizeof e->error - 1,
                 why->msg[0] != '\0' ? why->msg : fk_status_text(st));
        fprintf(stderr, "%s%s: %s:%u: device '%s': %s\n",
                b->terminal && !b->o->quiet ? "\r\033[K" : "", TOOL, b->o->batch,
                fk_csv_line(&b->table.csv, row), e->id, e->error);
    }
    show_progress(b, false);
    pthread_mutex_unlock(&b->lock);
}

static void *work(void *arg)
{
    struct batch *b = arg;
    for (;;) {
        pthread_mutex_lock(&b->lock);
        size_t row = b->next++;
        pthread_mutex_unlock(&b->lock);
        if (row >= b->table.csv.n_rows) {
            return NULL;
        }
        struct fk_error why = FK_ERROR_INIT;
        bool kept = false;
        enum fk_status st = make(b, row, &b->entries[row], &kept, &why);
        finish(b, row, st, kept, &why);
    }
}

static void run_all(struct batch *b, size_t jobs)
{
    pthread_t threads[JOBS_MAX];
    size_t started = 0;
    clock_gettime(CLOCK_MONOTONIC, &b->start);
    b->shown = b->start;
    while (started + 1 < jobs && pthread_create(&threads[started], NULL, work, b) == 0) {
        started++;
    }
    work(b); /* this one works, too; with no other thread it does everything */
    while (started > 0) {
        pthread_join(threads[--started], NULL);
    }
    show_progress(b, true);
}

static enum fk_status read_jobs(const struct emit_options *o, size_t rows, size_t *ret,
                                struct fk_error *err)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t jobs = processors > 0 ? (uint64_t)processors : 1;
    enum fk_status st = o->jobs != NULL ? fk_cli_u64("--jobs", o->jobs, &jobs, err) : FK_OK;
    if (st == FK_OK && o->jobs != NULL && (jobs == 0 || jobs > JOBS_MAX)) {
        st = fk_fail(err, FK_E_USAGE, "--jobs: expected 1 to %d, found %s", JOBS_MAX, o->jobs);
    }
    jobs = jobs > JOBS_MAX ? JOBS_MAX : jobs;
    *ret = jobs < rows ? (size_t)jobs : rows;
    return st;
}

static enum fk_status close_batch(struct batch *b, struct fk_error *err)
{
    /* The folders get to the medium together, before the manifest says that they are there. */
    int fd = open(b->manifest.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)syncfs(fd);
        close(fd);
    }
    return manifest_finish(&b->manifest, b->entries, b->table.csv.n_rows, b->o->json, b->plan, err);
}

int run_batch(const struct emit_options *o, const struct emit_plan *plan,
              const struct bundle_job *job)
{
    struct fk_error err = FK_ERROR_INIT;
    struct batch *b = calloc(1, sizeof *b);
    size_t jobs = 1;
    if (b == NULL) {
        return fk_cli_done(TOOL, FK_E_MEMORY, NULL);
    }
    b->o = o;
    b->plan = plan;
    b->common = &job->inputs;
    b->terminal = isatty(STDERR_FILENO) == 1;
    pthread_mutex_init(&b->lock, NULL);
    enum fk_status st = table_load(o->batch, plan->sequence != NULL, &b->table, &err);
    st = st == FK_OK ? read_jobs(o, b->table.csv.n_rows, &jobs, &err) : st;
    st = st == FK_OK ? manifest_open(o->out, &b->manifest, &err) : st;
    if (st == FK_OK) {
        b->entries = calloc(b->table.csv.n_rows, sizeof *b->entries);
        st = b->entries != NULL ? FK_OK : fk_fail(&err, FK_E_MEMORY, "out of memory");
    }
    for (size_t i = 0; st == FK_OK && i < b->table.csv.n_rows; i++) {
        snprintf(b->entries[i].id, sizeof b->entries[i].id, "%s",
                 fk_csv_cell(&b->table.csv, i, b->table.id));
    }
    if (st == FK_OK) {
        run_all(b, jobs);
        st = close_batch(b, &err);
    }
    if (st == FK_OK && !o->quiet) {
        printf("%zu made, %zu kept, %zu failed; see %s/manifest.csv\n", b->made, b->kept, b->failed,
               o->out);
    }
    int code = fk_cli_done(TOOL, st, &err);
    code = code == 0 ? b->exit_code : code;
    for (size_t i = 0; b->entries != NULL && i < b->table.csv.n_rows; i++) {
        manifest_entry_release(&b->entries[i]);
    }
    free(b->entries);
    manifest_release(&b->manifest);
    table_release(&b->table);
    pthread_mutex_destroy(&b->lock);
    free(b);
    return code;
}
