/* SPDX-License-Identifier: Apache-2.0 */
/* The device core publishes to an MQTT broker, with mutual TLS from the certificate store of a
 * simulated device (fota-sim, filled over its console or by cert-bundle). */
#include "cli.h"
#include "mqtts/mqtt.h"
#include "port/sim/sim_tcp.h"
#include "support/device.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TOOL           "mqtts-publish"
#define RETRY_FIRST_MS 250u /* doubled with each try */
#define RETRY_MAX_MS   8000u

struct options {
    struct example_options device;
    const char *host, *port, *id, *topic, *qos, *keep_alive, *retries;
    bool lines;
};

struct publisher {
    const struct options *o;
    uint16_t port;
    unsigned qos, retries;
    struct example_device device;
    struct fk_sim_tcp tcp;
    struct fk_transport lower, secure;
    struct mqtt mqtt;
    uint8_t input[MQTT_PAYLOAD_MAX + 2]; /* a line feed, and one byte too many */
    size_t n_input;
    bool ended;
};

/* Table of 3.2.2.3. */
static const char *refusal_text(uint8_t code)
{
    static const char *const texts[] = {"",
                                        "it does not speak MQTT 3.1.1",
                                        "it does not take this client identifier",
                                        "its service is not available",
                                        "bad user name or password",
                                        "this client is not authorised"};
    return texts[code];
}

/* ---- the connection ---- */

static enum fk_status dial(struct publisher *p, struct fk_error *err)
{
    enum fk_status st = mqtt_connect(&p->mqtt, p->o->host, p->port, p->o->id);
    if (st != FK_OK && p->mqtt.refusal != 0) {
        return fk_fail(err, st, "the broker refuses the connection: %s",
                       refusal_text(p->mqtt.refusal));
    }
    if (st != FK_OK) {
        return fk_fail(err, st, "connecting to %s:%u: %s", p->o->host, p->port, fk_status_text(st));
    }
    const struct fk_tls_facts facts = fk_tls_facts(&p->device.tls);
    printf("connected %s, %s%s\n", facts.version, facts.suite, facts.resumed ? ", resumed" : "");
    fflush(stdout);
    return FK_OK;
}

/* A network that comes and goes, as opposed to somebody who says no. */
static bool may_pass(enum fk_status st, uint8_t refusal)
{
    return (st == FK_E_NETWORK || st == FK_E_TIMEOUT || st == FK_E_CONNECT) && refusal == 0;
}

/* Behind a failure: connects anew, in longer and longer intervals so that a broker that starts
 * again is not overrun. */
static enum fk_status dial_again(struct publisher *p, enum fk_status st, struct fk_error *err)
{
    uint32_t wait_ms = RETRY_FIRST_MS;
    p->secure.close(p->secure.ctx);
    for (unsigned i = 0; i < p->retries && may_pass(st, p->mqtt.refusal); i++) {
        fk_cli_warn(TOOL, "%s; connecting again in %u ms", fk_status_text(st), (unsigned)wait_ms);
        (void)!poll(NULL, 0, (int)wait_ms);
        wait_ms = wait_ms < RETRY_MAX_MS / 2 ? wait_ms * 2 : RETRY_MAX_MS;
        st = dial(p, err);
    }
    return st;
}

/* A message that was not confirmed is sent again: it may arrive twice, but not never. */
static enum fk_status publish(struct publisher *p, struct fk_slice message, struct fk_error *err)
{
    enum fk_status st = mqtt_publish(&p->mqtt, p->o->topic, message, p->qos);
    for (unsigned i = 0; i < p->retries && p->o->lines && may_pass(st, 0); i++) {
        st = dial_again(p, st, err);
        if (st != FK_OK) {
            return st;
        }
        st = mqtt_publish(&p->mqtt, p->o->topic, message, p->qos);
    }
    if (st != FK_OK) {
        return fk_fail(err, st, "publishing to '%s': %s", p->o->topic, fk_status_text(st));
    }
    printf("%s %zu bytes to %s\n", p->qos == 0 ? "sent" : "confirmed", message.len, p->o->topic);
    fflush(stdout);
    return FK_OK;
}

