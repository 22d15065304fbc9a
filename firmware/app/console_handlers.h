/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_APP_CONSOLE_HANDLERS_H
#define FK_APP_CONSOLE_HANDLERS_H

#include "app/console_args.h"

/* The commands that have files of their own, for the table in console_commands.c. Each answers, or
 * asks for data (app/console_data.h) and answers later. */

/* console_time.c; the port has a wall clock. */
void fk_on_time(struct fk_console *c, const struct fk_args *args);

#endif
