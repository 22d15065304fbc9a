/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TESTS_TEMP_H
#define FK_TESTS_TEMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A folder of its own for the tests of a group; give the two functions to
 * cmocka_run_group_tests(). The tests find it as *state. */
struct fk_temp {
    char dir[64];
    char path[128]; /* what fk_temp_path() returned last */
};

int fk_temp_setup(void **state);
int fk_temp_teardown(void **state);

/* Path of a name in the folder; good until the next call. */
const char *fk_temp_path(struct fk_temp *t, const char *name);
/* Writes a new file, in place of one of that name, and returns its path. */
const char *fk_temp_file(struct fk_temp *t, const char *name, const void *p, size_t len);
/* Writes other contents into the file itself, so that whoever has it open sees them. */
const char *fk_temp_rewrite(struct fk_temp *t, const char *name, const void *p, size_t len);
/* The whole file, for the caller to free; fails the test when it cannot be read. */
uint8_t *fk_temp_read(const char *path, size_t *ret_len);
bool fk_temp_exists(const char *path);

/* The read end of a pipe in which the bytes wait (at most 64 KiB), as a path. */
struct fk_temp_pipe {
    int fd;
    char path[32];
};
void fk_temp_pipe_open(struct fk_temp_pipe *p, const void *bytes, size_t len);
void fk_temp_pipe_close(struct fk_temp_pipe *p);

#endif
