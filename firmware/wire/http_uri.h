/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_WIRE_HTTP_URI_H
#define FK_WIRE_HTTP_URI_H

#include "fotakit_fw/slice.h"
#include "fotakit_fw/status.h"
#include "wire/http_request.h"

/* Where a payload lies: a URI reference in a manifest, resolved against the address of the envelope
 * (RFC 3986, 5.2). What is understood:
 *
 *   http://host[:port]/path?query   only with the scheme of the base: the transport decides which
 *   //host[:port]/path              one that is, and nothing here changes from "https" to "http"
 *   /path, path, ./path, ../path    dot segments are removed, "?query" is kept
 *
 * Refused: another scheme, a user name, a fragment, an empty host, a port that is none, an address
 * that is too long, and whatever wire/http_request.h does not send. */

#define FK_HTTP_PATH_MAX 512u /* what FK_HTTP_REQUEST_MAX has room for */

struct fk_http_base {
    const char *scheme; /* "http" or "https" */
    const char *host;   /* these as in wire/http_request.h */
    uint16_t port;
    const char *path;
};

struct fk_http_place {
    char host[FK_HTTP_HOST_MAX + 1];
    uint16_t port;
    char path[FK_HTTP_PATH_MAX + 1];
};

/* FK_E_PAYLOAD_URI; then *ret is untouched. */
enum fk_status fk_http_resolve(const struct fk_http_base *base, struct fk_slice uri,
                               struct fk_http_place *ret) FK_MUST_USE;

#endif
