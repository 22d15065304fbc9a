/* SPDX-License-Identifier: Apache-2.0 */
#include "support/temp.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

int fk_temp_setup(void **state)
{
    struct fk_temp *t = calloc(1, sizeof *t);
    if (t == NULL) {
        return -1;
    }
    const char *base = getenv("TMPDIR");
    int n = snprintf(t->dir, sizeof t->dir, "%s/fotakit-test-XXXXXX",
                     base != NULL && strlen(base) < 32 ? base : "/tmp");
    if (n < 0 || mkdtemp(t->dir) == NULL) {
        free(t);
        return -1;
    }
    *state = t;
    return 0;
}

int fk_temp_teardown(void **state)
{
    struct fk_temp *t = *state;
    DIR *dir = opendir(t->dir);
    if (dir == NULL) {
        return -1;
    }
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        (void)unlinkat(dirfd(dir), e->d_name, 0); /* not the two dots, which are folders */
    }
    closedir(dir);
    int rc = rmdir(t->dir);
    free(t);
    return rc;
}

const char *fk_temp_path(struct fk_temp *t, const char *name)
{
    int n = snprintf(t->path, sizeof t->path, "%s/%s", t->dir, name);
    assert_in_range(n, 1, sizeof t->path - 1);
    return t->path;
}

const char *fk_temp_file(struct fk_temp *t, const char *name, const void *p, size_t len)
{
    /* A new file: some file systems sync one that is cut to nothing and written again. */
    (void)unlink(fk_temp_path(t, name));
    return fk_temp_rewrite(t, name, p, len);
}

const char *fk_temp_rewrite(struct fk_temp *t, const char *name, const void *p, size_t len)
{
    const char *path = fk_temp_path(t, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(p, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
    return path;
}

uint8_t *fk_temp_read(const char *path, size_t *ret_len)
{
    struct stat s;
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    assert_int_equal(fstat(fileno(f), &s), 0);
    size_t len = (size_t)s.st_size;
    uint8_t *p = malloc(len + 1);
    assert_non_null(p);
    assert_int_equal(fread(p, 1, len, f), len);
    fclose(f);
    *ret_len = len;
    return p;
}

bool fk_temp_exists(const char *path)
{
    struct stat s;
    return lstat(path, &s) == 0;
}

void fk_temp_pipe_open(struct fk_temp_pipe *p, const void *bytes, size_t len)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], bytes, len), len);
    close(ends[1]);
    p->fd = ends[0];
    snprintf(p->path, sizeof p->path, "/dev/fd/%d", p->fd);
}

void fk_temp_pipe_close(struct fk_temp_pipe *p)
{
    close(p->fd);
}
