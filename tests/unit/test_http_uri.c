/* SPDX-License-Identifier: Apache-2.0 */
/* Where a payload lies: RFC 3986 5.4's examples, as far as they are supported, and hostile ones. */
#include "wire/http_uri.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static const struct fk_http_base base = {
    .scheme = "http", .host = "a", .port = 8080, .path = "/b/c/d;p?q"};

static enum fk_status resolve(const struct fk_http_base *from, const char *uri,
                              struct fk_http_place *ret)
{
    return fk_http_resolve(from, (struct fk_slice){(const uint8_t *)uri, strlen(uri)}, ret);
}

static void references_are_resolved_as_rfc_3986_says(void **state)
{
    (void)state;
    static const struct {
        const char *uri, *host;
        uint16_t port;
        const char *path;
    } rows[] = {
        /* 5.4.1 */
        {"g", "a", 8080, "/b/c/g"},
        {"./g", "a", 8080, "/b/c/g"},
        {"g/", "a", 8080, "/b/c/g/"},
        {"/g", "a", 8080, "/g"},
        {"//g", "g", 80, "/"},
        {"?y", "a", 8080, "/b/c/d;p?y"},
        {"g?y", "a", 8080, "/b/c/g?y"},
        {";x", "a", 8080, "/b/c/;x"},
        {"g;x", "a", 8080, "/b/c/g;x"},
        {".", "a", 8080, "/b/c/"},
        {"./", "a", 8080, "/b/c/"},
        {"..", "a", 8080, "/b/"},
        {"../", "a", 8080, "/b/"},
        {"../g", "a", 8080, "/b/g"},
        {"../..", "a", 8080, "/"},
        {"../../", "a", 8080, "/"},
        {"../../g", "a", 8080, "/g"},
        /* 5.4.2 */
        {"../../../g", "a", 8080, "/g"},
        {"../../../../g", "a", 8080, "/g"},
        {"/./g", "a", 8080, "/g"},
        {"/../g", "a", 8080, "/g"},
        {"g.", "a", 8080, "/b/c/g."},
        {".g", "a", 8080, "/b/c/.g"},
        {"g..", "a", 8080, "/b/c/g.."},
        {"..g", "a", 8080, "/b/c/..g"},
        {"./../g", "a", 8080, "/b/g"},
        {"./g/.", "a", 8080, "/b/c/g/"},
        {"g/./h", "a", 8080, "/b/c/g/h"},
        {"g/../h", "a", 8080, "/b/c/h"},
        {"g;x=1/./y", "a", 8080, "/b/c/g;x=1/y"},
        {"g;x=1/../y", "a", 8080, "/b/c/y"},
        {"g?y/./x", "a", 8080, "/b/c/g?y/./x"},
        {"g?y/../x", "a", 8080, "/b/c/g?y/../x"},
        /* absolute ones */
        {"http://h", "h", 80, "/"},
        {"HTTP://h/", "h", 80, "/"},
        {"http://h?q", "h", 80, "/?q"},
        {"http://h:/p", "h", 80, "/p"},
        {"http://h:65535/p/../q", "h", 65535, "/q"},
        {"http://192.0.2.1:81/p", "192.0.2.1", 81, "/p"},
        {"http://[2001:db8::1]/p", "2001:db8::1", 80, "/p"},
        {"http://[::1]:82", "::1", 82, "/"},
        {"//h:83/p", "h", 83, "/p"},
        {"a//b", "a", 8080, "/b/c/a//b"},
        {"p?x=http://h/", "a", 8080, "/b/c/p?x=http://h/"},
        {"p?x:y", "a", 8080, "/b/c/p?x:y"},
        {"./x:y", "a", 8080, "/b/c/x:y"},
        {"%7Ename", "a", 8080, "/b/c/%7Ename"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fk_http_place place;
        enum fk_status st = resolve(&base, rows[i].uri, &place);
        if (st != FK_OK || strcmp(place.host, rows[i].host) != 0 || place.port != rows[i].port ||
            strcmp(place.path, rows[i].path) != 0) {
            fail_msg("'%s': %s, %s %u %s", rows[i].uri, fk_status_symbol(st), place.host,
                     (unsigned)place.port, place.path);
        }
    }
}

static void addresses_outside_the_profile_are_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "https://h/p", /* the transport cannot */
        "ftp://h/p",
        "coap://h/p",
        "http:p", /* no authority: RFC 3986 calls it backward compatible, we do not */
        "http:/p",
        "x:y", /* a scheme, not a path */
        ":p",
        "http://",
        "http:///p",
        "//",
        "http://user@h/p",
        "http://user:pw@h/p",
        "//@h/p",
        "http://h:0/p",
        "http://h:65536/p",
        "http://h:18446744073709551617/p",
        "http://h:8a/p",
        "http://h:-1/p",
        "http://h:80:80/p",
        "http://[::1/p",
        "http://[::1]x/p",
        "http://[h]/p",
        "http://[]/p",
        "http://::1/p",
        "http://-h/p",
        "http://h h/p",
        "http://h/p q",
        "http://h/p#f",
        "p#f",
        "p\tq",
        "p\r\nX: y",
        "p%0d%0aX:%20y",
        "p%00",
        "p%4",
        "p\x80",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fk_http_place place, before;
        memset(&place, 0x5a, sizeof place);
        before = place;
        enum fk_status st = resolve(&base, rows[i], &place);
        if (st != FK_E_PAYLOAD_URI) {
            fail_msg("'%s': %s", rows[i], fk_status_symbol(st));
        }
        assert_memory_equal(&place, &before, sizeof place);
    }
    struct fk_http_place place;
    assert_int_equal(fk_http_resolve(&base, (struct fk_slice){(const uint8_t *)"p\0q", 3}, &place),
                     FK_E_PAYLOAD_URI);
}

