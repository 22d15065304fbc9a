/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_APP_CONSOLE_ANSWER_H
#define FK_APP_CONSOLE_ANSWER_H

#include "app/console.h"
#include "wire/text.h"

/* What a console says. Lines end in CR LF; each command ends with exactly one of _ok(),
 * _error(), _conclude() and _failure(). */

#define FK_ANSWER_MAX 192u /* longest line that is printed */

/* "AT-S.OK" */
void fk_answer_ok(struct fk_console *c);
/* "AT-S.ERROR:<code>:<text>" in the device's words; those of `request` for an error that the device
 * has no code for. */
void fk_answer_error(struct fk_console *c, enum fk_console_error error);
/* "AT-S.OK", or the reason and the error that is nearest to it. */
void fk_answer_conclude(struct fk_console *c, enum fk_status st, uint16_t detail);

/* The reason and this error. */
void fk_answer_failure(struct fk_console *c, enum fk_status st, enum fk_console_error error);

/* A line; what does not fit the writer is cut. */
void fk_answer_line(struct fk_console *c, const struct fk_writer *line);
void fk_answer_text(struct fk_console *c, const char *line);
/* "<word><a>" or, when b is not NULL, "<word><a>:<*b>". */
void fk_answer_numbers(struct fk_console *c, const char *word, uint64_t a, const uint64_t *b);
/* Bytes as they are, without a line end. */
void fk_answer_bytes(struct fk_console *c, const void *p, size_t len);

#endif
