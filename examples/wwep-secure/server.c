/* SPDX-License-Identifier: Apache-2.0 */
/* A WWEP server: one client after the other, registers in RAM. */
#include "cli.h"
#include "port/sim/sim_net.h"
#include "support/device.h"
#include "wwep-secure/wwep.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

static const char tool[] = "wwep-server";

#define SECURE 0u /* listener */
#define PLAIN  1u
#define LINK   0u /* connection */

struct options {
    struct example_options device;
    const char *port;
    const char *plain_port;
    bool plain;
    bool mutual;
};

struct server {
    const struct options *o;
    struct example_device device;
    struct fk_sim_net sim;
    struct fk_net net;
    struct fk_transport link;
    struct wwep_registers registers;
};

/* A question, or as much as has come when the client stops. The time-out is for the whole of it: a
 * client that sends a byte now and then must not keep the others waiting. */
static enum fk_status receive(const struct server *s, const struct fk_transport *t,
                              uint8_t buf[WWEP_MAX], size_t *ret_len)
{
    const uint64_t until = s->device.clock.now_ms(s->device.clock.ctx) + WWEP_TIMEOUT_MS;
    size_t len = 0, n = 1;
    enum fk_status st = FK_OK;
    while (st == FK_OK && n > 0 && len < wwep_question_size((struct fk_slice){buf, len})) {
        const uint64_t now = s->device.clock.now_ms(s->device.clock.ctx);
        n = 0;
        st = now < until ? t->recv(t->ctx, buf + len, WWEP_MAX - len, &n, (uint32_t)(until - now))
                         : FK_E_TIMEOUT;
        len += n;
    }
    *ret_len = len;
    return st == FK_OK && len == 0 ? FK_E_EMPTY : st;
}

static enum fk_status answer(struct server *s, const struct fk_transport *t,
                             char line[WWEP_MAX + 1])
{
    uint8_t buf[WWEP_MAX];
    size_t len = 0;
    enum fk_status st = receive(s, t, buf, &len);
    if (st != FK_OK) {
        return st;
    }
    const struct wwep_message m = wwep_answer(&s->registers, (struct fk_slice){buf, len});
    st = wwep_format(&m, line, WWEP_MAX, &len);
    line[st == FK_OK ? len : 0] = '\0';
    return st == FK_OK ? t->send(t->ctx, line, len, WWEP_TIMEOUT_MS) : st;
}

static void serve(struct server *s, unsigned listener)
{
    struct fk_transport t = s->link;
    struct fk_peer peer = {.ip = "?"};
    char line[WWEP_MAX + 1] = "";
    if (s->net.accept(s->net.ctx, listener, LINK) != FK_OK) {
        return; /* it has gone again */
    }
    enum fk_status st = s->net.peer(s->net.ctx, LINK, &peer);
    if (st == FK_OK && listener == SECURE) {
        st = fk_tls_accept(&s->device.tls, WWEP_TIMEOUT_MS);
        t = fk_tls_transport(&s->device.tls);
    }
    if (st == FK_OK) {
        st = answer(s, &t, line);
    }
    t.close(t.ctx);
    s->link.close(s->link.ctx);
    printf("%s %u %s %s\n", peer.ip, (unsigned)peer.port, listener == SECURE ? "tls" : "plain",
           st == FK_OK ? line : fk_status_text(st));
    fflush(stdout);
}

static enum fk_status start_listening(struct server *s, unsigned listener, const char *option,
                                      uint16_t port, struct fk_error *err)
{
    enum fk_status st = s->net.listen(s->net.ctx, listener, port);
    if (st == FK_E_BUSY) {
        return fk_fail(err, FK_E_IO, "port %u is in use by another program; choose one with --%s",
                       (unsigned)port, option);
    }
    return fk_wrap(err, st, "port %u", (unsigned)port);
}

