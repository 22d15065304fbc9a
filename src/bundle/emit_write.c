/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* renameat2 */
#include "bundle/emit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A new folder is filled under a hidden name beside its place and renamed when it is complete. */

#define TEMP_BEGIN ".fotakit-new-"
#define TEMP_END   ".tmp"

struct folder {
    int parent;       /* -1 when closed */
    int fd;           /* of the folder, -1 when closed */
    const char *base; /* last part of its path */
    char temp[64];
};

static enum fk_status fail(struct fk_error *err, const char *dir, const char *name)
{
    return fk_fail(err, FK_E_IO, "cannot write '%s%s%s': %s", dir, name[0] != '\0' ? "/" : "", name,
                   strerror(errno));
}

static enum fk_status write_one(int folder, const char *dir, const struct fk_emit_file *f,
                                bool durable, struct fk_error *err)
{
    int fd =
        openat(folder, f->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, f->secret ? 0600 : 0644);
    size_t done = 0;
    bool good = fd >= 0;
    while (good && done < f->bytes.len) {
        ssize_t n = write(fd, f->bytes.ptr + done, f->bytes.len - done);
        good = n > 0 || (n < 0 && errno == EINTR);
        done += n > 0 ? (size_t)n : 0;
    }
    good = good && (!durable || fsync(fd) == 0);
    enum fk_status st = good ? FK_OK : fail(err, dir, f->name);
    if (fd >= 0) {
        close(fd);
    }
    return st;
}

