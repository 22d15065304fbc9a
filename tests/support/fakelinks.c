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
    if (l->local_port != 0 && l->local_port == h->f->taken) {
        return FK_E_BUSY;
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

static void net_bind(void *ctx, unsigned i, uint16_t port)
{
    ((struct fakelinks *)ctx)->links[i].local_port = port;
}

static enum fk_status start(struct fakelinks *f, unsigned l, uint16_t port, bool datagrams)
{
    must(l < FAKE_LISTENERS && f->listening[l] == 0, "listens already");
    if (port == f->taken) {
        return FK_E_BUSY;
    }
    for (unsigned i = 0; i < FAKE_LISTENERS; i++) {
        if (f->listening[i] == port && f->of_datagrams[i] == datagrams) {
            return FK_E_BUSY;
        }
    }
    f->listening[l] = port;
    f->of_datagrams[l] = datagrams;
    f->n_came[l] = 0;
    return FK_OK;
}

static enum fk_status net_listen(void *ctx, unsigned l, uint16_t port)
{
    return start(ctx, l, port, false);
}

bool fakelinks_datagram(struct fakelinks *f, unsigned l, unsigned host, uint16_t port,
                        const void *p, size_t len)
{
    if (f->n_came[l] == FAKE_DATAGRAMS) {
        return false;
    }
    struct fake_datagram *d = &f->came[l][f->n_came[l]++];
    must(len <= sizeof d->bytes, "a datagram is too long");
    snprintf(d->peer.ip, sizeof d->peer.ip, "192.0.2.%u", host);
    d->peer.port = port;
    d->len = len;
    memcpy(d->bytes, p, len);
    return true;
}

static enum fk_status datagrams_listen(void *ctx, unsigned l, uint16_t port)
{
    return start(ctx, l, port, true);
}

static enum fk_status datagrams_from(void *ctx, unsigned l, struct fk_peer *ret)
{
    const struct fakelinks *f = ctx;
    must(f->listening[l] != 0 && f->of_datagrams[l], "datagrams without listen");
    if (f->n_came[l] == 0) {
        return FK_E_TIMEOUT;
    }
    *ret = f->came[l][0].peer;
    return FK_OK;
}

static enum fk_status datagrams_take(void *ctx, unsigned l, void *buf, size_t cap, size_t *ret_len)
{
    struct fakelinks *f = ctx;
    const struct fake_datagram *d = &f->came[l][0];
    must(f->n_came[l] > 0, "a datagram that is not there is taken");
    *ret_len = d->len < cap ? d->len : cap;
    if (*ret_len > 0) {
        memcpy(buf, d->bytes, *ret_len);
    }
    f->n_came[l]--;
    memmove(f->came[l], f->came[l] + 1, f->n_came[l] * sizeof f->came[l][0]);
    return FK_OK;
}

static enum fk_status datagrams_send(void *ctx, unsigned l, const struct fk_peer *to,
                                     const void *buf, size_t len)
{
    struct fakelinks *f = ctx;
    struct fake_datagram *d = &f->sent[l];
    must(f->listening[l] != 0 && f->of_datagrams[l], "datagram without listen");
    if (f->send != FK_OK) {
        return f->send;
    }
    d->peer = *to;
    d->len = len < sizeof d->bytes ? len : sizeof d->bytes;
    memcpy(d->bytes, buf, d->len);
    return FK_OK;
}

static const struct fk_net_datagrams datagrams = {
    .listen = datagrams_listen,
    .from = datagrams_from,
    .take = datagrams_take,
    .send = datagrams_send,
};

static enum fk_status net_accept(void *ctx, unsigned l, unsigned i)
{
    struct fakelinks *f = ctx;
    must(f->listening[l] != 0 && !f->of_datagrams[l], "accept without listen");
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
        .bind = net_bind,
        .peer = net_peer,
        .listen = net_listen,
        .accept = net_accept,
        .unlisten = net_unlisten,
        .datagrams = &datagrams,
    };
}
