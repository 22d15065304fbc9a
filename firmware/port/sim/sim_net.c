/* SPDX-License-Identifier: Apache-2.0 */
#include "port/sim/sim_net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 4

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_storage room;
};

static struct fk_transport net_link(void *ctx, unsigned i, enum fk_link_kind kind)
{
    struct fk_sim_net *net = ctx;
    net->links[i].datagram = kind == FK_LINK_DATAGRAM;
    return fk_sim_tcp_transport(&net->links[i]);
}

static enum fk_status net_peer(void *ctx, unsigned i, struct fk_peer *ret)
{
    const struct fk_sim_net *net = ctx;
    union address a;
    socklen_t len = sizeof a;
    if (getpeername(net->links[i].fd, &a.any, &len) != 0) {
        return FK_E_NETWORK;
    }
    bool v6 = a.any.sa_family == AF_INET6;
    const void *ip = v6 ? (const void *)&a.v6.sin6_addr : (const void *)&a.v4.sin_addr;
    if (inet_ntop(a.any.sa_family, ip, ret->ip, sizeof ret->ip) == NULL) {
        return FK_E_NETWORK;
    }
    ret->port = ntohs(v6 ? a.v6.sin6_port : a.v4.sin_port);
    return FK_OK;
}

/* -1 with errno. */
static int listen_on(const union address *a, socklen_t len)
{
    static const int on = 1;
    int fd = socket(a->any.sa_family, SOCK_STREAM, 0);
    if (fd < 0 || !fk_sim_tcp_prepare(fd)) {
        return -1;
    }
    bool good = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0;
    if (good && a->any.sa_family == AF_INET6) {
        good = setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == 0;
    }
    if (!good || bind(fd, &a->any, len) != 0 || listen(fd, BACKLOG) != 0) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

static void net_unlisten(void *ctx, unsigned l)
{
    struct fk_sim_net *net = ctx;
    for (unsigned i = 0; i < 2; i++) {
        if (net->listeners[l][i] >= 0) {
            close(net->listeners[l][i]);
            net->listeners[l][i] = -1;
        }
    }
}

static enum fk_status net_listen(void *ctx, unsigned l, uint16_t port)
{
    struct fk_sim_net *net = ctx;
    union address v4, v6;
    memset(&v4, 0, sizeof v4);
    memset(&v6, 0, sizeof v6);
    v4.v4.sin_family = AF_INET;
    v4.v4.sin_port = htons(port);
    v4.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    v6.v6.sin6_family = AF_INET6;
    v6.v6.sin6_port = htons(port);
    v6.v6.sin6_addr = in6addr_loopback;
    net_unlisten(net, l);
    net->listeners[l][0] = listen_on(&v4, sizeof v4.v4);
    if (net->listeners[l][0] < 0) {
        return errno == EADDRINUSE ? FK_E_BUSY : FK_E_NETWORK;
    }
    net->listeners[l][1] = listen_on(&v6, sizeof v6.v6);
    if (net->listeners[l][1] < 0 && errno == EADDRINUSE) {
        net_unlisten(net, l);
        return FK_E_BUSY;
    }
    return FK_OK;
}

static enum fk_status net_accept(void *ctx, unsigned l, unsigned i)
{
    struct fk_sim_net *net = ctx;
    for (unsigned k = 0; k < 2; k++) {
        int fd = net->listeners[l][k] >= 0 ? accept(net->listeners[l][k], NULL, NULL) : -1;
        if (fd >= 0) {
            bool good = fk_sim_tcp_prepare(fd);
            net->links[i].fd = good ? fd : -1;
            return good ? FK_OK : FK_E_NETWORK;
        }
    }
    return FK_E_TIMEOUT;
}

void fk_sim_net_init(struct fk_sim_net *net)
{
    for (unsigned i = 0; i < FK_SIM_LINKS; i++) {
        net->links[i] = (struct fk_sim_tcp)FK_SIM_TCP_INIT;
    }
    memset(net->listeners, -1, sizeof net->listeners);
}

void fk_sim_net_close(struct fk_sim_net *net)
{
    for (unsigned i = 0; i < FK_SIM_LINKS; i++) {
        const struct fk_transport t = fk_sim_tcp_transport(&net->links[i]);
        t.close(t.ctx);
    }
    for (unsigned l = 0; l < FK_SIM_LISTENERS; l++) {
        net_unlisten(net, l);
    }
}

struct fk_net fk_sim_net_table(struct fk_sim_net *net)
{
    return (struct fk_net){
        .ctx = net,
        .links = FK_SIM_LINKS,
        .listeners = FK_SIM_LISTENERS,
        .link = net_link,
        .peer = net_peer,
        .listen = net_listen,
        .accept = net_accept,
        .unlisten = net_unlisten,
    };
}
