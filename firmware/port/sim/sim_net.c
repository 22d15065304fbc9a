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

static void net_bind(void *ctx, unsigned i, uint16_t port)
{
    ((struct fk_sim_net *)ctx)->links[i].local_port = port;
}

static enum fk_status to_peer(const union address *a, struct fk_peer *ret)
{
    bool v6 = a->any.sa_family == AF_INET6;
    const void *ip = v6 ? (const void *)&a->v6.sin6_addr : (const void *)&a->v4.sin_addr;
    if (inet_ntop(a->any.sa_family, ip, ret->ip, sizeof ret->ip) == NULL) {
        return FK_E_NETWORK;
    }
    ret->port = ntohs(v6 ? a->v6.sin6_port : a->v4.sin_port);
    return FK_OK;
}

static enum fk_status net_peer(void *ctx, unsigned i, struct fk_peer *ret)
{
    const struct fk_sim_net *net = ctx;
    union address a;
    socklen_t len = sizeof a;
    if (getpeername(net->links[i].fd, &a.any, &len) != 0) {
        return FK_E_NETWORK;
    }
    return to_peer(&a, ret);
}

/* -1 with errno. type: SOCK_STREAM or SOCK_DGRAM */
static int listen_on(const union address *a, socklen_t len, int type)
{
    static const int on = 1;
    bool stream = type == SOCK_STREAM; /* datagrams must not share a port */
    int fd = socket(a->any.sa_family, type, 0);
    if (fd < 0 || !fk_sim_tcp_prepare(fd)) {
        return -1;
    }
    bool good = !stream || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0;
    if (good && a->any.sa_family == AF_INET6) {
        good = setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == 0;
    }
    if (!good || bind(fd, &a->any, len) != 0 || (stream && listen(fd, BACKLOG) != 0)) {
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

static enum fk_status start(struct fk_sim_net *net, unsigned l, uint16_t port, int type)
{
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
    net->listeners[l][0] = listen_on(&v4, sizeof v4.v4, type);
    if (net->listeners[l][0] < 0) {
        return errno == EADDRINUSE ? FK_E_BUSY : FK_E_NETWORK;
    }
    net->listeners[l][1] = listen_on(&v6, sizeof v6.v6, type);
    if (net->listeners[l][1] < 0 && errno == EADDRINUSE) {
        net_unlisten(net, l);
        return FK_E_BUSY;
    }
    return FK_OK;
}

static enum fk_status net_listen(void *ctx, unsigned l, uint16_t port)
{
    return start(ctx, l, port, SOCK_STREAM);
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

/* ---- servers of UDP ----------------------------------------------------- */

static enum fk_status datagrams_listen(void *ctx, unsigned l, uint16_t port)
{
    return start(ctx, l, port, SOCK_DGRAM);
}

static enum fk_status datagrams_from(void *ctx, unsigned l, struct fk_peer *ret)
{
    struct fk_sim_net *net = ctx;
    for (unsigned k = 0; k < 2; k++) {
        union address a;
        socklen_t len = sizeof a;
        int fd = net->listeners[l][k];
        if (fd >= 0 && recvfrom(fd, NULL, 0, MSG_PEEK, &a.any, &len) >= 0) {
            net->next[l] = k;
            return to_peer(&a, ret);
        }
    }
    return FK_E_TIMEOUT;
}

static enum fk_status datagrams_take(void *ctx, unsigned l, void *buf, size_t cap, size_t *ret_len)
{
    const struct fk_sim_net *net = ctx;
    ssize_t n = recv(net->listeners[l][net->next[l]], buf, cap, 0);
    if (n < 0) {
        return errno == EAGAIN || errno == EWOULDBLOCK ? FK_E_TIMEOUT : FK_E_NETWORK;
    }
    *ret_len = (size_t)n;
    return FK_OK;
}

static enum fk_status datagrams_send(void *ctx, unsigned l, const struct fk_peer *to,
                                     const void *buf, size_t len)
{
    const struct fk_sim_net *net = ctx;
    union address a;
    memset(&a, 0, sizeof a);
    bool v6 = strchr(to->ip, ':') != NULL;
    a.any.sa_family = v6 ? AF_INET6 : AF_INET;
    *(v6 ? &a.v6.sin6_port : &a.v4.sin_port) = htons(to->port);
    void *ip = v6 ? (void *)&a.v6.sin6_addr : (void *)&a.v4.sin_addr;
    if (inet_pton(a.any.sa_family, to->ip, ip) != 1) {
        return FK_E_NETWORK;
    }
    int fd = net->listeners[l][v6 ? 1 : 0];
    if (sendto(fd, buf, len, 0, &a.any, v6 ? sizeof a.v6 : sizeof a.v4) == (ssize_t)len) {
        return FK_OK;
    }
    return errno == EMSGSIZE ? FK_E_LIMIT : FK_E_NETWORK;
}

static const struct fk_net_datagrams datagrams = {
    .listen = datagrams_listen,
    .from = datagrams_from,
    .take = datagrams_take,
    .send = datagrams_send,
};

void fk_sim_net_init(struct fk_sim_net *net)
{
    for (unsigned i = 0; i < FK_SIM_LINKS; i++) {
        net->links[i] = (struct fk_sim_tcp)FK_SIM_TCP_INIT;
    }
    memset(net->listeners, -1, sizeof net->listeners);
    memset(net->next, 0, sizeof net->next);
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
        .bind = net_bind,
        .peer = net_peer,
        .listen = net_listen,
        .accept = net_accept,
        .unlisten = net_unlisten,
        .datagrams = &datagrams,
    };
}
