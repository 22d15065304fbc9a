/* SPDX-License-Identifier: Apache-2.0 */
#include "app/download.h"

#include "crypto/crypto.h"
#include "wire/http_request.h"

#include <string.h>

_Static_assert(FK_DOWNLOAD_BUF >= FK_HTTP_REQUEST_MAX, "requests are written to the buffer");

/* One call; what would otherwise be a dozen parameters. */
struct job {
    struct fk_download *d;
    struct fk_core *core;
    const struct fk_transport *transport;
    const struct fk_clock *clock;
    const struct fk_download_from *from;
    struct fk_download_report *report;
    uint64_t began_ms; /* of this connection */
    bool body_began;
};

static enum fk_status reopen(struct fk_core *core)
{
    const struct fk_trust *trust = core->trust;
    enum fk_status st = fk_core_open(core, core->device, core->flash, core->work, core->work_len);
    core->trust = trust;
    return st;
}

/* SHA-256 of "scheme://host:port/path". A user name is no part of it: the same file, whoever
 * fetches it. */
static enum fk_status source_id(const struct fk_download_from *from, uint8_t ret[FK_SHA256_SIZE])
{
    const uint8_t port[] = {':', (uint8_t)(from->port >> 8), (uint8_t)from->port};
    const struct fk_slice parts[] = {
        {(const uint8_t *)from->scheme, strlen(from->scheme)}, {(const uint8_t *)"://", 3},
        {(const uint8_t *)from->host, strlen(from->host)},     {port, sizeof port},
        {(const uint8_t *)from->path, strlen(from->path)},
    };
    struct fk_sha256 h;
    enum fk_status st = fk_sha256_begin(&h);
    if (st != FK_OK) {
        return st;
    }
    for (size_t i = 0; st == FK_OK && i < sizeof parts / sizeof parts[0]; i++) {
        st = fk_sha256_update(&h, parts[i].ptr, parts[i].len);
    }
    if (st != FK_OK) {
        fk_sha256_abort(&h);
        return st;
    }
    return fk_sha256_finish(&h, ret);
}

/* Milliseconds that may still be waited for the next byte; 0: the server is too slow. */
static uint32_t patience(const struct job *j)
{
    const struct fk_device *device = j->core->device;
    uint32_t idle = device->idle_timeout_ms;
    if (device->minimum_rate == 0) {
        return idle;
    }
    uint64_t elapsed = j->clock->now_ms(j->clock->ctx) - j->began_ms;
    uint64_t earned = (uint64_t)j->d->response.received * 1000 / device->minimum_rate;
    uint64_t allowed = idle + earned;
    if (elapsed >= allowed) {
        return 0;
    }
    return allowed - elapsed < idle ? (uint32_t)(allowed - elapsed) : idle;
}

static enum fk_status ask(struct job *j, const struct fk_http_range *range)
{
    const struct fk_http_request request = {
        .host = j->from->host,
        .port = j->from->port,
        .path = j->from->path,
        .user = j->from->user,
        .password = j->from->password,
        .range = *range,
    };
    size_t len = 0;
    enum fk_status st = fk_http_request_write(&request, j->d->buf, sizeof j->d->buf, &len);
    if (st == FK_OK) {
        st =
            j->transport->send(j->transport->ctx, j->d->buf, len, j->core->device->idle_timeout_ms);
    }
    fk_wipe(j->d->buf, sizeof j->d->buf); /* may hold a password */
    return st == FK_E_LIMIT ? FK_E_URL : st;
}

/* The header of the answer is sound: a range goes on, the whole file begins anew. */
static enum fk_status begin_body(struct job *j)
{
    struct fk_download *d = j->d;
    j->body_began = true;
    if (d->response.status == 206) {
        j->report->resumed = true;
        return FK_OK;
    }
    struct fk_stage_id id = {.validator_len = d->response.validator_len};
    memcpy(id.source, d->source, sizeof id.source);
    memcpy(id.validator, d->response.validator, sizeof id.validator);
    return fk_stage_begin(&d->stage, j->core, &id);
}

/* Deals with bytes that came. */
static enum fk_status take(struct job *j, struct fk_slice in)
{
    struct fk_http_response *r = &j->d->response;
    enum fk_status st = FK_OK;
    while (st == FK_OK && in.len > 0 && r->stage != FK_HTTP_DONE) {
        size_t used = 0;
        struct fk_slice body = {NULL, 0};
        st = fk_http_response_feed(r, in, &used, &body);
        if (st == FK_OK && r->stage != FK_HTTP_HEAD && !j->body_began) {
            st = begin_body(j);
        }
        if (st == FK_OK && body.len > 0) {
            st = fk_stage_write(&j->d->stage, body.ptr, body.len);
        }
        in.ptr += used;
        in.len -= used;
    }
    return st;
}

