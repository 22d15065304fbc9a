/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_PORT_LWIP_LINK_H
#define FK_PORT_LWIP_LINK_H

#include "fotakit_fw/net.h"

#include <lwip/ip_addr.h>
#include <lwip/pbuf.h>
#include <lwip/tcp.h>
#include <lwip/udp.h>
#include <stdbool.h>

/* One connection; for this folder. All zero: nothing is open. */
struct fk_link {
    bool datagram;         /* what open() makes; fk_link_transport() */
    struct tcp_pcb *tcp;   /* NULL: none, or lwIP has given it up */
    struct udp_pcb *udp;   /* NULL: none */
    bool connected;
    bool broken;           /* reset, or given up after too many tries */
    bool peer_closed;
    struct pbuf *received; /* a chain, whose front is taken off; or one datagram */
};

struct fk_transport fk_link_transport(struct fk_link *link, bool datagram);
/* The link takes over a connection that is there. */
void fk_link_adopt(struct fk_link *link, struct tcp_pcb *pcb);
void fk_link_close(struct fk_link *link);

/* network.c: moves everything on until done(arg) holds; FK_OK, or FK_E_TIMEOUT. */
enum fk_status fk_network_wait(bool (*done)(const void *arg), const void *arg, uint64_t until_ms);
/* The network has an address, and so has the host. */
enum fk_status fk_network_resolve(const char *host, ip_addr_t *ret, uint64_t until_ms);

#endif
