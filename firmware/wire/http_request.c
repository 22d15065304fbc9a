/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/http_request.h"

#include "wire/http_text.h"
#include "wire/text.h"

#include <stdbool.h>
#include <string.h>

static bool is_host_name(const char *s)
{
    for (; *s != '\0'; s++) {
        if (!fk_http_is_alnum(*s) && *s != '-' && *s != '.' && *s != '_') {
            return false;
        }
    }
    return true;
}

/* Not the grammar of RFC 4291: only that nothing but an address can be in it, and no "name:port".
 * The transport's resolver refuses the rest. */
static bool is_ipv6(const char *s)
{
    unsigned colons = 0;
    for (; *s != '\0'; s++) {
        if (fk_http_hex_digit(*s) < 0 && *s != ':' && *s != '.') {
            return false;
        }
        colons += *s == ':';
    }
    return colons >= 2;
}

static bool host_ok(const char *host)
{
    size_t len = strlen(host);
    if (len == 0 || len > FK_HTTP_HOST_MAX) {
        return false;
    }
    if (strchr(host, ':') != NULL) {
        return is_ipv6(host);
    }
    return fk_http_is_alnum(host[0]) && is_host_name(host);
}

/* Hostile here: "/x HTTP/1.1\r\nX: y", and the same in disguise for a server that decodes it. */
static bool path_ok(const char *path)
{
    if (path[0] != '/') {
        return false;
    }
    for (const char *s = path; *s != '\0'; s++) {
        if (*s <= 0x20 || *s >= 0x7f || *s == '#') {
            return false;
        }
        if (*s == '%') {
            int hi = fk_http_hex_digit(s[1]);
            int lo = hi < 0 ? -1 : fk_http_hex_digit(s[2]);
            if (lo < 0 || hi < 2 || (hi == 7 && lo == 15)) {
                return false;
            }
        }
    }
    return true;
}

static bool credential_ok(const char *s, bool colon_allowed)
{
    if (s == NULL) {
        return true;
    }
    if (strlen(s) > FK_HTTP_CREDENTIAL_MAX) {
        return false;
    }
    for (; *s != '\0'; s++) {
        if (fk_http_is_control(*s) || (*s == ':' && !colon_allowed)) {
            return false;
        }
    }
    return true;
}

enum fk_status fk_http_request_check(const struct fk_http_request *request)
{
    bool ok = host_ok(request->host) && request->port != 0 && path_ok(request->path) &&
              credential_ok(request->user, false) && credential_ok(request->password, true);
    return ok ? FK_OK : FK_E_URL;
}

static void put_host(struct fk_writer *w, const struct fk_http_request *request)
{
    bool literal = strchr(request->host, ':') != NULL;
    fk_write_text(w, literal ? "[" : "");
    fk_write_text(w, request->host);
    fk_write_text(w, literal ? "]" : "");
    if (request->port != 80) {
        fk_write_text(w, ":");
        fk_write_decimal(w, request->port);
    }
}

/* The n bytes of group, 1 to 3, as four characters of Base64 (RFC 4648 4). */
static void put_base64(struct fk_writer *w, uint32_t group, unsigned n)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    group <<= 8 * (3 - n);
    for (unsigned k = 0; k < 4; k++) {
        fk_write_u8(w, k <= n ? (uint8_t)alphabet[group >> (18 - 6 * k) & 63] : '=');
    }
}

static void put_basic(struct fk_writer *w, const char *user, const char *password)
{
    const char *const parts[] = {user, ":", password != NULL ? password : ""};
    uint32_t group = 0;
    unsigned n = 0;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        for (const char *s = parts[i]; *s != '\0'; s++) {
            group = group << 8 | (uint8_t)*s;
            if (++n == 3) {
                put_base64(w, group, n);
                group = 0;
                n = 0;
            }
        }
    }
    if (n > 0) {
        put_base64(w, group, n);
    }
}

/* The validator was a header value once and comes back from flash: look again before it is sent. */
static bool validator_ok(struct fk_slice v)
{
    for (size_t i = 0; i < v.len; i++) {
        if (fk_http_is_control((char)v.ptr[i])) {
            return false;
        }
    }
    return v.len > 0;
}

enum fk_status fk_http_request_write(const struct fk_http_request *request, void *buf, size_t cap,
                                     size_t *ret_len)
{
    const struct fk_http_range *range = &request->range;
    enum fk_status st = fk_http_request_check(request);
    if (st != FK_OK) {
        return st;
    }
    if (range->offset > 0 && !validator_ok(range->validator)) {
        return FK_E_INTERNAL;
    }
    struct fk_writer w;
    fk_writer_init(&w, buf, cap);
    fk_write_text(&w, request->post ? "POST " : "GET ");
    fk_write_text(&w, request->path);
    fk_write_text(&w, " HTTP/1.1\r\nHost: ");
    put_host(&w, request);
    fk_write_text(&w,
                  "\r\nUser-Agent: fotakit\r\nAccept-Encoding: identity\r\nConnection: close\r\n");
    if (request->post) {
        fk_write_text(&w, "Content-Length: ");
        fk_write_decimal(&w, request->body_len);
        fk_write_text(&w, "\r\n");
    }
    if (range->offset > 0) {
        fk_write_text(&w, "Range: bytes=");
        fk_write_decimal(&w, range->offset);
        fk_write_text(&w, "-\r\nIf-Range: ");
        fk_write_bytes(&w, range->validator.ptr, range->validator.len);
        fk_write_text(&w, "\r\n");
    }
    if (request->user != NULL && request->user[0] != '\0') {
        fk_write_text(&w, "Authorization: Basic ");
        put_basic(&w, request->user, request->password);
        fk_write_text(&w, "\r\n");
    }
    fk_write_text(&w, "\r\n");
    return fk_writer_end(&w, ret_len);
}
