/* SPDX-License-Identifier: Apache-2.0 */
/* Files that appear complete or not at all, whatever the file system can and whatever fails. The
 * calls to the system are wrapped by the linker (see the Makefile). */
#define _GNU_SOURCE
#include "fotakit/file.h"
#include "fotakit/folder.h"
#include "support/temp.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- a file system that fails when it is told to ---- */

static struct {
    bool on;
    unsigned calls, fail_at; /* the call with this number, from 1 */
    int error;
    bool no_unnamed, no_flags; /* what the file system does not have */
    size_t most;               /* bytes that one write takes; 0: all */
    const char *appears;       /* somebody makes this file or folder just before the name is given */
} world;

static void world_is(int error, unsigned fail_at)
{
    memset(&world, 0, sizeof world);
    world.on = true;
    world.error = error;
    world.fail_at = fail_at;
}

static bool fails(void)
{
    if (world.on && ++world.calls == world.fail_at) {
        errno = world.error;
        return true;
    }
    return false;
}

static void somebody_else(void)
{
    if (world.on && world.appears != NULL) {
        int fd = open(world.appears, O_CREAT | O_EXCL | O_WRONLY, 0644);
        assert_true(fd >= 0);
        assert_int_equal(close(fd), 0);
        world.appears = NULL;
    }
}

int __real_openat(int dir, const char *path, int flags, ...);
ssize_t __real_write(int fd, const void *p, size_t len);
int __real_fsync(int fd);
int __real_linkat(int a, const char *from, int b, const char *to, int flags);
int __real_renameat2(int a, const char *from, int b, const char *to, unsigned flags);
int __real_rename(const char *from, const char *to);
int __wrap_openat(int dir, const char *path, int flags, ...);
ssize_t __wrap_write(int fd, const void *p, size_t len);
int __wrap_fsync(int fd);
int __wrap_linkat(int a, const char *from, int b, const char *to, int flags);
int __wrap_renameat2(int a, const char *from, int b, const char *to, unsigned flags);
int __wrap_rename(const char *from, const char *to);

int __wrap_openat(int dir, const char *path, int flags, ...)
{
    mode_t mode = 0;
    if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE) {
        va_list ap;
        va_start(ap, flags);
        mode = va_arg(ap, mode_t);
        va_end(ap);
    }
    if (world.on && world.no_unnamed && (flags & O_TMPFILE) == O_TMPFILE) {
        errno = EOPNOTSUPP;
        return -1;
    }
    return fails() ? -1 : __real_openat(dir, path, flags, mode);
}

ssize_t __wrap_write(int fd, const void *p, size_t len)
{
    if (world.on && world.most > 0 && len > world.most) {
        len = world.most;
    }
    return fails() ? -1 : __real_write(fd, p, len);
}

int __wrap_fsync(int fd)
{
    return fails() ? -1 : __real_fsync(fd);
}

int __wrap_linkat(int a, const char *from, int b, const char *to, int flags)
{
    somebody_else();
    return fails() ? -1 : __real_linkat(a, from, b, to, flags);
}

int __wrap_renameat2(int a, const char *from, int b, const char *to, unsigned flags)
{
    if (world.on && world.no_flags && flags != 0) {
        errno = EINVAL;
        return -1;
    }
    somebody_else();
    return fails() ? -1 : __real_renameat2(a, from, b, to, flags);
}

int __wrap_rename(const char *from, const char *to)
{
    somebody_else();
    return fails() ? -1 : __real_rename(from, to);
}

/* ---- what is there ---- */

#define OLD "the old contents"
#define NEW "the new contents, which are longer than the old ones"

static unsigned count(const char *dir)
{
    unsigned n = 0;
    DIR *d = opendir(dir);
    assert_non_null(d);
    while (readdir(d) != NULL) {
        n++;
    }
    closedir(d);
    return n - 2; /* "." and ".." */
}

static bool holds(const char *path, const char *text)
{
    size_t len = 0;
    uint8_t *p = fk_temp_read(path, &len);
    bool same = len == strlen(text) && memcmp(p, text, len) == 0;
    free(p);
    return same;
}

