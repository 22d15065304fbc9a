/* SPDX-License-Identifier: Apache-2.0 */
/* What happens to sockets without a command: clients come to servers, data comes, streams end. */
#include "app/sockets_table.h"

#include <string.h>

/* Among those of a server: a free one's number, or server_clients when there is none. */
static uint8_t free_client(const struct fk_sockets *s, uint8_t server)
{
    struct fk_socket_id id = {server, 0};
    while (id.client < limits(s)->server_clients &&
           s->at[fk_sockets_place(s, id)].state != FK_SOCKET_FREE) {
        id.client++;
    }
    return id.client;
}

/* TLS with a client of a server goes as far as it can without waiting. */
static void greet(struct fk_sockets *s, struct fk_socket *socket, fk_socket_told *told, void *ctx)
{
    const struct fk_socket_id id = fk_sockets_id_of(s, (unsigned)(socket - s->at));
    bool done = false;
    enum fk_status st = s->tls->greet(s->tls->ctx, &socket->link, &done);
    if (st != FK_OK) {
        told(ctx, FK_SOCKET_GONE, id, socket, (size_t)st);
        fk_sockets_release(s, socket);
    } else if (done) {
        socket->state = FK_SOCKET_OPEN;
        told(ctx, FK_SOCKET_ACCEPTED, id, socket, 0);
    }
}

/* Those for whom there is no socket wait in the port's queue. */
static void accept_one(struct fk_sockets *s, uint8_t server, fk_socket_told *told, void *ctx)
{
    enum fk_socket_secure secure = s->servers[server].secure;
    struct fk_socket_id id = {server, free_client(s, server)};
    enum fk_status st = FK_OK;
    unsigned at = fk_sockets_place(s, id);
    if (id.client == limits(s)->server_clients ||
        s->net->accept(s->net->ctx, server, at) != FK_OK) {
        return;
    }
    struct fk_socket *socket = fk_sockets_begin(s, at, FK_LINK_STREAM);
    if (s->net->peer(s->net->ctx, at, &socket->peer) != FK_OK) {
        fk_sockets_release(s, socket); /* gone again */
        return;
    }
    if (secure == FK_SOCKET_PLAIN) {
        told(ctx, FK_SOCKET_ACCEPTED, id, socket, 0);
        return;
    }
    st = s->tls->server(s->tls->ctx, &socket->lower, secure == FK_SOCKET_TLS_MUTUAL,
                        s->device->connect_timeout_ms, &socket->link);
    if (st != FK_OK) {
        socket->link = socket->lower;
        told(ctx, FK_SOCKET_GONE, id, socket, (size_t)st);
        fk_sockets_release(s, socket);
        return;
    }
    socket->secure = secure;
    socket->state = FK_SOCKET_GREETING;
}

static struct fk_socket *client_at(struct fk_sockets *s, uint8_t server, const struct fk_peer *peer)
{
    for (uint8_t i = 0; i < limits(s)->server_clients; i++) {
        struct fk_socket *socket = &s->at[fk_sockets_place(s, (struct fk_socket_id){server, i})];
        if (socket->state == FK_SOCKET_OPEN && socket->peer.port == peer->port &&
            strcmp(socket->peer.ip, peer->ip) == 0) {
            return socket;
        }
    }
    return NULL;
}

static struct fk_socket *new_client(struct fk_sockets *s, uint8_t server,
                                    const struct fk_peer *peer)
{
    struct fk_socket_id id = {server, free_client(s, server)};
    if (id.client == limits(s)->server_clients) {
        return NULL;
    }
    struct fk_socket *socket = &s->at[fk_sockets_place(s, id)];
    memset(socket, 0, sizeof *socket);
    socket->state = FK_SOCKET_OPEN;
    socket->kind = FK_LINK_DATAGRAM;
    socket->peer = *peer;
    return socket;
}

/* The next datagram of a server. False: there is none, or it has to stay where it is. */
static bool take_datagram(struct fk_sockets *s, uint8_t server, fk_socket_told *told, void *ctx)
{
    const struct fk_net_datagrams *d = s->net->datagrams;
    struct fk_peer peer;
    size_t n = 0;
    if (d->from(s->net->ctx, server, &peer) != FK_OK) {
        return false;
    }
    struct fk_socket *socket = client_at(s, server, &peer);
    bool is_new = socket == NULL;
    socket = is_new ? new_client(s, server, &peer) : socket;
    if (socket == NULL) { /* a stranger must not be in the way of those who are known */
        return d->take(s->net->ctx, server, NULL, 0, &n) == FK_OK;
    }
    if (socket->in_len > 0) {
        return false;
    }
    const struct fk_socket_id id = fk_sockets_id_of(s, (unsigned)(socket - s->at));
    if (d->take(s->net->ctx, server, socket->in, sizeof socket->in, &n) != FK_OK ||
        n > sizeof socket->in) {
        n = 0;
    }
    socket->in_len = (uint16_t)n;
    if (is_new) {
        told(ctx, FK_SOCKET_ACCEPTED, id, socket, 0);
    }
    if (n > 0) {
        told(ctx, FK_SOCKET_CAME, id, socket, n);
    }
    return true;
}

#define DATAGRAMS_A_POLL 8u /* of a server: a flood must not keep the rest from its turn */

static void poll_server(struct fk_sockets *s, uint8_t server, fk_socket_told *told, void *ctx)
{
    if (s->servers[server].kind == FK_LINK_STREAM) {
        accept_one(s, server, told, ctx);
        return;
    }
    for (unsigned i = 0; i < DATAGRAMS_A_POLL && take_datagram(s, server, told, ctx); i++) {
    }
}

void fk_sockets_poll(struct fk_sockets *s, fk_socket_told *told, void *ctx)
{
    for (uint8_t i = 0; i < limits(s)->servers; i++) {
        if (s->servers[i].open) {
            poll_server(s, i, told, ctx);
        }
    }
    for (unsigned i = 0; i < fk_sockets_total(s); i++) {
        struct fk_socket *socket = &s->at[i];
        if (socket->state == FK_SOCKET_GREETING) {
            greet(s, socket, told, ctx);
        }
        size_t n = fk_socket_fill(socket);
        if (n > 0) {
            told(ctx, FK_SOCKET_CAME, fk_sockets_id_of(s, i), socket, n);
        }
        if (socket->state == FK_SOCKET_ENDED && !socket->end_told) {
            socket->end_told = true;
            told(ctx, FK_SOCKET_GONE, fk_sockets_id_of(s, i), socket, 0);
        }
    }
}
