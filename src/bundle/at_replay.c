/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/at_replay.h"

#include "bundle/at_wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    FILLER_STEP = 64,
    FILLER_SLACK = 4096, /* what a module may wait for from before our time */
    PROBES = 3,
};

static void tell(const struct wire *w, enum fk_at_event_kind kind, const char *text)
{
    if (w->how->event != NULL) {
        const struct fk_at_step *s = &w->script->steps[w->step];
        struct fk_at_event e = {.kind = kind,
                                .step = w->step,
                                .steps = w->script->n,
                                .title = s->title,
                                .total = s->data.len,
                                .text = text};
        w->how->event(w->how->ctx, &e);
    }
}

static enum fk_status send_text(struct wire *w, const char *text, struct fk_error *err)
{
    size_t len = strlen(text), sent = 0;
    int64_t deadline = wire_now_ms() + w->how->timeout_ms;
    enum fk_status st = wire_send(w, (const uint8_t *)text, len, deadline, false, &sent, err);
    if (st == FK_OK && sent < len) {
        st = fk_fail(err, FK_E_TIMEOUT, "the module takes no more bytes (flow control?)");
    }
    return st;
}

/* Listens until nothing has come for a while; a module may have a queue of answers. */
static enum fk_status quiet(struct wire *w, struct fk_error *err)
{
    enum fk_status st = FK_OK;
    unsigned before = 0;
    for (unsigned i = 0; st == FK_OK && i < 100; i++) {
        before = w->answers;
        st = wire_listen(w, wire_now_ms() + w->how->settle_ms, false, err);
        if (w->answers == before) {
            break;
        }
    }
    return st;
}

/* The probe is answered with one ok and nothing else. */
static enum fk_status probe(struct wire *w, bool *ret_good, struct fk_error *err)
{
    static const char *const ends[] = {[FK_AT_CR] = "\r", [FK_AT_LF] = "\n", [FK_AT_CRLF] = "\r\n"};
    char line[FK_AT_WORD_MAX + 3];
    snprintf(line, sizeof line, "%s%s", w->script->probe, ends[w->script->line_end]);
    wire_begin(w, (const uint8_t *)line, strlen(line), "");
    int64_t now = wire_now_ms();
    uint32_t wait = w->how->timeout_ms < 1000 ? w->how->timeout_ms : 1000;
    enum fk_status st = send_text(w, line, err);
    if (st == FK_OK) {
        st = wire_listen(w, now + wait, true, err);
    }
    if (st == FK_OK) {
        st = wire_listen(w, wire_now_ms() + w->how->settle_ms, false, err);
    }
    *ret_good = st == FK_OK && w->answers == 1 && w->answer == WIRE_OK;
    wire_begin(w, NULL, 0, "");
    return st;
}

/* Until the module answers the probe and nothing else. It may be waiting for data: then line ends
 * fill what is missing, of which those left over are empty commands. */
static enum fk_status bring_back(struct wire *w, size_t missing, struct fk_error *err)
{
    bool good = false;
    size_t filled = 0;
    uint8_t filler[FILLER_STEP];
    memset(filler, w->script->line_end == FK_AT_LF ? '\n' : '\r', sizeof filler);
    wire_begin(w, NULL, 0, "");
    /* What is still on its way belongs to the past. */
    enum fk_status st = quiet(w, err);
    for (unsigned i = 0; st == FK_OK && i < PROBES && !good; i++) {
        st = probe(w, &good, err);
        while (st == FK_OK && !good && filled < missing + FILLER_SLACK) {
            size_t sent = 0;
            int64_t deadline = wire_now_ms() + w->how->timeout_ms;
            wire_begin(w, NULL, 0, "");
            st = wire_send(w, filler, sizeof filler, deadline, false, &sent, err);
            filled += sent > 0 ? sent : sizeof filler;
            bool enough = filled >= missing && filled % 1024 < sizeof filler;
            if (st == FK_OK && (w->answers > 0 || enough)) {
                st = quiet(w, err);
                if (st == FK_OK) {
                    st = probe(w, &good, err);
                }
            }
        }
    }
    if (st == FK_OK && !good) {
        st = fk_fail(err, FK_E_TIMEOUT,
                     "the module does not answer '%s'; check power, wiring, baud "
                     "rate and that no other program has the port",
                     w->script->probe);
    }
    return st;
}

/* A module that starts again: it may or may not answer before, and sends events when it is up. */
static enum fk_status await_restart(struct wire *w, uint32_t timeout_ms, struct fk_error *err)
{
    bool good = false;
    int64_t deadline = wire_now_ms() + timeout_ms;
    enum fk_status st = FK_OK;
    while (st == FK_OK && !good && wire_now_ms() < deadline) {
        st = probe(w, &good, err);
    }
    return st != FK_OK || good
               ? st
               : fk_fail(err, FK_E_TIMEOUT, "no answer after the module started again");
}