/* ---- the messages ---- */

static enum fk_status read_input(struct publisher *p, struct fk_error *err)
{
    ssize_t n = read(STDIN_FILENO, p->input + p->n_input, sizeof p->input - p->n_input);
    if (n < 0) {
        return errno == EINTR ? FK_OK : fk_fail(err, FK_E_IO, "cannot read standard input");
    }
    p->n_input += (size_t)n;
    p->ended = n == 0;
    return FK_OK;
}

static enum fk_status too_long(struct fk_error *err)
{
    return fk_fail(err, FK_E_LIMIT, "the message is longer than %u bytes", MQTT_PAYLOAD_MAX);
}

/* Publishes the lines that are there, and at the end what is left without a line feed. */
static enum fk_status publish_lines(struct publisher *p, struct fk_error *err)
{
    enum fk_status st = FK_OK;
    size_t at = 0;
    while (st == FK_OK && at < p->n_input) {
        const uint8_t *line = p->input + at;
        const uint8_t *end = memchr(line, '\n', p->n_input - at);
        size_t len = end != NULL ? (size_t)(end - line) : p->n_input - at;
        if (len > MQTT_PAYLOAD_MAX) {
            return too_long(err);
        }
        if (end == NULL && !p->ended) {
            break;
        }
        st = publish(p, (struct fk_slice){line, len}, err);
        at += len + (end != NULL ? 1 : 0);
    }
    p->n_input -= at;
    memmove(p->input, p->input + at, p->n_input);
    return st;
}

/* Waits for input no longer than the broker may wait for us. */
static enum fk_status run_lines(struct publisher *p, struct fk_error *err)
{
    enum fk_status st = FK_OK;
    while (st == FK_OK && !p->ended) {
        struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
        uint32_t quiet_ms = mqtt_quiet_ms(&p->mqtt);
        int n = poll(&in, 1, quiet_ms > INT32_MAX ? -1 : (int)quiet_ms);
        if (n < 0 && errno != EINTR) {
            return fk_fail(err, FK_E_IO, "cannot wait for standard input: %s", strerror(errno));
        }
        if (n > 0) {
            st = read_input(p, err);
            st = st == FK_OK ? publish_lines(p, err) : st;
        }
        if (st == FK_OK && !p->ended) {
            st = mqtt_keep(&p->mqtt);
            st = st == FK_OK ? st : dial_again(p, st, err);
        }
    }
    return st;
}

/* All of standard input; read before there is a connection that would have to be kept. */
static enum fk_status read_message(struct publisher *p, struct fk_error *err)
{
    enum fk_status st = FK_OK;
    while (st == FK_OK && !p->ended && p->n_input <= MQTT_PAYLOAD_MAX) {
        st = read_input(p, err);
    }
    return st == FK_OK && p->n_input > MQTT_PAYLOAD_MAX ? too_long(err) : st;
}

/* ---- the program ---- */

static enum fk_status parse_numbers(struct publisher *p, struct fk_error *err)
{
    uint64_t qos = 0, keep_alive = 0, retries = 0;
    enum fk_status st = example_port("port", p->o->port, 8883, &p->port, err);
    if (st == FK_OK) {
        st = example_number("qos", p->o->qos, 1, 0, 1, &qos, err);
    }
    if (st == FK_OK) {
        st = example_number("keep-alive", p->o->keep_alive, 60, 0, UINT16_MAX, &keep_alive, err);
    }
    if (st == FK_OK) {
        st = example_number("retries", p->o->retries, 5, 0, 1000, &retries, err);
    }
    p->qos = (unsigned)qos;
    p->retries = (unsigned)retries;
    p->mqtt.keep_alive_s = (uint16_t)keep_alive;
    return st;
}

