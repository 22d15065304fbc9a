/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_FW_NET_H
#define FOTAKIT_FW_NET_H

#include "fotakit_fw/status.h"
#include "fotakit_fw/transport.h"

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

/* Every operation is required. */
struct fk_net {
    void *ctx;
    uint8_t links;
    uint8_t listeners;
    /* Connection i as a transport: open() makes an outgoing one of this kind. With timeout_ms 0
     * recv() takes what is there and does not wait: FK_E_TIMEOUT when there is nothing. A datagram
     * is received whole or cut; one of 0 bytes is no end. */
    struct fk_transport (*link)(void *ctx, unsigned i, enum fk_link_kind kind);
    /* The other end of connection i, which is open. */
    enum fk_status (*peer)(void *ctx, unsigned i, struct fk_peer *ret);
    /* Begins to take TCP connections on a port. FK_E_BUSY: the port is taken. FK_E_NETWORK. */
    enum fk_status (*listen)(void *ctx, unsigned l, uint16_t port);
    /* Makes the next client of listener l connection i, without waiting. FK_E_TIMEOUT: nobody
     * waits. FK_E_NETWORK. */
    enum fk_status (*accept)(void *ctx, unsigned l, unsigned i);
    /* Harmless when it does not listen; connections stay. */
    void (*unlisten)(void *ctx, unsigned l);
};

#endif
