/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE /* explicit_bzero */
#include "bundle/at_wire.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int64_t wire_now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void wire_begin(struct wire *w, const uint8_t *echo, size_t echo_len, const char *expect)
{
    explicit_bzero(w->line, sizeof w->line);
    w->line_len = 0;
    w->answer = WIRE_NONE;
    w->answers = 0;
    w->error_line[0] = '\0';
    w->expect = expect;
    w->expect_seen = false;
    w->echo = echo;
    w->echo_len = echo_len;
    w->echo_at = 0;
    w->echo_sure = 0;
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* Only what has the looks of an answer or of an event is passed on: with bytes lost, what is left
 * of an echo is not recognised, and it may be a piece of a key or a password. */
static void tell_line(const struct wire *w, const char *text)
{
    bool has_data = w->script->steps[w->step].data.ptr != NULL;
    bool answer = strncmp(text, w->script->ok, 3) == 0 || begins(text, w->script->error) ||
                  (text[0] == '+' && !has_data);
    if (answer && w->how->event != NULL) {
        struct fk_at_event e = {.kind = FK_AT_LINE,
                                .step = w->step,
                                .steps = w->script->n,
                                .title = w->script->steps[w->step].title,
                                .text = text};
        w->how->event(w->how->ctx, &e);
    }
}

static void end_line(struct wire *w)
{
    w->line[w->line_len] = '\0';
    const char *text = w->line + strspn(w->line, " \t");
    enum wire_answer a = begins(text, w->script->ok)      ? WIRE_OK
                         : begins(text, w->script->error) ? WIRE_ERROR
                                                          : WIRE_NONE;
    if (w->expect[0] != '\0' && begins(text, w->expect)) {
        w->expect_seen = true;
    }
    if (a != WIRE_NONE) {
        w->answers++;
        w->answer = w->answers == 1 ? a : w->answer;
    }
    if (a == WIRE_ERROR && w->error_line[0] == '\0') {
        memcpy(w->error_line, text, strlen(text) + 1);
    }
    tell_line(w, text);
    explicit_bzero(w->line, sizeof w->line);
    w->line_len = 0;
}

static void take_byte(struct wire *w, uint8_t c)
{
    if (c == '\r' || c == '\n') {
        end_line(w);
    } else if (w->line_len < WIRE_LINE_MAX) {
        w->line[w->line_len++] = c < 0x20 || c >= 0x7f ? '?' : (char)c;
    }
}

/* A module with its echo on says first what it was told, secrets included; that is taken off, so
 * that it is neither shown nor read as lines. An echo begins at the start of a line. Its first
 * bytes may be those of an answer ("AT"), so matching bytes are only held until there are enough of
 * them or the command line is complete; at a byte that does not match they were a line after all.
 */
static void feed(struct wire *w, const uint8_t *p, size_t n)
{
    enum { ENOUGH = 8 };
    for (size_t i = 0; i < n; i++) {
        bool may_begin = w->echo_at > w->echo_sure || w->line_len == 0;
        if (may_begin && w->echo_at < w->echo_len && p[i] == w->echo[w->echo_at]) {
            w->echo_at++;
            if (w->echo_at - w->echo_sure >= ENOUGH || w->echo_at == w->echo_len || p[i] == '\r' ||
                p[i] == '\n') {
                w->echo_sure = w->echo_at;
            }
            continue;
        }
        for (size_t k = w->echo_sure; k < w->echo_at; k++) {
            take_byte(w, w->echo[k]);
        }
        w->echo_at = w->echo_sure;
        take_byte(w, p[i]);
    }
}

/* One turn: waits for at most until_ms, reads what there is. *ret_writable when asked for. */
static enum fk_status turn(struct wire *w, int64_t until, bool want_write, bool *ret_writable,
                           struct fk_error *err)
{
    int64_t wait = until - wire_now_ms();
    struct pollfd fds[2] = {{.fd = w->link->in, .events = POLLIN},
                            {.fd = want_write ? w->link->out : -1, .events = POLLOUT}};
    int n = poll(fds, 2, wait <= 0 ? 0 : wait > 60000 ? 60000 : (int)wait);
    if (n < 0 && errno != EINTR) {
        return fk_fail(err, FK_E_IO, "cannot wait for the module: %s", strerror(errno));
    }
    if (n <= 0) {
        return FK_OK;
    }
    if ((fds[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
        uint8_t buf[1024];
        ssize_t got = read(w->link->in, buf, sizeof buf);
        if (got > 0) {
            feed(w, buf, (size_t)got);
            explicit_bzero(buf, (size_t)got);
        } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
            return fk_fail(err, FK_E_NETWORK, "the line to the module ended%s%s",
                           got == 0 ? "" : ": ", got == 0 ? "" : strerror(errno));
        }
    }
    if (ret_writable != NULL) {
        *ret_writable = (fds[1].revents & (POLLOUT | POLLERR | POLLHUP)) != 0;
    }
    return FK_OK;
}

static void tell_sent(const struct wire *w, size_t sent, size_t total)
{
    if (w->how->event != NULL) {
        struct fk_at_event e = {.kind = FK_AT_SENT,
                                .step = w->step,
                                .steps = w->script->n,
                                .title = w->script->steps[w->step].title,
                                .sent = sent,
                                .total = total};
        w->how->event(w->how->ctx, &e);
    }
}

/* How many bytes may be out by now, at the pace that was asked for; *ret_wait until one more. */
static size_t allowance(const struct wire *w, int64_t start, size_t len, int64_t *ret_until)
{
    uint32_t rate = w->how->bytes_per_s;
    if (rate == 0) {
        return len;
    }
    int64_t now = wire_now_ms();
    uint64_t may = 1 + (uint64_t)(now - start) * rate / 1000;
    *ret_until = start + (int64_t)((may * 1000 + rate - 1) / rate);
    return may < len ? (size_t)may : len;
}

enum fk_status wire_send(struct wire *w, const uint8_t *p, size_t len, int64_t deadline,
                         bool stop_at_answer, size_t *ret_sent, struct fk_error *err)
{
    int64_t start = wire_now_ms();
    size_t sent = 0;
    enum fk_status st = FK_OK;
    while (st == FK_OK && sent < len && !(stop_at_answer && w->answers > 0)) {
        int64_t until = deadline;
        size_t may = allowance(w, start, len, &until);
        bool writable = false;
        if (wire_now_ms() >= deadline) {
            break;
        }
        st = turn(w, until < deadline ? until : deadline, sent < may, &writable, err);
        if (st != FK_OK || !writable || (stop_at_answer && w->answers > 0)) {
            continue;
        }
        size_t n = may - sent < 256 ? may - sent : 256; /* often enough to hear an early answer */
        ssize_t put = write(w->link->out, p + sent, n);
        if (put > 0) {
            sent += (size_t)put;
            tell_sent(w, sent, len);
        } else if (put < 0 && errno != EAGAIN && errno != EINTR) {
            st = fk_fail(err, FK_E_NETWORK, "cannot write to the module: %s", strerror(errno));
        }
    }
    *ret_sent = sent;
    return st;
}

enum fk_status wire_listen(struct wire *w, int64_t deadline, bool stop_at_answer,
                           struct fk_error *err)
{
    enum fk_status st = FK_OK;
    while (st == FK_OK && !(stop_at_answer && w->answers > 0) && wire_now_ms() < deadline) {
        st = turn(w, deadline, false, NULL, err);
    }
    return st;
}