static enum fk_status start(struct server *s, struct fk_error *err)
{
    uint16_t secure = 0, plain = 0;
    struct fk_tls_setup setup;
    enum fk_status st = example_port("port", s->o->port, WWEP_SECURE_PORT, &secure, err);
    if (st == FK_OK) {
        st = example_port("plain-port", s->o->plain_port, WWEP_PORT, &plain, err);
    }
    if (st == FK_OK) {
        st = example_device_open(&s->device, &s->o->device, &setup, err);
    }
    if (st != FK_OK) {
        return st;
    }
    fk_sim_net_init(&s->sim);
    s->net = fk_sim_net_table(&s->sim);
    s->link = s->net.link(s->net.ctx, LINK, FK_LINK_STREAM);
    setup.lower = &s->link;
    setup.ask_client = s->o->mutual;
    st = example_device_tls(&s->device, &setup, err);
    if (st == FK_OK) {
        st = start_listening(s, SECURE, "port", secure, err);
    }
    if (st == FK_OK && s->o->plain) {
        st = start_listening(s, PLAIN, "plain-port", plain, err);
    }
    if (st == FK_OK) {
        printf("listening on port %u with TLS%s\n", (unsigned)secure,
               s->o->mutual ? ", for clients with a certificate" : "");
        if (s->o->plain) {
            printf("listening on port %u in the clear\n", (unsigned)plain);
        }
        fflush(stdout);
    }
    return st;
}

/* Until a signal ends the program; the store is only read, so nothing can be half done. */
static enum fk_status run(struct server *s, struct fk_error *err)
{
    struct pollfd fds[4];
    for (unsigned i = 0; i < 4; i++) { /* those that are -1 are left out by poll() */
        fds[i] = (struct pollfd){.fd = s->sim.listeners[i / 2][i % 2], .events = POLLIN};
    }
    for (;;) {
        if (poll(fds, 4, -1) < 0 && errno != EINTR) {
            return fk_fail(err, FK_E_IO, "cannot wait for clients: %s", strerror(errno));
        }
        for (unsigned i = 0; i < 4; i++) {
            if (fds[i].revents != 0) {
                serve(s, i / 2);
            }
        }
    }
}

int main(int argc, char **argv)
{
    struct options o = {.port = NULL};
    const struct fk_opt table[] = {
        {0, "flash", FK_OPT_TEXT, &o.device.flash, "FILE", "flash of the device"},
        {'p', "profile", FK_OPT_TEXT, &o.device.profile, "NAME", "the device's profile"},
        {0, "port", FK_OPT_TEXT, &o.port, "N", "port with TLS (default: 40508)"},
        {0, "mutual", FK_OPT_FLAG, &o.mutual, NULL, "clients must show a certificate"},
        {0, "plain", FK_OPT_FLAG, &o.plain, NULL, "listen without TLS, too"},
        {0, "plain-port", FK_OPT_TEXT, &o.plain_port, "N", "port for that (default: 27708)"},
        {0, "time", FK_OPT_TEXT, &o.device.time, "SECONDS", "the device's clock (default: now)"},
    };
    const struct fk_cli cli = {
        .tool = tool,
        .usage = "wwep-server --flash FILE [--mutual] [--plain]",
        .about = "Serves WWEP registers on the loopback addresses until it is stopped, and prints\n"
                 "a line for each client.",
        .opts = table,
        .n_opts = sizeof table / sizeof table[0],
    };
    int code = 0;
    struct fk_texts none;
    if (!fk_cli_parse(&cli, argc, argv, &none, &code)) {
        return code;
    }
    struct fk_error err = FK_ERROR_INIT;
    static struct server s;
    s = (struct server){.o = &o, .device = EXAMPLE_DEVICE_INIT};
    enum fk_status st = o.device.flash != NULL
                            ? start(&s, &err)
                            : fk_fail(&err, FK_E_USAGE, "expected --flash (see %s --help)", tool);
    if (st == FK_OK) {
        st = run(&s, &err);
    }
    if (s.net.ctx != NULL) {
        fk_sim_net_close(&s.sim);
    }
    example_device_close(&s.device);
    return fk_cli_done(tool, st, &err);
}
