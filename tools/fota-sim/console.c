/* SPDX-License-Identifier: Apache-2.0 */
#include "fota-sim/sim.h"

#include "app/application.h"
#include "app/sockets_tls.h"
#include "crypto/crypto.h"
#include "port/sim/sim_net.h"
#include "port/sim/sim_random.h"
#include "tls/tls.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Bytes of standard input, kept across resets. */
struct input {
    uint8_t buf[512];
    size_t at, len;
};

/* A device without power says nothing. */
static void console_write(void *ctx, const char *p, size_t len)
{
    const struct sim *sim = ctx;
    if (!sim->file.power_lost) {
        fwrite(p, 1, len, stdout);
    }
}

static enum fk_status refill(struct input *in, struct fk_error *err)
{
    ssize_t n = 0;
    do {
        n = read(STDIN_FILENO, in->buf, sizeof in->buf);
    } while (n < 0 && errno == EINTR);
    in->at = 0;
    in->len = n > 0 ? (size_t)n : 0;
    return n >= 0 ? FK_OK
                  : fk_fail(err, FK_E_IO, "cannot read standard input: %s", strerror(errno));
}

/* Waits for input, or until the console has something to do. */
static enum fk_status wait_for_input(uint32_t wait_ms, bool *ret_there, struct fk_error *err)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    int n = poll(&in, 1, wait_ms < INT_MAX ? (int)wait_ms : -1);
    if (n < 0 && errno != EINTR) {
        return fk_fail(err, FK_E_IO, "cannot wait for standard input: %s", strerror(errno));
    }
    *ret_there = n > 0;
    return FK_OK;
}

/* Every secure socket of the console at a time, and a download; firmware/DESIGN.md has what one
 * connection takes. */
#define POOL_BYTES ((FK_SECURE_MAX + 1) * 44u * 1024)

/* Certificates, and TLS from them. A damaged store does not stop the device: the console can say
 * so, and wipe it. */
struct secure {
    struct fk_certstore store;
    struct fk_tls tls;
    struct fk_transport transport;
    struct fk_sockets_tls sockets;
    bool has_tls; /* a policy may leave nothing */
};

static enum fk_status start_tls(struct sim *sim, struct fk_application *app,
                                const struct fk_transport *lower, struct secure *secure,
                                struct fk_error *err)
{
    enum fk_status st =
        fk_certstore_open(&secure->store, sim->device, &sim->flash, sim_store_key(sim));
    if (st == FK_OK) {
        st = fk_certstore_settle(&secure->store);
    }
    if (st == FK_OK) {
        st = fk_certstore_apply(&secure->store, NULL, 0); /* encrypts what is readable */
    }
    if (st != FK_OK && st != FK_E_CHECKSUM) {
        return sim_fail(sim, st, "reading the certificate store", err);
    }
    const struct fk_tls_setup setup = {
        .lower = lower,
        .clock = app->clock,
        .wall = &app->wall,
        .store = &secure->store,
        .set = FK_STORE_TLS,
        .policy = &sim->device->tls,
        .resume = true,
    };
    secure->has_tls = fk_tls_init(&secure->tls, &setup) == FK_OK;
    secure->transport = fk_tls_transport(&secure->tls);
    fk_application_use_tls(app, &secure->store, secure->has_tls ? &secure->transport : NULL,
                           &secure->tls.setup.skip_dates, fk_tls_key_id);
    fk_sockets_tls_init(&secure->sockets, &setup, &app->config.skip_dates);
    return FK_OK;
}

/* From one reset to the next. *ret_end: the input is at its end. */
static enum fk_status session(struct sim *sim, struct input *in, bool *ret_end,
                              struct fk_error *err)
{
    struct fk_sim_tcp tcp = FK_SIM_TCP_INIT;
    const struct fk_transport transport = fk_sim_tcp_transport(&tcp);
    const struct fk_clock clock = fk_sim_clock();
    struct fk_sim_tcp udp = {.fd = -1, .datagram = true};
    const struct fk_transport datagrams = fk_sim_tcp_transport(&udp);
    struct fk_sim_net net;
    struct fk_sockets sockets;
    struct fk_ram_files files;
    struct fk_application app;
    struct secure secure;
    fk_sim_net_init(&net);
    const struct fk_net connections = fk_sim_net_table(&net);
    enum fk_status st = sim_start(sim, err);
    if (st != FK_OK) {
        return st;
    }
    st = fk_application_init(&app, &sim->core, &transport, &clock, sim, console_write);
    if (st != FK_OK) {
        return sim_fail(sim, st, "starting the console", err);
    }
    fk_application_use_keys(&app, &sim->box);
    fk_application_use_udp(&app, &datagrams);
    fk_application_use_files(&app, &files);
    st = start_tls(sim, &app, &transport, &secure, err);
    if (st != FK_OK) {
        return st;
    }
    if (sim->device->console.sockets.clients > 0) {
        st = fk_application_use_net(&app, &connections,
                                    secure.has_tls ? &secure.sockets.table : NULL, &sockets);
    }
    if (st != FK_OK) {
        return sim_fail(sim, st, "starting the sockets", err);
    }
    while (st == FK_OK && !*ret_end && !app.console.reset) {
        bool there = in->at < in->len;
        if (!there) {
            st = wait_for_input(fk_console_wait_ms(&app.console), &there, err);
            if (st == FK_OK && there) {
                st = refill(in, err);
                *ret_end = in->len == 0;
            }
        }
        in->at += fk_console_feed(&app.console, in->buf + in->at, in->len - in->at);
        fk_console_poll(&app.console);
        fflush(stdout);
        if (st == FK_OK && (sim->file.power_lost || sim->file.breach != NULL)) {
            st = sim_fail(sim, FK_E_INTERNAL, "running the console", err);
        }
    }
    secure.transport.close(secure.transport.ctx);
    fk_tls_release(&secure.tls);
    if (app.port.sockets != NULL) {
        fk_sockets_close_all(app.port.sockets);
    }
    fk_sim_net_close(&net);
    fk_wipe(&sockets, sizeof sockets);
    fk_wipe(&files, sizeof files);
    fk_wipe(&app, sizeof app);
    return st;
}

enum fk_status sim_console(const struct sim_options *o, struct fk_error *err)
{
    struct input in = {.at = 0};
    static uint8_t pool[POOL_BYTES];
    struct sim sim;
    bool end = false;
    enum fk_status verdict = FK_E_INTERNAL;
    fk_tls_pool_init(pool, sizeof pool); /* before there is a key in its memory */
    fk_crypto_use_random(&fk_sim_random);
    enum fk_status st = sim_open(&sim, o, true, err);
    while (st == FK_OK && !end) {
        struct fk_boot_report report;
        st = sim_boot(&sim, &report, err);
        sim_print_boot(&sim, &report);
        fflush(stdout);
        /* A device that stays in the boot stage still has its console: there it is asked what
         * ails it, and given another image. */
        verdict = report.verdict == FK_VERDICT_BOOT ? FK_OK : FK_E_NO_IMAGE;
        if (st == FK_OK && verdict != FK_OK) {
            puts("console: recovery, no image runs");
        }
        if (st == FK_OK) {
            st = session(&sim, &in, &end, err);
        }
        if (st == FK_OK && verdict != FK_OK && end) {
            st = sim_verdict(&report, err);
        }
    }
    fk_wipe(&in, sizeof in); /* keys are typed here */
    sim_note_cut(&sim);
    sim_close(&sim);
    return st;
}
