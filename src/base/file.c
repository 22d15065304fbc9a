/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* O_TMPFILE, renameat2 */
#include "fotakit/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum fk_status fk_file_open(const char *path, bool allow_stream, int *ret_fd, off_t *ret_size,
                            struct fk_error *err)
{
    /* Non-blocking, so that a named pipe without a writer does not hang the tool; it has no
     * effect on regular files and is taken off again for streams. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        enum fk_status st = errno == ENOENT || errno == ENOTDIR ? FK_E_NOT_FOUND : FK_E_IO;
        return fk_fail(err, st, "cannot open '%s': %s", path, strerror(errno));
    }
    struct stat s;
    if (fstat(fd, &s) != 0) {
        enum fk_status st = fk_fail(err, FK_E_IO, "cannot read '%s': %s", path, strerror(errno));
        close(fd);
        return st;
    }
    bool stream = S_ISFIFO(s.st_mode) || S_ISSOCK(s.st_mode);
    if (!S_ISREG(s.st_mode) && !(stream && allow_stream)) {
        close(fd);
        return fk_fail(err, FK_E_NOT_REGULAR, "'%s' is %s, expected a regular file", path,
                       S_ISDIR(s.st_mode) ? "a directory" : "not a file");
    }
    if (stream) {
        int flags = fcntl(fd, F_GETFL);
        if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) != 0) {
            enum fk_status st =
                fk_fail(err, FK_E_IO, "cannot read '%s': %s", path, strerror(errno));
            close(fd);
            return st;
        }
    }
    *ret_fd = fd;
    *ret_size = stream ? -1 : s.st_size;
    return FK_OK;
}

/* Reads until the end or until cap bytes are there; short only at the end of the input. */
static ssize_t read_full(int fd, uint8_t *p, size_t cap)
{
    size_t have = 0;
    while (have < cap) {
        ssize_t n = read(fd, p + have, cap - have);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return -1;
        }
        if (n == 0) {
            break;
        }
        have += (size_t)n;
    }
    return (ssize_t)have;
}

enum fk_status fk_file_read_at(int fd, const char *path, uint64_t off, void *buf, size_t len,
                               struct fk_error *err)
{
    uint8_t *to = buf;
    while (len > 0) {
        ssize_t n = pread(fd, to, len, (off_t)off);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return fk_fail(err, FK_E_IO, "cannot read '%s': %s", path, strerror(errno));
        }
        if (n == 0) {
            return fk_fail(err, FK_E_IO,
                           "'%s' changed while it was read; run again when it is complete", path);
        }
        to += n;
        off += (uint64_t)n;
        len -= (size_t)n;
    }
    return FK_OK;
}

enum fk_status fk_file_read(const char *path, size_t max, struct fk_buffer *ret,
                            struct fk_error *err)
{
    int fd = -1;
    off_t size = 0;
    enum fk_status st = fk_file_open(path, true, &fd, &size, err);
    if (st != FK_OK) {
        return st;
    }
    /* One byte more than allowed tells "too long" from "just fits"; one more for the NUL. */
    size_t want = size >= 0 && (uintmax_t)size < max ? (size_t)size : max;
    struct fk_buffer b = {.ptr = malloc(want + 2), .len = 0};
    if (b.ptr == NULL) {
        st = fk_fail(err, FK_E_MEMORY, "cannot read '%s': out of memory", path);
        goto out;
    }
    ssize_t n = read_full(fd, b.ptr, want + 1);
    if (n < 0) {
        st = fk_fail(err, FK_E_IO, "cannot read '%s': %s", path, strerror(errno));
        goto out;
    }
    b.len = (size_t)n;
    if (b.len > want) {
        st = b.len > max ? fk_fail(err, FK_E_LIMIT, "'%s' is longer than %zu bytes", path, max)
                         : fk_fail(err, FK_E_IO, "'%s' grew while it was read", path);
        goto out;
    }
    b.ptr[b.len] = '\0';
    *ret = b;
    b = (struct fk_buffer){0};
out:
    fk_buffer_release(&b);
    close(fd);
    return st;
}

void fk_buffer_release(struct fk_buffer *b)
{
    if (b->ptr != NULL) {
        explicit_bzero(b->ptr, b->len);
        free(b->ptr);
    }
    *b = (struct fk_buffer){0};
}

