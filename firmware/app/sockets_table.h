/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_APP_SOCKETS_TABLE_H
#define FK_APP_SOCKETS_TABLE_H

#include "app/sockets.h"

/* Shared by sockets.c and sockets_poll.c: the table of sockets, outgoing ones first, then those of
 * each server. */

static inline const struct fk_socket_limits *limits(const struct fk_sockets *s)
{
    return &s->device->console.sockets;
}

/* Sockets of the device, together. */
unsigned fk_sockets_total(const struct fk_sockets *s);
/* Where a socket stands in the table, which is its connection at the port, too; and back. */
unsigned fk_sockets_place(const struct fk_sockets *s, struct fk_socket_id id);
struct fk_socket_id fk_sockets_id_of(const struct fk_sockets *s, unsigned at);
/* An open one with a plain link, for TLS to be put above. */
struct fk_socket *fk_sockets_begin(struct fk_sockets *s, unsigned at, enum fk_link_kind kind);
/* Closes and wipes it; it is free then. */
void fk_sockets_release(struct fk_sockets *s, struct fk_socket *socket);

#endif
