/* SPDX-License-Identifier: Apache-2.0 */
#include "app/console.h"

#include "app/console_answer.h"
#include "app/console_commands.h"
#include "app/console_data.h"
#include "app/console_handlers.h"
#include "app/sockets.h"
#include "crypto/crypto.h"
#include "wire/http_text.h"

#include <string.h>

#define KEY_DIGITS      32u
#define SOCKETS_POLL_MS 20u

enum fk_status fk_console_init(struct fk_console *c, struct fk_core *core,
                               const struct fk_console_port *port)
{
    const struct fk_console_words *words = &core->device->console;
    size_t shortest = strlen("AT+S.SCFG=,") + strlen(words->key_variable) + KEY_DIGITS;
    *c = (struct fk_console){.core = core, .port = port, .mode = FK_CONSOLE_LINE};
    if (port->write == NULL || port->update == NULL || port->clock == NULL) {
        return FK_E_INTERNAL;
    }
    return words->line_max > FK_CONSOLE_LINE_MAX || words->line_max < shortest ||
                   words->data_max > FK_CONSOLE_DATA_MAX || core->work_len < FK_CONSOLE_DATA_MAX
               ? FK_E_GEOMETRY
               : FK_OK;
}

/* A NUL would end a line for us where it does not for others, and no command has use for any
 * other control character. */
static bool is_clean(const char *line, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (fk_http_is_control(line[i])) {
            return false;
        }
    }
    return true;
}

static void end_line(struct fk_console *c)
{
    bool overlong = c->mode == FK_CONSOLE_OVERLONG;
    c->line[c->len] = '\0';
    c->mode = FK_CONSOLE_LINE;
    if (overlong) {
        fk_answer_error(c, FK_CONSOLE_TOO_LONG);
    } else if (!is_clean(c->line, c->len)) {
        fk_answer_error(c, FK_CONSOLE_INVALID);
    } else if (c->len > 0) {
        fk_console_execute(c, c->line);
    }
    fk_wipe(c->line, sizeof c->line);
    c->len = 0;
}

static void take_byte(struct fk_console *c, char b)
{
    bool after_cr = c->skip_lf;
    c->skip_lf = b == '\r';
    if (b == '\n' && after_cr) {
        return;
    }
    if (b == '\r' || b == '\n') {
        end_line(c);
        c->skip_lf = c->skip_lf && c->mode != FK_CONSOLE_DATA; /* data may begin with an LF */
    } else if (c->len < c->core->device->console.line_max) {
        c->line[c->len++] = b;
    } else {
        c->mode = FK_CONSOLE_OVERLONG;
    }
}

size_t fk_console_feed(struct fk_console *c, const void *p, size_t len)
{
    const char *at = p;
    size_t used = 0;
    fk_console_poll(c); /* what comes too late is no data */
    while (used < len && !c->reset) {
        if (c->mode == FK_CONSOLE_DATA) {
            used += fk_console_take_data(c, at + used, len - used);
        } else {
            take_byte(c, at[used++]);
        }
    }
    return used;
}

void fk_console_poll(struct fk_console *c)
{
    if (c->mode == FK_CONSOLE_DATA) {
        fk_console_data_poll(c);
    } else if (c->port->sockets != NULL && c->len == 0) {
        fk_console_sockets_poll(c); /* between commands, so that no indication splits one */
    }
}

uint32_t fk_console_wait_ms(const struct fk_console *c)
{
    if (c->mode == FK_CONSOLE_DATA) {
        return fk_console_data_wait_ms(c);
    }
    bool busy = c->port->sockets != NULL && fk_sockets_busy(c->port->sockets);
    return busy ? SOCKETS_POLL_MS : UINT32_MAX;
}
