/* SPDX-License-Identifier: Apache-2.0 */
#include "support/fakenet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fake_init(struct fakenet *net, const struct fake_script *scripts, size_t n_scripts)
{
    memset(net, 0, sizeof *net);
    net->scripts = scripts;
    net->n_scripts = n_scripts;
    net->now_ms = 1000000;
}

static const struct fake_script *script_of(const struct fakenet *net)
{
    return &net->scripts[net->opened - 1];
}

static void must(bool fact, const char *what)
{
    if (!fact) {
        fprintf(stderr, "fakenet: %s\n", what);
        abort();
    }
}

static enum fk_status fake_open(void *ctx, const char *host, uint16_t port, uint32_t timeout_ms)
{
    struct fakenet *net = ctx;
    must(!net->is_open, "a second connection at a time");
    must(net->opened < net->n_scripts, "a connection more than the test has scripts for");
    net->opened++;
    net->sent = 0;
    net->port = port;
    snprintf(net->host, sizeof net->host, "%s", host);
    enum fk_status st = script_of(net)->open;
    if (st == FK_E_TIMEOUT) {
        net->now_ms += timeout_ms;
    }
    net->is_open = st == FK_OK;
    return st;
}

/* An honest server, RFC 9110: a range that can be satisfied, if the file is still the same. */
static void answer_honestly(struct fakenet *net, const char *request)
{
    const struct fake_script *s = script_of(net);
    const char *range = strstr(request, "\r\nRange: bytes=");
    const char *condition = strstr(request, "\r\nIf-Range: ");
    size_t from = range != NULL ? strtoul(range + 15, NULL, 10) : 0;
    char etag[128] = "";
    bool same = false;
    if (s->etag != NULL) {
        snprintf(etag, sizeof etag, "ETag: %s\r\n", s->etag);
        same = condition != NULL && strncmp(condition + 12, s->etag, strlen(s->etag)) == 0 &&
               strncmp(condition + 12 + strlen(s->etag), "\r\n", 2) == 0;
    }
    net->answer_body = s->body;
    net->answer_body_len = s->body_len;
    if (range == NULL || s->no_ranges || !same) {
        snprintf(net->answer_head, sizeof net->answer_head,
                 "HTTP/1.1 200 OK\r\n%sContent-Length: %lu\r\n\r\n", etag,
                 (unsigned long)s->body_len);
    } else if (from >= s->body_len) {
        net->answer_body_len = 0;
        snprintf(net->answer_head, sizeof net->answer_head,
                 "HTTP/1.1 416 No\r\nContent-Range: bytes */%lu\r\n\r\n",
                 (unsigned long)s->body_len);
    } else {
        net->answer_body = s->body + from;
        net->answer_body_len = s->body_len - from;
        snprintf(net->answer_head, sizeof net->answer_head,
                 "HTTP/1.1 206 Part\r\n%sContent-Range: bytes %lu-%lu/%lu\r\n\r\n", etag,
                 (unsigned long)from, (unsigned long)s->body_len - 1, (unsigned long)s->body_len);
    }
}

static enum fk_status fake_send(void *ctx, const void *buf, size_t len, uint32_t timeout_ms)
{
    struct fakenet *net = ctx;
    (void)timeout_ms;
    must(net->is_open, "send without a connection");
    must(net->opened <= FAKE_REQUESTS_MAX, "too many requests");
    char *request = net->requests[net->opened - 1];
    size_t had = strlen(request); /* a body may come behind the head */
    must(len < sizeof net->requests[0] - had, "request too long");
    memcpy(request + had, buf, len);
    request[had + len] = '\0';
    const struct fake_script *s = script_of(net);
    if (s->head == NULL) {
        answer_honestly(net, request);
    } else {
        must(strlen(s->head) < sizeof net->answer_head, "head too long");
        snprintf(net->answer_head, sizeof net->answer_head, "%s", s->head);
        net->answer_body = s->body;
        net->answer_body_len = s->body_len;
    }
    return FK_OK;
}

static enum fk_status at_the_end(struct fakenet *net, size_t *ret_len, uint32_t timeout_ms)
{
    switch (script_of(net)->end) {
    case FAKE_STALLS:
        net->now_ms += timeout_ms;
        return FK_E_TIMEOUT;
    case FAKE_BREAKS:
        return FK_E_NETWORK;
    default:
        *ret_len = 0;
        return FK_OK;
    }
}

static uint8_t byte_at(const struct fakenet *net, size_t at)
{
    size_t head = strlen(net->answer_head);
    return at < head ? (uint8_t)net->answer_head[at]
                     : net->answer_body[(at - head) % net->answer_body_len];
}

static enum fk_status fake_recv(void *ctx, void *buf, size_t cap, size_t *ret_len,
                                uint32_t timeout_ms)
{
    struct fakenet *net = ctx;
    must(net->is_open, "recv without a connection");
    const struct fake_script *s = script_of(net);
    size_t all = strlen(net->answer_head) + net->answer_body_len;
    bool for_ever = s->end == FAKE_REPEATS && net->answer_body_len > 0;
    size_t limit = s->stop > 0 && s->stop < all ? s->stop : all;
    size_t left = for_ever ? SIZE_MAX : limit - net->sent;
    if (s->delay_ms > timeout_ms) {
        net->now_ms += timeout_ms;
        return FK_E_TIMEOUT;
    }
    net->now_ms += s->delay_ms;
    if (left == 0) {
        return at_the_end(net, ret_len, timeout_ms);
    }
    size_t n = s->piece > 0 && s->piece < cap ? s->piece : cap;
    n = n < left ? n : left;
    for (size_t i = 0; i < n; i++) {
        ((uint8_t *)buf)[i] = byte_at(net, net->sent + i);
    }
    net->sent += n;
    net->total_sent += n;
    *ret_len = n;
    return FK_OK;
}

static void fake_close(void *ctx)
{
    struct fakenet *net = ctx;
    net->is_open = false;
}

static uint64_t fake_now(void *ctx)
{
    struct fakenet *net = ctx;
    net->now_ms += net->opened > 0 ? script_of(net)->elsewhere_ms : 0;
    return net->now_ms;
}

struct fk_transport fake_transport(struct fakenet *net)
{
    return (struct fk_transport){.scheme = "http",
                                 .ctx = net,
                                 .open = fake_open,
                                 .send = fake_send,
                                 .recv = fake_recv,
                                 .close = fake_close};
}

struct fk_clock fake_clock(struct fakenet *net)
{
    return (struct fk_clock){.ctx = net, .now_ms = fake_now};
}
