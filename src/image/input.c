/* SPDX-License-Identifier: Apache-2.0 */
#include "image/input.h"

#include "fotakit/file.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum fk_status fail_read(const struct fk_input *in, struct fk_error *err)
{
    return fk_fail(err, FK_E_IO, "cannot read '%s': %s", in->path, strerror(errno));
}

enum fk_status fk_input_open(struct fk_input *in, const char *path, struct fk_error *err)
{
    *in = (struct fk_input)FK_INPUT_INIT;
    enum fk_status st = fk_file_open(path, true, &in->fd, &in->size, err);
    if (st != FK_OK) {
        return st;
    }
    in->path = strdup(path);
    in->buf = malloc(FK_INPUT_BUFFER + FK_INPUT_AHEAD);
    if (in->path == NULL || in->buf == NULL) {
        st = fk_fail(err, FK_E_MEMORY, "cannot read '%s': out of memory", path);
        goto out;
    }
    struct stat s;
    if (fstat(in->fd, &s) != 0) {
        st = fail_read(in, err);
        goto out;
    }
    in->changed = s.st_mtim;
    /* A named pipe that nobody writes to yet reads as if it were empty: wait for the writer. */
    struct pollfd wait = {.fd = in->fd, .events = POLLIN};
    while (in->size < 0 && poll(&wait, 1, -1) < 0) {
        if (errno != EINTR) {
            st = fail_read(in, err);
            break;
        }
    }
out:
    if (st != FK_OK) {
        fk_input_close(in);
    }
    return st;
}

void fk_input_close(struct fk_input *in)
{
    if (in->fd >= 0) {
        close(in->fd);
    }
    free(in->path);
    free(in->buf);
    *in = (struct fk_input)FK_INPUT_INIT;
}

enum fk_status fk_input_fill(struct fk_input *in, size_t n, struct fk_error *err)
{
    memmove(in->buf, in->buf + in->at, fk_input_left(in));
    in->have = fk_input_left(in);
    in->at = 0;
    while (in->have < n && !in->ended) {
        ssize_t got = read(in->fd, in->buf + in->have, FK_INPUT_BUFFER - in->have);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return fail_read(in, err);
        }
        in->ended = got == 0;
        in->have += (size_t)got;
        in->taken += (uint64_t)got;
    }
    if (in->ended) {
        memset(in->buf + in->have, 0, FK_INPUT_AHEAD);
    }
    return FK_OK;
}

enum fk_status fk_input_rewind(struct fk_input *in, struct fk_error *err)
{
    if (lseek(in->fd, 0, SEEK_SET) < 0) {
        return fail_read(in, err);
    }
    in->at = in->have = 0;
    in->taken = 0;
    in->ended = false;
    return FK_OK;
}

enum fk_status fk_input_read_at(const struct fk_input *in, uint64_t off, void *buf, size_t len,
                                struct fk_error *err)
{
    return fk_file_read_at(in->fd, in->path, off, buf, len, err);
}

enum fk_status fk_input_unchanged(const struct fk_input *in, struct fk_error *err)
{
    struct stat s;
    if (fstat(in->fd, &s) != 0) {
        return fail_read(in, err);
    }
    bool same = s.st_size == in->size && s.st_mtim.tv_sec == in->changed.tv_sec &&
                s.st_mtim.tv_nsec == in->changed.tv_nsec;
    return same ? FK_OK : fk_input_changed(in, err);
}

enum fk_status fk_input_changed(const struct fk_input *in, struct fk_error *err)
{
    return fk_fail(err, FK_E_IO, "'%s' changed while it was read; run again when it is complete",
                   in->path);
}
