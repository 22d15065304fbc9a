/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/http_uri.h"

#include "wire/http_text.h"

#include <string.h>

/* A reference in its parts. */
struct parts {
    struct fk_slice scheme, authority, path, query; /* query: with its '?' */
    bool has_scheme, has_authority;
};

static size_t span_to(struct fk_slice s, const char *ends)
{
    size_t n = 0;
    while (n < s.len && strchr(ends, s.ptr[n]) == NULL) { /* a NUL ends it as well */
        n++;
    }
    return n;
}

static struct fk_slice take(struct fk_slice *s, size_t n)
{
    struct fk_slice front = {s->ptr, n};
    s->ptr += n;
    s->len -= n;
    return front;
}

/* [ scheme ":" ] [ "//" authority ] path [ "?" query ]    RFC 3986 4.1, without a fragment */
static struct parts cut(struct fk_slice uri)
{
    struct parts p = {.has_scheme = false};
    size_t n = span_to(uri, ":/?#");
    if (n < uri.len && uri.ptr[n] == ':') {
        p.has_scheme = true;
        p.scheme = take(&uri, n);
        take(&uri, 1);
    }
    if (fk_http_take(&uri, "//")) {
        p.has_authority = true;
        p.authority = take(&uri, span_to(uri, "/?#"));
    }
    p.path = take(&uri, span_to(uri, "?#"));
    p.query = uri;
    return p;
}

/* Appends to a NUL-terminated text of cap bytes. */
static bool append(char *to, size_t cap, struct fk_slice s)
{
    size_t len = strlen(to);
    if (s.len >= cap - len || memchr(s.ptr, '\0', s.len) != NULL) {
        return false;
    }
    memcpy(to + len, s.ptr, s.len);
    to[len + s.len] = '\0';
    return true;
}

/* host [ ":" [ port ] ]; an address of IPv6 in brackets */
static bool put_authority(struct fk_slice a, uint16_t default_port, struct fk_http_place *ret)
{
    uint64_t port = default_port;
    struct fk_slice host;
    if (fk_http_take(&a, "[")) {
        host = take(&a, span_to(a, "]"));
        if (!fk_http_take(&a, "]") || memchr(host.ptr, ':', host.len) == NULL) {
            return false;
        }
    } else {
        host = take(&a, span_to(a, ":"));
    }
    if (host.len == 0 || (a.len > 0 && !fk_http_take(&a, ":"))) {
        return false;
    }
    if (a.len > 0 && (!fk_http_take_number(&a, &port) || a.len > 0)) {
        return false;
    }
    ret->port = (uint16_t)port;
    return port <= UINT16_MAX && append(ret->host, sizeof ret->host, host);
}

/* RFC 3986 5.2.4, in place: what is written is never in front of what is read. */
static void remove_dot_segments(char *path)
{
    const char *in = path;
    size_t out = 0;
    while (*in != '\0') { /* at a '/' */
        const char *slash = strchr(in + 1, '/');
        bool last = slash == NULL;
        size_t n = last ? strlen(in + 1) : (size_t)(slash - in - 1);
        bool one = n == 1 && in[1] == '.';
        bool two = n == 2 && in[1] == '.' && in[2] == '.';
        const char *next = in + 1 + n;
        while (two && out > 0 && path[--out] != '/') {
        }
        if (!one && !two) {
            memmove(path + out, in, n + 1);
            out += n + 1;
        } else if (last) {
            path[out++] = '/';
        }
        in = next;
    }
    path[out] = '\0';
}

static bool put_path(const struct fk_http_base *base, const struct parts *p, char *path)
{
    static const struct fk_slice root = {(const uint8_t *)"/", 1};
    struct fk_slice dir = {(const uint8_t *)base->path, strlen(base->path)};
    struct fk_slice rest = p->path;
    bool absolute = rest.len > 0 && rest.ptr[0] == '/';
    dir.len = span_to(dir, "?");
    if (p->has_authority) {
        dir = absolute ? (struct fk_slice){rest.ptr, 0} : root;
    } else if (absolute) {
        dir.len = 0;
    } else if (rest.len > 0) {
        while (dir.len > 0 && dir.ptr[dir.len - 1] != '/') {
            dir.len--;
        }
    }
    path[0] = '\0';
    if (!append(path, FK_HTTP_PATH_MAX + 1, dir) || !append(path, FK_HTTP_PATH_MAX + 1, rest) ||
        path[0] != '/') {
        return false;
    }
    remove_dot_segments(path);
    return append(path, FK_HTTP_PATH_MAX + 1, p->query);
}

enum fk_status fk_http_resolve(const struct fk_http_base *base, struct fk_slice uri,
                               struct fk_http_place *ret)
{
    struct fk_http_place place = {.port = base->port};
    const struct parts p = cut(uri);
    uint16_t default_port = strcmp(base->scheme, "https") == 0 ? 443 : 80;
    struct fk_slice host = {(const uint8_t *)base->host, strlen(base->host)};
    if (p.has_scheme && (!fk_http_same_word(p.scheme, base->scheme) || !p.has_authority)) {
        return FK_E_PAYLOAD_URI;
    }
    bool ok = p.has_authority ? put_authority(p.authority, default_port, &place)
                              : append(place.host, sizeof place.host, host);
    const struct fk_http_request request = {
        .host = place.host, .port = place.port, .path = place.path};
    if (!ok || !put_path(base, &p, place.path) || fk_http_request_check(&request) != FK_OK) {
        return FK_E_PAYLOAD_URI;
    }
    *ret = place;
    return FK_OK;
}
