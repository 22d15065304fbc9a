/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_FW_TRANSPORT_H
#define FOTAKIT_FW_TRANSPORT_H

#include "fotakit_fw/status.h"

#include <stddef.h>
#include <stdint.h>

/* One byte-stream connection, supplied by the port (TCP sockets, lwIP) or by a layer above it
 * (TLS). At most one connection is open at a time per table. Every member but ctx is required. */
struct fk_transport {
    void *ctx;
    /* "http", or "https" for TLS: what addresses must ask for to be fetched through this one, and
     * part of a file's identity. */
    const char *scheme;
    /* FK_E_CONNECT, FK_E_TIMEOUT or FK_E_NETWORK on failure. host is a NUL-terminated DNS name or
     * address literal. */
    enum fk_status (*open)(void *ctx, const char *host, uint16_t port, uint32_t timeout_ms);
    /* Sends all len bytes or fails. */
    enum fk_status (*send)(void *ctx, const void *buf, size_t len, uint32_t timeout_ms);
    /* Reads 1 to cap bytes; *ret_len == 0 means that the peer closed the stream in order. */
    enum fk_status (*recv)(void *ctx, void *buf, size_t cap, size_t *ret_len, uint32_t timeout_ms);
    /* Harmless when nothing is open. */
    void (*close)(void *ctx);
};

/* Milliseconds since an arbitrary start, never running backwards. */
struct fk_clock {
    void *ctx;
    uint64_t (*now_ms)(void *ctx);
};

#endif
