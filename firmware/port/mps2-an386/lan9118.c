/* SPDX-License-Identifier: Apache-2.0 */
/* SMSC LAN9118 Ethernet controller. Source: LAN9118 data sheet, DS00002266B, chapters 3.12 (data
 * path) and 5 (registers). Polled; its interrupt only wakes the processor. */
#include "port/board.h"
#include "port/cortex-m/cortex_m.h"
#include "port/lwip/network.h"
#include "port/mps2-an386/registers.h"

#include <lwip/etharp.h>
#include <lwip/netif.h>
#include <lwip/pbuf.h>

#define REG(offset)  FK_REG(ETHERNET_BASE + (offset))
#define RX_DATA      REG(0x00)
#define TX_DATA      REG(0x20)
#define RX_STATUS    REG(0x40)
#define TX_STATUS    REG(0x48)
#define IRQ_CFG      REG(0x54)
#define INT_STS      REG(0x58)
#define INT_EN       REG(0x5c)
#define BYTE_TEST    REG(0x64)
#define FIFO_INT     REG(0x68)
#define RX_CFG       REG(0x6c)
#define TX_CFG       REG(0x70)
#define HW_CFG       REG(0x74)
#define RX_DP_CTRL   REG(0x78)
#define RX_FIFO_INF  REG(0x7c)
#define TX_FIFO_INF  REG(0x80)
#define MAC_CSR_CMD  REG(0xa4)
#define MAC_CSR_DATA REG(0xa8)

#define BYTE_TEST_VALUE 0x87654321u
#define MAC_CR          1u
#define MAC_ADDRH       2u
#define MAC_ADDRL       3u
#define CSR_BUSY        (1u << 31)
#define CSR_READ        (1u << 30)
#define MAC_ENABLE      (1u << 3 | 1u << 2) /* TXEN, RXEN */
#define RX_ERROR        (1u << 15)
#define TX_FIRST_LAST   (1u << 13 | 1u << 12)
#define RSFL            (1u << 3) /* there is a received packet */
#define FCS_SIZE        4u
#define FRAME_MAX       1514u
#define TRIES           100000u
#define FRAMES_AT_ONCE  16u /* a flood must not keep the processor here until the watchdog comes */

/* The controller is done, or gone: never wait for ever. */
static bool mac_ready(void)
{
    for (unsigned i = 0; i < TRIES; i++) {
        if ((MAC_CSR_CMD & CSR_BUSY) == 0) {
            return true;
        }
    }
    return false;
}

static bool mac_write(uint32_t index, uint32_t value)
{
    MAC_CSR_DATA = value;
    MAC_CSR_CMD = CSR_BUSY | index;
    return mac_ready();
}

static bool mac_read(uint32_t index, uint32_t *ret)
{
    MAC_CSR_CMD = CSR_BUSY | CSR_READ | index;
    bool ok = mac_ready();
    *ret = MAC_CSR_DATA;
    return ok;
}

static err_t send_frame(struct netif *netif, struct pbuf *p)
{
    uint32_t words = (p->tot_len + 3u) / 4;
    (void)netif;
    while ((TX_FIFO_INF >> 16 & 0xff) > 0) {
        (void)TX_STATUS; /* what became of earlier ones: TCP finds out by itself */
    }
    if (p->tot_len > FRAME_MAX || (TX_FIFO_INF & 0xffff) < 4 * words + 8) {
        return ERR_MEM; /* sent again later */
    }
    TX_DATA = TX_FIRST_LAST | p->tot_len;
    TX_DATA = p->tot_len;
    for (u16_t at = 0; at < p->tot_len; at = (u16_t)(at + 4)) {
        uint32_t word = 0;
        (void)pbuf_copy_partial(p, &word, sizeof word, at);
        TX_DATA = word;
    }
    return ERR_OK;
}

/* Takes one frame out of the FIFO, whether there is memory for it or not. */
static struct pbuf *take_frame(uint32_t status)
{
    uint32_t len = status >> 16 & 0x3fff;
    bool good = (status & RX_ERROR) == 0 && len > FCS_SIZE && len - FCS_SIZE <= FRAME_MAX;
    struct pbuf *p = good ? pbuf_alloc(PBUF_RAW, (u16_t)(len - FCS_SIZE), PBUF_POOL) : NULL;
    for (uint32_t at = 0; at < len; at += 4) {
        uint32_t word = RX_DATA;
        if (p != NULL && at < p->tot_len) {
            uint32_t left = p->tot_len - at;
            (void)pbuf_take_at(p, &word, (u16_t)(left < 4 ? left : 4), (u16_t)at);
        }
    }
    return p;
}

static void receive_frames(struct netif *netif)
{
    for (unsigned i = 0; i < FRAMES_AT_ONCE && (RX_FIFO_INF >> 16 & 0xff) > 0; i++) {
        struct pbuf *p = take_frame(RX_STATUS);
        if (p != NULL && netif->input(p, netif) != ERR_OK) {
            pbuf_free(p);
        }
    }
    INT_STS = RSFL;
}

static bool switch_on(struct netif *netif)
{
    uint32_t low = 0, high = 0;
    if (BYTE_TEST != BYTE_TEST_VALUE || !mac_read(MAC_ADDRL, &low) || !mac_read(MAC_ADDRH, &high)) {
        return false;
    }
    for (unsigned i = 0; i < 4; i++) {
        netif->hwaddr[i] = (u8_t)(low >> (8 * i));
    }
    netif->hwaddr[4] = (u8_t)high;
    netif->hwaddr[5] = (u8_t)(high >> 8);
    /* Active high and push-pull before anything else: the line is active low after a reset. */
    IRQ_CFG = 0x111;
    HW_CFG = 0x00050000; /* 5 KiB for transmitting */
    RX_CFG = 0;
    FIFO_INT = 0; /* from the first received packet on */
    INT_STS = UINT32_MAX;
    INT_EN = RSFL;
    TX_CFG = 2; /* TX_ON */
    return mac_write(MAC_CR, MAC_ENABLE);
}

static signed char init(struct netif *netif)
{
    netif->name[0] = 'e';
    netif->name[1] = '0';
    netif->mtu = 1500;
    netif->hwaddr_len = 6;
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET |
                   NETIF_FLAG_LINK_UP;
    netif->output = etharp_output;
    netif->linkoutput = send_frame;
    return switch_on(netif) ? ERR_OK : ERR_IF;
}

static const struct fk_network_port port = {.init = init, .receive = receive_frames};

const struct fk_transport *fk_board_transport(void)
{
    return fk_network_transport(&port);
}

const struct fk_net *fk_board_net(void)
{
    return fk_network_net(&port);
}

void fk_board_network_poll(void)
{
    fk_network_poll();
}
