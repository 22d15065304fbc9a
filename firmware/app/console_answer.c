/* SPDX-License-Identifier: Apache-2.0 */
#include "app/console_answer.h"

#include <string.h>

void fk_answer_bytes(struct fk_console *c, const void *p, size_t len)
{
    c->port->write(c->port->ctx, p, len);
}

void fk_answer_line(struct fk_console *c, const struct fk_writer *line)
{
    fk_answer_bytes(c, line->buf, line->len);
    fk_answer_bytes(c, "\r\n", 2);
}

void fk_answer_text(struct fk_console *c, const char *line)
{
    fk_answer_bytes(c, line, strlen(line));
    fk_answer_bytes(c, "\r\n", 2);
}

void fk_answer_numbers(struct fk_console *c, const char *word, uint64_t a, const uint64_t *b)
{
    uint8_t buf[FK_ANSWER_MAX];
    struct fk_writer w;
    fk_writer_init(&w, buf, sizeof buf);
    fk_write_text(&w, word);
    fk_write_decimal(&w, a);
    if (b != NULL) {
        fk_write_text(&w, ":");
        fk_write_decimal(&w, *b);
    }
    fk_answer_line(c, &w);
}

void fk_answer_ok(struct fk_console *c)
{
    fk_answer_text(c, "AT-S.OK");
}

void fk_answer_error(struct fk_console *c, enum fk_console_error error)
{
    const struct fk_console_code *codes = c->core->device->console.errors;
    const struct fk_console_code *code =
        codes[error].text != NULL ? &codes[error] : &codes[FK_CONSOLE_REQUEST];
    uint8_t buf[FK_ANSWER_MAX];
    struct fk_writer w;
    fk_writer_init(&w, buf, sizeof buf);
    fk_write_text(&w, "AT-S.ERROR:");
    fk_write_decimal(&w, code->code);
    fk_write_text(&w, ":");
    fk_write_text(&w, code->text);
    fk_answer_line(c, &w);
}

/* "AT-S.Reason:<number>:<text>", and the detail behind it unless it is 0: what the device's codes
 * cannot tell. */
static void answer_reason(struct fk_console *c, enum fk_status st, uint16_t detail)
{
    uint8_t buf[FK_ANSWER_MAX];
    struct fk_writer w;
    fk_writer_init(&w, buf, sizeof buf);
    fk_write_text(&w, "AT-S.Reason:");
    fk_write_decimal(&w, (uint64_t)st);
    fk_write_text(&w, ":");
    fk_write_text(&w, fk_status_text(st));
    if (detail != 0) {
        fk_write_text(&w, " (");
        fk_write_decimal(&w, detail);
        fk_write_text(&w, ")");
    }
    fk_answer_line(c, &w);
}

static enum fk_console_error error_of(enum fk_status st)
{
    switch (st) {
    case FK_E_URL:
        return FK_CONSOLE_INVALID;
    case FK_E_CONNECT:
    case FK_E_CLOCK: /* the module has one code for all that goes wrong with TLS */
    case FK_E_KEY_MISMATCH:
    case FK_E_TLS_UNTRUSTED:
    case FK_E_TLS_NAME:
    case FK_E_TLS_EXPIRED:
    case FK_E_TLS_NOT_YET:
    case FK_E_TLS_CERT:
    case FK_E_TLS_NO_CERT:
    case FK_E_TLS_AGREE:
    case FK_E_TLS_REFUSED:
    case FK_E_TLS_PROTOCOL:
    case FK_E_TLS_OWN:
        return FK_CONSOLE_OPEN;
    case FK_E_STORE_FULL:
    case FK_E_CHECKSUM:
    case FK_E_FLASH:
    case FK_E_FLASH_RULE:
        return FK_CONSOLE_FLASH;
    default:
        return FK_CONSOLE_REQUEST;
    }
}

void fk_answer_conclude(struct fk_console *c, enum fk_status st, uint16_t detail)
{
    if (st == FK_OK) {
        fk_answer_ok(c);
        return;
    }
    answer_reason(c, st, detail);
    fk_answer_error(c, error_of(st));
}

void fk_answer_failure(struct fk_console *c, enum fk_status st, enum fk_console_error error)
{
    answer_reason(c, st, 0);
    fk_answer_error(c, error);
}
