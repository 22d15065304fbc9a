/* SPDX-License-Identifier: Apache-2.0 */
/* What goes through sockets: SOCKQ, SOCKR, SOCKW, and the same for a server's clients. */
#include "app/console_answer.h"
#include "app/console_data.h"
#include "app/console_handlers.h"
#include "app/console_sockets.h"

static void query(struct fk_console *c, const struct fk_args *args, bool of_server)
{
    struct fk_socket_id id;
    size_t n = of_server ? 2 : 1;
    if (!fk_args_count(c, args, n, n)) {
        return;
    }
    struct fk_socket *socket = fk_socket_arg(c, args, of_server, &id);
    if (socket == NULL) {
        fk_answer_error(c, FK_CONSOLE_SOCKET_ID);
        return;
    }
    (void)fk_socket_fill(socket);
    fk_answer_numbers(c, "AT-S.Query:", socket->in_len, NULL);
    fk_answer_ok(c);
}

/* The data itself, without a line end behind it, as on the module: the length says where it ends.
 */
static void read_out(struct fk_console *c, const struct fk_args *args, bool of_server)
{
    struct fk_socket_id id;
    uint64_t len = 0;
    size_t n = of_server ? 2 : 1;
    if (!fk_args_count(c, args, n, n + 1)) {
        return;
    }
    struct fk_socket *socket = fk_socket_arg(c, args, of_server, &id);
    const char *length = fk_args_text(args, n);
    if (socket == NULL) {
        fk_answer_error(c, FK_CONSOLE_SOCKET_ID);
        return;
    }
    if (length[0] != '\0' && !fk_socket_number_arg(c, length, UINT32_MAX, &len)) {
        return;
    }
    (void)fk_socket_fill(socket);
    uint64_t pending = socket->in_len;
    if (pending == 0 && socket->state == FK_SOCKET_ENDED) {
        fk_answer_error(c, FK_CONSOLE_CLOSED);
        return;
    }
    len = len == 0 || len > pending ? pending : len;
    fk_answer_numbers(c, "AT-S.Reading:", len, &pending);
    fk_answer_bytes(c, socket->in, (size_t)len);
    fk_socket_consume(socket, (size_t)len);
    fk_answer_ok(c);
}

static void write_data(struct fk_console *c)
{
    const struct fk_socket_id id = {c->data.about.a, c->data.about.b};
    struct fk_socket *socket = fk_sockets_find(c->port->sockets, id);
    if (socket == NULL || socket->state == FK_SOCKET_ENDED) {
        fk_answer_error(c, FK_CONSOLE_CLOSED);
        return;
    }
    enum fk_status st = fk_socket_send(c->port->sockets, socket, c->core->work, c->data.want);
    if (st == FK_OK) {
        fk_answer_ok(c);
    } else {
        fk_answer_failure(c, st, FK_CONSOLE_WRITE);
    }
}

static void write_in(struct fk_console *c, const struct fk_args *args, bool of_server)
{
    struct fk_socket_id id;
    size_t n = of_server ? 3 : 2;
    if (!fk_args_count(c, args, n, n)) {
        return;
    }
    const char *length = args->at[n - 1];
    if (fk_socket_arg(c, args, of_server, &id) == NULL) {
        fk_console_refuse(c, length, FK_CONSOLE_SOCKET_ID, FK_OK);
        return;
    }
    c->data.about.a = id.server;
    c->data.about.b = id.client;
    fk_console_expect(c, length, UINT32_MAX, write_data);
}

void fk_on_sockq(struct fk_console *c, const struct fk_args *args)
{
    query(c, args, false);
}

void fk_on_sockdq(struct fk_console *c, const struct fk_args *args)
{
    query(c, args, true);
}

void fk_on_sockr(struct fk_console *c, const struct fk_args *args)
{
    read_out(c, args, false);
}

void fk_on_sockdr(struct fk_console *c, const struct fk_args *args)
{
    read_out(c, args, true);
}

void fk_on_sockw(struct fk_console *c, const struct fk_args *args)
{
    write_in(c, args, false);
}

void fk_on_sockdw(struct fk_console *c, const struct fk_args *args)
{
    write_in(c, args, true);
}
