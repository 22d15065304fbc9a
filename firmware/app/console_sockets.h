/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_APP_CONSOLE_SOCKETS_H
#define FK_APP_CONSOLE_SOCKETS_H

#include "app/console_args.h"
#include "app/sockets.h"

/* Shared by console_sockets.c and console_socket_data.c. */

/* A number of at most max; otherwise answers. */
bool fk_socket_number_arg(struct fk_console *c, const char *text, uint64_t max, uint64_t *ret);
/* The socket that the first arguments name: <id>, or <sid>,<cid>. NULL: there is none; *ret_id is
 * written only where they are numbers. */
struct fk_socket *fk_socket_arg(struct fk_console *c, const struct fk_args *args, bool of_server,
                                struct fk_socket_id *ret_id);

#endif