static enum fk_status put(const char *path, bool replace, struct fk_error *err)
{
    struct fk_output o = FK_OUTPUT_INIT;
    enum fk_status st = fk_output_open(&o, path, 0600, replace, err);
    if (st == FK_OK) {
        st = fk_output_write(&o, NEW, 10, err);
    }
    if (st == FK_OK) {
        st = fk_output_write(&o, &NEW[10], strlen(NEW) - 10, err);
    }
    if (st == FK_OK) {
        st = fk_output_commit(&o, replace, err);
    }
    fk_output_abort(&o);
    return st;
}

/* The kinds of file systems. */
static const struct {
    const char *name;
    bool no_unnamed, no_flags;
} systems[] = {{"all there", false, false}, {"no unnamed files", true, false},
               {"no unnamed files, and rename without flags", true, true}};
#define SYSTEMS (sizeof systems / sizeof systems[0])

static void world_of(size_t i, int error, unsigned fail_at)
{
    world_is(error, fail_at);
    world.no_unnamed = systems[i].no_unnamed;
    world.no_flags = systems[i].no_flags;
}

static const char *path_of(struct fk_temp *t, char ret[160])
{
    snprintf(ret, 160, "%s/target", t->dir);
    return ret;
}

static void file_is_whole_or_as_before_whatever_fails(void **state)
{
    struct fk_temp *t = *state;
    char path[160];
    path_of(t, path);
    for (size_t i = 0; i < 2 * SYSTEMS; i++) {
        bool replace = i >= SYSTEMS;
        enum fk_status st = FK_E_IO;
        unsigned k = 0, refused = 0;
        while (k == 0 || world.calls >= k) {
            struct fk_error err = FK_ERROR_INIT;
            unlink(path);
            if (replace) {
                fk_temp_file(t, "target", OLD, strlen(OLD));
            }
            world_of(i % SYSTEMS, ENOSPC, ++k);
            st = put(path, replace, &err);
            world.on = false;
            bool there = fk_temp_exists(path);
            bool is_new = there && holds(path, NEW);
            bool as_before = replace ? there && holds(path, OLD) : !there;
            if (count(t->dir) != there || !(is_new || as_before) || (st == FK_OK && !is_new)) {
                fail_msg("%s, call %u of %u: %s", systems[i % SYSTEMS].name, k, world.calls,
                         fk_status_symbol(st));
            }
            if (st != FK_OK) {
                refused++;
                assert_int_equal(st, FK_E_IO);
                assert_non_null(strstr(err.msg, "target"));
                assert_non_null(strstr(err.msg, "No space left"));
            }
        }
        assert_int_equal(st, FK_OK); /* the last round was past the last call */
        assert_true(refused >= 5);   /* writes, syncs, and what gives the name */
        unlink(path);
    }
}

static void target_that_appears_meanwhile_is_not_replaced(void **state)
{
    struct fk_temp *t = *state;
    char path[160];
    path_of(t, path);
    for (size_t i = 0; i < SYSTEMS; i++) {
        struct fk_error err = FK_ERROR_INIT;
        world_of(i, 0, 0);
        world.appears = path;
        assert_int_equal(put(path, false, &err), FK_E_EXISTS);
        world.on = false;
        assert_non_null(strstr(err.msg, "exists; use --force"));
        assert_true(holds(path, ""));
        assert_int_equal(count(t->dir), 1);
        unlink(path);
    }
}

static void mode_is_the_one_asked_for_on_every_file_system(void **state)
{
    struct fk_temp *t = *state;
    char path[160];
    path_of(t, path);
    for (size_t i = 0; i < SYSTEMS; i++) {
        struct stat s;
        world_of(i, 0, 0);
        assert_int_equal(put(path, false, NULL), FK_OK);
        world.on = false;
        assert_int_equal(stat(path, &s), 0);
        assert_int_equal(s.st_mode & 07777, 0600);
        assert_int_equal(s.st_nlink, 1);
        unlink(path);
    }
}

static void short_and_interrupted_writes_go_on(void **state)
{
    struct fk_temp *t = *state;
    char path[160];
    path_of(t, path);
    world_is(EINTR, 5); /* a write in the middle */
    world.most = 3;
    assert_int_equal(put(path, false, NULL), FK_OK);
    assert_true(world.calls > strlen(NEW) / 3 + 3);
    world.on = false;
    assert_true(holds(path, NEW));
    unlink(path);
}

