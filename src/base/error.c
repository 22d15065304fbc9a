/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Bytes of UTF-8 (>= 0x80) stay: file names are not always ASCII. */
static void mask_controls(char *s)
{
    for (; *s != '\0'; s++) {
        if ((unsigned char)*s < 0x20 || *s == 0x7f) {
            *s = '?';
        }
    }
}

enum fk_status fk_fail(struct fk_error *err, enum fk_status st, const char *fmt, ...)
{
    if (err != NULL) {
        va_list ap;
        va_start(ap, fmt);
        vsnprintf(err->msg, sizeof err->msg, fmt, ap);
        va_end(ap);
        mask_controls(err->msg);
    }
    return st;
}

enum fk_status fk_wrap(struct fk_error *err, enum fk_status st, const char *fmt, ...)
{
    if (st == FK_OK || err == NULL) {
        return st;
    }
    struct fk_error cause = *err;
    const char *text = cause.msg[0] != '\0' ? cause.msg : fk_status_text(st);
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(err->msg, sizeof err->msg, fmt, ap);
    va_end(ap);
    size_t at = n < 0 ? 0 : (size_t)n;
    if (at < sizeof err->msg) {
        size_t left = sizeof err->msg - at;
        snprintf(err->msg + at, left, ": %.*s", (int)left, text); /* cut, when it must be */
    }
    mask_controls(err->msg);
    return st;
}

const char *fk_plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}
