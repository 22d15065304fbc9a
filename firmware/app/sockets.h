/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_APP_SOCKETS_H
#define FK_APP_SOCKETS_H

#include "fotakit_fw/device.h"
#include "fotakit_fw/net.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sockets as a serial console has them: numbered, with a buffer for what came and was not read yet.
 *
 * Client sockets are opened outwards; a server listens on a port and has client sockets of its own,
 * for those who connect. How many there are is the device's. fk_sockets_poll() moves everything on
 * and tells what happened; nothing else receives or accepts.
 *
 * A peer that closes ends its socket, but the socket keeps its number and what is unread until it
 * is closed here, too. A socket with unread data is not closed. What does not fit the buffer stays
 * with the network, which slows the peer down; of UDP, one datagram is held, cut to the buffer.
 *
 * A client of a secure server shakes hands in as many polls as it takes, connect_timeout_ms at
 * most, and is not told, listed or found before that is over. A server of UDP has a client for each
 * address that sent it something; it stays until it is closed here. Datagrams from others are
 * dropped while no socket is free; those for a socket with unread data stay with the network, and
 * what came to the server behind them, too.
 *
 * Memory: struct fk_sockets, 25 KiB; no heap. Sending and opening block, for the device's
 * idle_timeout_ms and connect_timeout_ms; a poll does not wait. */

#ifndef FK_SOCKETS_MAX     /* a board takes as many as its profile names */
#define FK_SOCKETS_MAX 16u /* clients and clients of servers together */
#endif
#ifndef FK_SERVERS_MAX
#define FK_SERVERS_MAX 4u
#endif
#define FK_SOCKET_BUF  1500u /* one Ethernet frame */

enum fk_socket_state {
    FK_SOCKET_FREE,
    FK_SOCKET_GREETING, /* TLS with a client of a server has begun */
    FK_SOCKET_OPEN,
    FK_SOCKET_ENDED /* by the peer, or broken */
};

enum fk_socket_secure {
    FK_SOCKET_PLAIN,
    FK_SOCKET_TLS,       /* the server shows a certificate */
    FK_SOCKET_TLS_MUTUAL /* a server wants one of its clients, too */
};

/* TLS above connections; supplied by sockets_tls.h, or by a test. */
struct fk_socket_tls {
    void *ctx;
    /* Client: *ret opens, sends and so on through lower, whose copy must outlive it. peer_name:
     * that the certificate must have; "": the host that is opened. FK_E_LIMIT: too many. */
    enum fk_status (*client)(void *ctx, const struct fk_transport *lower, const char *peer_name,
                             struct fk_transport *ret);
    /* Server: begins the handshake over lower, which is connected and whose copy must outlive
     * *ret; lower is closed on failure. */
    enum fk_status (*server)(void *ctx, const struct fk_transport *lower, bool mutual,
                             uint32_t timeout_ms, struct fk_transport *ret);
    /* Goes on with it, without waiting, until *ret_done or a failure. */
    enum fk_status (*greet)(void *ctx, const struct fk_transport *transport, bool *ret_done);
    /* What client() or server() gave is closed and used no more. */
    void (*release)(void *ctx, const struct fk_transport *transport);
};

struct fk_socket {
    enum fk_socket_state state;
    enum fk_link_kind kind;
    enum fk_socket_secure secure;
    struct fk_peer peer;
    uint16_t in_len;     /* unread */
    uint16_t local_port; /* that was asked for; 0: none */

    /* Private. */
    bool end_told;
    struct fk_transport link;  /* what is sent and received through */
    struct fk_transport lower; /* below TLS */
    uint8_t in[FK_SOCKET_BUF];
};

struct fk_server {
    bool open;
    uint16_t port;
    enum fk_link_kind kind;
    enum fk_socket_secure secure;
};

struct fk_sockets {
    /* Private. */
    const struct fk_net *net;
    const struct fk_device *device;
    const struct fk_socket_tls *tls; /* NULL: there is none */
    struct fk_socket at[FK_SOCKETS_MAX];
    struct fk_server servers[FK_SERVERS_MAX];
};

/* Which socket: server FK_NO_SERVER for those that were opened outwards. */
#define FK_NO_SERVER 0xffu

struct fk_socket_id {
    uint8_t server;
    uint8_t client;
};

/* tls may be NULL: then secure sockets are FK_E_UNSUPPORTED. FK_E_GEOMETRY: the device wants more
 * than the port has, or than this file holds. */
enum fk_status fk_sockets_init(struct fk_sockets *s, const struct fk_device *device,
                               const struct fk_net *net,
                               const struct fk_socket_tls *tls) FK_MUST_USE;
/* Everything is closed; unread data is lost. */
void fk_sockets_close_all(struct fk_sockets *s);

struct fk_socket_want {
    const char *host;
    uint16_t port;
    uint16_t local_port; /* 0: any */
    enum fk_link_kind kind;
    bool secure;
    const char *peer_name; /* with secure; "": host */
};

/* FK_E_LIMIT: no socket of this kind is free. FK_E_BUSY: the local port is in use.
 * FK_E_UNSUPPORTED; FK_E_CONNECT, FK_E_TIMEOUT, FK_E_NETWORK; and what TLS fails with. */
enum fk_status fk_sockets_open(struct fk_sockets *s, const struct fk_socket_want *want,
                               uint8_t *ret_client) FK_MUST_USE;
/* FK_E_LIMIT: no server is free. FK_E_BUSY: the port is in use. FK_E_UNSUPPORTED, FK_E_NETWORK. */
enum fk_status fk_sockets_listen(struct fk_sockets *s, uint16_t port, enum fk_link_kind kind,
                                 enum fk_socket_secure secure, uint8_t *ret_server) FK_MUST_USE;

/* NULL: there is no such socket, it is free, or it still shakes hands. */
struct fk_socket *fk_sockets_find(struct fk_sockets *s, struct fk_socket_id id);
/* NULL: there is no such server, or it does not listen. */
const struct fk_server *fk_sockets_server(const struct fk_sockets *s, uint8_t server);

/* Sends all or fails; a stream that failed has ended. FK_E_NETWORK, FK_E_TIMEOUT. */
enum fk_status fk_socket_send(struct fk_sockets *s, struct fk_socket *socket, const void *p,
                              size_t len) FK_MUST_USE;
/* Takes what has come into the buffer; returns how many bytes are new. */
size_t fk_socket_fill(struct fk_socket *socket);
/* The first len unread bytes are dealt with; of a datagram all are, whatever len is. */
void fk_socket_consume(struct fk_socket *socket, size_t len);

/* False, and nothing happens: data is unread. */
bool fk_socket_close(struct fk_sockets *s, struct fk_socket *socket);
/* The same for a server, with all its clients. */
bool fk_sockets_unlisten(struct fk_sockets *s, uint8_t server);

enum fk_socket_event { FK_SOCKET_CAME /* data */, FK_SOCKET_GONE, FK_SOCKET_ACCEPTED };

/* n: FK_SOCKET_CAME: new bytes. FK_SOCKET_GONE: why the handshake of a client failed, which was not
 * told before, as a number of status.h; 0: it ended, or broke. */
typedef void fk_socket_told(void *ctx, enum fk_socket_event event, struct fk_socket_id id,
                            const struct fk_socket *socket, size_t n);

/* Accepts and receives, without waiting. */
void fk_sockets_poll(struct fk_sockets *s, fk_socket_told *told, void *ctx);
/* Is there anything to poll? */
bool fk_sockets_busy(const struct fk_sockets *s);

#endif
