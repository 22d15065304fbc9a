/* SPDX-License-Identifier: Apache-2.0 */
#include "app/sockets.h"

#include "app/sockets_table.h"
#include "crypto/crypto.h"

#include <string.h>

unsigned fk_sockets_total(const struct fk_sockets *s)
{
    const struct fk_socket_limits *l = limits(s);
    return (unsigned)l->clients + (unsigned)l->servers * l->server_clients;
}

unsigned fk_sockets_place(const struct fk_sockets *s, struct fk_socket_id id)
{
    const struct fk_socket_limits *l = limits(s);
    return id.server == FK_NO_SERVER
               ? id.client
               : l->clients + (unsigned)id.server * l->server_clients + id.client;
}

struct fk_socket_id fk_sockets_id_of(const struct fk_sockets *s, unsigned at)
{
    const struct fk_socket_limits *l = limits(s);
    if (at < l->clients) {
        return (struct fk_socket_id){FK_NO_SERVER, (uint8_t)at};
    }
    at -= l->clients;
    return (struct fk_socket_id){(uint8_t)(at / l->server_clients),
                                 (uint8_t)(at % l->server_clients)};
}

enum fk_status fk_sockets_init(struct fk_sockets *s, const struct fk_device *device,
                               const struct fk_net *net, const struct fk_socket_tls *tls)
{
    memset(s, 0, sizeof *s);
    s->device = device;
    s->net = net;
    s->tls = tls;
    unsigned n = fk_sockets_total(s);
    return n > FK_SOCKETS_MAX || n > net->links || limits(s)->servers > FK_SERVERS_MAX ||
                   limits(s)->servers > net->listeners
               ? FK_E_GEOMETRY
               : FK_OK;
}

/* A client of a server of UDP has no connection of its own. */
static bool has_link(const struct fk_socket *socket)
{
    return socket->link.close != NULL;
}

void fk_sockets_release(struct fk_sockets *s, struct fk_socket *socket)
{
    if (socket->state != FK_SOCKET_FREE && has_link(socket)) {
        socket->link.close(socket->link.ctx);
    }
    if (socket->state != FK_SOCKET_FREE && socket->secure != FK_SOCKET_PLAIN) {
        s->tls->release(s->tls->ctx, &socket->link);
    }
    fk_wipe(socket, sizeof *socket); /* state is FK_SOCKET_FREE again */
}

void fk_sockets_close_all(struct fk_sockets *s)
{
    for (unsigned i = 0; i < fk_sockets_total(s); i++) {
        fk_sockets_release(s, &s->at[i]);
    }
    for (unsigned i = 0; i < limits(s)->servers; i++) {
        s->net->unlisten(s->net->ctx, i);
        s->servers[i] = (struct fk_server){.open = false};
    }
}

struct fk_socket *fk_sockets_begin(struct fk_sockets *s, unsigned at, enum fk_link_kind kind)
{
    struct fk_socket *socket = &s->at[at];
    socket->kind = kind;
    socket->secure = FK_SOCKET_PLAIN;
    socket->in_len = 0;
    socket->end_told = false;
    socket->lower = s->net->link(s->net->ctx, at, kind);
    socket->link = socket->lower;
    socket->state = FK_SOCKET_OPEN;
    return socket;
}

/* Two streams from one port to one peer cannot be, and not every network sees that coming. */
static bool port_is_free(const struct fk_sockets *s, const struct fk_socket_want *want)
{
    for (unsigned i = 0; want->local_port != 0 && i < limits(s)->clients; i++) {
        const struct fk_socket *socket = &s->at[i];
        if (socket->state != FK_SOCKET_FREE && socket->kind == want->kind &&
            socket->local_port == want->local_port) {
            return false;
        }
    }
    return true;
}

static bool may_be_secure(const struct fk_sockets *s)
{
    unsigned n = 0;
    for (unsigned i = 0; i < limits(s)->clients; i++) {
        n += s->at[i].state != FK_SOCKET_FREE && s->at[i].secure != FK_SOCKET_PLAIN;
    }
    return n < limits(s)->secure_clients;
}

enum fk_status fk_sockets_open(struct fk_sockets *s, const struct fk_socket_want *want,
                               uint8_t *ret_client)
{
    uint8_t i = 0;
    if ((want->secure && s->tls == NULL) || (want->local_port != 0 && s->net->bind == NULL)) {
        return FK_E_UNSUPPORTED;
    }
    if (!port_is_free(s, want)) {
        return FK_E_BUSY;
    }
    while (i < limits(s)->clients && s->at[i].state != FK_SOCKET_FREE) {
        i++;
    }
    if (i == limits(s)->clients || (want->secure && !may_be_secure(s))) {
        return FK_E_LIMIT;
    }
    struct fk_socket *socket = fk_sockets_begin(s, i, want->kind);
    enum fk_status st = FK_OK;
    if (want->secure) {
        st = s->tls->client(s->tls->ctx, &socket->lower, want->peer_name, &socket->link);
        socket->secure = st == FK_OK ? FK_SOCKET_TLS : FK_SOCKET_PLAIN;
    }
    if (st == FK_OK && want->local_port != 0) {
        socket->local_port = want->local_port;
        s->net->bind(s->net->ctx, i, want->local_port);
    }
    if (st == FK_OK) {
        st = socket->link.open(socket->link.ctx, want->host, want->port,
                               s->device->connect_timeout_ms);
    }
    if (st == FK_OK) {
        st = s->net->peer(s->net->ctx, i, &socket->peer);
    }
    if (st != FK_OK) {
        fk_sockets_release(s, socket);
        return st;
    }
    *ret_client = i;
    return FK_OK;
}

