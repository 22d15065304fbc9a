/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_BUNDLE_EMIT_TEXT_H
#define FK_BUNDLE_EMIT_TEXT_H

#include "fotakit/error.h"
#include "fotakit/file.h"

#include <stddef.h>
#include <stdint.h>

/* Bytes and text that grow at the end and may be secret: what is outgrown is wiped. The first
 * failure (out of memory, FK_TEXT_MAX) sticks; later calls do nothing and fk_text_end() reports
 * it. Zeroed is empty. */

#define FK_TEXT_MAX (8u << 20)

struct fk_text {
    struct fk_buffer b;
    size_t cap;
    enum fk_status st;
};

void fk_text_add(struct fk_text *t, const void *p, size_t len);
void fk_text_byte(struct fk_text *t, uint8_t value, size_t times);
void fk_text_str(struct fk_text *t, const char *s);
/* For short pieces: up to 511 characters, longer ones are a failure. */
void fk_text_fmt(struct fk_text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Hands the bytes over; t is empty afterwards. A NUL, not counted, stands behind them. */
enum fk_status fk_text_end(struct fk_text *t, struct fk_buffer *ret,
                           struct fk_error *err) FK_MUST_USE;
void fk_text_release(struct fk_text *t); /* wipes; accepts a zeroed structure */

#endif
