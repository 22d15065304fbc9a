/* SPDX-License-Identifier: Apache-2.0 */
#include "port/lwip/network.h"

#include "port/board.h"
#include "port/lwip/random.h"

#include <lwip/dhcp.h>
#include <lwip/dns.h>
#include <lwip/init.h>
#include <lwip/netif.h>
#include <lwip/sys.h>
#include <lwip/tcp.h>
#include <lwip/timeouts.h>
#include <netif/ethernet.h>
#include <string.h>

static struct {
    const struct fk_network_port *port; /* NULL before the start */
    struct netif netif;
    bool failed; /* the controller does not answer */
} network;

/* The one connection. */
static struct {
    struct tcp_pcb *pcb;  /* NULL: none, or lwIP has given it up */
    bool connected;
    bool broken;          /* reset, or given up after too many tries */
    bool peer_closed;
    struct pbuf *received; /* a chain; what was read is taken off its front */
} tcp;

u32_t sys_now(void)
{
    return (u32_t)fk_board_now_ms();
}

/* Numerical Recipes' generator, stirred with the time of each call. */
uint32_t fk_lwip_random(void)
{
    static uint32_t state;
    state = (state ^ (uint32_t)fk_board_now_ms()) * 1664525u + 1013904223u;
    for (unsigned i = 0; i < sizeof network.netif.hwaddr; i++) {
        state = state * 31u + network.netif.hwaddr[i];
    }
    return state >> 8;
}

void fk_network_poll(void)
{
    if (network.port != NULL && !network.failed) {
        network.port->receive(&network.netif);
        sys_check_timeouts();
    }
}

static void start(const struct fk_network_port *port)
{
    network.port = port;
    lwip_init();
    network.failed = netif_add(&network.netif, NULL, NULL, NULL, NULL, port->init,
                               ethernet_input) == NULL;
    if (!network.failed) {
        netif_set_default(&network.netif);
        netif_set_up(&network.netif);
        network.failed = dhcp_start(&network.netif) != ERR_OK;
    }
}

/* Until the condition holds: FK_OK, or FK_E_TIMEOUT. */
static enum fk_status wait_for(bool (*done)(void), uint64_t until_ms)
{
    for (;;) {
        fk_network_poll();
        if (done()) {
            return FK_OK;
        }
        if (fk_board_now_ms() >= until_ms) {
            return FK_E_TIMEOUT;
        }
        fk_board_watchdog_kick();
        fk_board_idle();
    }
}

static bool has_address(void)
{
    return dhcp_supplied_address(&network.netif) != 0;
}

/* ---- names -------------------------------------------------------------- */

static struct {
    bool done, found;
    ip_addr_t address;
} lookup;

static void on_found(const char *name, const ip_addr_t *address, void *arg)
{
    (void)name, (void)arg;
    lookup.done = true;
    lookup.found = address != NULL;
    if (address != NULL) {
        lookup.address = *address;
    }
}

static bool lookup_done(void)
{
    return lookup.done;
}

static enum fk_status resolve(const char *host, uint64_t until_ms)
{
    memset(&lookup, 0, sizeof lookup);
    err_t e = dns_gethostbyname(host, &lookup.address, on_found, NULL);
    if (e == ERR_OK) {
        return FK_OK; /* a literal, or known from before */
    }
    if (e != ERR_INPROGRESS) {
        return FK_E_CONNECT;
    }
    enum fk_status st = wait_for(lookup_done, until_ms);
    return st == FK_OK && !lookup.found ? FK_E_CONNECT : st;
}

/* ---- callbacks of lwIP -------------------------------------------------- */

static err_t on_connected(void *arg, struct tcp_pcb *pcb, err_t err)
{
    (void)arg, (void)pcb, (void)err;
    tcp.connected = true;
    return ERR_OK;
}

static err_t on_received(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
    (void)arg, (void)pcb, (void)err;
    if (p == NULL) {
        tcp.peer_closed = true;
    } else if (tcp.received == NULL) {
        tcp.received = p;
    } else {
        pbuf_cat(tcp.received, p); /* bounded by the window, which only opens as bytes are taken */
    }
    return ERR_OK;
}

/* lwIP has freed the connection. */
static void on_error(void *arg, err_t err)
{
    (void)arg, (void)err;
    tcp.pcb = NULL;
    tcp.broken = true;
}

/* ---- the transport ------------------------------------------------------ */