/* The last part of a path; "" when the path names a folder. */
static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static int open_folder(const char *path)
{
    const char *base = base_name(path);
    if (base == path) {
        return open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    char dir[4096];
    size_t n = (size_t)(base - path);
    memcpy(dir, path, n); /* keeps the slash, so that "/" works; the length was checked */
    dir[n] = '\0';
    return open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* A hidden name of our own for file systems without unnamed files, and for replacing. */
static void next_temp_name(struct fk_output *o)
{
    static unsigned counter;
    snprintf(o->temp, sizeof o->temp, ".fotakit-%ld-%u.tmp", (long)getpid(), counter++);
}

static enum fk_status refuse_existing(const struct fk_output *o, struct fk_error *err)
{
    return fk_fail(err, FK_E_EXISTS, "'%s' exists; use --force to replace it", o->path);
}

enum fk_status fk_output_open(struct fk_output *o, const char *path, mode_t mode, bool replace,
                              struct fk_error *err)
{
    *o = (struct fk_output)FK_OUTPUT_INIT;
    size_t len = strlen(path);
    if (len >= sizeof o->path) {
        return fk_fail(err, FK_E_IO, "cannot write '%.60s...': path is too long", path);
    }
    memcpy(o->path, path, len + 1);
    if (base_name(path)[0] == '\0') {
        return fk_fail(err, FK_E_NOT_REGULAR, "cannot write '%s': it names a folder", path);
    }
    o->dir = open_folder(path);
    if (o->dir < 0) {
        return fk_fail(err, FK_E_IO, "cannot write '%s': %s", path, strerror(errno));
    }
    struct stat s;
    if (fstatat(o->dir, base_name(path), &s, 0) == 0) {
        if (!S_ISREG(s.st_mode)) {
            fk_output_abort(o);
            return fk_fail(err, FK_E_NOT_REGULAR, "cannot write '%s': it is %s", path,
                           S_ISDIR(s.st_mode) ? "a directory" : "not a regular file");
        }
        if (!replace) {
            fk_output_abort(o);
            return refuse_existing(o, err);
        }
    }
    o->fd = openat(o->dir, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
    for (unsigned tries = 0; o->fd < 0 && tries < 100; tries++) {
        next_temp_name(o);
        o->fd = openat(o->dir, o->temp, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, mode);
        o->named = o->fd >= 0;
        if (o->fd < 0 && errno != EEXIST) {
            break;
        }
    }
    if (o->fd < 0) {
        enum fk_status st = fk_fail(err, FK_E_IO, "cannot write '%s': %s", path, strerror(errno));
        fk_output_abort(o);
        return st;
    }
    return FK_OK;
}

static enum fk_status fail_write(struct fk_output *o, struct fk_error *err)
{
    return fk_fail(err, FK_E_IO, "cannot write '%s': %s", o->path, strerror(errno));
}

enum fk_status fk_output_write(struct fk_output *o, const void *p, size_t len,
                               struct fk_error *err)
{
    const uint8_t *at = p;
    while (len > 0) {
        ssize_t n = write(o->fd, at, len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return fail_write(o, err);
        }
        at += n;
        len -= (size_t)n;
    }
    return FK_OK;
}

enum fk_status fk_output_write_at(struct fk_output *o, off_t at, const void *p, size_t len,
                                  struct fk_error *err)
{
    const uint8_t *from = p;
    while (len > 0) {
        ssize_t n = pwrite(o->fd, from, len, at);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return fail_write(o, err);
        }
        from += n;
        at += n;
        len -= (size_t)n;
    }
    return FK_OK;
}

/* Gives an unnamed file the name to; fails with EEXIST when that is taken. */
static int link_unnamed(const struct fk_output *o, const char *to)
{
    char self[64];
    snprintf(self, sizeof self, "/proc/self/fd/%d", o->fd);
    return linkat(AT_FDCWD, self, o->dir, to, AT_SYMLINK_FOLLOW);
}

static int publish(struct fk_output *o, bool replace)
{
    const char *to = base_name(o->path);
    if (!o->named && !replace) {
        return link_unnamed(o, to);
    }
    for (unsigned tries = 0; !o->named && tries < 100; tries++) {
        next_temp_name(o);
        if (link_unnamed(o, o->temp) == 0) {
            o->named = true;
        } else if (errno != EEXIST) {
            return -1;
        }
    }
    int rc = renameat2(o->dir, o->temp, o->dir, to, replace ? 0 : RENAME_NOREPLACE);
    if (rc != 0 && !replace && (errno == EINVAL || errno == ENOSYS)) {
        /* A file system that knows no flags, such as NFS: a second name is refused as well when it
         * is taken. The first one is removed by abort. */
        return linkat(o->dir, o->temp, o->dir, to, 0);
    }
    if (rc == 0) {
        o->named = false;
    }
    return rc;
}

enum fk_status fk_output_commit(struct fk_output *o, bool replace, struct fk_error *err)
{
    enum fk_status st = FK_OK;
    if (fsync(o->fd) != 0) {
        st = fail_write(o, err);
    } else if (publish(o, replace) != 0) {
        st = errno == EEXIST ? refuse_existing(o, err) : fail_write(o, err);
    } else if (fsync(o->dir) != 0 && errno != EINVAL && errno != EROFS) {
        st = fail_write(o, err);
    }
    fk_output_abort(o);
    return st;
}

void fk_output_abort(struct fk_output *o)
{
    if (o->named) {
        unlinkat(o->dir, o->temp, 0);
        o->named = false;
    }
    if (o->fd >= 0) {
        close(o->fd);
        o->fd = -1;
    }
    if (o->dir >= 0) {
        close(o->dir);
        o->dir = -1;
    }
}

bool fk_file_is_same(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}
