/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_APP_CONSOLE_COMMANDS_H
#define FK_APP_CONSOLE_COMMANDS_H

#include "app/console.h"

/* What the lines mean, for console.c, which knows where they end. */

/* One line without control characters, NUL-terminated and not empty; it is cut up in place.
 * Answers it. */
void fk_console_execute(struct fk_console *c, char *line);

#endif
