/* SPDX-License-Identifier: Apache-2.0 */
#include "app/console_answer.h"
#include "app/console_handlers.h"
#include "app/console_sockets.h"

#include <string.h>

/* ---- words -------------------------------------------------------------- */

static const char *word_of(enum fk_link_kind kind, enum fk_socket_secure secure)
{
    static const char *const words[] = {
        [FK_SOCKET_PLAIN] = "t", [FK_SOCKET_TLS] = "s", [FK_SOCKET_TLS_MUTUAL] = "s"};
    return kind == FK_LINK_DATAGRAM ? "u" : words[secure];
}

static void write_id(struct fk_writer *w, struct fk_socket_id id)
{
    if (id.server != FK_NO_SERVER) {
        fk_write_decimal(w, id.server);
    }
    fk_write_text(w, ":");
    fk_write_decimal(w, id.client);
}

static void write_peer(struct fk_writer *w, const struct fk_peer *peer)
{
    fk_write_text(w, peer->ip);
    fk_write_text(w, ":");
    fk_write_decimal(w, peer->port);
}

/* Indications, in the words of the module:
 *   +WIND:55:Pending Data:<sid>:<cid>:<new bytes>:<unread bytes>   <sid> is empty for a client
 *   +WIND:58:Socket Closed:<cid>:<reason>                          0: it ended, or broke
 *   +WIND:61:Incoming Socket Client:<ip>:<port>:<sid>:<cid>
 *   +WIND:62:Socket Client Gone:<ip>:<port>:<sid>:<cid>:<reason>   a number of status.h: TLS failed
 */
static void on_event(void *ctx, enum fk_socket_event event, struct fk_socket_id id,
                     const struct fk_socket *socket, size_t n)
{
    struct fk_console *c = ctx;
    uint8_t buf[FK_ANSWER_MAX];
    struct fk_writer w;
    fk_writer_init(&w, buf, sizeof buf);
    switch (event) {
    case FK_SOCKET_CAME:
        fk_write_text(&w, "+WIND:55:Pending Data:");
        write_id(&w, id);
        fk_write_text(&w, ":");
        fk_write_decimal(&w, n);
        fk_write_text(&w, ":");
        fk_write_decimal(&w, socket->in_len);
        break;
    case FK_SOCKET_GONE:
        if (id.server == FK_NO_SERVER) {
            fk_write_text(&w, "+WIND:58:Socket Closed:");
            fk_write_decimal(&w, id.client);
        } else {
            fk_write_text(&w, "+WIND:62:Socket Client Gone:");
            write_peer(&w, &socket->peer);
            fk_write_text(&w, ":");
            write_id(&w, id);
        }
        fk_write_text(&w, ":");
        fk_write_decimal(&w, n);
        break;
    case FK_SOCKET_ACCEPTED:
        fk_write_text(&w, "+WIND:61:Incoming Socket Client:");
        write_peer(&w, &socket->peer);
        fk_write_text(&w, ":");
        write_id(&w, id);
        break;
    }
    fk_answer_line(c, &w);
}

void fk_console_sockets_poll(struct fk_console *c)
{
    fk_sockets_poll(c->port->sockets, on_event, c);
}

/* ---- arguments ---------------------------------------------------------- */

bool fk_socket_number_arg(struct fk_console *c, const char *text, uint64_t max, uint64_t *ret)
{
    bool good = fk_args_number(text, max, ret);
    if (!good) {
        fk_answer_error(c, FK_CONSOLE_INVALID);
    }
    return good;
}

/* Left to the module: nothing, 0, or the NULL of ST's drivers. */
static bool local_port_arg(struct fk_console *c, const char *text, uint16_t *ret)
{
    uint64_t port = 0;
    if (text[0] != '\0' && strcmp(text, "NULL") != 0 &&
        !fk_socket_number_arg(c, text, UINT16_MAX, &port)) {
        return false;
    }
    *ret = (uint16_t)port;
    return true;
}

/* 1 to 65535; otherwise answers. */
static bool port_arg(struct fk_console *c, const char *text, uint16_t *ret)
{
    uint64_t port = 0;
    if (text[0] == '\0') {
        fk_answer_error(c, FK_CONSOLE_MISSING);
        return false;
    }
    if (!fk_socket_number_arg(c, text, UINT16_MAX, &port)) {
        return false;
    }
    if (port == 0) {
        fk_answer_error(c, FK_CONSOLE_ZERO);
        return false;
    }
    *ret = (uint16_t)port;
    return true;
}

