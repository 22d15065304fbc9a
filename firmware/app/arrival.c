/* SPDX-License-Identifier: Apache-2.0 */
#include "app/arrival.h"

#include "core/plan.h"
#include "wire/keyset.h"

#include <string.h>

/* What is told by its first bytes, each of them from..to. */
enum kind { ENVELOPE, KEY_SET, KINDS };

static const uint8_t starts[KINDS][FK_ARRIVAL_START][2] = {
    [ENVELOPE] =
        {
            {0xd8, 0xd8},               /* tag in one byte … */
            {FK_SUIT_TAG, FK_SUIT_TAG}, /* … 107 */
            {0xa2, 0xa5},               /* map of two to five elements */
            {FK_SUIT_AUTHENTICATION, FK_SUIT_AUTHENTICATION},
            {0x58, 0x59}, /* byte string of 24 to 65535 bytes */
        },
    [KEY_SET] = {{0x83, 0x83}, {0x6c, 0x6c}, {'f', 'f'}, {'o', 'o'}, {'t', 't'}},
};

/* Do the bytes that are there begin one? */
static bool may_be(const struct fk_arrival *a, enum kind kind)
{
    for (uint32_t i = 0; i < a->have; i++) {
        if (a->start[i] < starts[kind][i][0] || a->start[i] > starts[kind][i][1]) {
            return false;
        }
    }
    return true;
}

static uint32_t start_len(const struct fk_arrival *a)
{
    return fk_device_takes_bare(a->core->device) ? FK_ARRIVAL_START : 2;
}

static uint32_t bare_max(const struct fk_arrival *a)
{
    const struct fk_device *device = a->core->device;
    return device->st.size + fk_device_slot_size(device);
}

static enum fk_status begin_payload(struct fk_arrival *a, bool is_signed)
{
    struct fk_stage_id id = {.validator_len = a->response->validator_len,
                             .signed_payload = is_signed};
    memcpy(id.source, a->source, sizeof id.source);
    memcpy(id.validator, a->response->validator, sizeof id.validator);
    a->part = FK_ARRIVAL_AT_PAYLOAD;
    return fk_stage_begin(&a->stage, a->core, &id);
}

/* Bytes of the payload that the envelope announces and that are not there yet. */
static uint32_t missing(const struct fk_stage *s)
{
    return s->accepted.payload_len - s->header_len - s->payload_len;
}

/* The rest of what is in staging, by the server's word: then it is as long as what is missing. */
static enum fk_status begin_rest(struct fk_arrival *a)
{
    const struct fk_stage *s = &a->stage;
    a->is_signed = s->accepted.origin != FK_ORIGIN_BARE;
    a->part = FK_ARRIVAL_AT_PAYLOAD;
    if (a->is_signed) {
        return a->response->length == missing(s) ? FK_OK : FK_E_HTTP_CHANGED;
    }
    uint32_t room = bare_max(a) - s->header_len - s->payload_len; /* as fk_stage_resume() checked */
    return a->response->length <= room ? FK_OK : FK_E_HTTP_TOO_BIG;
}

static enum fk_status begin_detached(struct fk_arrival *a)
{
    const struct fk_http_response *r = a->response;
    a->is_signed = true;
    if (r->length_known && r->length != a->core->accepted.payload_len) {
        return FK_E_PAYLOAD_SIZE;
    }
    return begin_payload(a, true);
}

static enum fk_status on_begin(void *ctx, const struct fk_http_response *response)
{
    struct fk_arrival *a = ctx;
    if (response->status == 206) {
        return begin_rest(a);
    }
    if (a->detached) {
        return begin_detached(a);
    }
    a->part = FK_ARRIVAL_AT_START;
    a->is_signed = false;
    a->have = 0;
    return FK_OK;
}

static enum fk_status begin_bare(struct fk_arrival *a)
{
    enum fk_status st = begin_payload(a, false);
    if (st == FK_OK && a->response->length_known && a->response->length > bare_max(a)) {
        st = FK_E_HTTP_TOO_BIG;
    }
    return st == FK_OK ? fk_stage_write(&a->stage, a->start, a->have) : st;
}

/* Signed things are read into the memory for envelopes. */
static enum fk_status begin_signed(struct fk_arrival *a, enum fk_arrival_part part)
{
    const struct fk_trust *trust = a->core->trust;
    a->is_signed = true;
    if (!a->core->device->envelope.supported) {
        return FK_E_UNSUPPORTED;
    }
    if (trust == NULL || trust->envelope_cap < sizeof a->start) {
        return FK_E_KEYS;
    }
    memcpy(trust->envelope, a->start, a->have);
    a->part = part;
    a->need = a->have; /* so that the first look is at these */
    return FK_OK;
}

