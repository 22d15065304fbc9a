/* SPDX-License-Identifier: Apache-2.0 */
#include "app/console_data.h"

#include "app/console_answer.h"
#include "app/console_args.h"
#include "crypto/crypto.h"

#include <string.h>

static uint64_t now_ms(const struct fk_console *c)
{
    return c->port->clock->now_ms(c->port->clock->ctx);
}

static void answer_refusal(struct fk_console *c, enum fk_console_error error, enum fk_status reason)
{
    if (reason == FK_OK) {
        fk_answer_error(c, error);
    } else {
        fk_answer_failure(c, reason, error);
    }
}

static void begin(struct fk_console *c, uint32_t want)
{
    c->data.want = want;
    c->data.got = 0;
    c->data.last_ms = now_ms(c);
    c->mode = FK_CONSOLE_DATA;
}

static void end(struct fk_console *c)
{
    fk_wipe(c->core->work, FK_CONSOLE_DATA_MAX);
    fk_wipe(&c->data, sizeof c->data);
    c->mode = FK_CONSOLE_LINE;
}

void fk_console_refuse(struct fk_console *c, const char *length, enum fk_console_error error,
                       enum fk_status reason)
{
    uint64_t len = 0;
    if (!fk_args_number(length, FK_CONSOLE_SWALLOW_MAX, &len) || len == 0) {
        answer_refusal(c, error, reason);
        return;
    }
    c->data.refused = true;
    c->data.error = error;
    c->data.reason = reason;
    begin(c, (uint32_t)len);
}

void fk_console_expect(struct fk_console *c, const char *length, uint32_t max,
                       void (*done)(struct fk_console *c))
{
    uint64_t len = 0;
    if (!fk_args_number(length, UINT32_MAX, &len)) {
        fk_answer_error(c, length[0] == '\0' ? FK_CONSOLE_MISSING : FK_CONSOLE_INVALID);
    } else if (len == 0) {
        fk_answer_error(c, FK_CONSOLE_ZERO);
    } else if (len > max || len > c->core->device->console.data_max) {
        fk_console_refuse(c, length, FK_CONSOLE_TOO_LONG, FK_OK);
    } else {
        c->data.refused = false;
        c->data.done = done;
        begin(c, (uint32_t)len);
    }
}

static void finish(struct fk_console *c)
{
    if (c->data.refused) {
        answer_refusal(c, c->data.error, c->data.reason);
    } else {
        c->data.done(c);
    }
    end(c);
}

size_t fk_console_take_data(struct fk_console *c, const char *p, size_t len)
{
    struct fk_console_data *d = &c->data;
    size_t n = d->want - d->got;
    n = len < n ? len : n;
    if (!d->refused) {
        memcpy(c->core->work + d->got, p, n); /* want was checked against data_max */
    }
    d->got += (uint32_t)n;
    d->last_ms = now_ms(c);
    if (d->got == d->want) {
        finish(c);
    }
    return n;
}

uint32_t fk_console_data_wait_ms(const struct fk_console *c)
{
    uint64_t passed = now_ms(c) - c->data.last_ms;
    uint32_t limit = c->core->device->console.data_timeout_ms;
    return passed >= limit ? 0 : limit - (uint32_t)passed;
}

void fk_console_data_poll(struct fk_console *c)
{
    if (fk_console_data_wait_ms(c) == 0) {
        answer_refusal(c, FK_CONSOLE_REQUEST, FK_E_TIMEOUT);
        end(c);
    }
}
