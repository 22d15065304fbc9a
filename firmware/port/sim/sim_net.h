/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_PORT_SIM_NET_H
#define FK_PORT_SIM_NET_H

#include "fotakit_fw/net.h"
#include "port/sim/sim_tcp.h"

/* The connections of the simulated device's console: sockets of the host (sim_tcp.h). It listens on
 * the loopback addresses only, 127.0.0.1 and, where there is one, ::1: a rehearsal must not open
 * ports to the network. */

#define FK_SIM_LINKS     16u
#define FK_SIM_LISTENERS 4u

struct fk_sim_net {
    struct fk_sim_tcp links[FK_SIM_LINKS];
    int listeners[FK_SIM_LISTENERS][2]; /* IPv4, IPv6; -1: none */
    unsigned next[FK_SIM_LISTENERS];    /* of UDP: which of both has the next datagram */
};

void fk_sim_net_init(struct fk_sim_net *net);
/* Closes everything. */
void fk_sim_net_close(struct fk_sim_net *net);
/* The port's table; valid while net stays where it is. */
struct fk_net fk_sim_net_table(struct fk_sim_net *net);

#endif
