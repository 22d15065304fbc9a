/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_WIRE_HTTP_REQUEST_H
#define FK_WIRE_HTTP_REQUEST_H

#include "fotakit_fw/slice.h"
#include "fotakit_fw/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The one request of a connection: GET, or POST, with HTTP/1.1 (RFC 9110, RFC 9112), one
 * request a connection.
 *
 * Host, path, user and password come from a console line or a configuration, that is from people
 * and from other machines; whatever could end a header line or smuggle a second request is refused
 * here with FK_E_URL, and nowhere else needs to look.
 *
 *   host      a DNS name, an IPv4 address, or an IPv6 address without brackets; 1 to 253 bytes
 *   port      1 to 65535; named in the Host field unless it is 80
 *   path      begins with '/'; visible ASCII without '#'; "%XX" must be two hexadecimal digits and
 *             must not stand for a control character. It is sent as it is, never encoded
 *   user      for Basic (RFC 7617), which hides nothing on a plain connection; NULL or "" for none;
 *             no ':' and no control characters
 *   password  no control characters
 *
 * A connection that is encrypted has another default port; that is the transport's business, and
 * naming the port in Host is always allowed. */

#define FK_HTTP_HOST_MAX       253u
#define FK_HTTP_CREDENTIAL_MAX 64u   /* user and password, each */
#define FK_HTTP_REQUEST_MAX    1280u /* a buffer that holds any request with a path of 512 bytes */

/* The part of the file that is asked for. offset 0: all of it, and validator is not looked at.
 * Otherwise the bytes from offset to the end, if the file still has this validator. */
struct fk_http_range {
    uint32_t offset;
    struct fk_slice validator; /* as fk_http_response gave it; borrowed */
};

struct fk_http_request {
    const char *host;
    uint16_t port;
    const char *path;
    const char *user;
    const char *password;
    struct fk_http_range range;
    bool post;         /* instead of GET */
    uint32_t body_len; /* of a POST; the caller sends the body behind the request */
};

/* Writes the whole request to buf. FK_E_URL; FK_E_LIMIT when buf is too small, which
 * FK_HTTP_REQUEST_MAX is only for paths of more than 512 bytes; FK_E_INTERNAL for a range without
 * a usable validator. The buffer then holds nothing secret only if no password was given: wipe it
 * after sending. */
enum fk_status fk_http_request_write(const struct fk_http_request *request, void *buf, size_t cap,
                                     size_t *ret_len) FK_MUST_USE;

/* FK_OK or FK_E_URL: the same rules, to ask before a connection is opened. */
enum fk_status fk_http_request_check(const struct fk_http_request *request) FK_MUST_USE;

#endif