/* <id>, or <sid>,<cid> of a server's client. False: there is no such socket. */
static bool id_args(const struct fk_args *args, bool of_server, struct fk_socket_id *ret)
{
    uint64_t sid = FK_NO_SERVER, cid = 0;
    if (of_server && !fk_args_number(fk_args_text(args, 0), FK_NO_SERVER - 1, &sid)) {
        return false;
    }
    if (!fk_args_number(fk_args_text(args, of_server ? 1 : 0), UINT8_MAX, &cid)) {
        return false;
    }
    *ret = (struct fk_socket_id){(uint8_t)sid, (uint8_t)cid};
    return true;
}

struct fk_socket *fk_socket_arg(struct fk_console *c, const struct fk_args *args, bool of_server,
                                struct fk_socket_id *ret_id)
{
    return id_args(args, of_server, ret_id) ? fk_sockets_find(c->port->sockets, *ret_id) : NULL;
}

/* ---- opening ------------------------------------------------------------ */

static void conclude_open(struct fk_console *c, enum fk_status st, enum fk_console_error error)
{
    if (st == FK_E_LIMIT) {
        fk_answer_error(c, FK_CONSOLE_SOCKETS);
    } else if (st == FK_E_BUSY) {
        fk_answer_error(c, FK_CONSOLE_PORT_USED);
    } else {
        fk_answer_failure(c, st, error);
    }
}

static void print_on(struct fk_console *c, uint8_t client)
{
    const struct fk_socket_id id = {FK_NO_SERVER, client};
    const struct fk_socket *socket = fk_sockets_find(c->port->sockets, id);
    uint8_t buf[FK_ANSWER_MAX];
    struct fk_writer w;
    fk_writer_init(&w, buf, sizeof buf);
    fk_write_text(&w, "AT-S.On:");
    fk_write_text(&w, socket->peer.ip);
    fk_write_text(&w, ":");
    fk_write_decimal(&w, client);
    fk_answer_line(c, &w);
}

/* <host>,<port>[,<local port>[,<t|u|s|server domain>]]. s is TLS with the host as the name that the
 * certificate must have, and any longer word is TLS with that name: nothing of it may end up in the
 * clear. */
void fk_on_sockon(struct fk_console *c, const struct fk_args *args)
{
    struct fk_socket_want want = {.kind = FK_LINK_STREAM, .peer_name = ""};
    uint8_t client = 0;
    if (!fk_args_count(c, args, 2, 4)) {
        return;
    }
    want.host = args->at[0];
    const char *kind = fk_args_text(args, 3);
    if (want.host[0] == '\0') {
        fk_answer_error(c, FK_CONSOLE_MISSING);
        return;
    }
    if (!port_arg(c, args->at[1], &want.port) ||
        !local_port_arg(c, fk_args_text(args, 2), &want.local_port)) {
        return;
    }
    if (strcmp(kind, "u") == 0) {
        want.kind = FK_LINK_DATAGRAM;
    } else if (kind[0] != '\0' && strcmp(kind, "t") != 0) {
        want.secure = true;
        want.peer_name = strcmp(kind, "s") == 0 ? "" : kind;
    }
    if (want.secure && c->port->sockets->tls != NULL) {
        fk_answer_text(c, "AT-S.Loading:1:2");
    }
    enum fk_status st = fk_sockets_open(c->port->sockets, &want, &client);
    if (st != FK_OK) {
        conclude_open(c, st, FK_CONSOLE_OPEN);
        return;
    }
    print_on(c, client);
    fk_answer_ok(c);
}

static bool server_kind(const char *word, enum fk_link_kind *ret_kind,
                        enum fk_socket_secure *ret_secure)
{
    static const struct {
        const char *word;
        enum fk_link_kind kind;
        enum fk_socket_secure secure;
    } words[] = {
        {"", FK_LINK_STREAM, FK_SOCKET_PLAIN},        {"t", FK_LINK_STREAM, FK_SOCKET_PLAIN},
        {"u", FK_LINK_DATAGRAM, FK_SOCKET_PLAIN},     {"s1", FK_LINK_STREAM, FK_SOCKET_TLS},
        {"s2", FK_LINK_STREAM, FK_SOCKET_TLS_MUTUAL},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(word, words[i].word) == 0) {
            *ret_kind = words[i].kind;
            *ret_secure = words[i].secure;
            return true;
        }
    }
    return false;
}

/* <port>[,<t|u|s1|s2>] */
void fk_on_sockdon(struct fk_console *c, const struct fk_args *args)
{
    enum fk_socket_secure secure = FK_SOCKET_PLAIN;
    enum fk_link_kind kind = FK_LINK_STREAM;
    uint16_t port = 0;
    uint8_t server = 0;
    if (!fk_args_count(c, args, 1, 2) || !port_arg(c, args->at[0], &port)) {
        return;
    }
    if (!server_kind(fk_args_text(args, 1), &kind, &secure)) {
        fk_answer_error(c, FK_CONSOLE_INVALID);
        return;
    }
    enum fk_status st = fk_sockets_listen(c->port->sockets, port, kind, secure, &server);
    if (st != FK_OK) {
        conclude_open(c, st, FK_CONSOLE_OPEN);
        return;
    }
    fk_answer_numbers(c, "AT-S.On:", server, NULL);
    fk_answer_ok(c);
}

