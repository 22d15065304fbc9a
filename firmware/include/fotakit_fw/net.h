/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_FW_NET_H
#define FOTAKIT_FW_NET_H

#include "fotakit_fw/status.h"
#include "fotakit_fw/transport.h"

#include <stddef.h>
#include <stdint.h>

/* Several connections at a time, supplied by the port, for an application with sockets. Where one
 * connection is enough, as for a download, a struct fk_transport is.
 *
 * Connections and listening ports have numbers, 0 to links - 1 and 0 to listeners - 1; each is used
 * by one owner at a time, who closes it. Nothing here is authenticated or encrypted; TLS is a layer
 * above. */

enum fk_link_kind { FK_LINK_STREAM /* TCP */, FK_LINK_DATAGRAM /* UDP */ };

#define FK_PEER_IP_MAX 45u

struct fk_peer {
    char ip[FK_PEER_IP_MAX + 1]; /* "192.0.2.1", "2001:db8::1" */
    uint16_t port;
};

/* Servers of UDP: datagrams of a listening port, whoever they are from. Numbered like listeners of
 * TCP and ended by fk_net.unlisten; nothing here waits. */
struct fk_net_datagrams {
    /* FK_E_BUSY: the port is taken. FK_E_NETWORK. */
    enum fk_status (*listen)(void *ctx, unsigned l, uint16_t port);
    /* Who sent the next datagram, which stays where it is. FK_E_TIMEOUT: there is none. */
    enum fk_status (*from)(void *ctx, unsigned l, struct fk_peer *ret);
    /* Takes it, cut to cap, which may be 0. */
    enum fk_status (*take)(void *ctx, unsigned l, void *buf, size_t cap, size_t *ret_len);
    /* One datagram, from the listening port. */
    enum fk_status (*send)(void *ctx, unsigned l, const struct fk_peer *to, const void *buf,
                           size_t len);
};

/* Every operation is required, unless it says otherwise. */
struct fk_net {
    void *ctx;
    uint8_t links;
    uint8_t listeners;
    /* Connection i as a transport: open() makes an outgoing one of this kind. With timeout_ms 0
     * recv() takes what is there and does not wait: FK_E_TIMEOUT when there is nothing. A datagram
     * is received whole or cut; one of 0 bytes is no end. */
    struct fk_transport (*link)(void *ctx, unsigned i, enum fk_link_kind kind);
    /* The next open() of connection i goes out from this port, 1 to 65535; fails with FK_E_BUSY
     * when it is taken. May be NULL: the port is always the network's choice. */
    void (*bind)(void *ctx, unsigned i, uint16_t port);
    /* The other end of connection i, which is open. */
    enum fk_status (*peer)(void *ctx, unsigned i, struct fk_peer *ret);
    /* Begins to take TCP connections on a port. FK_E_BUSY: the port is taken. FK_E_NETWORK. */
    enum fk_status (*listen)(void *ctx, unsigned l, uint16_t port);
    /* Makes the next client of listener l connection i, without waiting. FK_E_TIMEOUT: nobody
     * waits. FK_E_NETWORK. */
    enum fk_status (*accept)(void *ctx, unsigned l, unsigned i);
    /* Harmless when it does not listen; connections stay. */
    void (*unlisten)(void *ctx, unsigned l);
    const struct fk_net_datagrams *datagrams; /* NULL: there are no servers of UDP */
};

#endif
