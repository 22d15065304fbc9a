/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_APP_CONSOLE_DATA_H
#define FK_APP_CONSOLE_DATA_H

#include "app/console.h"

/* Data behind a command line: from the command's side. */

/* A length that is refused is still waited for up to here, so that its bytes do not become
 * commands; above it, nobody can have meant it. */
#define FK_CONSOLE_SWALLOW_MAX 65535u

/* The command is in order and asks for its data; length is its last argument, from 1 to max (which
 * is at most the device's data_max). done() answers. c->data.about is the command's. */
void fk_console_expect(struct fk_console *c, const char *length, uint32_t max,
                       void (*done)(struct fk_console *c));

/* The command is wrong, but says how much data follows: drops it, then answers the error, behind a
 * reason unless that is FK_OK. */
void fk_console_refuse(struct fk_console *c, const char *length, enum fk_console_error error,
                       enum fk_status reason);

/* ---- used by console.c ---- */

/* Takes bytes from the front; returns how many. */
size_t fk_console_take_data(struct fk_console *c, const char *p, size_t len);
/* Ends the command when it waited too long. */
void fk_console_data_poll(struct fk_console *c);
/* Milliseconds until then. */
uint32_t fk_console_data_wait_ms(const struct fk_console *c);

#endif
