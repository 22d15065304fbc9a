/* SPDX-License-Identifier: Apache-2.0 */
/* Network and entropy of a new board. With Ethernet, firmware/port/lwip does all but the
 * controller: see port/mps2-an386/lan9118.c. */
#include "port/board.h"

static enum fk_status no_open(void *ctx, const char *host, uint16_t port, uint32_t timeout_ms)
{
    (void)ctx, (void)host, (void)port, (void)timeout_ms;
    return FK_E_NETWORK;
}

static enum fk_status no_send(void *ctx, const void *buf, size_t len, uint32_t timeout_ms)
{
    (void)ctx, (void)buf, (void)len, (void)timeout_ms;
    return FK_E_NETWORK;
}

static enum fk_status no_recv(void *ctx, void *buf, size_t cap, size_t *ret_len,
                              uint32_t timeout_ms)
{
    (void)ctx, (void)buf, (void)cap, (void)ret_len, (void)timeout_ms;
    return FK_E_NETWORK;
}

static void no_close(void *ctx)
{
    (void)ctx;
}

const struct fk_transport *fk_board_transport(void)
{
    static const struct fk_transport none = {.ctx = NULL,
                                             .scheme = "http",
                                             .open = no_open,
                                             .send = no_send,
                                             .recv = no_recv,
                                             .close = no_close};
    return &none;
}

const struct fk_net *fk_board_net(void)
{
    return NULL;
}

void fk_board_network_poll(void)
{
}

enum fk_status fk_board_entropy(void *p, size_t len)
{
    (void)p, (void)len;
    return FK_E_CRYPTO;
}

const char *fk_board_entropy_name(void)
{
    return "none";
}
