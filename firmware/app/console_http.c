/* SPDX-License-Identifier: Apache-2.0 */
#include "app/console_answer.h"
#include "app/console_handlers.h"
#include "app/ram_files.h"
#include "app/http_get.h"
#include "crypto/crypto.h"

#include <string.h>

struct reply {
    struct fk_console *c;
    bool began;
    bool to_file; /* the body is collected in core->work, which nothing uses meanwhile */
    size_t len;
};

static void print_status(struct fk_console *c, uint16_t status)
{
    fk_answer_numbers(c, "AT-S.Http Server Status Code:", status, NULL);
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
    struct reply *r = ctx;
    if (!r->to_file) {
        fk_answer_bytes(r->c, bytes.ptr, bytes.len);
        return FK_OK;
    }
    if (bytes.len > FK_CONSOLE_DATA_MAX - r->len) {
        return FK_E_LIMIT;
    }
    memcpy(r->c->core->work + r->len, bytes.ptr, bytes.len);
    r->len += bytes.len;
    return FK_OK;
}

/* down: the file that the answer goes to, whole or not at all; "": the console. */
static void fetch(struct fk_console *c, const struct fk_console_update *what,
                  const struct fk_slice *post, const char *down)
{
    struct reply r = {.c = c, .to_file = down[0] != '\0'};
    const struct fk_http_sink sink = {.ctx = &r, .begin = on_begin, .body = on_body};
    uint16_t status = 0;
    enum fk_status st = c->port->fetch(c->port->ctx, what, post, &sink, &status);
    if (r.began && r.to_file) {
        const struct fk_slice body = {c->core->work, r.len};
        st = st == FK_OK ? fk_ram_files_write(c->port->files, down, body, true) : st;
    } else if (r.began) {
        fk_answer_text(c, ""); /* the body need not end in one */
    } else if (st == FK_E_HTTP_STATUS || st == FK_E_HTTP_REDIRECT) {
        print_status(c, status); /* an answer is an answer; where it points to is not gone to */
        st = FK_OK;
    }
    fk_wipe(c->core->work, FK_CONSOLE_DATA_MAX);
    if (st == FK_E_LIMIT) {
        fk_answer_failure(c, st, FK_CONSOLE_WRITE);
    } else {
        fk_answer_conclude(c, st, 0);
    }
}

/* The files of a command. *ret_up NULL: none is sent. False: answered. Names of certificates and
 * keys are refused: a server does not write them, and they are not sent. */
static bool file_args(struct fk_console *c, const struct fk_args *args, bool post,
                      const struct fk_ram_file **ret_up)
{
    const char *down = fk_file_name_arg(args, 6);
    const char *up = fk_file_name_arg(args, 7);
    enum fk_status st = FK_OK;
    *ret_up = NULL;
    if (down[0] == '\0' && up[0] == '\0') {
        return true;
    }
    if (c->port->files == NULL || (up[0] != '\0' && !post)) {
        st = FK_E_UNSUPPORTED;
    } else if ((down[0] != '\0' && !fk_ram_file_name_ok(down)) ||
               (up[0] != '\0' && !fk_ram_file_name_ok(up))) {
        st = FK_E_FILE_NAME;
    } else if (up[0] != '\0') {
        *ret_up = fk_ram_files_find(c->port->files, up);
        st = *ret_up != NULL ? FK_OK : FK_E_NOT_FOUND;
    }
    if (st != FK_OK) {
        fk_answer_failure(c, st, FK_CONSOLE_FILE_OPEN);
    }
    return st == FK_OK;
}

/* <host>,<path>[,<port>[,<TLS>[,<usn>[,<pwd>[,<file down>[,<file up>]]]]]] */
static void on_http(struct fk_console *c, const struct fk_args *args, bool post)
{
    struct fk_console_update what = {0};
    const struct fk_ram_file *up = NULL;
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
    } else if (file_args(c, args, post, &up)) {
        const struct fk_slice body = {up != NULL ? up->bytes : NULL, up != NULL ? up->len : 0};
        fetch(c, &what, post ? &body : NULL, fk_file_name_arg(args, 6));
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
