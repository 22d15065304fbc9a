/* SPDX-License-Identifier: Apache-2.0 */
/* Linked into a tool with --wrap: its N-th allocation fails, where N is in FK_ALLOC_FAIL (0: none).
 * How many there were is written to the file in FK_ALLOC_COUNT. Allocations of shared libraries are
 * their own. */
#include <stdio.h>
#include <stdlib.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);

static unsigned long count;

static void report(void)
{
    const char *path = getenv("FK_ALLOC_COUNT");
    FILE *f = path != NULL ? fopen(path, "w") : NULL;
    if (f != NULL) {
        fprintf(f, "%lu\n", count);
        fclose(f);
    }
}

static int fails(void)
{
    static unsigned long at;
    if (count == 0) {
        const char *text = getenv("FK_ALLOC_FAIL");
        at = text != NULL ? strtoul(text, NULL, 10) : 0;
        atexit(report);
    }
    return ++count == at;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
    return fails() ? NULL : __real_realloc(p, size);
}
