/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_PORT_LWIP_NETWORK_H
#define FK_PORT_LWIP_NETWORK_H

#include "fotakit_fw/net.h"
#include "fotakit_fw/status.h"
#include "fotakit_fw/transport.h"

#include <stdbool.h>

/* TCP and UDP over lwIP for boards with an Ethernet controller: addresses by DHCP, names by DNS. A board brings the controller: an initialisation and a receive function.
 *
 * Everything runs in the caller: fk_network_poll() moves packets and timers on, and the operations
 * of the transport call it while they wait. */

struct netif; /* lwIP's */

/* The controller. init is lwIP's netif_init_fn: sets address, MTU and the output functions, and
 * returns 0 or an error of lwIP. receive hands packets that have come to netif->input. */
struct fk_network_port {
    signed char (*init)(struct netif *netif);
    void (*receive)(struct netif *netif);
};

/* Starts with the first call of any of these; port must outlive everything. The transport has a
 * connection of its own; fk_network_net() has FK_SOCKETS_MAX and one more, and a listening port for
 * each server of the profile, but no servers of UDP. */
void fk_network_start(const struct fk_network_port *port);
const struct fk_transport *fk_network_transport(const struct fk_network_port *port);
const struct fk_net *fk_network_net(const struct fk_network_port *port);

/* Harmless before the start. */
void fk_network_poll(void);

#endif
