/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_PASSPHRASE_H
#define FOTAKIT_PASSPHRASE_H

#include "fotakit/error.h"
#include "fotakit/file.h"

/* Pass phrases come from where other users of the machine cannot see them, never from a command
 * line: env:NAME (an environment variable), file:PATH (the first line of a file), fd:N (the first
 * line from an open file descriptor). The line end is not part of it. At most
 * FK_PASSPHRASE_MAX bytes; may be empty.
 *
 * A malformed source is FK_E_USAGE, and is not repeated in the message: it may be the pass phrase
 * itself. */
#define FK_PASSPHRASE_MAX 1024

enum fk_status fk_passphrase_read(const char *source, struct fk_buffer *ret,
                                  struct fk_error *err) FK_MUST_USE;

#endif
