/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_APP_CONSOLE_ARGS_H
#define FK_APP_CONSOLE_ARGS_H

#include "app/console.h"

/* Arguments of a command: at[0] to at[n - 1], NUL-terminated, borrowed from the line; they may be
 * empty. The last of FK_ARGS_MAX, one more than any command takes, holds the rest. */

#define FK_ARGS_MAX 9u

struct fk_args {
    char *at[FK_ARGS_MAX];
    size_t n;
};

/* Argument i, "" when it was left out. */
const char *fk_args_text(const struct fk_args *args, size_t i);
/* The name of a file; drivers write it as a path, and the slash is left out. */
const char *fk_file_name_arg(const struct fk_args *args, size_t i);
/* A decimal number of at most max, digits only; *ret is as it was otherwise. */
bool fk_args_number(const char *text, uint64_t max, uint64_t *ret);

/* <TLS> of HTTP commands: "" and 0 are plain; 1, whatever the server likes, and 2 are TLS: neither
 * of them may end up in the clear. */
bool fk_args_tls(const char *text, bool *ret);
/* 1 to 65535; "" is 443 with TLS and 80 without. */
bool fk_args_port(const char *text, bool tls, uint16_t *ret);

/* Between min and max of them; otherwise answers the error. */
bool fk_args_count(struct fk_console *c, const struct fk_args *args, size_t min, size_t max);

#endif
