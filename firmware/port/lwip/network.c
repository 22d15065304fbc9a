/* SPDX-License-Identifier: Apache-2.0 */
#include "port/lwip/network.h"

#include "port/board.h"
#include "port/lwip/link.h"
#include "port/lwip/random.h"

#include <lwip/dhcp.h>
#include <lwip/dns.h>
#include <lwip/init.h>
#include <lwip/netif.h>
#include <lwip/sys.h>
#include <lwip/timeouts.h>
#include <netif/ethernet.h>
#include <string.h>

static struct {
    const struct fk_network_port *port; /* NULL before the start */
    struct netif netif;
    bool failed; /* the controller does not answer */
} network;

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

void fk_network_start(const struct fk_network_port *port)
{
    if (network.port != NULL) {
        return;
    }
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

enum fk_status fk_network_wait(bool (*done)(const void *arg), const void *arg, uint64_t until_ms)
{
    for (;;) {
        fk_network_poll();
        fk_board_watchdog_kick(); /* also where nothing has to be waited for: TLS computes in between */
        if (done(arg)) {
            return FK_OK;
        }
        if (fk_board_now_ms() >= until_ms) {
            return FK_E_TIMEOUT;
        }
        fk_board_idle();
    }
}

static bool has_address(const void *arg)
{
    (void)arg;
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

static bool lookup_done(const void *arg)
{
    (void)arg;
    return lookup.done;
}

enum fk_status fk_network_resolve(const char *host, ip_addr_t *ret, uint64_t until_ms)
{
    memset(&lookup, 0, sizeof lookup);
    enum fk_status st =
        network.failed ? FK_E_NETWORK : fk_network_wait(has_address, NULL, until_ms);
    err_t e = st == FK_OK ? dns_gethostbyname(host, &lookup.address, on_found, NULL) : ERR_OK;
    if (st == FK_OK && e == ERR_INPROGRESS) {
        st = fk_network_wait(lookup_done, NULL, until_ms);
        e = lookup.found ? ERR_OK : ERR_VAL;
    }
    *ret = lookup.address; /* a literal, known from before, or found */
    return st == FK_OK && e != ERR_OK ? FK_E_CONNECT : st;
}

const struct fk_transport *fk_network_transport(const struct fk_network_port *port)
{
    static struct fk_link link;
    static struct fk_transport transport;
    if (transport.open == NULL) {
        transport = fk_link_transport(&link, false);
    }
    fk_network_start(port);
    return &transport;
}
