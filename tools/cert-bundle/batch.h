/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TOOLS_CERT_BUNDLE_BATCH_H
#define FK_TOOLS_CERT_BUNDLE_BATCH_H

#include "cert-bundle/emit.h"
#include "fotakit/csv.h"

/* The parts of --batch: the table of devices, and the manifest of what was made for them. */

/* ---- the table (batch_table.c) ----------------------------------------------------------------
 *
 * Columns: id, and any of cert, key, p12, passin, pick, ca (several with ';'), host, set.NAME,
 * secret.NAME. Files are relative to the folder of the table. */
struct table {
    struct fk_csv csv;
    char folder[4096]; /* of the table, with '/' at its end; "" for the present one */
    size_t id, cert, key, p12, passin, pick, ca, host; /* columns, FK_CSV_COLUMNS_MAX for none */
};
enum fk_status table_load(const char *path, bool has_sequence, struct table *ret,
                          struct fk_error *err) FK_MUST_USE;
void table_release(struct table *t);

/* What one row asks for; borrows from the table and from common. */
struct row_inputs {
    struct fk_bundle_inputs in;
    struct places places;
    struct fk_buffer passphrase;
    const char *ca[FK_TEXTS_MAX];
    char *paths; /* memory of the file names */
};
/* places are those of the command line and then of the row. */
enum fk_status row_open(const struct table *t, size_t row, const struct emit_options *o,
                        const struct fk_bundle_inputs *common, struct row_inputs *ret,
                        struct fk_error *err) FK_MUST_USE;
void row_release(struct row_inputs *r); /* accepts a zeroed structure */
/* SHA-256, in hex, over all that decides the output but secrets: plan, row, contents of files. */
enum fk_status row_digest(const struct table *t, size_t row, const struct emit_plan *plan,
                          const struct emit_options *o, const struct row_inputs *r, char ret[65],
                          struct fk_error *err) FK_MUST_USE;

/* ---- the manifest (batch_manifest.c) -----------------------------------------------------------
 *
 * DIR/manifest.csv, a row for each file:
 * id,files,file,bytes,sha256,certificate_sha256,inputs_sha256,error; a device that failed has one
 * row with files 0. Rows of a device are appended together when it is done, so that a run that was
 * cut goes on from there; a run that ends puts them in the order of the table. */
struct manifest_file {
    char name[FK_BUNDLE_NAME_SIZE];
    size_t bytes;
    char sha256[65];
};

struct manifest_entry {
    char id[104];
    struct manifest_file *files;
    size_t n;
    char cert_sha256[65], inputs_sha256[65];
    char error[400]; /* "" when it was made */
    bool again;      /* of an earlier run: this one has an entry of the same id */
};

struct manifest {
    char dir[4000];
    FILE *log;                  /* manifest.csv, open for appending and locked */
    struct manifest_entry *old; /* of earlier runs, by id */
    size_t n_old;
};

/* Makes the folder when it is not there; reads what earlier runs left. */
enum fk_status manifest_open(const char *dir, struct manifest *ret,
                             struct fk_error *err) FK_MUST_USE;
/* The entry of an earlier run, or NULL. */
const struct manifest_entry *manifest_find(const struct manifest *m, const char *id);
/* Every file of the entry is there with its digest. */
bool manifest_holds(const struct manifest *m, const struct manifest_entry *e);
enum fk_status manifest_fill(struct manifest_entry *e, const struct fk_emitted *files,
                             struct fk_error *err) FK_MUST_USE;
enum fk_status manifest_append(struct manifest *m, const struct manifest_entry *e,
                               struct fk_error *err) FK_MUST_USE;
/* Writes the whole in order: entries first, then those of earlier runs with other ids. */
enum fk_status manifest_finish(struct manifest *m, const struct manifest_entry *entries, size_t n,
                               bool json, const struct emit_plan *plan,
                               struct fk_error *err) FK_MUST_USE;
void manifest_release(struct manifest *m);
void manifest_entry_release(struct manifest_entry *e);
/* A deep copy. */
enum fk_status manifest_entry_copy(const struct manifest_entry *e, struct manifest_entry *ret,
                                   struct fk_error *err) FK_MUST_USE;

#endif
