/* SPDX-License-Identifier: Apache-2.0 */
#include "app/download.h"

#include "core/envelope.h"
#include "core/plan.h"
#include "crypto/crypto.h"
#include "wire/http_text.h"

#include <string.h>

enum { GCM_TAG_SIZE = 16 };

/* One call; what would otherwise be a dozen parameters. */
struct job {
    struct fk_download *d;
    struct fk_core *core;
    const struct fk_transport *transport;
    const struct fk_download_from *from;
    struct fk_download_report *report;
};

static enum fk_status reopen(struct fk_core *core)
{
    const struct fk_trust *trust = core->trust;
    enum fk_status st = fk_core_open(core, core->device, core->flash, core->work, core->work_len);
    core->trust = trust;
    return st;
}

static bool whole_tables(const struct fk_transport *t, const struct fk_clock *clock)
{
    return t->scheme != NULL && t->open != NULL && t->send != NULL && t->recv != NULL &&
           t->close != NULL && clock->now_ms != NULL;
}

/* SHA-256 of "scheme://host:port/path". A user name is no part of it: the same file, whoever
 * fetches it. */
static enum fk_status source_id(const char *scheme, const struct fk_http_request *file,
                                uint8_t ret[FK_SHA256_SIZE])
{
    const uint8_t port[] = {':', (uint8_t)(file->port >> 8), (uint8_t)file->port};
    const struct fk_slice parts[] = {
        {(const uint8_t *)scheme, strlen(scheme)},         {(const uint8_t *)"://", 3},
        {(const uint8_t *)file->host, strlen(file->host)}, {port, sizeof port},
        {(const uint8_t *)file->path, strlen(file->path)},
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

/* The largest file that may be of use: the exact limits depend on what it turns out to be. */
static uint32_t file_max(const struct fk_core *core)
{
    uint32_t max = core->device->st.size + fk_device_slot_size(core->device);
    return core->trust == NULL ? max : max + GCM_TAG_SIZE + (uint32_t)core->trust->envelope_cap;
}

/* One connection. */
static enum fk_status fetch(struct job *j, const struct fk_http_request *file)
{
    struct fk_download *d = j->d;
    const struct fk_http_sink sink = fk_arrival_sink(&d->arrival);
    j->report->asked_offset = file->range.offset;
    enum fk_status st = fk_http_get(&d->get, file, file_max(j->core), &sink);
    j->report->http_status = d->get.response.status;
    j->report->received = d->get.response.received;
    j->report->resumed = st == FK_OK || d->get.body_began ? d->get.response.status == 206 : false;
    j->report->is_signed = d->arrival.is_signed;
    return st == FK_OK ? fk_arrival_finish(&d->arrival) : st;
}

/* With a range, the rest of a half download; if the server no longer has that range, the whole. */
static enum fk_status fetch_rest_or_all(struct job *j, struct fk_http_request *file)
{
    bool half = file->range.offset > 0;
    enum fk_status st = fetch(j, file);
    bool no_such_range = half && st == FK_E_HTTP_STATUS && j->report->http_status == 416;
    j->report->restarted = no_such_range || (half && j->d->get.body_began && !j->report->resumed);
    if (no_such_range) {
        file->range = (struct fk_http_range){.offset = 0};
        st = fetch(j, file);
    }
    return st;
}

/* The half download goes on from the place that fk_stage_resume() gave, `front` bytes into the
 * file. */
static void ask_for_rest(struct job *j, uint32_t front, uint32_t offset,
                         struct fk_http_request *file)
{
    const struct fk_stage_id *id = &j->d->arrival.stage.id;
    file->range = (struct fk_http_range){.offset = front + offset,
                                         .validator = {id->validator, id->validator_len}};
}

/* The envelope whose integrated payload is half there, judged as if it came now. */
static bool reload_envelope(struct job *j, uint32_t *ret_front)
{
    struct fk_arrival *a = &j->d->arrival;
    const struct fk_trust *trust = j->core->trust;
    struct fk_stored_envelope stored;
    if (trust == NULL ||
        fk_envelope_load(j->core, j->core->state.update.origin, trust->envelope,
                         trust->envelope_cap, &stored) != FK_OK ||
        fk_stage_accept(j->core, stored.head, stored.total_len, &a->plan, &a->report) != FK_OK) {
        return false;
    }
    *ret_front = (uint32_t)stored.head.len;
    return a->plan.integrated;
}

/* If there is half of this file, only the rest of it is asked for. */
static void look_for_half(struct job *j, struct fk_http_request *file)
{
    struct fk_arrival *a = &j->d->arrival;
    const struct fk_state *s = &j->core->state;
    uint32_t front = 0;
    uint32_t offset = 0;
    if (s->phase != FK_PHASE_RECEIVING || memcmp(s->update.source, a->source, 32) != 0) {
        return;
    }
    bool is_bare = s->update.origin == FK_ORIGIN_BARE;
    bool usable = is_bare ? fk_device_takes_bare(j->core->device) : reload_envelope(j, &front);
    if (usable && fk_stage_resume(&a->stage, j->core, a->source, &offset) == FK_OK) {
        ask_for_rest(j, front, offset, file);
    }
}

/* Who has the right to know user and password: whom the console named. */
static bool same_server(const struct fk_download_from *from, const struct fk_http_place *place)
{
    const struct fk_slice host = {(const uint8_t *)place->host, strlen(place->host)};
    return place->port == from->port && fk_http_same_word(host, from->host);
}

/* The payload of the envelope that has just been accepted. */
static enum fk_status fetch_payload(struct job *j)
{
    struct fk_download *d = j->d;
    struct fk_arrival *a = &d->arrival;
    const struct fk_http_base base = {.scheme = j->transport->scheme,
                                      .host = j->from->host,
                                      .port = j->from->port,
                                      .path = j->from->path};
    uint32_t offset = 0;
    enum fk_status st = fk_http_resolve(&base, a->plan.manifest.uri, &d->payload);
    if (st != FK_OK) {
        return st;
    }
    bool trusted = same_server(j->from, &d->payload);
    struct fk_http_request file = {
        .host = d->payload.host,
        .port = d->payload.port,
        .path = d->payload.path,
        .user = trusted ? j->from->user : NULL,
        .password = trusted ? j->from->password : NULL,
    };
    a->detached = true;
    j->report->detached = true;
    st = source_id(j->transport->scheme, &file, a->source);
    if (st != FK_OK) {
        return st;
    }
    if (fk_stage_resume(&a->stage, j->core, a->source, &offset) == FK_OK) {
        ask_for_rest(j, 0, offset, &file);
    }
    return fetch_rest_or_all(j, &file);
}

enum fate { INTERRUPTED, ANSWER, VERDICT };

static enum fate fate_of(const struct fk_http_get *get, enum fk_status st)
{
    bool refused = fk_status_class(st) == FK_CLASS_REJECTED;
    if (get->by_transport) {
        return refused ? ANSWER : INTERRUPTED; /* TLS did not like whom it met */
    }
    switch (st) {
    case FK_E_HTTP_STATUS:
    case FK_E_HTTP_REDIRECT:
    case FK_E_HTTP_SYNTAX:
    case FK_E_HTTP_LIMIT:
    case FK_E_HTTP_ENCODING:
        return ANSWER;
    case FK_E_URL: /* our own words were not usable: nobody was asked */
        return INTERRUPTED;
    default:
        return refused ? VERDICT : INTERRUPTED;
    }
}

/* Leaves the state as download.h says. The failure of the download stays the one that is
 * reported, whatever happens here. */
static void settle_failure(struct job *j, enum fk_status why)
{
    enum fate fate = fate_of(&j->d->get, why);
    const struct fk_arrival *a = &j->d->arrival;
    if (reopen(j->core) != FK_OK) { /* RAM may be ahead of what got into flash */
        return;
    }
    const struct fk_state *s = &j->core->state;
    bool ours = s->phase == FK_PHASE_RECEIVING &&
                memcmp(s->update.source, a->source, sizeof a->source) == 0;
    bool none = s->phase == FK_PHASE_IDLE || s->phase == FK_PHASE_EMPTY;
    if ((fate != INTERRUPTED && none) || (fate == VERDICT && ours)) {
        j->report->recorded = fk_update_cancel(j->core, why) == FK_OK;
    } else if (fate == VERDICT && a->is_signed) {
        j->report->recorded = fk_update_note(j->core, why) == FK_OK;
    }
}

enum fk_status fk_download(struct fk_download *d, struct fk_core *core,
                           const struct fk_transport *transport, const struct fk_clock *clock,
                           const struct fk_download_from *from,
                           struct fk_download_report *ret_report)
{
    struct job j = {
        .d = d, .core = core, .transport = transport, .from = from, .report = ret_report};
    struct fk_http_request file = {.host = from->host,
                                   .port = from->port,
                                   .path = from->path,
                                   .user = from->user,
                                   .password = from->password};
    *ret_report = (struct fk_download_report){0};
    struct fk_trust_box *box = d->box;
    memset(d, 0, sizeof *d);
    d->box = box;
    d->arrival.box = box;
    d->get.device = core->device;
    d->get.transport = transport;
    d->get.clock = clock;
    d->arrival.core = core;
    d->arrival.response = &d->get.response;
    enum fk_status st = whole_tables(transport, clock) ? FK_OK : FK_E_INTERNAL;
    if (st == FK_OK) {
        st = fk_http_request_check(&file);
    }
    if (st == FK_OK) {
        st = reopen(core);
    }
    if (st == FK_OK) {
        st = fk_stage_possible(core);
    }
    if (st == FK_OK) {
        st = source_id(transport->scheme, &file, d->arrival.source);
    }
    if (st != FK_OK) {
        return st;
    }
    look_for_half(&j, &file);
    st = fetch_rest_or_all(&j, &file);
    if (st == FK_OK && d->arrival.part == FK_ARRIVAL_AT_END) {
        st = fetch_payload(&j);
    }
    ret_report->new_keys = st == FK_OK && d->arrival.part == FK_ARRIVAL_AT_KEYS;
    if (st != FK_OK) {
        settle_failure(&j, st);
    }
    return st;
}
