/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_PORT_LWIPOPTS_H
#define FK_PORT_LWIPOPTS_H

/* lwIP for a download and the console's sockets: no threads, no heap of the C library. How many
 * sockets and servers there are is the profile's (-DFK_SOCKETS_MAX, -DFK_SERVERS_MAX). */
#define NO_SYS                     1
#define SYS_LIGHTWEIGHT_PROT       0 /* nothing of ours runs in an interrupt */
#define LWIP_NETCONN               0
#define LWIP_SOCKET                0
#define LWIP_STATS                 0
#define LWIP_NETIF_HOSTNAME        0
#define MEM_ALIGNMENT              4

/* Receiving: the least segment that everybody must take, so that what waits takes little room. The
 * pool has room for one connection's window and for one frame of full size beside, in pieces. */
#define TCP_MSS          536
#define TCP_WND          (4 * TCP_MSS)
#define PBUF_POOL_SIZE   8
#define PBUF_POOL_BUFSIZE (TCP_MSS + 56) /* Ethernet, IP and TCP heads are 54 */
/* Sending: requests of 2 KiB at most; one datagram of full size. */
#define TCP_SND_BUF      (4 * TCP_MSS)
#define TCP_SND_QUEUELEN 8
#define MEMP_NUM_TCP_SEG 8
#define MEM_SIZE         3072
#define MEMP_NUM_TCP_PCB (FK_SOCKETS_MAX + 3) /* the download's, and those that wait for their end */
#define MEMP_NUM_TCP_PCB_LISTEN FK_SERVERS_MAX
#define SO_REUSE                1
#define TCP_QUEUE_OOSEQ  0

#define LWIP_DHCP          1
/* Address conflict detection would hold up the first connection by eight seconds. */
#define LWIP_ACD                 0
#define LWIP_DHCP_DOES_ACD_CHECK 0
#define LWIP_DNS           1
#define DNS_TABLE_SIZE     1
#define DNS_MAX_NAME_LENGTH 256
#define LWIP_ICMP          1
#define LWIP_RAW           0
#define IP_REASSEMBLY      0
#define IP_FRAG            0

#include "port/lwip/random.h"
#define LWIP_RAND() fk_lwip_random()

#endif