static enum fk_status begin_keys(struct fk_arrival *a)
{
    enum fk_status st = begin_signed(a, FK_ARRIVAL_AT_KEYS);
    if (st == FK_OK && a->box == NULL) {
        st = FK_E_UNSUPPORTED;
    }
    return st;
}

/* One byte: as much as it takes to tell. */
static enum fk_status take_start(struct fk_arrival *a, uint8_t byte)
{
    a->start[a->have++] = byte;
    bool envelope = may_be(a, ENVELOPE);
    if (!envelope && !may_be(a, KEY_SET)) {
        return begin_bare(a);
    }
    if (a->have < start_len(a)) {
        return FK_OK;
    }
    return envelope ? begin_signed(a, FK_ARRIVAL_AT_FRONT) : begin_keys(a);
}

static enum fk_status take_keys(struct fk_arrival *a, struct fk_slice in)
{
    const struct fk_trust *trust = a->core->trust;
    size_t cap =
        trust->envelope_cap < FK_KEYSET_FILE_MAX ? trust->envelope_cap : FK_KEYSET_FILE_MAX;
    if (in.len > cap - a->have) {
        return FK_E_LIMIT;
    }
    memcpy(trust->envelope + a->have, in.ptr, in.len);
    a->have += (uint32_t)in.len;
    return FK_OK;
}

/* The front is there: everything but the payload is judged now. */
static enum fk_status judge(struct fk_arrival *a, uint32_t total)
{
    const struct fk_http_response *r = a->response;
    const struct fk_slice head = {a->core->trust->envelope, a->have};
    if (r->length_known && r->length != total) {
        return r->length < total ? FK_E_TRUNCATED : FK_E_TRAILING;
    }
    enum fk_status st = fk_stage_accept(a->core, head, total, &a->plan, &a->report);
    if (st != FK_OK) {
        return st;
    }
    if (a->plan.integrated) {
        return begin_payload(a, true);
    }
    a->part = FK_ARRIVAL_AT_END;
    return FK_OK;
}

/* Never takes more than the front has: what follows is payload and has no place in this memory. */
static enum fk_status take_front(struct fk_arrival *a, struct fk_slice in, size_t *ret_taken)
{
    const struct fk_trust *trust = a->core->trust;
    size_t n = a->need - a->have < in.len ? a->need - a->have : in.len;
    memcpy(trust->envelope + a->have, in.ptr, n);
    a->have += (uint32_t)n;
    *ret_taken = n;
    if (a->have < a->need) {
        return FK_OK;
    }
    uint32_t total = 0;
    enum fk_status st =
        fk_suit_front((struct fk_slice){trust->envelope, a->have}, &a->need, &total);
    if (st == FK_OK && a->need == a->have) {
        return judge(a, total);
    }
    return st == FK_OK && a->need > trust->envelope_cap ? FK_E_SUIT_TOO_BIG : st;
}

static enum fk_status take_payload(struct fk_arrival *a, struct fk_slice in)
{
    if (!a->is_signed && a->response->received > bare_max(a)) {
        return FK_E_HTTP_TOO_BIG;
    }
    return fk_stage_write(&a->stage, in.ptr, in.len);
}

static enum fk_status on_body(void *ctx, struct fk_slice in)
{
    struct fk_arrival *a = ctx;
    enum fk_status st = FK_OK;
    while (st == FK_OK && in.len > 0) {
        size_t n = in.len;
        switch (a->part) {
        case FK_ARRIVAL_AT_START:
            n = 1;
            st = take_start(a, in.ptr[0]);
            break;
        case FK_ARRIVAL_AT_FRONT:
            st = take_front(a, in, &n);
            break;
        case FK_ARRIVAL_AT_KEYS:
            st = take_keys(a, in);
            break;
        case FK_ARRIVAL_AT_PAYLOAD:
            st = take_payload(a, in);
            break;
        case FK_ARRIVAL_AT_END:
            st = FK_E_TRAILING;
            break;
        }
        in.ptr += n;
        in.len -= n;
    }
    return st;
}

struct fk_http_sink fk_arrival_sink(struct fk_arrival *a)
{
    return (struct fk_http_sink){.ctx = a, .begin = on_begin, .body = on_body};
}

enum fk_status fk_arrival_finish(struct fk_arrival *a)
{
    switch (a->part) {
    case FK_ARRIVAL_AT_PAYLOAD:
        return fk_stage_finish(&a->stage);
    case FK_ARRIVAL_AT_KEYS:
        return fk_trust_replace(a->core, a->box,
                                (struct fk_slice){a->core->trust->envelope, a->have}, NULL);
    case FK_ARRIVAL_AT_END:
        return FK_OK;
    default:
        return FK_E_TRUNCATED;
    }
}
