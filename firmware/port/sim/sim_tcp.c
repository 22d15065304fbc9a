/* SPDX-License-Identifier: Apache-2.0 */
#include "port/sim/sim_tcp.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static uint64_t clock_now(void *ctx)
{
    (void)ctx;
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

struct fk_clock fk_sim_clock(void)
{
    return (struct fk_clock){.ctx = NULL, .now_ms = clock_now};
}

/* Waits for the events until the clock shows until_ms. FK_E_TIMEOUT, FK_E_NETWORK. */
static enum fk_status wait_for(int fd, short events, uint64_t until_ms)
{
    for (;;) {
        uint64_t now = clock_now(NULL);
        uint64_t left = until_ms > now ? until_ms - now : 0;
        struct pollfd p = {.fd = fd, .events = events};
        int n = poll(&p, 1, left < INT_MAX ? (int)left : INT_MAX);
        if (n > 0) {
            return FK_OK; /* errors show in the call that follows */
        }
        if (n < 0 && errno != EINTR) {
            return FK_E_NETWORK;
        }
        if (n == 0 && left == 0) {
            return FK_E_TIMEOUT;
        }
    }
}

static enum fk_status connect_to(int fd, const struct addrinfo *to, uint64_t until_ms)
{
    if (connect(fd, to->ai_addr, to->ai_addrlen) == 0) {
        return FK_OK;
    }
    if (errno != EINPROGRESS && errno != EINTR) {
        return FK_E_CONNECT;
    }
    enum fk_status st = wait_for(fd, POLLOUT, until_ms);
    int error = 0;
    socklen_t len = sizeof error;
    if (st == FK_OK && (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0 || error != 0)) {
        st = FK_E_CONNECT;
    }
    return st;
}

bool fk_sim_tcp_prepare(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
        fcntl(fd, F_SETFD, FD_CLOEXEC) == 0) {
        return true;
    }
    close(fd);
    return false;
}

static int new_socket(const struct addrinfo *to)
{
    int fd = socket(to->ai_family, to->ai_socktype, to->ai_protocol);
    return fd >= 0 && fk_sim_tcp_prepare(fd) ? fd : -1;
}

/* A stream may take a port that an earlier one of it has not quite left. */
static enum fk_status bind_local(int fd, const struct addrinfo *to, uint16_t port)
{
    static const int on = 1;
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } a;
    bool v6 = to->ai_family == AF_INET6;
    memset(&a, 0, sizeof a);
    a.any.sa_family = (sa_family_t)to->ai_family;
    *(v6 ? &a.v6.sin6_port : &a.v4.sin_port) = htons(port);
    if (to->ai_socktype == SOCK_STREAM &&
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) {
        return FK_E_NETWORK;
    }
    if (bind(fd, &a.any, v6 ? sizeof a.v6 : sizeof a.v4) == 0) {
        return FK_OK;
    }
    return errno == EADDRINUSE ? FK_E_BUSY : FK_E_NETWORK;
}

static void tcp_close(void *ctx)
{
    struct fk_sim_tcp *tcp = ctx;
    if (tcp->fd >= 0) {
        close(tcp->fd);
        tcp->fd = -1;
    }
}

static enum fk_status tcp_open(void *ctx, const char *host, uint16_t port, uint32_t timeout_ms)
{
    struct fk_sim_tcp *tcp = ctx;
    uint64_t until_ms = clock_now(NULL) + timeout_ms;
    const struct addrinfo hints = {.ai_family = AF_UNSPEC,
                                   .ai_socktype = tcp->datagram ? SOCK_DGRAM : SOCK_STREAM,
                                   .ai_flags = AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    char service[6];
    uint16_t local = tcp->local_port;
    tcp->local_port = 0;
    tcp_close(tcp);
    snprintf(service, sizeof service, "%u", (unsigned)port);
    if (getaddrinfo(host, service, &hints, &found) != 0) {
        return FK_E_CONNECT;
    }
    enum fk_status st = FK_E_CONNECT;
    for (const struct addrinfo *a = found; a != NULL && st == FK_E_CONNECT; a = a->ai_next) {
        tcp->fd = new_socket(a);
        st = tcp->fd < 0 ? FK_E_CONNECT : local == 0 ? FK_OK : bind_local(tcp->fd, a, local);
        if (st == FK_OK) {
            st = connect_to(tcp->fd, a, until_ms);
        }
        if (st != FK_OK) {
            tcp_close(tcp);
        }
    }
    freeaddrinfo(found);
    return st;
}

static bool must_wait(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

static enum fk_status tcp_send(void *ctx, const void *buf, size_t len, uint32_t timeout_ms)
{
    const struct fk_sim_tcp *tcp = ctx;
    uint64_t until_ms = clock_now(NULL) + timeout_ms;
    const char *at = buf;
    enum fk_status st = tcp->fd >= 0 ? FK_OK : FK_E_NETWORK;
    while (st == FK_OK && len > 0) {
        ssize_t n = send(tcp->fd, at, len, MSG_NOSIGNAL);
        if (n >= 0) {
            at += n;
            len -= (size_t)n;
        } else {
            st = must_wait() ? wait_for(tcp->fd, POLLOUT, until_ms) : FK_E_NETWORK;
        }
    }
    return st;
}

static enum fk_status tcp_recv(void *ctx, void *buf, size_t cap, size_t *ret_len,
                               uint32_t timeout_ms)
{
    const struct fk_sim_tcp *tcp = ctx;
    uint64_t until_ms = clock_now(NULL) + timeout_ms;
    enum fk_status st = tcp->fd >= 0 ? FK_OK : FK_E_NETWORK;
    while (st == FK_OK) {
        ssize_t n = recv(tcp->fd, buf, cap, 0);
        if (n >= 0) {
            *ret_len = (size_t)n;
            return FK_OK;
        }
        st = must_wait() ? wait_for(tcp->fd, POLLIN, until_ms) : FK_E_NETWORK;
    }
    return st;
}

struct fk_transport fk_sim_tcp_transport(struct fk_sim_tcp *tcp)
{
    return (struct fk_transport){.scheme = "http",
                                 .ctx = tcp,
                                 .open = tcp_open,
                                 .send = tcp_send,
                                 .recv = tcp_recv,
                                 .close = tcp_close};
}
