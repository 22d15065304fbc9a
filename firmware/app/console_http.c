/* SPDX-License-Identifier: Apache-2.0 */
#include "app/console_answer.h"
#include "app/console_handlers.h"
#include "app/http_get.h"

struct reply {
    struct fk_console *c;
    bool began;
};

static void print_status(struct fk_console *c, uint16_t status)
{
    uint8_t buf[FK_ANSWER_MAX];
    struct fk_writer w;
    fk_writer_init(&w, buf, sizeof buf);
    fk_write_text(&w, "AT-S.Http Server Status Code:");
    fk_write_decimal(&w, status);
    fk_answer_line(c, &w);
}

static enum fk_status on_begin(void *ctx, const struct fk_http_response *response)
{
    struct reply *r = ctx;
    r->began = true;
    print_status(r->c, response->status);
    return FK_OK;
}

static enum fk_status on_body(void *ctx, struct fk_slice bytes)
{
    const struct reply *r = ctx;
    fk_answer_bytes(r->c, bytes.ptr, bytes.len);
    return FK_OK;
}

static void fetch(struct fk_console *c, const struct fk_console_update *what, bool post)
{
    struct reply r = {.c = c};
    const struct fk_http_sink sink = {.ctx = &r, .begin = on_begin, .body = on_body};
    uint16_t status = 0;
    enum fk_status st = c->port->fetch(c->port->ctx, what, post, &sink, &status);
    if (r.began) {
        fk_answer_text(c, ""); /* the body need not end in one */
    } else if (st == FK_E_HTTP_STATUS || st == FK_E_HTTP_REDIRECT) {
        print_status(c, status); /* an answer is an answer; where it points to is not gone to */
        st = FK_OK;
    }
    fk_answer_conclude(c, st, 0);
}

/* <host>,<path>[,<port>[,<TLS>[,<usn>[,<pwd>[,<file down>[,<file up>]]]]]] */
static void on_http(struct fk_console *c, const struct fk_args *args, bool post)
{
    struct fk_console_update what = {0};
    if (!fk_args_count(c, args, 2, 8)) {
        return;
    }
    what.host = args->at[0];
    what.path = args->at[1];
    what.user = fk_args_text(args, 4);
    what.password = fk_args_text(args, 5);
    if (what.host[0] == '\0' || what.path[0] == '\0') {
        fk_answer_error(c, FK_CONSOLE_MISSING);
    } else if (!fk_args_tls(fk_args_text(args, 3), &what.tls) ||
               !fk_args_port(fk_args_text(args, 2), what.tls, &what.port)) {
        fk_answer_error(c, FK_CONSOLE_INVALID);
    } else if (fk_args_text(args, 6)[0] != '\0' || fk_args_text(args, 7)[0] != '\0') {
        fk_answer_failure(c, FK_E_UNSUPPORTED, FK_CONSOLE_FILE_OPEN); /* no such files here */
    } else {
        fetch(c, &what, post);
    }
}

void fk_on_httpget(struct fk_console *c, const struct fk_args *args)
{
    on_http(c, args, false);
}

void fk_on_httppost(struct fk_console *c, const struct fk_args *args)
{
    on_http(c, args, true);
}
