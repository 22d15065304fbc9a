/* SPDX-License-Identifier: Apache-2.0 */
#include "app/sockets_tls.h"

#include <string.h>

static enum fk_status take(struct fk_sockets_tls *t, unsigned *ret)
{
    unsigned i = 0;
    while (i < FK_SECURE_MAX && t->used[i]) {
        i++;
    }
    if (i == FK_SECURE_MAX) {
        return FK_E_LIMIT;
    }
    t->used[i] = true;
    *ret = i;
    return FK_OK;
}

static enum fk_status begin(struct fk_sockets_tls *t, const struct fk_transport *lower,
                            const char *peer_name, bool ask_client, unsigned *ret)
{
    size_t len = strlen(peer_name);
    unsigned i = 0;
    if (len > FK_TLS_HOST_MAX) {
        return FK_E_URL;
    }
    enum fk_status st = take(t, &i);
    if (st != FK_OK) {
        return st;
    }
    struct fk_tls_setup setup = t->setup;
    memcpy(t->names[i], peer_name, len + 1);
    setup.lower = lower;
    setup.peer_name = len > 0 ? t->names[i] : NULL;
    setup.ask_client = ask_client;
    setup.skip_dates = *t->skip_dates;
    st = fk_tls_init(&t->tls[i], &setup);
    t->used[i] = st == FK_OK;
    *ret = i;
    return st;
}

static enum fk_status client(void *ctx, const struct fk_transport *lower, const char *peer_name,
                             struct fk_transport *ret)
{
    struct fk_sockets_tls *t = ctx;
    unsigned i = 0;
    enum fk_status st = begin(t, lower, peer_name, false, &i);
    if (st == FK_OK) {
        *ret = fk_tls_transport(&t->tls[i]);
    }
    return st;
}

static enum fk_status server(void *ctx, const struct fk_transport *lower, bool mutual,
                             uint32_t timeout_ms, struct fk_transport *ret)
{
    struct fk_sockets_tls *t = ctx;
    unsigned i = 0;
    enum fk_status st = begin(t, lower, "", mutual, &i);
    if (st != FK_OK) {
        lower->close(lower->ctx);
        return st;
    }
    st = fk_tls_accept_begin(&t->tls[i], timeout_ms);
    if (st == FK_OK) {
        *ret = fk_tls_transport(&t->tls[i]);
    } else {
        fk_tls_release(&t->tls[i]);
        t->used[i] = false;
    }
    return st;
}

static enum fk_status greet(void *ctx, const struct fk_transport *transport, bool *ret_done)
{
    struct fk_sockets_tls *t = ctx;
    for (unsigned i = 0; i < FK_SECURE_MAX; i++) {
        if (t->used[i] && transport->ctx == &t->tls[i]) {
            return fk_tls_accept_step(&t->tls[i], ret_done);
        }
    }
    return FK_E_INTERNAL;
}

static void release(void *ctx, const struct fk_transport *transport)
{
    struct fk_sockets_tls *t = ctx;
    for (unsigned i = 0; i < FK_SECURE_MAX; i++) {
        if (t->used[i] && transport->ctx == &t->tls[i]) {
            fk_tls_release(&t->tls[i]);
            t->used[i] = false;
        }
    }
}

void fk_sockets_tls_init(struct fk_sockets_tls *t, const struct fk_tls_setup *setup,
                         const bool *skip_dates)
{
    memset(t, 0, sizeof *t);
    t->setup = *setup;
    t->skip_dates = skip_dates;
    t->setup.resume = false; /* a connection has no next one here */
    t->table = (struct fk_socket_tls){
        .ctx = t, .client = client, .server = server, .greet = greet, .release = release};
}