static void file_set_is_written_before_the_first_name_is_given(void **state)
{
    struct fk_temp *t = *state;
    char paths[3][160];
    struct fk_new_file files[3];
    for (unsigned i = 0; i < 3; i++) {
        snprintf(paths[i], sizeof paths[i], "%s/file-%u", t->dir, i);
        files[i] = (struct fk_new_file){paths[i], {(const uint8_t *)NEW, strlen(NEW)}, 0644};
    }
    for (unsigned k = 1; k <= 6; k++) { /* open and write of each: the disk is full */
        world_is(ENOSPC, k);
        world.no_unnamed = true;
        assert_int_equal(fk_files_write(files, 3, false, NULL), FK_E_IO);
        world.on = false;
        assert_int_equal(count(t->dir), 0);
    }
    world_is(0, 0);
    assert_int_equal(fk_files_write(files, 3, false, NULL), FK_OK);
    world.on = false;
    assert_int_equal(count(t->dir), 3);
    for (unsigned i = 0; i < 3; i++) {
        assert_true(holds(paths[i], NEW));
        unlink(paths[i]);
    }
}

static enum fk_status make_folder(const char *path, struct fk_error *err)
{
    const struct fk_slice bytes = {(const uint8_t *)NEW, strlen(NEW)};
    struct fk_folder f;
    enum fk_status st = fk_folder_open(&f, path, err);
    if (st == FK_OK) {
        st = fk_folder_write(&f, "a", bytes, err);
    }
    if (st == FK_OK) {
        st = fk_folder_write(&f, "b", bytes, err);
    }
    if (st == FK_OK) {
        st = fk_folder_commit(&f, err);
    }
    fk_folder_abort(&f);
    return st;
}

static void remove_folder(const char *path)
{
    char name[200];
    for (const char *c = "ab"; *c != '\0'; c++) {
        snprintf(name, sizeof name, "%s/%c", path, *c);
        unlink(name);
    }
    rmdir(path);
}

static void folder_has_all_its_files_or_is_not_there(void **state)
{
    struct fk_temp *t = *state;
    enum fk_status st = FK_E_IO;
    unsigned k = 0;
    char path[160];
    path_of(t, path);
    while (k == 0 || world.calls >= k) {
        struct fk_error err = FK_ERROR_INIT;
        world_is(ENOSPC, ++k);
        st = make_folder(path, &err);
        world.on = false;
        bool there = fk_temp_exists(path);
        assert_int_equal(count(t->dir), there);
        assert_true(st != FK_OK || there);
        assert_true(!there || count(path) == 2);
        assert_true(st == FK_OK || (st == FK_E_IO && strstr(err.msg, "No space left") != NULL));
        remove_folder(path);
    }
    assert_int_equal(st, FK_OK);
    assert_true(k > 8);
}

static void folder_does_not_take_the_place_of_another(void **state)
{
    struct fk_temp *t = *state;
    struct fk_error err = FK_ERROR_INIT;
    char path[160];
    path_of(t, path);
    world_is(0, 0);
    world.appears = path;
    assert_int_equal(make_folder(path, &err), FK_E_EXISTS);
    world.on = false;
    assert_int_equal(count(t->dir), 1);
    assert_true(holds(path, ""));
    assert_int_equal(make_folder(path, &err), FK_E_EXISTS); /* refused early */
    assert_non_null(strstr(err.msg, "name a new folder"));
    unlink(path);
    assert_int_equal(make_folder("", &err), FK_E_IO);
    char deep[200];
    snprintf(deep, sizeof deep, "%s/none/target", t->dir);
    assert_int_equal(make_folder(deep, &err), FK_E_IO);
    assert_non_null(strstr(err.msg, "No such file"));
    assert_int_equal(count(t->dir), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(file_is_whole_or_as_before_whatever_fails),
        cmocka_unit_test(target_that_appears_meanwhile_is_not_replaced),
        cmocka_unit_test(mode_is_the_one_asked_for_on_every_file_system),
        cmocka_unit_test(short_and_interrupted_writes_go_on),
        cmocka_unit_test(file_set_is_written_before_the_first_name_is_given),
        cmocka_unit_test(folder_has_all_its_files_or_is_not_there),
        cmocka_unit_test(folder_does_not_take_the_place_of_another),
    };
    return cmocka_run_group_tests(tests, fk_temp_setup, fk_temp_teardown);
}
