/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_IMAGE_INPUT_H
#define FK_IMAGE_INPUT_H

#include "fotakit/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

/* A file or pipe with a window of bytes that a parser may look at.
 *
 * read(2) into one fixed buffer instead of a mapping, so that memory stays constant and a file that
 * is cut short meanwhile is an error, not a signal. At the end of the input FK_INPUT_AHEAD zero
 * bytes follow the data: a parser that has called fk_input_need(n) may read n bytes in any case,
 * and a zero is valid in none of the text formats. */
#define FK_INPUT_BUFFER (256u * 1024u)
#define FK_INPUT_AHEAD  1024u

struct fk_input {
    char *path;
    int fd;
    off_t size; /* -1 for a pipe */
    struct timespec changed;
    uint64_t taken; /* bytes read from the file so far */
    uint8_t *buf;
    size_t at, have; /* the window is buf[at] to buf[have] */
    bool ended;      /* nothing comes after the window */
};

#define FK_INPUT_INIT {.fd = -1}

enum fk_status fk_input_open(struct fk_input *in, const char *path,
                             struct fk_error *err) FK_MUST_USE;
/* Accepts a zeroed-by-INIT or closed structure. */
void fk_input_close(struct fk_input *in);

static inline size_t fk_input_left(const struct fk_input *in)
{
    return in->have - in->at;
}

enum fk_status fk_input_fill(struct fk_input *in, size_t n, struct fk_error *err) FK_MUST_USE;

/* Makes the window at least n <= FK_INPUT_AHEAD bytes long, or the rest of the input. */
static inline enum fk_status fk_input_need(struct fk_input *in, size_t n, struct fk_error *err)
{
    return fk_input_left(in) >= n || in->ended ? FK_OK : fk_input_fill(in, n, err);
}

/* Back to the first byte; regular files only. */
enum fk_status fk_input_rewind(struct fk_input *in, struct fk_error *err) FK_MUST_USE;

/* Exactly len bytes from an offset, past the window; FK_E_IO when the file has become shorter. */
enum fk_status fk_input_read_at(const struct fk_input *in, uint64_t off, void *buf, size_t len,
                                struct fk_error *err) FK_MUST_USE;

/* FK_E_IO when the file was written to since it was opened (size or time of change). */
enum fk_status fk_input_unchanged(const struct fk_input *in, struct fk_error *err) FK_MUST_USE;

/* "'FILE' changed while it was read": the second look does not agree with the first. */
enum fk_status fk_input_changed(const struct fk_input *in, struct fk_error *err) FK_MUST_USE;

#endif
