/* SPDX-License-Identifier: Apache-2.0 */
/* The device core publishes to an MQTT broker, with mutual TLS from the certificate store of a
 * simulated device (fota-sim, filled over its console or by cert-bundle). */
#include "cli.h"
#include "crypto/crypto.h"
#include "fotakit_fw/certstore.h"
#include "fotakit_fw/devices.h"
#include "mqtts/mqtt.h"
#include "port/sim/sim_flash_file.h"
#include "port/sim/sim_random.h"
#include "port/sim/sim_tcp.h"
#include "tls/tls.h"

#include <stdio.h>
#include <time.h>

#define TOOL       "mqtts-publish"
#define POOL_BYTES (64u * 1024)

struct options {
    const char *profile, *flash, *host, *port, *id, *topic, *qos, *time;
};

/* What stays for as long as the connection does. */
struct device {
    struct fk_sim_flash file;
    struct fk_flash flash;
    struct fk_certstore store;
    struct fk_sim_tcp tcp;
    struct fk_transport lower;
    struct fk_clock clock;
    struct fk_wall_clock wall;
    struct fk_tls tls;
    struct fk_transport secure;
};

static enum fk_status number(const char *option, const char *text, uint64_t max, uint64_t *ret,
                             struct fk_error *err)
{
    enum fk_status st = fk_cli_u64(option, text, ret, err);
    if (st == FK_OK && *ret > max) {
        st = fk_fail(err, FK_E_USAGE, "--%s: expected at most %llu, found '%s'", option,
                     (unsigned long long)max, text);
    }
    return st;
}

/* The message, from standard input. */
static enum fk_status read_message(uint8_t *buf, size_t *ret_len, struct fk_error *err)
{
    *ret_len = fread(buf, 1, MQTT_PAYLOAD_MAX + 1, stdin);
    if (ferror(stdin)) {
        return fk_fail(err, FK_E_IO, "cannot read the message from standard input");
    }
    return *ret_len <= MQTT_PAYLOAD_MAX
               ? FK_OK
               : fk_fail(err, FK_E_LIMIT, "the message is longer than %u bytes", MQTT_PAYLOAD_MAX);
}

static enum fk_status start(struct device *d, const struct options *o, struct fk_error *err)
{
    static uint8_t pool[POOL_BYTES];
    const char *name = o->profile != NULL ? o->profile : "mps2-an386";
    const struct fk_device *table = fk_device_find(name);
    uint64_t now = (uint64_t)time(NULL);
    if (table == NULL) {
        return fk_fail(err, FK_E_UNSUPPORTED, "there is no simulated device '%s'", name);
    }
    enum fk_status st = o->time != NULL ? number("time", o->time, FK_TIME_MAX, &now, err) : FK_OK;
    if (st != FK_OK) {
        return st;
    }
    fk_tls_pool_init(pool, sizeof pool);
    fk_crypto_use_random(&fk_sim_random);
    st = fk_crypto_init();
    if (st != FK_OK) {
        return fk_fail(err, st, "starting the crypto library: %s", fk_status_text(st));
    }
    st = fk_sim_flash_open(&d->file, table, o->flash, true);
    if (st != FK_OK) {
        return fk_fail(err, st, "flash file '%s': %s", o->flash, fk_status_text(st));
    }
    d->flash = fk_sim_flash_table(&d->file);
    st = fk_certstore_open(&d->store, table, &d->flash, NULL);
    if (st == FK_OK) {
        st = fk_certstore_settle(&d->store);
    }
    if (st != FK_OK) {
        return fk_fail(err, st, "the certificate store of '%s': %s", o->flash, fk_status_text(st));
    }
    d->lower = fk_sim_tcp_transport(&d->tcp);
    d->clock = fk_sim_clock();
    fk_wall_clock_init(&d->wall, &d->clock);
    if (now > 0) { /* 0: a device that has not learnt the time */
        st = fk_wall_clock_set(&d->wall, now, FK_TIME_COMMAND);
    }
    const struct fk_tls_setup setup = {
        .lower = &d->lower,
        .clock = &d->clock,
        .wall = &d->wall,
        .store = &d->store,
        .set = FK_STORE_TLS,
        .policy = &table->tls,
    };
    if (st == FK_OK) {
        st = fk_tls_init(&d->tls, &setup);
    }
    d->secure = fk_tls_transport(&d->tls);
    return st == FK_OK ? FK_OK : fk_fail(err, st, "starting TLS: %s", fk_status_text(st));
}

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

