/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/passphrase.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum fk_status fail_length(struct fk_error *err)
{
    return fk_fail(err, FK_E_LIMIT, "the pass phrase is longer than %d bytes", FK_PASSPHRASE_MAX);
}

static enum fk_status copy_line(const void *from, size_t len, struct fk_buffer *ret,
                                struct fk_error *err)
{
    const uint8_t *bytes = from;
    size_t n = 0;
    while (n < len && bytes[n] != '\n' && bytes[n] != '\r') {
        n++;
    }
    if (n > FK_PASSPHRASE_MAX) {
        return fail_length(err);
    }
    struct fk_buffer b = {.ptr = malloc(n + 1), .len = n};
    if (b.ptr == NULL) {
        return fk_fail(err, FK_E_MEMORY, "out of memory");
    }
    memcpy(b.ptr, bytes, n);
    b.ptr[n] = '\0';
    *ret = b;
    return FK_OK;
}

static enum fk_status from_env(const char *name, struct fk_buffer *ret, struct fk_error *err)
{
    const char *value = getenv(name);
    if (value == NULL) {
        return fk_fail(err, FK_E_NOT_FOUND, "--passin: the environment variable '%s' is not set",
                       name);
    }
    return copy_line(value, strlen(value), ret, err);
}

static enum fk_status from_file(const char *path, struct fk_buffer *ret, struct fk_error *err)
{
    struct fk_buffer file = {.ptr = NULL};
    enum fk_status st = fk_file_read(path, 2 * FK_PASSPHRASE_MAX, &file, err);
    if (st == FK_OK) {
        st = copy_line(file.ptr, file.len, ret, err);
    }
    fk_buffer_release(&file);
    return fk_wrap(err, st, "--passin");
}

/* One byte at a time, so that what follows the line is left for other readers. */
static enum fk_status from_fd(const char *digits, struct fk_buffer *ret, struct fk_error *err)
{
    size_t len = strlen(digits);
    if (len == 0 || len > 4 || strspn(digits, "0123456789") != len) {
        return fk_fail(err, FK_E_USAGE, "--passin fd:N takes the number of a file descriptor");
    }
    int fd = (int)strtol(digits, NULL, 10);
    struct fk_buffer line = {.ptr = malloc(FK_PASSPHRASE_MAX + 1)};
    enum fk_status st = FK_OK;
    if (line.ptr == NULL) {
        return fk_fail(err, FK_E_MEMORY, "out of memory");
    }
    while (line.len <= FK_PASSPHRASE_MAX) {
        ssize_t n = read(fd, line.ptr + line.len, 1);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            st = fk_fail(err, FK_E_IO, "--passin: cannot read file descriptor %d: %s", fd,
                         strerror(errno));
            break;
        }
        if (n == 0 || line.ptr[line.len] == '\n') {
            break;
        }
        line.len++;
    }
    if (st == FK_OK) {
        st = copy_line(line.ptr, line.len, ret, err);
    }
    fk_buffer_release(&line);
    return st;
}

enum fk_status fk_passphrase_read(const char *source, struct fk_buffer *ret, struct fk_error *err)
{
    if (strncmp(source, "env:", 4) == 0) {
        return from_env(source + 4, ret, err);
    }
    if (strncmp(source, "file:", 5) == 0) {
        return from_file(source + 5, ret, err);
    }
    if (strncmp(source, "fd:", 3) == 0) {
        return from_fd(source + 3, ret, err);
    }
    if (strncmp(source, "pass:", 5) == 0) {
        return fk_fail(err, FK_E_USAGE,
                       "--passin does not take the pass phrase itself: every user of the machine "
                       "could read it in the process list; use env:NAME, file:PATH or fd:N");
    }
    return fk_fail(err, FK_E_USAGE, "--passin takes env:NAME, file:PATH or fd:N");
}
