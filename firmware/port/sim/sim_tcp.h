/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_PORT_SIM_TCP_H
#define FK_PORT_SIM_TCP_H

#include "fotakit_fw/transport.h"

#include <stdbool.h>

/* Connections of the simulated device: TCP or UDP sockets of the host, IPv4 and IPv6, and its
 * clock.
 *
 * Waiting is bounded by the caller's time-out over all addresses of a name together. The host's
 * resolver keeps its own time-out, which cannot be set here. A broken connection is a status, never
 * a signal. */

struct fk_sim_tcp {
    int fd;              /* -1: nothing is open */
    bool datagram;       /* UDP instead of TCP; set it before open */
    uint16_t local_port; /* of the next open, FK_E_BUSY when it is taken; 0: any */
};

#define FK_SIM_TCP_INIT                                                                            \
    {                                                                                              \
        .fd = -1                                                                                   \
    }

/* The port's table; valid while tcp stays where it is. */
struct fk_transport fk_sim_tcp_transport(struct fk_sim_tcp *tcp);

/* Makes a descriptor non-blocking and closes it in child processes. False: closed. */
bool fk_sim_tcp_prepare(int fd);

/* CLOCK_MONOTONIC. */
struct fk_clock fk_sim_clock(void);

#endif