static enum fk_status receive(struct job *j)
{
    struct fk_http_response *r = &j->d->response;
    enum fk_status st = FK_OK;
    while (st == FK_OK && r->stage != FK_HTTP_DONE) {
        uint32_t wait_ms = patience(j);
        size_t n = 0;
        st = wait_ms == 0
                 ? FK_E_TIMEOUT
                 : j->transport->recv(j->transport->ctx, j->d->buf, sizeof j->d->buf, &n, wait_ms);
        if (st == FK_OK && n == 0) {
            st = fk_http_response_end(r);
        } else if (st == FK_OK) {
            st = take(j, (struct fk_slice){j->d->buf, n});
        }
    }
    return st;
}

/* One connection. */
static enum fk_status fetch(struct job *j, const struct fk_http_range *range)
{
    const struct fk_device *device = j->core->device;
    uint32_t max = device->st.size + fk_device_slot_size(device);
    fk_http_response_init(&j->d->response, range, max);
    j->report->asked_offset = range->offset;
    j->body_began = false;
    enum fk_status st = j->transport->open(j->transport->ctx, j->from->host, j->from->port,
                                           device->connect_timeout_ms);
    if (st == FK_OK) {
        j->began_ms = j->clock->now_ms(j->clock->ctx);
        st = ask(j, range);
    }
    if (st == FK_OK) {
        st = receive(j);
    }
    j->transport->close(j->transport->ctx);
    j->report->http_status = j->d->response.status;
    j->report->received = j->d->response.received;
    if (st == FK_OK && !j->body_began) {
        st = FK_E_INTERNAL; /* an answer is not complete before its header is */
    }
    return st == FK_OK ? fk_stage_finish(&j->d->stage) : st;
}

/* Goes on with a half download if there is one, and else, or if the server no longer has that
 * range, takes the whole file. */
static enum fk_status fetch_rest_or_all(struct job *j)
{
    struct fk_stage *stage = &j->d->stage;
    struct fk_http_range rest = {.offset = 0};
    enum fk_status st = fk_stage_resume(stage, j->core, j->d->source, &rest.offset);
    if (st == FK_OK) {
        rest.validator = (struct fk_slice){stage->id.validator, stage->id.validator_len};
        st = fetch(j, &rest);
        bool no_such_range = st == FK_E_HTTP_STATUS && j->report->http_status == 416;
        j->report->restarted = no_such_range || (j->body_began && !j->report->resumed);
        if (!no_such_range) {
            return st;
        }
    }
    static const struct fk_http_range all = {.offset = 0};
    return fetch(j, &all);
}

enum fate { INTERRUPTED, ANSWER, VERDICT };

static enum fate fate_of(enum fk_status st)
{
    switch (st) {
    case FK_E_HTTP_STATUS:
    case FK_E_HTTP_REDIRECT:
    case FK_E_HTTP_SYNTAX:
    case FK_E_HTTP_LIMIT:
    case FK_E_HTTP_ENCODING:
        return ANSWER;
    case FK_E_HTTP_CHANGED:
    case FK_E_HTTP_RANGE:
    case FK_E_HTTP_TOO_BIG:
    case FK_E_IMAGE_TOO_BIG:
    case FK_E_IMAGE_ALIGN:
    case FK_E_TRUNCATED:
    case FK_E_EMPTY:
    case FK_E_PLAIN_REFUSED:
    case FK_E_NO_KEY:
        return VERDICT;
    default:
        return INTERRUPTED;
    }
}

/* Leaves the state as download.h says. The failure of the download stays the one that is
 * reported, whatever happens here. */
static void settle_failure(struct job *j, enum fk_status why)
{
    enum fate fate = fate_of(why);
    if (reopen(j->core) != FK_OK) { /* RAM may be ahead of what got into flash */
        return;
    }
    const struct fk_state *s = &j->core->state;
    bool ours = s->phase == FK_PHASE_RECEIVING &&
                memcmp(s->update.source, j->d->source, sizeof s->update.source) == 0;
    bool none = s->phase == FK_PHASE_IDLE || s->phase == FK_PHASE_EMPTY;
    if ((fate != INTERRUPTED && none) || (fate == VERDICT && ours)) {
        j->report->recorded = fk_update_cancel(j->core, why) == FK_OK;
    }
}

enum fk_status fk_download(struct fk_download *d, struct fk_core *core,
                           const struct fk_transport *transport, const struct fk_clock *clock,
                           const struct fk_download_from *from,
                           struct fk_download_report *ret_report)
{
    struct job j = {
        .d = d,
        .core = core,
        .transport = transport,
        .clock = clock,
        .from = from,
        .report = ret_report,
    };
    static const struct fk_stage_id nobody;
    const struct fk_http_request request = {.host = from->host,
                                            .port = from->port,
                                            .path = from->path,
                                            .user = from->user,
                                            .password = from->password};
    *ret_report = (struct fk_download_report){0};
    enum fk_status st = fk_http_request_check(&request);
    if (st == FK_OK) {
        st = reopen(core);
    }
    if (st == FK_OK) {
        st = fk_stage_begin(&d->stage, core, &nobody); /* may anything be staged at all? */
    }
    if (st == FK_OK) {
        st = source_id(from, d->source);
    }
    if (st != FK_OK) {
        return st;
    }
    st = fetch_rest_or_all(&j);
    if (st != FK_OK) {
        settle_failure(&j, st);
    }
    return st;
}
