/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/file.h"

#include <stdlib.h>

enum fk_status fk_files_write(const struct fk_new_file *files, size_t n, bool replace,
                              struct fk_error *err)
{
    if (n > FK_NEW_FILES_MAX) {
        return fk_fail(err, FK_E_LIMIT, "more than %d files at once", FK_NEW_FILES_MAX);
    }
    struct fk_output *out = calloc(n > 0 ? n : 1, sizeof *out);
    if (out == NULL) {
        return fk_fail(err, FK_E_MEMORY, "out of memory");
    }
    enum fk_status st = FK_OK;
    size_t opened = 0;
    while (opened < n && st == FK_OK) {
        struct fk_output *o = &out[opened];
        const struct fk_new_file *f = &files[opened++];
        st = fk_output_open(o, f->path, f->mode, replace, err);
        if (st == FK_OK) {
            st = fk_output_write(o, f->bytes.ptr, f->bytes.len, err);
        }
    }
    for (size_t i = 0; i < opened; i++) {
        if (st == FK_OK) {
            st = fk_output_commit(&out[i], replace, err);
        } else {
            fk_output_abort(&out[i]);
        }
    }
    free(out);
    return st;
}