static enum fk_status open_folder(struct folder *d, const char *dir, bool secret,
                                  struct fk_error *err)
{
    static atomic_uint counter; /* devices of a batch are written by several threads */
    char parent[4096];
    size_t len = strlen(dir);
    while (len > 1 && dir[len - 1] == '/') {
        len--;
    }
    const char *base = dir + len;
    while (base > dir && base[-1] != '/') {
        base--;
    }
    size_t up = (size_t)(base - dir);
    if (len >= sizeof parent || up == len) {
        return fk_fail(err, FK_E_IO, "cannot make the folder '%.100s'", dir);
    }
    snprintf(parent, sizeof parent, "%.*s", up > 0 ? (int)up : 1, up > 0 ? dir : ".");
    d->base = base;
    d->parent = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (d->parent < 0) {
        return fk_fail(err, errno == ENOENT ? FK_E_NOT_FOUND : FK_E_IO,
                       "cannot make the folder '%s': %s", dir, strerror(errno));
    }
    for (unsigned tries = 0; tries < 100; tries++) {
        snprintf(d->temp, sizeof d->temp, TEMP_BEGIN "%ld-%u" TEMP_END, (long)getpid(),
                 atomic_fetch_add(&counter, 1));
        if (mkdirat(d->parent, d->temp, secret ? 0700 : 0755) == 0) {
            break;
        }
        d->temp[0] = '\0';
        if (errno != EEXIST) {
            break;
        }
    }
    d->fd = d->temp[0] != '\0'
                ? openat(d->parent, d->temp, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                : -1;
    return d->fd >= 0 ? FK_OK : fail(err, dir, "");
}

static void close_folder(struct folder *d, const struct fk_emitted *e)
{
    for (size_t i = 0; d->fd >= 0 && d->temp[0] != '\0' && i < e->n; i++) {
        unlinkat(d->fd, e->files[i].name, 0);
    }
    if (d->temp[0] != '\0') {
        unlinkat(d->parent, d->temp, AT_REMOVEDIR);
    }
    if (d->fd >= 0) {
        close(d->fd);
    }
    if (d->parent >= 0) {
        close(d->parent);
    }
}

static enum fk_status write_new(const struct fk_emitted *e, const char *dir, bool secret,
                                bool durable, struct fk_error *err)
{
    struct folder d = {.parent = -1, .fd = -1};
    char base[256];
    enum fk_status st = open_folder(&d, dir, secret, err);
    for (size_t i = 0; st == FK_OK && i < e->n; i++) {
        st = write_one(d.fd, dir, &e->files[i], durable, err);
    }
    if (st == FK_OK) {
        snprintf(base, sizeof base, "%.*s", (int)strcspn(d.base, "/"), d.base);
        if ((durable && fsync(d.fd) != 0) ||
            renameat2(d.parent, d.temp, d.parent, base, RENAME_NOREPLACE) != 0) {
            st = errno == EEXIST ? fk_fail(err, FK_E_EXISTS,
                                           "'%s' exists; use --force to replace files in it", dir)
                                 : fail(err, dir, "");
        } else {
            d.temp[0] = '\0';
            st = !durable || fsync(d.parent) == 0 || errno == EINVAL || errno == EROFS
                     ? FK_OK
                     : fail(err, dir, "");
        }
    }
    close_folder(&d, e);
    return st;
}

static enum fk_status write_into(const struct fk_emitted *e, const char *dir, bool replace,
                                 struct fk_error *err)
{
    struct fk_new_file *files = calloc(e->n + 1, sizeof *files);
    char *paths = calloc(e->n + 1, 4096);
    enum fk_status st = FK_OK;
    if (files == NULL || paths == NULL) {
        st = fk_fail(err, FK_E_MEMORY, "out of memory");
        goto out;
    }
    for (size_t i = 0; i < e->n; i++) {
        char *path = paths + i * 4096;
        if ((size_t)snprintf(path, 4096, "%s/%s", dir, e->files[i].name) >= 4096) {
            st = fk_fail(err, FK_E_IO, "cannot write into '%.60s...': path is too long", dir);
            goto out;
        }
        files[i] = (struct fk_new_file){
            .path = path,
            .bytes = {e->files[i].bytes.ptr, e->files[i].bytes.len},
            .mode = e->files[i].secret ? 0600 : 0644,
        };
    }
    st = fk_files_write(files, e->n, replace, err);
out:
    free(files);
    free(paths);
    return st;
}

/* see fotakit/emit.h */
enum fk_status fk_emitted_write(const struct fk_emitted *e, const char *dir, bool replace,
                                bool durable, struct fk_error *err)
{
    struct stat s;
    bool secret = false;
    for (size_t i = 0; i < e->n; i++) {
        secret |= e->files[i].secret;
    }
    if (stat(dir, &s) != 0) {
        return errno == ENOENT
                   ? write_new(e, dir, secret, durable, err)
                   : fk_fail(err, FK_E_IO, "cannot open '%s': %s", dir, strerror(errno));
    }
    return S_ISDIR(s.st_mode) ? write_into(e, dir, replace, err)
                              : fk_fail(err, FK_E_NOT_REGULAR, "'%s' is not a folder", dir);
}

/* A folder of ours holds files only. */
static void sweep_one(int parent, const char *name)
{
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (dir == NULL) {
        if (fd >= 0) {
            close(fd);
        }
        return;
    }
    for (const struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) {
            unlinkat(fd, e->d_name, 0);
        }
    }
    closedir(dir);
    unlinkat(parent, name, AT_REMOVEDIR);
}

/* see fotakit/emit.h */
void fk_emitted_sweep(const char *path)
{
    DIR *dir = opendir(path);
    if (dir == NULL) {
        return;
    }
    for (const struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        size_t len = strlen(e->d_name), end = strlen(TEMP_END);
        if (len > end && strncmp(e->d_name, TEMP_BEGIN, strlen(TEMP_BEGIN)) == 0 &&
            strcmp(e->d_name + len - end, TEMP_END) == 0) {
            sweep_one(dirfd(dir), e->d_name);
        }
    }
    closedir(dir);
}

/* see fotakit/emit.h */
bool fk_emitted_is_there(const struct fk_emitted *e, const char *dir)
{
    char path[4096];
    bool same = e->n > 0;
    for (size_t i = 0; same && i < e->n; i++) {
        const struct fk_emit_file *f = &e->files[i];
        struct fk_buffer there = {.ptr = NULL};
        same = (size_t)snprintf(path, sizeof path, "%s/%s", dir, f->name) < sizeof path &&
               fk_file_read(path, f->bytes.len, &there, NULL) == FK_OK &&
               there.len == f->bytes.len && memcmp(there.ptr, f->bytes.ptr, there.len) == 0;
        fk_buffer_release(&there);
    }
    return same;
}
