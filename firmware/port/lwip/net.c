/* SPDX-License-Identifier: Apache-2.0 */
/* Several connections, and listening ports, for the sockets of a console. */
#include "app/sockets.h"
#include "port/lwip/link.h"
#include "port/lwip/network.h"

#include <string.h>

#define LINKS (FK_SOCKETS_MAX + 1u) /* and one for the time server */

static struct fk_link links[LINKS];

/* A client that nobody has accepted yet waits beside its listener; a second one is refused. */
static struct {
    struct tcp_pcb *pcb;
    struct fk_link waiting;
} listeners[MEMP_NUM_TCP_PCB_LISTEN];

static struct fk_transport net_link(void *ctx, unsigned i, enum fk_link_kind kind)
{
    (void)ctx;
    return fk_link_transport(&links[i], kind == FK_LINK_DATAGRAM);
}

static enum fk_status net_peer(void *ctx, unsigned i, struct fk_peer *ret)
{
    const struct fk_link *link = &links[i];
    (void)ctx;
    const ip_addr_t *ip = link->tcp != NULL   ? &link->tcp->remote_ip
                          : link->udp != NULL ? &link->udp->remote_ip
                                              : NULL;
    if (ip == NULL || ipaddr_ntoa_r(ip, ret->ip, sizeof ret->ip) == NULL) {
        return FK_E_NETWORK;
    }
    ret->port = link->tcp != NULL ? link->tcp->remote_port : link->udp->remote_port;
    return FK_OK;
}

static err_t on_accepted(void *arg, struct tcp_pcb *pcb, err_t err)
{
    struct fk_link *waiting = arg;
    if (err != ERR_OK || pcb == NULL) {
        return ERR_VAL;
    }
    if (waiting->tcp != NULL || waiting->broken) {
        tcp_abort(pcb);
        return ERR_ABRT;
    }
    fk_link_adopt(waiting, pcb);
    return ERR_OK;
}

static void net_unlisten(void *ctx, unsigned l)
{
    (void)ctx;
    if (listeners[l].pcb != NULL) {
        fk_link_close(&listeners[l].waiting);
        (void)tcp_close(listeners[l].pcb); /* of a listening one it cannot fail */
        listeners[l].pcb = NULL;
    }
}

static enum fk_status net_listen(void *ctx, unsigned l, uint16_t port)
{
    net_unlisten(ctx, l);
    struct tcp_pcb *pcb = tcp_new();
    if (pcb == NULL) {
        return FK_E_NETWORK;
    }
    ip_set_option(pcb, SOF_REUSEADDR); /* beside what is left of connections of before */
    err_t e = tcp_bind(pcb, IP_ADDR_ANY, port);
    struct tcp_pcb *listening = e == ERR_OK ? tcp_listen(pcb) : NULL;
    if (listening == NULL) {
        (void)tcp_close(pcb);
        return e == ERR_USE ? FK_E_BUSY : FK_E_NETWORK;
    }
    listeners[l].pcb = listening;
    tcp_arg(listening, &listeners[l].waiting);
    tcp_accept(listening, on_accepted);
    return FK_OK;
}

static enum fk_status net_accept(void *ctx, unsigned l, unsigned i)
{
    struct fk_link *waiting = &listeners[l].waiting;
    (void)ctx;
    fk_network_poll();
    if (waiting->tcp == NULL) {
        fk_link_close(waiting); /* it has gone again */
        return FK_E_TIMEOUT;
    }
    fk_link_close(&links[i]);
    links[i] = *waiting;
    tcp_arg(links[i].tcp, &links[i]);
    memset(waiting, 0, sizeof *waiting);
    return FK_OK;
}

const struct fk_net *fk_network_net(const struct fk_network_port *port)
{
    static const struct fk_net net = {.ctx = NULL,
                                      .links = LINKS,
                                      .listeners = MEMP_NUM_TCP_PCB_LISTEN,
                                      .link = net_link,
                                      .peer = net_peer,
                                      .listen = net_listen,
                                      .accept = net_accept,
                                      .unlisten = net_unlisten};
    fk_network_start(port);
    return &net;
}
