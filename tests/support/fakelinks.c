/* SPDX-License-Identifier: Apache-2.0 */
#include "support/fakelinks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(bool fact, const char *what)
{
    if (!fact) {
        fprintf(stderr, "fakelinks: %s\n", what);
        abort();
    }
}

void fakelinks_say(struct fakelinks *f, unsigned i, const void *p, size_t len)
{
    struct fake_link *l = &f->links[i];
    must(len <= FAKE_BYTES - l->in_len, "a peer says too much");
    memcpy(l->in + l->in_len, p, len);
    l->in_len += len;
}

/* A connection between the device and peer i. */
static void connect_link(struct fakelinks *f, unsigned i)
{
    struct fake_link *l = &f->links[i];
    must(!l->open, "a connection that is open is opened");
    l->open = true;
    l->peer_closed = l->broken = false;
    l->in_len = l->heard_len = 0;
    if (f->greeting != NULL) {
        fakelinks_say(f, i, f->greeting, strlen(f->greeting));
    }
}

/* A transport's context. */
struct handle {
    struct fakelinks *f;
    unsigned i;
};
static struct handle handles[FAKE_LINKS];

static enum fk_status link_open(void *ctx, const char *host, uint16_t port, uint32_t timeout_ms)
{
    const struct handle *h = ctx;
    struct fake_link *l = &h->f->links[h->i];
    (void)timeout_ms;
    if (h->f->open != FK_OK) {
        return h->f->open;
    }
    connect_link(h->f, h->i);
    snprintf(l->host, sizeof l->host, "%s", host);
    l->port = port;
    return FK_OK;
}

static enum fk_status link_send(void *ctx, const void *buf, size_t len, uint32_t timeout_ms)
{
    const struct handle *h = ctx;
    struct fake_link *l = &h->f->links[h->i];
    (void)timeout_ms;
    must(l->open, "send on a closed link");
    if (h->f->send != FK_OK) {
        return h->f->send;
    }
    len = len < FAKE_BYTES - l->heard_len ? len : FAKE_BYTES - l->heard_len;
    memcpy(l->heard + l->heard_len, buf, len);
    l->heard_len += len;
    return FK_OK;
}

static enum fk_status link_recv(void *ctx, void *buf, size_t cap, size_t *ret_len,
                                uint32_t timeout_ms)
{
    const struct handle *h = ctx;
    struct fake_link *l = &h->f->links[h->i];
    must(l->open, "recv on a closed link");
    must(cap > 0 && timeout_ms <= 1, "recv waits");
    if (l->in_len == 0) {
        *ret_len = 0;
        return l->broken ? FK_E_NETWORK : l->peer_closed ? FK_OK : FK_E_TIMEOUT;
    }
    size_t n = l->in_len < cap ? l->in_len : cap;
    memcpy(buf, l->in, n);
    size_t gone = l->kind == FK_LINK_DATAGRAM ? l->in_len : n; /* one datagram, cut */
    memmove(l->in, l->in + gone, l->in_len - gone);
    l->in_len -= gone;
    *ret_len = n;
    return FK_OK;
}

static void link_close(void *ctx)
{
    const struct handle *h = ctx;
    h->f->links[h->i].open = false;
}

static struct fk_transport net_link(void *ctx, unsigned i, enum fk_link_kind kind)
{
    struct fakelinks *f = ctx;
    must(i < FAKE_LINKS, "no such link");
    f->links[i].kind = kind;
    handles[i] = (struct handle){f, i};
    return (struct fk_transport){.ctx = &handles[i],
                                 .open = link_open,
                                 .send = link_send,
                                 .recv = link_recv,
                                 .close = link_close};
}

static enum fk_status net_peer(void *ctx, unsigned i, struct fk_peer *ret)
{
    const struct fakelinks *f = ctx;
    must(f->links[i].open, "peer of a closed link");
    snprintf(ret->ip, sizeof ret->ip, "192.0.2.%u", i + 1);
    ret->port = (uint16_t)(f->links[i].port != 0 ? f->links[i].port : 4000 + i);
    return FK_OK;
}

static enum fk_status net_listen(void *ctx, unsigned l, uint16_t port)
{
    struct fakelinks *f = ctx;
    must(l < FAKE_LISTENERS && f->listening[l] == 0, "listens already");
    if (port == f->taken) {
        return FK_E_BUSY;
    }
    for (unsigned i = 0; i < FAKE_LISTENERS; i++) {
        if (f->listening[i] == port) {
            return FK_E_BUSY;
        }
    }
    f->listening[l] = port;
    return FK_OK;
}

static enum fk_status net_accept(void *ctx, unsigned l, unsigned i)
{
    struct fakelinks *f = ctx;
    must(f->listening[l] != 0, "accept without listen");
    if (f->waiting[l] == 0) {
        return FK_E_TIMEOUT;
    }
    f->waiting[l]--;
    f->links[i].port = 0;
    connect_link(f, i);
    return FK_OK;
}

static void net_unlisten(void *ctx, unsigned l)
{
    ((struct fakelinks *)ctx)->listening[l] = 0;
}

struct fk_net fakelinks_net(struct fakelinks *f)
{
    return (struct fk_net){
        .ctx = f,
        .links = FAKE_LINKS,
        .listeners = FAKE_LISTENERS,
        .link = net_link,
        .peer = net_peer,
        .listen = net_listen,
        .accept = net_accept,
        .unlisten = net_unlisten,
    };
}
