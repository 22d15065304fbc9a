/* SPDX-License-Identifier: Apache-2.0 */
/* The application of every board: the console, and behind it downloads and confirmation. */
#include "app/application.h"
#include "core/trust.h"
#include "crypto/crypto.h"
#include "port/app_tls.h"
#include "port/board.h"
#include "port/device.h"
#include "port/print.h"
#include "profile_board.h"

#define WORK_SIZE 4096u /* one sector: a download writes whole ones */

static struct fk_core core;
static struct fk_application application;
static struct fk_trust_box box;
static struct fk_transport datagrams;
static struct fk_sockets sockets;
static uint8_t envelope[FK_BOARD_ENVELOPE_MAX];
static _Alignas(8) uint8_t work[WORK_SIZE];

static void write_console(void *ctx, const char *p, size_t len)
{
    (void)ctx;
    fk_board_write(p, len);
}

static uint64_t now_ms(void *ctx)
{
    (void)ctx;
    return fk_board_now_ms();
}

static void run(void)
{
    uint8_t in[64];
    size_t len = 0;
    while (!application.console.reset) {
        fk_board_watchdog_kick();
        fk_board_network_poll();
        fk_console_poll(&application.console);
        fk_console_poll(&application.console);
        len = fk_board_read(in, sizeof in);
        if (len == 0) {
            fk_board_idle();
        } else if (fk_console_feed(&application.console, in, len) < len) {
            break; /* what follows a reset is for the next session; a board has none to keep it */
        }
    }
    fk_wipe(in, sizeof in); /* keys are typed here */
}

/* Sockets, and the time server: the last connection, which no socket has. */
static enum fk_status start_net(const struct fk_device *device)
{
    const struct fk_net *net = fk_board_net();
    if (net == NULL) {
        return FK_OK;
    }
    datagrams = net->link(net->ctx, net->links - 1u, FK_LINK_DATAGRAM);
    fk_application_use_udp(&application, &datagrams);
    return device->console.sockets.clients > 0
               ? fk_application_use_net(&application, net, fk_app_socket_tls(&application), &sockets)
               : FK_OK;
}

/* Starts everything; on failure the watchdog ends it. */
static enum fk_status start(struct fk_flash *flash, const struct fk_clock *clock)
{
    const struct fk_device *device = &FK_PORT_DEVICE;
    const struct fk_transport *transport = fk_board_transport();
    enum fk_status st = fk_board_guard(device, FK_BOARD_APPLICATION);
    if (st == FK_OK) {
        st = fk_crypto_init();
    }
    if (st == FK_OK) {
        *flash = fk_board_flash(device, FK_BOARD_APPLICATION);
        st = fk_core_open(&core, device, flash, work, sizeof work);
    }
    if (st == FK_OK) {
        enum fk_status keys = fk_trust_open(&core, &box, envelope, sizeof envelope);
        if (keys != FK_OK) { /* nothing signed is accepted; the console still answers */
            fk_print("application: no keys, status ");
            fk_print_u32((uint32_t)keys);
            fk_print("\r\n");
        }
    }
    if (st == FK_OK) {
        st = fk_application_init(&application, &core, transport, clock, NULL, write_console);
    }
    if (st == FK_OK) {
        fk_application_use_keys(&application, &box);
        st = fk_app_tls(&application, device, flash, transport);
    }
    return st == FK_OK ? start_net(device) : st;
}

int main(void)
{
    static struct fk_flash flash;
    static const struct fk_clock clock = {.ctx = NULL, .now_ms = now_ms};
    fk_board_init();
    fk_board_watchdog_start(FK_BOARD_WATCHDOG_MS);
    fk_print("application: version " FK_APP_VERSION " on ");
    fk_print(FK_PORT_DEVICE.name);
    fk_print("\r\n");
    fk_app_crypto();
    enum fk_status st = start(&flash, &clock);
    if (st == FK_OK) {
        fk_print("application: ");
        fk_print(fk_phase_name(core.state.phase));
        fk_print("\r\n");
        run();
        if (application.port.sockets != NULL) {
            fk_sockets_close_all(&sockets);
        }
        fk_app_tls_end();
        fk_print("application: stack ");
        fk_print_u32(fk_board_stack_used());
        fk_print("\r\n");
    } else {
        fk_print("application: failed, status ");
        fk_print_u32((uint32_t)st);
        fk_print("\r\n");
        for (;;) {
            fk_board_idle(); /* until the watchdog ends it: not a loop of resets */
        }
    }
    fk_board_reset();
}
