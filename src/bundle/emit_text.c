/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE /* explicit_bzero */
#include "bundle/emit_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for len more bytes and the NUL behind them. */
static bool reserve(struct fk_text *t, size_t len)
{
    if (t->st != FK_OK) {
        return false;
    }
    if (len > FK_TEXT_MAX - t->b.len) {
        t->st = FK_E_LIMIT;
        return false;
    }
    size_t want = t->b.len + len + 1;
    if (want <= t->cap) {
        return true;
    }
    size_t cap = t->cap < 512 ? 1024 : 2 * t->cap;
    cap = cap < want ? want : cap;
    uint8_t *bigger = malloc(cap);
    if (bigger == NULL) {
        t->st = FK_E_MEMORY;
        return false;
    }
    size_t had = t->b.len;
    if (had > 0) {
        memcpy(bigger, t->b.ptr, had);
    }
    fk_buffer_release(&t->b); /* wipes, so not realloc */
    t->b = (struct fk_buffer){.ptr = bigger, .len = had};
    t->cap = cap;
    return true;
}

void fk_text_add(struct fk_text *t, const void *p, size_t len)
{
    if (reserve(t, len)) {
        if (len > 0) {
            memcpy(t->b.ptr + t->b.len, p, len);
        }
        t->b.len += len;
    }
}

void fk_text_byte(struct fk_text *t, uint8_t value, size_t times)
{
    if (reserve(t, times)) {
        memset(t->b.ptr + t->b.len, value, times);
        t->b.len += times;
    }
}

void fk_text_str(struct fk_text *t, const char *s)
{
    fk_text_add(t, s, strlen(s));
}

void fk_text_fmt(struct fk_text *t, const char *fmt, ...)
{
    char piece[512];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(piece, sizeof piece, fmt, ap);
    va_end(ap);
    if (n < 0 || (size_t)n >= sizeof piece) {
        t->st = t->st == FK_OK ? FK_E_LIMIT : t->st;
    } else {
        fk_text_add(t, piece, (size_t)n);
    }
    explicit_bzero(piece, sizeof piece);
}

enum fk_status fk_text_end(struct fk_text *t, struct fk_buffer *ret, struct fk_error *err)
{
    fk_text_byte(t, 0, 0); /* an empty text has a buffer, too */
    enum fk_status st = t->st;
    if (st != FK_OK) {
        fk_text_release(t);
        return fk_fail(err, st, "%s",
                       st == FK_E_MEMORY ? "out of memory" : "the output grows too large");
    }
    t->b.ptr[t->b.len] = '\0';
    *ret = t->b;
    *t = (struct fk_text){.cap = 0};
    return FK_OK;
}

void fk_text_release(struct fk_text *t)
{
    fk_buffer_release(&t->b);
    *t = (struct fk_text){.cap = 0};
}
