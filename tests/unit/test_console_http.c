/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP requests of the console, through the application and its transport. */
#include "app/application.h"
#include "support/desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

struct office {
    struct desk desk;
    struct fk_application app;
    struct fk_transport transport;
    struct fk_clock clock;
};

static void office_begin(struct office *o)
{
    memset(o, 0, sizeof *o);
    desk_begin(&o->desk);
    o->transport = fake_transport(&o->desk.rig.net);
    o->clock = fake_clock(&o->desk.rig.net);
    assert_int_equal(fk_application_init(&o->app, &o->desk.rig.core, &o->transport, &o->clock,
                                         &o->desk, desk_write),
                     FK_OK);
}

static void office_end(struct office *o)
{
    desk_end(&o->desk);
}

/* One line with these connections to be had. */
static const char *say(struct office *o, const char *line, const struct fake_script *scripts,
                       size_t n)
{
    fake_init(&o->desk.rig.net, scripts, n);
    o->desk.out_len = 0;
    o->desk.out[0] = '\0';
    assert_int_equal(fk_console_feed(&o->app.console, line, strlen(line)), strlen(line));
    assert_false(o->desk.rig.net.is_open);
    return o->desk.out;
}

static struct fake_script answers(const char *head, const char *body)
{
    return (struct fake_script){
        .head = head, .body = (const uint8_t *)body, .body_len = strlen(body)};
}

static void get_prints_status_and_body(void **state)
{
    (void)state;
    struct office o;
    office_begin(&o);
    struct fake_script s =
        answers("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n", "hello\r\nyou\n");
    for (size_t piece = 1; piece < 20; piece++) {
        s.piece = piece;
        assert_string_equal(say(&o, "AT+S.HTTPGET=www.example,/a?b=c\r", &s, 1),
                            "AT-S.Http Server Status Code:200\r\nhello\r\nyou\n\r\n" OK);
    }
    const char *request = o.desk.rig.net.requests[0];
    assert_memory_equal(request, "GET /a?b=c HTTP/1.1\r\nHost: www.example\r\n", 40);
    assert_null(strstr(request, "Content-Length"));
    assert_int_equal(o.desk.rig.net.port, 80);

    s = answers("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "");
    assert_string_equal(say(&o, "AT+S.HTTPGET=h,/,8080,0,user,pass,,\r", &s, 1),
                        "AT-S.Http Server Status Code:200\r\n\r\n" OK);
    assert_non_null(strstr(o.desk.rig.net.requests[0], "Authorization: Basic dXNlcjpwYXNz\r\n"));
    assert_int_equal(o.desk.rig.net.port, 8080);
    office_end(&o);
}

static void post_is_empty_and_says_so(void **state)
{
    (void)state;
    struct office o;
    office_begin(&o);
    struct fake_script s = answers("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", "ok");
    assert_string_equal(say(&o, "AT+S.HTTPPOST=h,/task\r", &s, 1),
                        "AT-S.Http Server Status Code:200\r\nok\r\n" OK);
    const char *request = o.desk.rig.net.requests[0];
    assert_memory_equal(request, "POST /task HTTP/1.1\r\n", 21);
    assert_non_null(strstr(request, "\r\nContent-Length: 0\r\n"));
    office_end(&o);
}

static void answers_that_are_not_200_are_answers(void **state)
{
    (void)state;
    static const struct {
        const char *head, *want;
    } rows[] = {
        {"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", "AT-S.Http Server Status Code:404\r\n" OK},
        {"HTTP/1.1 301 There\r\nLocation: http://elsewhere.example/\r\n\r\n",
         "AT-S.Http Server Status Code:301\r\n" OK},
        {"HTTP/1.1 200 OK\nContent-Length: 0\n\n",
         "AT-S.Reason:60:malformed HTTP response\r\n" E_REQUEST},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
         "AT-S.Http Server Status Code:200\r\n\r\n"
         "AT-S.Reason:65:connection ended before the body was complete\r\n" E_REQUEST},
    };
    struct office o;
    office_begin(&o);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fake_script s = answers(rows[i].head, "");
        assert_string_equal(say(&o, "AT+S.HTTPGET=h,/\r", &s, 1), rows[i].want);
        assert_int_equal(o.desk.rig.net.opened, 1); /* a redirection is not followed */
    }
    struct fake_script none = {.open = FK_E_CONNECT};
    assert_string_equal(say(&o, "AT+S.HTTPGET=h,/\r", &none, 1),
                        "AT-S.Reason:66:cannot connect\r\n" E_OPEN);
    office_end(&o);
}

static void wrong_lines_send_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *line, *want;
    } rows[] = {
        {"AT+S.HTTPGET\r", E_MISSING},
        {"AT+S.HTTPGET=h\r", E_MISSING},
        {"AT+S.HTTPGET=,/\r", E_MISSING},
        {"AT+S.HTTPGET=h,\r", E_MISSING},
        {"AT+S.HTTPGET=h,/,0\r", E_INVALID},
        {"AT+S.HTTPGET=h,/,65536\r", E_INVALID},
        {"AT+S.HTTPGET=h,/,x\r", E_INVALID},
        {"AT+S.HTTPGET=h,/,80,3\r", E_INVALID},
        {"AT+S.HTTPGET=h,/,80,0,u,p,,,\r", E_TOO_MANY},
        {"AT+S.HTTPGET=h,/,,1\r", "AT-S.Reason:14:not supported\r\n" E_REQUEST},
        {"AT+S.HTTPGET=h,/,,2\r", "AT-S.Reason:14:not supported\r\n" E_REQUEST},
        {"AT+S.HTTPGET=h,/,,,,,down.txt\r", "AT-S.Reason:14:not supported\r\n" E_FILE_OPEN},
        {"AT+S.HTTPPOST=h,/,,,,,,up.txt\r", "AT-S.Reason:14:not supported\r\n" E_FILE_OPEN},
        {"AT+S.HTTPGET=h,no-slash\r",
         "AT-S.Reason:69:host, path or port is not usable\r\n" E_INVALID},
        {"AT+S.HTTPGET=h h,/\r", "AT-S.Reason:69:host, path or port is not usable\r\n" E_INVALID},
    };
    struct office o;
    office_begin(&o);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *got = say(&o, rows[i].line, NULL, 0);
        if (strcmp(got, rows[i].want) != 0) {
            fail_msg("%s: got '%s', expected '%s'", rows[i].line, got, rows[i].want);
        }
        assert_int_equal(o.desk.rig.net.opened, 0);
    }
    office_end(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(get_prints_status_and_body),
        cmocka_unit_test(post_is_empty_and_says_so),
        cmocka_unit_test(answers_that_are_not_200_are_answers),
        cmocka_unit_test(wrong_lines_send_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
