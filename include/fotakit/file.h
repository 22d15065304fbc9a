/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_FILE_H
#define FOTAKIT_FILE_H

#include "fotakit/error.h"
#include "fotakit_fw/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Files, read with bounds and written whole or not at all. */

/* Opens a regular file (or a pipe, when allow_stream) for reading. A directory or device gives
 * FK_E_NOT_REGULAR, a missing file FK_E_NOT_FOUND, anything else FK_E_IO.
 * *ret_size is the size in bytes, or -1 for a stream. The caller closes *ret_fd. */
enum fk_status fk_file_open(const char *path, bool allow_stream, int *ret_fd, off_t *ret_size,
                            struct fk_error *err) FK_MUST_USE;

/* Exactly len bytes from an offset of an open regular file; path is for messages. FK_E_IO, also when
 * the file ends before. */
enum fk_status fk_file_read_at(int fd, const char *path, uint64_t off, void *buf, size_t len,
                               struct fk_error *err) FK_MUST_USE;

/* Owned bytes. Release wipes them first: files that hold keys are read with the same call. */
struct fk_buffer {
    uint8_t *ptr;
    size_t len;
};

/* The whole of a regular file or stream of at most max bytes; longer gives FK_E_LIMIT. One extra
 * NUL byte stands behind the data, not counted in len. */
enum fk_status fk_file_read(const char *path, size_t max, struct fk_buffer *ret,
                            struct fk_error *err) FK_MUST_USE;
/* Accepts a zeroed or released buffer. */
void fk_buffer_release(struct fk_buffer *b);

/* A new file that appears under its name complete, or not at all.
 *
 * Bytes go to an unnamed file in the target's folder (or a hidden temporary where the file system
 * has none), so a killed tool leaves nothing behind. fk_output_commit() syncs and gives it its
 * name; without replace an existing target is refused by that very step, with FK_E_EXISTS.
 * fk_output_abort() is harmless after commit and on a zeroed structure: call it in `out:`. */
struct fk_output {
    int fd;        /* -1 when closed */
    int dir;       /* folder of the target, -1 when closed */
    bool named;    /* a temporary name exists in dir */
    char temp[64]; /* that name */
    char path[4096];
};

#define FK_OUTPUT_INIT {.fd = -1, .dir = -1}

/* mode: 0644, or 0600 for anything secret; the umask only takes away. Refuses early, before any
 * work is done, when the target exists and replace is false, or is a directory. */
enum fk_status fk_output_open(struct fk_output *o, const char *path, mode_t mode, bool replace,
                              struct fk_error *err) FK_MUST_USE;
enum fk_status fk_output_write(struct fk_output *o, const void *p, size_t len,
                               struct fk_error *err) FK_MUST_USE;
enum fk_status fk_output_write_at(struct fk_output *o, off_t at, const void *p, size_t len,
                                  struct fk_error *err) FK_MUST_USE;
enum fk_status fk_output_commit(struct fk_output *o, bool replace,
                                struct fk_error *err) FK_MUST_USE;
void fk_output_abort(struct fk_output *o);

/* Are both there and one file, by whatever name? Replacing an input is never what was meant. */
bool fk_file_is_same(const char *a, const char *b);

/* Several new files of one piece of work: all are opened and written before the first one gets its
 * name, so that a target that exists, a full disk or a missing folder leaves nothing behind. */
struct fk_new_file {
    const char *path;
    struct fk_slice bytes;
    mode_t mode; /* 0600 for anything secret */
};
#define FK_NEW_FILES_MAX 256

enum fk_status fk_files_write(const struct fk_new_file *files, size_t n, bool replace,
                              struct fk_error *err) FK_MUST_USE;

#endif