static enum fk_status publish(struct device *d, const struct options *o, uint16_t port,
                              unsigned qos, struct fk_slice message, struct fk_error *err)
{
    struct mqtt m = {.transport = &d->secure, .clock = &d->clock};
    enum fk_status st = mqtt_connect(&m, o->host, port, o->id);
    if (st != FK_OK && m.refusal != 0) {
        return fk_fail(err, st, "the broker refuses the connection: %s", refusal_text(m.refusal));
    }
    if (st != FK_OK) {
        return fk_fail(err, st, "connecting to %s:%u: %s", o->host, port, fk_status_text(st));
    }
    const struct fk_tls_facts facts = fk_tls_facts(&d->tls);
    printf("connected %s, %s\n", facts.version, facts.suite);
    st = mqtt_publish(&m, o->topic, message, qos);
    if (st == FK_OK) {
        printf("%s %zu bytes to %s\n", qos == 0 ? "sent" : "confirmed", message.len, o->topic);
    } else {
        st = fk_fail(err, st, "publishing to '%s': %s", o->topic, fk_status_text(st));
    }
    mqtt_disconnect(&m);
    return st;
}

static enum fk_status run(const struct options *o, struct fk_error *err)
{
    static struct device d;
    static uint8_t message[MQTT_PAYLOAD_MAX + 1];
    size_t len = 0;
    uint64_t port = 0, qos = 0;
    if (o->flash == NULL || o->host == NULL || o->id == NULL || o->topic == NULL) {
        return fk_fail(err, FK_E_USAGE,
                       "--flash, --host, --id and --topic are needed (see mqtts-publish --help)");
    }
    d.file.fd = -1;
    d.tcp = (struct fk_sim_tcp)FK_SIM_TCP_INIT;
    enum fk_status st = number("port", o->port != NULL ? o->port : "8883", UINT16_MAX, &port, err);
    if (st == FK_OK) {
        st = number("qos", o->qos != NULL ? o->qos : "1", 1, &qos, err);
    }
    if (st == FK_OK) {
        st = read_message(message, &len, err);
    }
    if (st == FK_OK) {
        st = start(&d, o, err);
    }
    if (st == FK_OK) {
        st = publish(&d, o, (uint16_t)port, (unsigned)qos, (struct fk_slice){message, len}, err);
        fk_tls_release(&d.tls);
    }
    fk_sim_flash_close(&d.file);
    return st;
}

int main(int argc, char **argv)
{
    struct options o = {.profile = NULL};
    const struct fk_opt opts[] = {
        {'p', "profile", FK_OPT_TEXT, &o.profile, "PROFILE", "the simulated device (mps2-an386)"},
        {0, "flash", FK_OPT_TEXT, &o.flash, "FILE", "its flash, with credentials in the store"},
        {0, "host", FK_OPT_TEXT, &o.host, "NAME", "the broker, as its certificate names it"},
        {0, "port", FK_OPT_TEXT, &o.port, "N", "its port (8883)"},
        {0, "id", FK_OPT_TEXT, &o.id, "ID", "client identifier"},
        {0, "topic", FK_OPT_TEXT, &o.topic, "TOPIC", "where to publish"},
        {0, "qos", FK_OPT_TEXT, &o.qos, "N", "0, or 1: wait for the broker (1)"},
        {0, "time", FK_OPT_TEXT, &o.time, "SECONDS", "device clock since 1970, 0: unset (now)"},
    };
    const struct fk_cli cli = {
        .tool = TOOL,
        .usage = "mqtts-publish --flash FILE --host NAME --id ID --topic TOPIC [options] <MESSAGE",
        .about = "Publishes standard input over MQTT 3.1.1 with mutual TLS from the certificate "
                 "store of a\nsimulated device.",
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
