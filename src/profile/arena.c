/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 16384, ALIGN = alignof(max_align_t) };

struct chunk {
    struct chunk *next;
    size_t used, size;
    alignas(max_align_t) unsigned char bytes[];
};

struct fk_arena {
    struct chunk *first;
};

struct fk_arena *fk_arena_new(void)
{
    return calloc(1, sizeof(struct fk_arena));
}

void *fk_arena_take(struct fk_arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2) {
        return NULL;
    }
    size = (size + ALIGN - 1) / ALIGN * ALIGN;
    struct chunk *c = arena->first;
    if (c == NULL || size > c->size - c->used) {
        size_t room = size > CHUNK ? size : CHUNK;
        c = calloc(1, sizeof *c + room);
        if (c == NULL) {
            return NULL;
        }
        c->size = room;
        c->next = arena->first;
        arena->first = c;
    }
    void *p = c->bytes + c->used;
    c->used += size;
    return p;
}

char *fk_arena_text(struct fk_arena *arena, const char *text, size_t len)
{
    char *copy = len < SIZE_MAX ? fk_arena_take(arena, len + 1) : NULL;
    if (copy != NULL) {
        memcpy(copy, text, len);
    }
    return copy;
}

void fk_arena_free(struct fk_arena *arena)
{
    if (arena == NULL) {
        return;
    }
    for (struct chunk *c = arena->first; c != NULL;) {
        struct chunk *next = c->next;
        free(c);
        c = next;
    }
    free(arena);
}