static void transport_decides_about_the_scheme(void **state)
{
    (void)state;
    const struct fk_http_base tls = {.scheme = "https", .host = "a", .port = 443, .path = "/x"};
    struct fk_http_place place;
    assert_int_equal(resolve(&tls, "https://h/p", &place), FK_OK);
    assert_int_equal(place.port, 443);
    assert_int_equal(resolve(&tls, "//h/p", &place), FK_OK);
    assert_int_equal(place.port, 443);
    assert_int_equal(resolve(&tls, "p", &place), FK_OK);
    assert_int_equal(place.port, 443);
    assert_int_equal(resolve(&tls, "http://h/p", &place), FK_E_PAYLOAD_URI); /* into the clear */
}

static void longest_address_fits_and_one_more_is_refused(void **state)
{
    (void)state;
    char path[FK_HTTP_PATH_MAX + 2];
    char uri[256];
    struct fk_http_place place;
    memset(path, 'd', sizeof path);
    path[0] = '/';
    path[sizeof path - 1] = '\0';
    struct fk_http_base deep = {.scheme = "http", .host = "a", .port = 80, .path = path};
    memset(uri, 'p', 255);
    uri[255] = '\0';
    path[FK_HTTP_PATH_MAX - 256] = '/';
    assert_int_equal(resolve(&deep, uri, &place), FK_OK);
    assert_int_equal(strlen(place.path), FK_HTTP_PATH_MAX);
    path[FK_HTTP_PATH_MAX - 256] = 'd';
    path[FK_HTTP_PATH_MAX - 255] = '/';
    assert_int_equal(resolve(&deep, uri, &place), FK_E_PAYLOAD_URI);

    memset(uri, 'h', 255);
    memcpy(uri, "//", 2);
    assert_int_equal(resolve(&deep, uri, &place), FK_OK);
    assert_int_equal(strlen(place.host), FK_HTTP_HOST_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(references_are_resolved_as_rfc_3986_says),
        cmocka_unit_test(addresses_outside_the_profile_are_refused),
        cmocka_unit_test(transport_decides_about_the_scheme),
        cmocka_unit_test(longest_address_fits_and_one_more_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