/* ---- closing and lists -------------------------------------------------- */

static void close_one(struct fk_console *c, const struct fk_args *args, bool of_server)
{
    struct fk_socket_id id;
    struct fk_socket *socket = fk_socket_arg(c, args, of_server, &id);
    if (socket == NULL) {
        fk_answer_error(c, FK_CONSOLE_SOCKET_ID);
    } else if (!fk_socket_close(c->port->sockets, socket)) {
        fk_answer_error(c, FK_CONSOLE_PENDING);
    } else {
        fk_answer_ok(c);
    }
}

/* <id> */
void fk_on_sockc(struct fk_console *c, const struct fk_args *args)
{
    if (fk_args_count(c, args, 1, 1)) {
        close_one(c, args, false);
    }
}

/* <sid>[,<cid>] */
void fk_on_sockdc(struct fk_console *c, const struct fk_args *args)
{
    uint64_t sid = 0;
    if (!fk_args_count(c, args, 1, 2)) {
        return;
    }
    if (args->n == 2 && args->at[1][0] != '\0') {
        close_one(c, args, true);
    } else if (!fk_args_number(args->at[0], FK_NO_SERVER - 1, &sid) ||
               fk_sockets_server(c->port->sockets, (uint8_t)sid) == NULL) {
        fk_answer_error(c, FK_CONSOLE_SOCKET_ID);
    } else if (!fk_sockets_unlisten(c->port->sockets, (uint8_t)sid)) {
        fk_answer_error(c, FK_CONSOLE_PENDING);
    } else {
        fk_answer_ok(c);
    }
}

/* "AT-S.List:<sid>:<cid>:<connected>:<kind>:<unread bytes>:<ip>:<port>" */
static void list_sockets(struct fk_console *c, uint8_t server, uint8_t n)
{
    for (uint8_t i = 0; i < n; i++) {
        const struct fk_socket_id id = {server, i};
        struct fk_socket *socket = fk_sockets_find(c->port->sockets, id);
        uint8_t buf[FK_ANSWER_MAX];
        struct fk_writer w;
        if (socket == NULL) {
            continue;
        }
        (void)fk_socket_fill(socket);
        fk_writer_init(&w, buf, sizeof buf);
        fk_write_text(&w, "AT-S.List:");
        write_id(&w, id);
        fk_write_text(&w, socket->state == FK_SOCKET_OPEN ? ":1:" : ":0:");
        fk_write_text(&w, word_of(socket->kind, socket->secure));
        fk_write_text(&w, ":");
        fk_write_decimal(&w, socket->in_len);
        fk_write_text(&w, ":");
        write_peer(&w, &socket->peer);
        fk_answer_line(c, &w);
    }
}

void fk_on_sockl(struct fk_console *c, const struct fk_args *args)
{
    if (fk_args_count(c, args, 0, 0)) {
        list_sockets(c, FK_NO_SERVER, c->core->device->console.sockets.clients);
        fk_answer_ok(c);
    }
}

/* Of a server first a line of ours, without <cid> and with its own port. */
static void list_server(struct fk_console *c, uint8_t server)
{
    uint8_t buf[FK_ANSWER_MAX];
    struct fk_writer w;
    const struct fk_server *s = fk_sockets_server(c->port->sockets, server);
    if (s == NULL) {
        return;
    }
    fk_writer_init(&w, buf, sizeof buf);
    fk_write_text(&w, "AT-S.List:");
    fk_write_decimal(&w, server);
    fk_write_text(&w, "::1:");
    fk_write_text(&w, word_of(s->kind, s->secure));
    fk_write_text(&w, ":0::");
    fk_write_decimal(&w, s->port);
    fk_answer_line(c, &w);
    list_sockets(c, server, c->core->device->console.sockets.server_clients);
}

/* [<sid>] */
void fk_on_sockdl(struct fk_console *c, const struct fk_args *args)
{
    uint64_t only = 0;
    if (!fk_args_count(c, args, 0, 1)) {
        return;
    }
    if (args->n == 1 && (!fk_args_number(args->at[0], FK_NO_SERVER - 1, &only) ||
                         fk_sockets_server(c->port->sockets, (uint8_t)only) == NULL)) {
        fk_answer_error(c, FK_CONSOLE_SOCKET_ID);
        return;
    }
    for (uint8_t i = 0; i < c->core->device->console.sockets.servers; i++) {
        if (args->n == 0 || i == only) {
            list_server(c, i);
        }
    }
    fk_answer_ok(c);
}
