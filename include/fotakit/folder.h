/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_FOLDER_H
#define FOTAKIT_FOLDER_H

#include "fotakit/error.h"
#include "fotakit_fw/slice.h"

#include <stdbool.h>

/* A new folder that appears under its name with all its files, or not at all.
 *
 * Files go into a temporary folder beside it; fk_folder_commit() syncs and renames that. An existing target is
 * never replaced. fk_folder_abort() removes what was written; it is harmless after commit and on a
 * zeroed structure: call it in `out:`. */
struct fk_folder {
    char path[4096];
    char temp[4096 + 16]; /* empty when there is nothing to remove */
};

/* FK_E_EXISTS, FK_E_IO. */
enum fk_status fk_folder_open(struct fk_folder *f, const char *path,
                              struct fk_error *err) FK_MUST_USE;
/* name: without '/'. Mode 0644. */
enum fk_status fk_folder_write(struct fk_folder *f, const char *name, struct fk_slice bytes,
                               struct fk_error *err) FK_MUST_USE;
enum fk_status fk_folder_commit(struct fk_folder *f, struct fk_error *err) FK_MUST_USE;
void fk_folder_abort(struct fk_folder *f);

#endif
