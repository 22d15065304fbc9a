/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_PROFILE_ARENA_H
#define FK_PROFILE_ARENA_H

#include <stddef.h>

/* Memory with one lifetime: everything that belongs to a loaded profile is taken from here and
 * released at once, so that no error path has to know what was built so far. */
struct fk_arena;

/* NULL when there is no memory. */
struct fk_arena *fk_arena_new(void);
/* size zeroed bytes, aligned for any object; NULL when there is no memory. */
void *fk_arena_take(struct fk_arena *arena, size_t size);
/* A NUL-terminated copy of len bytes; NULL when there is no memory. */
char *fk_arena_text(struct fk_arena *arena, const char *text, size_t len);
/* Accepts NULL. */
void fk_arena_free(struct fk_arena *arena);

#endif
