/* SPDX-License-Identifier: Apache-2.0 */
#include "support/desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

void desk_write(void *ctx, const char *p, size_t len)
{
    struct desk *d = ctx;
    assert_true(len < sizeof d->out - d->out_len);
    memcpy(d->out + d->out_len, p, len);
    d->out_len += len;
    d->out[d->out_len] = '\0';
}

static uint64_t desk_now(void *ctx)
{
    return *(const uint64_t *)ctx;
}

static enum fk_status desk_update(void *ctx, const struct fk_console_update *what,
                                  uint16_t *ret_http_status)
{
    struct desk *d = ctx;
    d->updates++;
    snprintf(d->asked, sizeof d->asked, "%s%s %u %s [%s] [%s]", what->tls ? "tls " : "", what->host,
             (unsigned)what->port, what->path, what->user, what->password);
    *ret_http_status = d->http_status;
    return d->answer;
}

void desk_begin(struct desk *d)
{
    memset(d, 0, sizeof *d);
    rig_begin(&d->rig);
    for (unsigned i = 0; i < FK_CONSOLE_ERRORS; i++) {
        d->rig.device.console.errors[i] =
            (struct fk_console_code){.code = (uint16_t)(100 + i), .text = "words"};
    }
    d->device_clock = (struct fk_clock){.ctx = &d->now_ms, .now_ms = desk_now};
    fk_wall_clock_init(&d->wall, &d->device_clock);
    d->port = (struct fk_console_port){.ctx = d,
                                       .write = desk_write,
                                       .update = desk_update,
                                       .clock = &d->device_clock,
                                       .wall = &d->wall};
    assert_int_equal(fk_console_init(&d->console, &d->rig.core, &d->port), FK_OK);
}

void desk_end(struct desk *d)
{
    rig_release(&d->rig);
}

const char *desk_answer(struct desk *d, const char *p, size_t len, size_t piece)
{
    d->out_len = 0;
    d->out[0] = '\0';
    for (size_t at = 0; at < len; at += piece) {
        size_t n = len - at < piece ? len - at : piece;
        assert_int_equal(fk_console_feed(&d->console, p + at, n), n);
    }
    return d->out;
}

const char *desk_say(struct desk *d, const char *line)
{
    return desk_answer(d, line, strlen(line), strlen(line) > 0 ? strlen(line) : 1);
}

const char *desk_poll(struct desk *d)
{
    d->out_len = 0;
    d->out[0] = '\0';
    fk_console_poll(&d->console);
    return d->out;
}