enum fk_status fk_sockets_listen(struct fk_sockets *s, uint16_t port, enum fk_link_kind kind,
                                 enum fk_socket_secure secure, uint8_t *ret_server)
{
    const struct fk_net *net = s->net;
    bool datagrams = kind == FK_LINK_DATAGRAM;
    uint8_t i = 0;
    if ((secure != FK_SOCKET_PLAIN && (s->tls == NULL || datagrams)) ||
        (datagrams && net->datagrams == NULL)) {
        return FK_E_UNSUPPORTED;
    }
    while (i < limits(s)->servers && s->servers[i].open) {
        i++;
    }
    if (i == limits(s)->servers) {
        return FK_E_LIMIT;
    }
    enum fk_status st =
        datagrams ? net->datagrams->listen(net->ctx, i, port) : net->listen(net->ctx, i, port);
    if (st == FK_OK) {
        s->servers[i] =
            (struct fk_server){.open = true, .port = port, .kind = kind, .secure = secure};
        *ret_server = i;
    }
    return st;
}

const struct fk_server *fk_sockets_server(const struct fk_sockets *s, uint8_t server)
{
    return server < limits(s)->servers && s->servers[server].open ? &s->servers[server] : NULL;
}

struct fk_socket *fk_sockets_find(struct fk_sockets *s, struct fk_socket_id id)
{
    const struct fk_socket_limits *l = limits(s);
    bool exists = id.server == FK_NO_SERVER
                      ? id.client < l->clients
                      : id.server < l->servers && id.client < l->server_clients;
    if (!exists) {
        return NULL;
    }
    struct fk_socket *socket = &s->at[fk_sockets_place(s, id)];
    return socket->state == FK_SOCKET_OPEN || socket->state == FK_SOCKET_ENDED ? socket : NULL;
}

enum fk_status fk_socket_send(struct fk_sockets *s, struct fk_socket *socket, const void *p,
                              size_t len)
{
    enum fk_status st = FK_E_NETWORK;
    if (socket->state == FK_SOCKET_OPEN && has_link(socket)) {
        st = socket->link.send(socket->link.ctx, p, len, s->device->idle_timeout_ms);
    } else if (socket->state == FK_SOCKET_OPEN) {
        uint8_t server = fk_sockets_id_of(s, (unsigned)(socket - s->at)).server;
        st = s->net->datagrams->send(s->net->ctx, server, &socket->peer, p, len);
    }
    if (st != FK_OK && socket->kind == FK_LINK_STREAM) {
        socket->state = FK_SOCKET_ENDED; /* part of it may have been sent: no telling what comes */
    }
    return st;
}

size_t fk_socket_fill(struct fk_socket *socket)
{
    bool datagram = socket->kind == FK_LINK_DATAGRAM;
    size_t room = sizeof socket->in - socket->in_len;
    size_t n = 0;
    if (socket->state != FK_SOCKET_OPEN || room == 0 || (datagram && socket->in_len > 0) ||
        !has_link(socket)) {
        return 0;
    }
    uint32_t wait_ms = socket->secure == FK_SOCKET_PLAIN ? 0 : 1; /* TLS does not try with 0 */
    enum fk_status st =
        socket->link.recv(socket->link.ctx, socket->in + socket->in_len, room, &n, wait_ms);
    if (st == FK_OK && n <= room) {
        socket->in_len = (uint16_t)(socket->in_len + n);
        if (n == 0 && !datagram) {
            socket->state = FK_SOCKET_ENDED;
        }
        return n;
    }
    if (st != FK_E_TIMEOUT) {
        socket->state = FK_SOCKET_ENDED;
    }
    return 0;
}

void fk_socket_consume(struct fk_socket *socket, size_t len)
{
    size_t left = len < socket->in_len ? socket->in_len - len : 0;
    left = socket->kind == FK_LINK_DATAGRAM ? 0 : left;
    memmove(socket->in, socket->in + (socket->in_len - left), left);
    socket->in_len = (uint16_t)left;
}

bool fk_socket_close(struct fk_sockets *s, struct fk_socket *socket)
{
    (void)fk_socket_fill(socket);
    if (socket->in_len > 0) {
        return false;
    }
    fk_sockets_release(s, socket);
    return true;
}

bool fk_sockets_unlisten(struct fk_sockets *s, uint8_t server)
{
    uint8_t n = limits(s)->server_clients;
    struct fk_socket *first = &s->at[fk_sockets_place(s, (struct fk_socket_id){server, 0})];
    for (uint8_t i = 0; i < n; i++) {
        (void)fk_socket_fill(&first[i]);
        if (first[i].in_len > 0) {
            return false;
        }
    }
    for (uint8_t i = 0; i < n; i++) {
        fk_sockets_release(s, &first[i]);
    }
    s->net->unlisten(s->net->ctx, server);
    s->servers[server] = (struct fk_server){.open = false};
    return true;
}

bool fk_sockets_busy(const struct fk_sockets *s)
{
    for (unsigned i = 0; i < fk_sockets_total(s); i++) {
        if (s->at[i].state == FK_SOCKET_OPEN) {
            return true;
        }
    }
    for (unsigned i = 0; i < limits(s)->servers; i++) {
        if (s->servers[i].open) {
            return true;
        }
    }
    return false;
}
