/* SPDX-License-Identifier: Apache-2.0 */
/* Connections as transports. */
#include "port/lwip/link.h"

#include "port/board.h"

#include <string.h>

/* ---- callbacks of lwIP -------------------------------------------------- */

static err_t on_connected(void *arg, struct tcp_pcb *pcb, err_t err)
{
    struct fk_link *link = arg;
    (void)pcb, (void)err;
    link->connected = true;
    return ERR_OK;
}

static err_t on_received(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
    struct fk_link *link = arg;
    (void)pcb, (void)err;
    if (p == NULL) {
        link->peer_closed = true;
    } else if (link->received == NULL) {
        link->received = p;
    } else {
        pbuf_cat(link->received, p); /* bounded by the window, which only opens as bytes are taken */
    }
    return ERR_OK;
}

/* lwIP has freed the connection. */
static void on_error(void *arg, err_t err)
{
    struct fk_link *link = arg;
    (void)err;
    link->tcp = NULL;
    link->broken = true;
}

static void on_datagram(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from,
                        u16_t port)
{
    struct fk_link *link = arg;
    (void)pcb, (void)from, (void)port; /* lwIP takes those of the peer alone */
    if (link->received == NULL) {
        link->received = p;
    } else {
        pbuf_free(p);
    }
}

/* ---- open and close ----------------------------------------------------- */

void fk_link_close(struct fk_link *link)
{
    if (link->tcp != NULL) {
        tcp_arg(link->tcp, NULL);
        tcp_recv(link->tcp, NULL);
        tcp_err(link->tcp, NULL);
        if (link->received != NULL || tcp_close(link->tcp) != ERR_OK) {
            tcp_abort(link->tcp); /* what was not read tells the peer that this is no orderly end */
        }
    }
    if (link->udp != NULL) {
        udp_remove(link->udp);
    }
    if (link->received != NULL) {
        pbuf_free(link->received);
    }
    *link = (struct fk_link){.datagram = link->datagram};
}

void fk_link_adopt(struct fk_link *link, struct tcp_pcb *pcb)
{
    link->tcp = pcb;
    tcp_arg(pcb, link);
    tcp_err(pcb, on_error);
    tcp_recv(pcb, on_received);
}

static bool connect_done(const void *arg)
{
    const struct fk_link *link = arg;
    return link->connected || link->broken;
}

static enum fk_status connect_stream(struct fk_link *link, const ip_addr_t *to, uint16_t port,
                                     uint64_t until_ms)
{
    struct tcp_pcb *pcb = tcp_new();
    if (pcb == NULL) {
        return FK_E_MEMORY;
    }
    fk_link_adopt(link, pcb);
    if (tcp_connect(pcb, to, port, on_connected) != ERR_OK) {
        return FK_E_CONNECT;
    }
    enum fk_status st = fk_network_wait(connect_done, link, until_ms);
    return st == FK_OK && link->broken ? FK_E_CONNECT : st;
}

static enum fk_status connect_datagrams(struct fk_link *link, const ip_addr_t *to, uint16_t port)
{
    link->udp = udp_new();
    if (link->udp == NULL) {
        return FK_E_MEMORY;
    }
    udp_recv(link->udp, on_datagram, link);
    return udp_connect(link->udp, to, port) == ERR_OK ? FK_OK : FK_E_CONNECT;
}

static enum fk_status link_open(void *ctx, const char *host, uint16_t port, uint32_t timeout_ms)
{
    struct fk_link *link = ctx;
    uint64_t until_ms = fk_board_now_ms() + timeout_ms;
    ip_addr_t to;
    fk_link_close(link);
    enum fk_status st = fk_network_resolve(host, &to, until_ms);
    if (st == FK_OK) {
        st = link->datagram ? connect_datagrams(link, &to, port)
                            : connect_stream(link, &to, port, until_ms);
    }
    if (st != FK_OK) {
        fk_link_close(link);
    }
    return st;
}

static void link_close(void *ctx)
{
    fk_link_close(ctx);
}

/* ---- send and receive --------------------------------------------------- */

static bool can_send(const void *arg)
{
    const struct fk_link *link = arg;
    return link->broken ||
           (tcp_sndbuf(link->tcp) > 0 && tcp_sndqueuelen(link->tcp) < TCP_SND_QUEUELEN);
}

static enum fk_status send_stream(struct fk_link *link, const uint8_t *at, size_t len,
                                  uint64_t until_ms)
{
    enum fk_status st = FK_OK;
    while (st == FK_OK && len > 0) {
        if (link->tcp == NULL) {
            return FK_E_NETWORK;
        }
        st = fk_network_wait(can_send, link, until_ms);
        if (st != FK_OK || link->tcp == NULL) {
            continue;
        }
        u16_t n = tcp_sndbuf(link->tcp) < len ? tcp_sndbuf(link->tcp) : (u16_t)len;
        err_t e = tcp_write(link->tcp, at, n, TCP_WRITE_FLAG_COPY);
        if (e == ERR_OK) {
            at += n;
            len -= n;
        }
        st = (e == ERR_OK || e == ERR_MEM) && tcp_output(link->tcp) == ERR_OK ? FK_OK
                                                                              : FK_E_NETWORK;
    }
    return st;
}

static enum fk_status send_datagram(struct fk_link *link, const void *buf, size_t len)
{
    struct pbuf *p = link->udp != NULL && len <= UINT16_MAX
                         ? pbuf_alloc(PBUF_TRANSPORT, (u16_t)len, PBUF_RAM)
                         : NULL;
    if (p == NULL) {
        return FK_E_NETWORK;
    }
    bool sent = pbuf_take(p, buf, (u16_t)len) == ERR_OK && udp_send(link->udp, p) == ERR_OK;
    pbuf_free(p);
    return sent ? FK_OK : FK_E_NETWORK;
}

static enum fk_status link_send(void *ctx, const void *buf, size_t len, uint32_t timeout_ms)
{
    struct fk_link *link = ctx;
    return link->datagram ? send_datagram(link, buf, len)
                          : send_stream(link, buf, len, fk_board_now_ms() + timeout_ms);
}

static bool has_received(const void *arg)
{
    const struct fk_link *link = arg;
    return link->received != NULL || link->peer_closed || link->broken;
}

static enum fk_status link_recv(void *ctx, void *buf, size_t cap, size_t *ret_len,
                                uint32_t timeout_ms)
{
    struct fk_link *link = ctx;
    bool open = link->tcp != NULL || link->udp != NULL || link->broken;
    enum fk_status st =
        open ? fk_network_wait(has_received, link, fk_board_now_ms() + timeout_ms) : FK_E_NETWORK;
    if (st != FK_OK) {
        return st;
    }
    if (link->received == NULL) {
        *ret_len = 0;
        return link->broken ? FK_E_NETWORK : FK_OK;
    }
    u16_t n = pbuf_copy_partial(link->received, buf, cap < UINT16_MAX ? (u16_t)cap : UINT16_MAX, 0);
    if (link->datagram) { /* whole or cut */
        pbuf_free(link->received);
        link->received = NULL;
    } else {
        link->received = pbuf_free_header(link->received, n);
    }
    if (link->tcp != NULL) {
        tcp_recved(link->tcp, n);
    }
    *ret_len = n;
    return FK_OK;
}

struct fk_transport fk_link_transport(struct fk_link *link, bool datagram)
{
    link->datagram = datagram;
    return (struct fk_transport){.ctx = link,
                                 .scheme = "http",
                                 .open = link_open,
                                 .send = link_send,
                                 .recv = link_recv,
                                 .close = link_close};
}
