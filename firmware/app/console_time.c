/* SPDX-License-Identifier: Apache-2.0 */
#include "app/config.h"
#include "app/console_answer.h"
#include "app/console_handlers.h"
#include "wire/sntp.h"

#include <string.h>

static void write_two(struct fk_writer *w, uint8_t n)
{
    fk_write_u8(w, (uint8_t)('0' + n / 10));
    fk_write_u8(w, (uint8_t)('0' + n % 10));
}

/* "2026-11-21T12:43:47Z" (RFC 3339) */
static void write_date(struct fk_writer *w, const struct fk_date *d)
{
    fk_write_decimal(w, d->year);
    fk_write_text(w, "-");
    write_two(w, d->month);
    fk_write_text(w, "-");
    write_two(w, d->day);
    fk_write_text(w, "T");
    write_two(w, d->hour);
    fk_write_text(w, ":");
    write_two(w, d->minute);
    fk_write_text(w, ":");
    write_two(w, d->second);
    fk_write_text(w, "Z");
}

static enum fk_status print_time(struct fk_console *c)
{
    uint8_t buf[FK_ANSWER_MAX];
    struct fk_writer w;
    struct fk_date date;
    uint64_t now = 0;
    enum fk_status st = fk_wall_clock_now(c->port->wall, &now);
    if (st == FK_OK) {
        st = fk_date_from_unix(now, &date);
    }
    if (st != FK_OK) {
        return st;
    }
    fk_writer_init(&w, buf, sizeof buf);
    fk_write_text(&w, "AT-S.Time:");
    fk_write_decimal(&w, now);
    fk_answer_line(c, &w);
    fk_writer_init(&w, buf, sizeof buf);
    fk_write_text(&w, "AT-S.Date:");
    write_date(&w, &date);
    fk_answer_line(c, &w);
    return FK_OK;
}

/* [=<seconds since 1970, UTC>] */
void fk_on_time(struct fk_console *c, const struct fk_args *args)
{
    enum fk_status st = FK_OK;
    uint64_t seconds = 0;
    if (!fk_args_count(c, args, 0, 1)) {
        return;
    }
    if (args->n == 0) {
        st = print_time(c);
    } else if (!fk_args_number(args->at[0], UINT64_MAX, &seconds)) {
        fk_answer_error(c, FK_CONSOLE_INVALID);
        return;
    } else {
        st = fk_wall_clock_set(c->port->wall, seconds, FK_TIME_COMMAND);
    }
    if (st == FK_OK) {
        fk_answer_ok(c);
    } else {
        fk_answer_failure(c, st, FK_CONSOLE_TIME);
    }
}

/* host[:port]; an IPv6 address has more colons, and no port. */
static enum fk_status ask(struct fk_console *c, const char *server)
{
    char host[FK_VARIABLE_VALUE_MAX + 1];
    uint64_t port = FK_SNTP_PORT;
    const char *colon = strchr(server, ':');
    size_t len = strlen(server);
    if (colon != NULL && strchr(colon + 1, ':') == NULL) {
        if (!fk_args_number(colon + 1, UINT16_MAX, &port) || port == 0) {
            return FK_E_URL;
        }
        len = (size_t)(colon - server);
    }
    if (len == 0 || len >= sizeof host) {
        return FK_E_URL;
    }
    memcpy(host, server, len);
    host[len] = '\0';
    return c->port->ask_time(c->port->ctx, host, (uint16_t)port);
}

void fk_on_ntp(struct fk_console *c, const struct fk_args *args)
{
    int i = fk_config_find_use(c->port->config, FK_VARIABLE_TIME_SERVER);
    if (!fk_args_count(c, args, 0, 0)) {
        return;
    }
    enum fk_status st = i >= 0 ? ask(c, fk_config_value(c->port->config, i)) : FK_E_UNSUPPORTED;
    if (st == FK_OK) {
        fk_answer_ok(c);
    } else {
        fk_answer_failure(c, st, FK_CONSOLE_TIME);
    }
}