static enum fk_status start(struct publisher *p, struct fk_error *err)
{
    struct fk_tls_setup setup;
    enum fk_status st = example_device_open(&p->device, &p->o->device, &setup, err);
    if (st != FK_OK) {
        return st;
    }
    p->tcp = (struct fk_sim_tcp)FK_SIM_TCP_INIT;
    p->lower = fk_sim_tcp_transport(&p->tcp);
    setup.lower = &p->lower;
    setup.resume = true;
    st = example_device_tls(&p->device, &setup, err);
    p->secure = fk_tls_transport(&p->device.tls);
    p->mqtt.transport = &p->secure;
    p->mqtt.clock = &p->device.clock;
    return st;
}

static enum fk_status run(const struct options *o, struct fk_error *err)
{
    static struct publisher p;
    p = (struct publisher){.o = o, .device = EXAMPLE_DEVICE_INIT};
    if (o->device.flash == NULL || o->host == NULL || o->id == NULL || o->topic == NULL) {
        return fk_fail(err, FK_E_USAGE,
                       "--flash, --host, --id and --topic are needed (see %s --help)", TOOL);
    }
    enum fk_status st = parse_numbers(&p, err);
    if (st == FK_OK && !o->lines) {
        st = read_message(&p, err);
    }
    if (st == FK_OK) {
        st = start(&p, err);
    }
    if (st == FK_OK) {
        st = dial(&p, err);
        if (st == FK_OK) {
            st = o->lines ? run_lines(&p, err)
                          : publish(&p, (struct fk_slice){p.input, p.n_input}, err);
            mqtt_disconnect(&p.mqtt);
        }
    }
    example_device_close(&p.device);
    return st;
}

int main(int argc, char **argv)
{
    struct options o = {.host = NULL};
    const struct fk_opt opts[] = {
        {'p', "profile", FK_OPT_TEXT, &o.device.profile, "NAME", "the device's profile"},
        {0, "flash", FK_OPT_TEXT, &o.device.flash, "FILE",
         "its flash, with credentials in the store"},
        {0, "host", FK_OPT_TEXT, &o.host, "NAME", "the broker, as its certificate names it"},
        {0, "port", FK_OPT_TEXT, &o.port, "N", "its port (default: 8883)"},
        {0, "id", FK_OPT_TEXT, &o.id, "ID", "client identifier"},
        {0, "topic", FK_OPT_TEXT, &o.topic, "TOPIC", "where to publish"},
        {0, "qos", FK_OPT_TEXT, &o.qos, "N", "0, or 1: wait for the broker (default: 1)"},
        {'l', "lines", FK_OPT_FLAG, &o.lines, NULL, "each line is a message; stay connected"},
        {0, "keep-alive", FK_OPT_TEXT, &o.keep_alive, "SECONDS",
         "after which the broker must hear of us; 0: never (default: 60)"},
        {0, "retries", FK_OPT_TEXT, &o.retries, "N", "--lines: to connect again (default: 5)"},
        {0, "time", FK_OPT_TEXT, &o.device.time, "SECONDS",
         "the device's clock, since 1970; 0: unset (default: now)"},
    };
    const struct fk_cli cli = {
        .tool = TOOL,
        .usage = "mqtts-publish --flash FILE --host NAME --id ID --topic TOPIC [options] <MESSAGE",
        .about = "Publishes standard input over MQTT 3.1.1 with mutual TLS from the certificate\n"
                 "store of a simulated device.",
        .opts = opts,
        .n_opts = sizeof opts / sizeof opts[0],
    };
    struct fk_texts operands;
    struct fk_error err = FK_ERROR_INIT;
    int code = 0;
    if (!fk_cli_parse(&cli, argc, argv, &operands, &code)) {
        return code;
    }
    return fk_cli_done(TOOL, run(&o, &err), &err);
}