static enum fk_status check_answer(struct wire *w, const struct fk_at_step *s, bool all_sent,
                                   struct fk_error *err)
{
    if (w->answer == WIRE_ERROR && s->may_fail && w->answers == 1) {
        return FK_OK;
    }
    if (w->answer == WIRE_ERROR) {
        return fk_fail(err, FK_E_ANSWER, "the module answered '%s'", w->error_line);
    }
    if (w->answer == WIRE_NONE) {
        return fk_fail(err, FK_E_TIMEOUT, "no answer");
    }
    if (!all_sent || w->answers > 1) {
        return fk_fail(err, FK_E_TIMEOUT,
                       all_sent ? "one answer too many: bytes were lost"
                                : "an answer before all data was sent: bytes "
                                  "were lost");
    }
    if (w->expect[0] != '\0' && !w->expect_seen) {
        return fk_fail(err, FK_E_ANSWER, "the module did not say '%s'", w->expect);
    }
    return FK_OK;
}

/* One step from its command to its answer. */
static enum fk_status run_step(struct wire *w, const struct fk_at_step *s, struct fk_error *err)
{
    const struct fk_at_replay *how = w->how;
    int64_t unix_now = how->now >= 0 ? how->now : (int64_t)time(NULL);
    struct fk_buffer line = {.ptr = NULL}, all = {.ptr = NULL};
    enum fk_status st = fk_at_step_line(w->script, s, unix_now, &line, err);
    if (st != FK_OK) {
        return st;
    }
    all.ptr = malloc(line.len + s->data.len);
    if (all.ptr == NULL) {
        st = fk_fail(err, FK_E_MEMORY, "out of memory");
        goto out;
    }
    all.len = line.len + s->data.len;
    memcpy(all.ptr, line.ptr, line.len);
    if (s->data.len > 0) {
        memcpy(all.ptr + line.len, s->data.ptr, s->data.len);
    }
    uint32_t timeout = s->timeout_ms != 0 ? s->timeout_ms : how->timeout_ms;
    /* Time for the answer begins when the last byte is out; a slow line may take long for them. */
    uint64_t send_ms = how->bytes_per_s == 0 ? 0 : (uint64_t)all.len * 1000 / how->bytes_per_s;
    int64_t deadline = wire_now_ms() + timeout + (int64_t)send_ms;
    size_t sent = 0;
    wire_begin(w, all.ptr, all.len, s->expect);
    st = wire_send(w, line.ptr, line.len, deadline, false, &sent, err);
    bool all_sent = sent == line.len;
    if (st == FK_OK && all_sent && s->data.len > 0) {
        /* A module that refuses the command does it now; then the data would be commands to it. */
        st = wire_listen(w, wire_now_ms() + how->settle_ms, true, err);
        sent = 0;
        if (st == FK_OK && w->answers == 0) {
            st = wire_send(w, s->data.ptr, s->data.len, deadline, true, &sent, err);
        }
        all_sent = sent == s->data.len;
    }
    if (st == FK_OK && all_sent) {
        int64_t until = wire_now_ms() + timeout;
        st = wire_listen(w, s->restarts ? wire_now_ms() + how->settle_ms : until, true, err);
        if (st == FK_OK && s->data.len > 0) {
            st = wire_listen(w, wire_now_ms() + how->settle_ms, false, err);
        }
    }
    if (st == FK_OK) {
        st = s->restarts ? await_restart(w, 4 * timeout, err) : check_answer(w, s, all_sent, err);
    }
out:
    wire_begin(w, NULL, 0, "");
    fk_buffer_release(&line);
    fk_buffer_release(&all);
    return st;
}

static enum fk_status run_all(struct wire *w, struct fk_error *err)
{
    for (w->step = 0; w->step < w->script->n; w->step++) {
        tell(w, FK_AT_STEP, NULL);
        enum fk_status st = run_step(w, &w->script->steps[w->step], err);
        if (st != FK_OK) {
            return st;
        }
        tell(w, FK_AT_DONE, NULL);
    }
    w->step = w->script->n - 1;
    return FK_OK;
}

/* see fotakit/at_replay.h */
enum fk_status fk_at_replay(const struct fk_at_script *script, const struct fk_at_link *link,
                            const struct fk_at_replay *how, size_t *ret_step, struct fk_error *err)
{
    struct wire w = {.script = script, .link = link, .how = how, .expect = ""};
    struct fk_error why = FK_ERROR_INIT, before = FK_ERROR_INIT;
    size_t step_before = SIZE_MAX;
    *ret_step = 0;
    enum fk_status st = bring_back(&w, 0, err);
    if (st != FK_OK) {
        return st;
    }
    for (unsigned restart = 0;; restart++) {
        st = run_all(&w, &why);
        *ret_step = w.step;
        if (st != FK_E_ANSWER && st != FK_E_TIMEOUT) {
            break; /* done, or the line broke */
        }
        bool meant = st == FK_E_ANSWER && step_before == w.step && strcmp(why.msg, before.msg) == 0;
        if (meant || restart == how->restarts) {
            break;
        }
        before = why;
        step_before = w.step;
        tell(&w, FK_AT_RESYNC, why.msg);
        struct fk_error lost = FK_ERROR_INIT;
        enum fk_status back = bring_back(&w, script->steps[w.step].data.len, &lost);
        if (back != FK_OK) {
            st = back;
            (void)fk_fail(&why, back, "%s; then %s", before.msg, lost.msg);
            break;
        }
        tell(&w, FK_AT_RESTART, NULL);
    }
    if (st == FK_OK) {
        return FK_OK;
    }
    return fk_fail(err, st, "step %zu of %zu (%s): %s", *ret_step + 1, script->n,
                   script->steps[*ret_step].title,
                   why.msg[0] != '\0' ? why.msg : fk_status_text(st));
}
