/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/http_request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char fixed[] =
    "User-Agent: fotakit\r\nAccept-Encoding: identity\r\nConnection: close\r\n";

static struct fk_http_request plain_request(void)
{
    return (struct fk_http_request){.host = "example.com", .port = 80, .path = "/a.ota"};
}

static void written(const struct fk_http_request *request, char text[FK_HTTP_REQUEST_MAX + 1])
{
    size_t len = 0;
    assert_int_equal(fk_http_request_write(request, text, FK_HTTP_REQUEST_MAX, &len), FK_OK);
    text[len] = '\0';
}

static void request_of_a_whole_file_is_written_byte_for_byte(void **state)
{
    (void)state;
    char text[FK_HTTP_REQUEST_MAX + 1];
    char want[FK_HTTP_REQUEST_MAX];
    struct fk_http_request r = plain_request();
    written(&r, text);
    snprintf(want, sizeof want, "GET /a.ota HTTP/1.1\r\nHost: example.com\r\n%s\r\n", fixed);
    assert_string_equal(text, want);
}

static void request_names_a_port_that_is_not_the_default_one(void **state)
{
    (void)state;
    static const struct {
        const char *host;
        uint16_t port;
        const char *want;
    } rows[] = {
        {"example.com", 80, "\r\nHost: example.com\r\n"},
        {"example.com", 8080, "\r\nHost: example.com:8080\r\n"},
        {"192.0.2.7", 65535, "\r\nHost: 192.0.2.7:65535\r\n"},
        {"2001:db8::7", 80, "\r\nHost: [2001:db8::7]\r\n"},
        {"::1", 1, "\r\nHost: [::1]:1\r\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[FK_HTTP_REQUEST_MAX + 1];
        struct fk_http_request r = plain_request();
        r.host = rows[i].host;
        r.port = rows[i].port;
        written(&r, text);
        assert_non_null(strstr(text, rows[i].want));
    }
}

static void request_of_a_range_names_offset_and_validator(void **state)
{
    (void)state;
    char text[FK_HTTP_REQUEST_MAX + 1];
    struct fk_http_request r = plain_request();
    r.range.offset = 4294967295u;
    r.range.validator = (struct fk_slice){(const uint8_t *)"\"v1\"", 4};
    written(&r, text);
    assert_non_null(strstr(text, "\r\nRange: bytes=4294967295-\r\nIf-Range: \"v1\"\r\n\r\n"));
}

static void request_of_a_range_without_a_clean_validator_is_our_mistake(void **state)
{
    (void)state;
    static const struct fk_slice bad[] = {
        {(const uint8_t *)"", 0},
        {(const uint8_t *)"\"a\r\nX: y\"", 9},
        {(const uint8_t *)"\"a\0\"", 4},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[FK_HTTP_REQUEST_MAX];
        size_t len = 77;
        struct fk_http_request r = plain_request();
        r.range = (struct fk_http_range){.offset = 1, .validator = bad[i]};
        assert_int_equal(fk_http_request_write(&r, text, sizeof text, &len), FK_E_INTERNAL);
        assert_int_equal(len, 77);
    }
}

/* The first two rows are the examples of RFC 7617 2 and of RFC 4648 10's lengths. */
static void request_carries_basic_credentials(void **state)
{
    (void)state;
    static const struct {
        const char *user, *password, *want;
    } rows[] = {
        {"Aladdin", "open sesame", "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="},
        {"f", "o", "Zjpv"},
        {"f", NULL, "Zjo="},
        {"user", "a:b", "dXNlcjphOmI="},
        {"\xc3\xbc", "\xff\xfe", "w7w6//4="},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[FK_HTTP_REQUEST_MAX + 1];
        char want[128];
        struct fk_http_request r = plain_request();
        r.user = rows[i].user;
        r.password = rows[i].password;
        written(&r, text);
        snprintf(want, sizeof want, "\r\nAuthorization: Basic %s\r\n\r\n", rows[i].want);
        assert_non_null(strstr(text, want));
    }
}

static void request_without_a_user_carries_no_credentials(void **state)
{
    (void)state;
    char text[FK_HTTP_REQUEST_MAX + 1];
    struct fk_http_request r = plain_request();
    r.user = "";
    r.password = "";
    written(&r, text);
    assert_null(strstr(text, "Authorization"));
}

static void request_refuses_what_could_leave_its_line(void **state)
{
    (void)state;
    char long_host[FK_HTTP_HOST_MAX + 2];
    char long_word[FK_HTTP_CREDENTIAL_MAX + 2];
    memset(long_host, 'a', sizeof long_host);
    long_host[sizeof long_host - 1] = '\0';
    memset(long_word, 'a', sizeof long_word);
    long_word[sizeof long_word - 1] = '\0';
    const struct {
        const char *why, *host, *path, *user, *password;
    } rows[] = {
        {"no host", "", "/a", NULL, NULL},
        {"host too long", long_host, "/a", NULL, NULL},
        {"line end in host", "a\r\nX: y", "/a", NULL, NULL},
        {"space in host", "a b", "/a", NULL, NULL},
        {"user in host", "user@a", "/a", NULL, NULL},
        {"path in host", "a/b", "/a", NULL, NULL},
        {"percent in host", "a%0d%0a", "/a", NULL, NULL},
        {"port in host", "a:80", "/a", NULL, NULL},
        {"zone in address", "fe80::1%eth0", "/a", NULL, NULL},
        {"brackets", "[::1]", "/a", NULL, NULL},
        {"dot first", ".a", "/a", NULL, NULL},
        {"dash first", "-a", "/a", NULL, NULL},
        {"beyond ASCII in host", "\xc3\xbc", "/a", NULL, NULL},
        {"no path", "a", "", NULL, NULL},
        {"relative path", "a", "b", NULL, NULL},
        {"absolute address as path", "a", "http://b/", NULL, NULL},
        {"line end in path", "a", "/ HTTP/1.1\r\nX: y", NULL, NULL},
        {"line feed in path", "a", "/\n", NULL, NULL},
        {"carriage return in path", "a", "/\r", NULL, NULL},
        {"space in path", "a", "/a b", NULL, NULL},
        {"tab in path", "a", "/a\tb", NULL, NULL},
        {"delete in path", "a", "/\x7f", NULL, NULL},
        {"beyond ASCII in path", "a", "/\xc3\xbc", NULL, NULL},
        {"fragment", "a", "/a#b", NULL, NULL},
        {"percent at the end", "a", "/a%", NULL, NULL},
        {"percent with one digit", "a", "/a%2", NULL, NULL},
        {"percent without digits", "a", "/a%zz", NULL, NULL},
        {"encoded carriage return", "a", "/a%0d", NULL, NULL},
        {"encoded line feed", "a", "/a%0A", NULL, NULL},
        {"encoded NUL", "a", "/a%00", NULL, NULL},
        {"encoded delete", "a", "/a%7f", NULL, NULL},
        {"colon in user", "a", "/a", "u:v", "p"},
        {"line end in user", "a", "/a", "u\r\n", "p"},
        {"line end in password", "a", "/a", "u", "p\n"},
        {"user too long", "a", "/a", long_word, "p"},
        {"password too long", "a", "/a", "u", long_word},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[FK_HTTP_REQUEST_MAX] = "untouched";
        size_t len = 77;
        struct fk_http_request r = {.host = rows[i].host,
                                    .port = 80,
                                    .path = rows[i].path,
                                    .user = rows[i].user,
                                    .password = rows[i].password};
        if (fk_http_request_write(&r, text, sizeof text, &len) != FK_E_URL || len != 77 ||
            strcmp(text, "untouched") != 0 || fk_http_request_check(&r) != FK_E_URL) {
            fail_msg("not refused, or the outputs changed: %s", rows[i].why);
        }
    }
    struct fk_http_request r = plain_request();
    r.port = 0;
    assert_int_equal(fk_http_request_check(&r), FK_E_URL);
}

static void request_takes_ordinary_paths(void **state)
{
    (void)state;
    static const char *const paths[] = {"/",    "/a/b.ota",     "/a%20b",
                                        "/%7e", "/a?b=c&d=%2F", "/%C3%BC"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct fk_http_request r = plain_request();
        r.path = paths[i];
        assert_int_equal(fk_http_request_check(&r), FK_OK);
    }
}

static void request_that_does_not_fit_is_not_written_past_the_buffer(void **state)
{
    (void)state;
    uint8_t buf[FK_HTTP_REQUEST_MAX];
    struct fk_http_request r = plain_request();
    size_t need = 0;
    assert_int_equal(fk_http_request_write(&r, buf, sizeof buf, &need), FK_OK);
    for (size_t cap = 0; cap < need; cap++) {
        size_t len = 77;
        memset(buf, 0xee, sizeof buf);
        assert_int_equal(fk_http_request_write(&r, buf, cap, &len), FK_E_LIMIT);
        assert_int_equal(len, 77);
        assert_int_equal(buf[cap], 0xee);
    }
}

static void largest_request_fits_the_documented_buffer(void **state)
{
    (void)state;
    char host[FK_HTTP_HOST_MAX + 1];
    char path[513];
    char word[FK_HTTP_CREDENTIAL_MAX + 1];
    uint8_t validator[64];
    uint8_t buf[FK_HTTP_REQUEST_MAX];
    memset(host, 'a', sizeof host);
    memset(path, '/', sizeof path);
    memset(word, 'w', sizeof word);
    memset(validator, 'v', sizeof validator);
    host[sizeof host - 1] = path[sizeof path - 1] = word[sizeof word - 1] = '\0';
    struct fk_http_request r = {.host = host,
                                .port = 65535,
                                .path = path,
                                .user = word,
                                .password = word,
                                .range = {.offset = UINT32_MAX, .validator = {validator, 64}}};
    size_t len = 0;
    assert_int_equal(fk_http_request_write(&r, buf, sizeof buf, &len), FK_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_of_a_whole_file_is_written_byte_for_byte),
        cmocka_unit_test(request_names_a_port_that_is_not_the_default_one),
        cmocka_unit_test(request_of_a_range_names_offset_and_validator),
        cmocka_unit_test(request_of_a_range_without_a_clean_validator_is_our_mistake),
        cmocka_unit_test(request_carries_basic_credentials),
        cmocka_unit_test(request_without_a_user_carries_no_credentials),
        cmocka_unit_test(request_refuses_what_could_leave_its_line),
        cmocka_unit_test(request_takes_ordinary_paths),
        cmocka_unit_test(request_that_does_not_fit_is_not_written_past_the_buffer),
        cmocka_unit_test(largest_request_fits_the_documented_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