static void transport_close(void *ctx)
{
    (void)ctx;
    if (tcp.pcb != NULL) {
        tcp_recv(tcp.pcb, NULL);
        tcp_err(tcp.pcb, NULL);
        if (tcp.received != NULL || tcp_close(tcp.pcb) != ERR_OK) {
            tcp_abort(tcp.pcb); /* what was not read tells the peer that this is no orderly end */
        }
    }
    if (tcp.received != NULL) {
        pbuf_free(tcp.received);
    }
    memset(&tcp, 0, sizeof tcp);
}

static bool connect_done(void)
{
    return tcp.connected || tcp.broken;
}

static enum fk_status connect_to(uint16_t port, uint64_t until_ms)
{
    tcp.pcb = tcp_new();
    if (tcp.pcb == NULL) {
        return FK_E_MEMORY;
    }
    tcp_err(tcp.pcb, on_error);
    tcp_recv(tcp.pcb, on_received);
    if (tcp_connect(tcp.pcb, &lookup.address, port, on_connected) != ERR_OK) {
        return FK_E_CONNECT;
    }
    enum fk_status st = wait_for(connect_done, until_ms);
    return st == FK_OK && tcp.broken ? FK_E_CONNECT : st;
}

static enum fk_status transport_open(void *ctx, const char *host, uint16_t port,
                                     uint32_t timeout_ms)
{
    uint64_t until_ms = fk_board_now_ms() + timeout_ms;
    transport_close(ctx);
    enum fk_status st = network.failed ? FK_E_NETWORK : wait_for(has_address, until_ms);
    if (st == FK_OK) {
        st = resolve(host, until_ms);
    }
    if (st == FK_OK) {
        st = connect_to(port, until_ms);
    }
    if (st != FK_OK) {
        transport_close(ctx);
    }
    return st;
}

static bool can_send(void)
{
    return tcp.broken || (tcp_sndbuf(tcp.pcb) > 0 && tcp_sndqueuelen(tcp.pcb) < TCP_SND_QUEUELEN);
}

static enum fk_status transport_send(void *ctx, const void *buf, size_t len, uint32_t timeout_ms)
{
    uint64_t until_ms = fk_board_now_ms() + timeout_ms;
    const uint8_t *at = buf;
    enum fk_status st = FK_OK;
    (void)ctx;
    while (st == FK_OK && len > 0) {
        if (tcp.pcb == NULL) {
            return FK_E_NETWORK;
        }
        st = wait_for(can_send, until_ms);
        if (st != FK_OK || tcp.pcb == NULL) {
            continue;
        }
        u16_t n = tcp_sndbuf(tcp.pcb) < len ? tcp_sndbuf(tcp.pcb) : (u16_t)len;
        err_t e = tcp_write(tcp.pcb, at, n, TCP_WRITE_FLAG_COPY);
        if (e == ERR_OK) {
            at += n;
            len -= n;
        }
        st = (e == ERR_OK || e == ERR_MEM) && tcp_output(tcp.pcb) == ERR_OK ? FK_OK : FK_E_NETWORK;
    }
    return st;
}

static bool has_received(void)
{
    return tcp.received != NULL || tcp.peer_closed || tcp.broken;
}

static enum fk_status transport_recv(void *ctx, void *buf, size_t cap, size_t *ret_len,
                                     uint32_t timeout_ms)
{
    (void)ctx;
    enum fk_status st = tcp.pcb == NULL && !tcp.broken
                            ? FK_E_NETWORK
                            : wait_for(has_received, fk_board_now_ms() + timeout_ms);
    if (st != FK_OK) {
        return st;
    }
    if (tcp.received == NULL) {
        *ret_len = 0;
        return tcp.broken ? FK_E_NETWORK : FK_OK;
    }
    u16_t n = pbuf_copy_partial(tcp.received, buf, cap < UINT16_MAX ? (u16_t)cap : UINT16_MAX, 0);
    tcp.received = pbuf_free_header(tcp.received, n);
    if (tcp.pcb != NULL) {
        tcp_recved(tcp.pcb, n);
    }
    *ret_len = n;
    return FK_OK;
}

const struct fk_transport *fk_network_transport(const struct fk_network_port *port)
{
    static const struct fk_transport transport = {.ctx = NULL,
                                                  .scheme = "http",
                                                  .open = transport_open,
                                                  .send = transport_send,
                                                  .recv = transport_recv,
                                                  .close = transport_close};
    if (network.port == NULL) {
        start(port);
    }
    return &transport;
}
