/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_APP_HTTP_GET_H
#define FK_APP_HTTP_GET_H

#include "fotakit_fw/device.h"
#include "fotakit_fw/transport.h"
#include "wire/http_request.h"
#include "wire/http_response.h"

/* One connection, one request, one answer (wire/http_request.h, wire/http_response.h), handed on as
 * it comes.
 *
 * Waiting ends after device->connect_timeout_ms and idle_timeout_ms; a server that trickles is
 * stopped by device->minimum_rate, which a body must average once the first idle_timeout_ms is
 * over. With TLS nothing has come before its record is complete, so that a server with records of
 * 16 KiB has to send one in idle_timeout_ms. The connection is closed and the request, which may
 * hold a password, is wiped on every path. */

/* Who takes the body. begin: the header is sound, and response.status, length and validator are
 * final; called once, before the first byte. A failure of either ends the connection. */
struct fk_http_sink {
    void *ctx;
    enum fk_status (*begin)(void *ctx, const struct fk_http_response *response);
    enum fk_status (*body)(void *ctx, struct fk_slice bytes);
};

#define FK_HTTP_GET_BUF 2048u

/* Memory of one connection. The caller sets the first four. */
struct fk_http_get {
    const struct fk_device *device;
    const struct fk_transport *transport;
    const struct fk_clock *clock;
    struct fk_slice body; /* of a POST, request.body_len bytes; may be empty */

    struct fk_http_response response; /* of the last answer */
    bool by_transport; /* the failure is the transport's: it says nothing about the file */

    /* Private. */
    const struct fk_http_sink *sink;
    uint64_t began_ms;
    bool body_began;
    uint8_t buf[FK_HTTP_GET_BUF];
};

/* max: bytes that the whole file may have. FK_E_URL; FK_E_CONNECT, FK_E_TIMEOUT, FK_E_NETWORK;
 * FK_E_HTTP_…; and what the sink fails with. */
enum fk_status fk_http_get(struct fk_http_get *get, const struct fk_http_request *request,
                           uint32_t max, const struct fk_http_sink *sink) FK_MUST_USE;

#endif
