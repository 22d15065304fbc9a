/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MODE = 0644, FOLDER_MODE = 0755 };

enum fk_status fk_folder_open(struct fk_folder *f, const char *path, struct fk_error *err)
{
    struct stat s;
    size_t len = strlen(path);
    *f = (struct fk_folder){.path = ""};
    while (len > 1 && path[len - 1] == '/') {
        len--;
    }
    if (len == 0 || len >= sizeof f->path) {
        return fk_fail(err, FK_E_IO, "cannot make folder '%.60s': the name is empty or too long",
                       path);
    }
    memcpy(f->path, path, len);
    f->path[len] = '\0';
    if (lstat(f->path, &s) == 0) {
        return fk_fail(err, FK_E_EXISTS, "'%s' exists; name a new folder", f->path);
    }
    snprintf(f->temp, sizeof f->temp, "%s.XXXXXX", f->path);
    if (mkdtemp(f->temp) == NULL) {
        f->temp[0] = '\0';
        return fk_fail(err, FK_E_IO, "cannot make folder '%s': %s", f->path, strerror(errno));
    }
    return FK_OK;
}

static enum fk_status write_all(int fd, const char *name, struct fk_slice bytes,
                                struct fk_error *err)
{
    while (bytes.len > 0) {
        ssize_t n = write(fd, bytes.ptr, bytes.len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return fk_fail(err, FK_E_IO, "cannot write '%s': %s", name, strerror(errno));
        }
        bytes.ptr += n;
        bytes.len -= (size_t)n;
    }
    return fsync(fd) == 0 ? FK_OK
                          : fk_fail(err, FK_E_IO, "cannot write '%s': %s", name, strerror(errno));
}

enum fk_status fk_folder_write(struct fk_folder *f, const char *name, struct fk_slice bytes,
                               struct fk_error *err)
{
    int dir = open(f->temp, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int fd = dir < 0 ? -1 : openat(dir, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, FILE_MODE);
    enum fk_status st =
        fd >= 0 ? write_all(fd, name, bytes, err)
                : fk_fail(err, FK_E_IO, "cannot write '%s/%s': %s", f->path, name, strerror(errno));
    if (fd >= 0 && close(fd) != 0 && st == FK_OK) {
        st = fk_fail(err, FK_E_IO, "cannot write '%s': %s", name, strerror(errno));
    }
    if (dir >= 0) {
        close(dir);
    }
    return st;
}

/* The names in a folder, on the medium. */
static enum fk_status sync_names(const char *path, struct fk_error *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL || errno == EROFS);
    enum fk_status st = good ? FK_OK
                             : fk_fail(err, FK_E_IO, "cannot write folder '%s': %s", path,
                                       strerror(errno));
    if (fd >= 0) {
        close(fd);
    }
    return st;
}

/* The folder above, so that the new name survives a power cut. */
static enum fk_status sync_above(const struct fk_folder *f, struct fk_error *err)
{
    char above[sizeof f->path];
    const char *slash = strrchr(f->path, '/');
    size_t n = slash == NULL ? 0 : slash == f->path ? 1 : (size_t)(slash - f->path);
    snprintf(above, sizeof above, "%.*s", n > 0 ? (int)n : 1, n > 0 ? f->path : ".");
    return sync_names(above, err);
}

enum fk_status fk_folder_commit(struct fk_folder *f, struct fk_error *err)
{
    enum fk_status st = sync_names(f->temp, err);
    if (st != FK_OK) {
        return st;
    }
    mode_t mask = umask(0);
    (void)umask(mask);
    /* rename() replaces an empty folder that appeared meanwhile, which loses nothing. */
    if (chmod(f->temp, FOLDER_MODE & ~mask) != 0 || rename(f->temp, f->path) != 0) {
        return fk_fail(
            err, errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR ? FK_E_EXISTS : FK_E_IO,
            "cannot make folder '%s': %s", f->path, strerror(errno));
    }
    f->temp[0] = '\0';
    return sync_above(f, err);
}

void fk_folder_abort(struct fk_folder *f)
{
    if (f->temp[0] == '\0') {
        return;
    }
    DIR *d = opendir(f->temp);
    for (struct dirent *e = d != NULL ? readdir(d) : NULL; e != NULL; e = readdir(d)) {
        (void)unlinkat(dirfd(d), e->d_name, 0); /* "." and ".." are no files */
    }
    if (d != NULL) {
        closedir(d);
    }
    (void)rmdir(f->temp);
    f->temp[0] = '\0';
}
