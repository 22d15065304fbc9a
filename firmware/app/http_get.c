/* SPDX-License-Identifier: Apache-2.0 */
#include "app/http_get.h"

#include "crypto/crypto.h"

_Static_assert(FK_HTTP_GET_BUF >= FK_HTTP_REQUEST_MAX, "requests are written to the buffer");

/* Milliseconds that may still be waited for the next byte; 0: the server is too slow. */
static uint32_t patience(const struct fk_http_get *g)
{
    const struct fk_device *device = g->device;
    uint32_t idle = device->idle_timeout_ms;
    if (device->minimum_rate == 0) {
        return idle;
    }
    uint64_t elapsed = g->clock->now_ms(g->clock->ctx) - g->began_ms;
    uint64_t earned = (uint64_t)g->response.received * 1000 / device->minimum_rate;
    uint64_t allowed = idle + earned;
    if (elapsed >= allowed) {
        return 0;
    }
    return allowed - elapsed < idle ? (uint32_t)(allowed - elapsed) : idle;
}

static enum fk_status ask(struct fk_http_get *g, const struct fk_http_request *request)
{
    const struct fk_transport *t = g->transport;
    size_t len = 0;
    enum fk_status st = fk_http_request_write(request, g->buf, sizeof g->buf, &len);
    if (st == FK_OK) {
        st = t->send(t->ctx, g->buf, len, g->device->idle_timeout_ms);
        if (st == FK_OK && request->post && g->body.len > 0) {
            st = t->send(t->ctx, g->body.ptr, g->body.len, g->device->idle_timeout_ms);
        }
        g->by_transport = st != FK_OK;
    }
    fk_wipe(g->buf, sizeof g->buf); /* may hold a password */
    return st == FK_E_LIMIT ? FK_E_URL : st;
}

/* Deals with bytes that came. */
static enum fk_status take(struct fk_http_get *g, struct fk_slice in)
{
    struct fk_http_response *r = &g->response;
    enum fk_status st = FK_OK;
    while (st == FK_OK && in.len > 0 && r->stage != FK_HTTP_DONE) {
        size_t used = 0;
        struct fk_slice body = {NULL, 0};
        st = fk_http_response_feed(r, in, &used, &body);
        if (st == FK_OK && r->stage != FK_HTTP_HEAD && !g->body_began) {
            g->body_began = true;
            st = g->sink->begin(g->sink->ctx, r);
        }
        if (st == FK_OK && body.len > 0) {
            st = g->sink->body(g->sink->ctx, body);
        }
        in.ptr += used;
        in.len -= used;
    }
    return st;
}

static enum fk_status receive(struct fk_http_get *g)
{
    const struct fk_transport *t = g->transport;
    struct fk_http_response *r = &g->response;
    enum fk_status st = FK_OK;
    while (st == FK_OK && r->stage != FK_HTTP_DONE) {
        uint32_t wait_ms = patience(g);
        size_t n = 0;
        st = wait_ms == 0 ? FK_E_TIMEOUT : t->recv(t->ctx, g->buf, sizeof g->buf, &n, wait_ms);
        g->by_transport = st != FK_OK;
        if (st == FK_OK && n == 0) {
            st = fk_http_response_end(r);
        } else if (st == FK_OK) {
            st = take(g, (struct fk_slice){g->buf, n});
        }
    }
    return st;
}

enum fk_status fk_http_get(struct fk_http_get *g, const struct fk_http_request *request,
                           uint32_t max, const struct fk_http_sink *sink)
{
    const struct fk_transport *t = g->transport;
    fk_http_response_init(&g->response, &request->range, max);
    g->sink = sink;
    g->body_began = false;
    g->by_transport = false;
    enum fk_status st = fk_http_request_check(request);
    if (st == FK_OK) {
        st = t->open(t->ctx, request->host, request->port, g->device->connect_timeout_ms);
        g->by_transport = st != FK_OK;
    }
    if (st == FK_OK) {
        g->began_ms = g->clock->now_ms(g->clock->ctx);
        st = ask(g, request);
    }
    if (st == FK_OK) {
        st = receive(g);
    }
    t->close(t->ctx);
    if (st == FK_OK && !g->body_began) {
        st = FK_E_INTERNAL; /* an answer is not complete before its header is */
    }
    return st;
}
