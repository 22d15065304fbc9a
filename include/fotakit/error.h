/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_ERROR_H
#define FOTAKIT_ERROR_H

#include "fotakit_fw/status.h"

#include <stdint.h>

/* What went wrong, for people. Host functions take `struct fk_error *err` last (may be NULL) and
 * return the status. The place that knows the cause writes the message with fk_fail(); callers put
 * context in front with fk_wrap(). One line, lower case, no full stop: subject (file, line or
 * offset, field), expected, found, what to do. Control characters that come from names or data
 * are masked as '?', so a hostile name cannot forge lines on a terminal. */
struct fk_error {
    char msg[1024];
};

#define FK_ERROR_INIT {{0}}

/* Writes the message and returns st, so that a failure is one line:
 *     return fk_fail(err, FK_E_IO, "cannot open '%s': %s", path, strerror(errno)); */
enum fk_status fk_fail(struct fk_error *err, enum fk_status st, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* FK_OK passes unchanged; otherwise "context: message". When nothing wrote a message yet, the
 * status text stands in. */
enum fk_status fk_wrap(struct fk_error *err, enum fk_status st, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The ending of a counted noun: "" for one, else "s". */
const char *fk_plural(uint64_t n);

#endif
