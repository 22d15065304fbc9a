/* SPDX-License-Identifier: Apache-2.0 */
/* Asks a WWEP server to read or write one register. */
#include "cli.h"
#include "port/sim/sim_tcp.h"
#include "support/device.h"
#include "wwep-secure/wwep.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char tool[] = "wwep-client";

struct options {
    struct example_options device;
    const char *port;
    const char *name;
    bool plain;
    bool verbose;
    struct fk_texts operands; /* HOST DEVICE REGISTER [VALUE] */
};

/* Hexadecimal with up to `digits` digits, as the protocol has them. */
static enum fk_status parse_number(const char *what, const char *text, size_t digits, uint16_t *ret,
                                   struct fk_error *err)
{
    size_t len = strspn(text, "0123456789abcdefABCDEF");
    if (len == 0 || len > digits || text[len] != '\0') {
        return fk_fail(err, FK_E_USAGE, "%s: expected up to %zu hexadecimal digits, found '%s'",
                       what, digits, text);
    }
    *ret = (uint16_t)strtoul(text, NULL, 16);
    return FK_OK;
}

static enum fk_status make_question(const struct fk_texts *t, struct wwep_message *ret,
                                    struct fk_error *err)
{
    uint16_t reg = 0;
    *ret = (struct wwep_message){.kind = t->n > 3 ? WWEP_WRITE : WWEP_READ};
    enum fk_status st = parse_number("DEVICE", t->at[1], 4, &ret->device, err);
    if (st == FK_OK) {
        st = parse_number("REGISTER", t->at[2], 2, &reg, err);
    }
    if (st == FK_OK && t->n > 3) {
        st = parse_number("VALUE", t->at[3], 4, &ret->value, err);
    }
    ret->reg = (uint8_t)reg;
    return st;
}

/* An answer ends with the connection, so it is read to there: TLS tells an end from a cut. */
static enum fk_status receive(const struct fk_transport *t, struct wwep_message *ret)
{
    uint8_t buf[WWEP_MAX + 1]; /* one more than any message has */
    size_t len = 0, n = 1;
    enum fk_status st = FK_OK;
    while (st == FK_OK && n > 0 && len < sizeof buf) {
        n = 0;
        st = t->recv(t->ctx, buf + len, sizeof buf - len, &n, WWEP_TIMEOUT_MS);
        len += n;
    }
    return st == FK_OK ? wwep_parse((struct fk_slice){buf, len}, ret) : st;
}

static enum fk_status talk(const struct fk_transport *t, const struct wwep_message *question,
                           struct wwep_message *ret, struct fk_error *err)
{
    uint8_t buf[WWEP_MAX];
    size_t len = 0;
    enum fk_status st = wwep_format(question, buf, sizeof buf, &len);
    if (st == FK_OK) {
        st = t->send(t->ctx, buf, len, WWEP_TIMEOUT_MS);
    }
    if (st == FK_OK) {
        st = receive(t, ret);
    }
    if (st != FK_OK) {
        return fk_wrap(err, st, "the server's answer");
    }
    if (ret->kind == WWEP_FAIL) {
        const char *reason = ret->reason + (ret->reason[0] == ' ');
        return fk_fail(err, FK_E_ANSWER, "the server refuses: %s",
                       *reason != '\0' ? reason : "it gives no reason");
    }
    /* it must speak of the register that was meant, and of what was written */
    if (ret->kind != WWEP_ACCEPT || ret->device != question->device || ret->reg != question->reg ||
        (question->kind == WWEP_WRITE && ret->value != question->value)) {
        return fk_fail(err, FK_E_FORMAT, "the server answers another question than it was asked");
    }
    return FK_OK;
}

static enum fk_status ask(const struct options *o, struct example_device *d, struct fk_error *err)
{
    struct fk_sim_tcp tcp = FK_SIM_TCP_INIT;
    const struct fk_transport lower = fk_sim_tcp_transport(&tcp);
    struct fk_transport t = lower;
    struct fk_tls_setup setup;
    struct wwep_message question, answer;
    const char *host = o->operands.at[0];
    uint16_t port = 0;
    enum fk_status st = make_question(&o->operands, &question, err);
    if (st == FK_OK) {
        st = example_port("port", o->port, o->plain ? WWEP_PORT : WWEP_SECURE_PORT, &port, err);
    }
    if (st == FK_OK && !o->plain) {
        st = example_device_open(d, &o->device, &setup, err);
        if (st == FK_OK) {
            setup.lower = &lower;
            setup.peer_name = o->name;
            st = example_device_tls(d, &setup, err);
        }
        if (st == FK_OK) {
            t = fk_tls_transport(&d->tls);
        }
    }
    if (st != FK_OK) {
        return st;
    }
    st = fk_wrap(err, t.open(t.ctx, host, port, WWEP_TIMEOUT_MS), "%s port %u", host,
                 (unsigned)port);
    if (st == FK_OK) {
        if (o->verbose && !o->plain) {
            const struct fk_tls_facts facts = fk_tls_facts(&d->tls);
            fprintf(stderr, "%s: %s, %s\n", tool, facts.version, facts.suite);
        }
        st = talk(&t, &question, &answer, err);
    }
    t.close(t.ctx);
    if (st == FK_OK) {
        printf("%04X %02X %04X\n", (unsigned)answer.device, (unsigned)answer.reg,
               (unsigned)answer.value);
    }
    return st;
}

int main(int argc, char **argv)
{
    struct options o = {.port = NULL};
    const struct fk_opt table[] = {
        {0, "flash", FK_OPT_TEXT, &o.device.flash, "FILE", "flash of the device, for TLS"},
        {'p', "profile", FK_OPT_TEXT, &o.device.profile, "NAME", "the device's profile"},
        {0, "port", FK_OPT_TEXT, &o.port, "N", "port (default: 40508; with --plain 27708)"},
        {0, "name", FK_OPT_TEXT, &o.name, "NAME", "that the certificate must have (default: HOST)"},
        {0, "time", FK_OPT_TEXT, &o.device.time, "SECONDS", "the device's clock (default: now)"},
        {'v', "verbose", FK_OPT_FLAG, &o.verbose, NULL, "print TLS version and suite, too"},
        {0, "plain", FK_OPT_FLAG, &o.plain, NULL, "without TLS: anybody can read and change it"},
    };
    const struct fk_cli cli = {
        .tool = tool,
        .usage = "wwep-client --flash FILE HOST DEVICE REGISTER [VALUE]\n"
                 "wwep-client --plain HOST DEVICE REGISTER [VALUE]",
        .about =
            "Reads a register of a WWEP server, or writes VALUE to it. Numbers are hexadecimal.",
        .opts = table,
        .n_opts = sizeof table / sizeof table[0],
        .min_operands = 3,
        .max_operands = 4,
    };
    int code = 0;
    if (!fk_cli_parse(&cli, argc, argv, &o.operands, &code)) {
        return code;
    }
    struct fk_error err = FK_ERROR_INIT;
    struct example_device device = EXAMPLE_DEVICE_INIT;
    enum fk_status st =
        o.plain == (o.device.flash == NULL)
            ? ask(&o, &device, &err)
            : fk_fail(&err, FK_E_USAGE, "expected --flash or --plain, and not both (see %s --help)",
                      tool);
    example_device_close(&device);
    return fk_cli_done(tool, st, &err);
}
