/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP requests of the console, through the application and its transport. */
#include "app/application.h"
#include "fotakit_fw/certstore.h"
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
    struct storehouse {
        struct fk_certstore store;
        struct fk_ram_files files;
    } house;
};

static enum fk_status key_id(struct fk_slice certificate, bool alone, uint8_t ret[32],
                             size_t *ret_len)
{
    (void)certificate, (void)alone, (void)ret, (void)ret_len;
    return FK_E_FORMAT;
}

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

/* Gives it a store, and files in memory: 3 of 100 bytes. */
static void furnish(struct office *o)
{
    static bool skip_dates;
    struct fk_console_words *words = &o->desk.rig.device.console;
    words->data_max = 200;
    words->data_timeout_ms = 1000;
    words->file_max = 80;
    words->ram_files = 3;
    words->ram_file_max = 100;
    struct fk_certstore *store = &o->house.store;
    assert_int_equal(fk_certstore_open(store, &o->desk.rig.device, &o->desk.rig.table, NULL),
                     FK_OK);
    assert_int_equal(fk_certstore_settle(store), FK_OK);
    fk_application_use_tls(&o->app, store, NULL, &skip_dates, key_id);
    fk_application_use_files(&o->app, &o->house.files);
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

#define LIMIT "AT-S.Reason:13:a limit is exceeded\r\n" E_WRITE
#define NAME  "AT-S.Reason:143:file name is not that of a certificate or key\r\n"

static void files_in_memory_are_written_listed_and_forgotten(void **state)
{
    (void)state;
    static const struct {
        const char *line, *want;
    } rows[] = {
        {"AT+S.FSL\r", OK},
        {"AT+S.FSC=/body.json,7\r{\"a\":\r\n", OK},
        {"AT+S.FSC=body.json,2\r1}", OK}, /* appends */
        {"AT+S.FSL\r", "AT-S.File:D\t9\tbody.json\r\n" OK},
        {"AT+S.FSP=body.json\r", "AT-S.Reading:9:9\r\n{\"a\":\r\n1}" OK},
        {"AT+S.FSP=/body.json,7\r", "AT-S.Reading:2:9\r\n1}" OK},
        {"AT+S.FSP=body.json,1,2\r", "AT-S.Reading:2:9\r\n\"a" OK},
        {"AT+S.FSP=body.json,9,2\r", "AT-S.Reading:0:9\r\n" OK},
        {"AT+S.FSP=body.json,4294967295,4294967295\r", "AT-S.Reading:0:9\r\n" OK},
        {"AT+S.FSP=body.json,x\r", E_INVALID},
        {"AT+S.FSP=body.json,0,-1\r", E_INVALID},
        {"AT+S.FSP=none\r", "AT-S.Reason:201:no such file\r\n" E_FILE_READ},
        {"AT+S.FSR=none,b\r", "AT-S.Reason:201:no such file\r\n" E_FILE_RENAME},
        {"AT+S.FSR=body.json,tls.key\r", NAME E_FILE_RENAME},
        {"AT+S.FSR=body.json,body.json\r",
         "AT-S.Reason:35:output exists and may not be replaced\r\n" E_FILE_RENAME},
        {"AT+S.FSR=body.json,/b\r", OK},
        {"AT+S.FSL=b\r", "AT-S.File:D\t9\tb\r\n" OK},
        {"AT+S.FSL=body.json\r", OK},
        /* names that look like those of certificates and keys */
        {"AT+S.FSC=TLS.KEY,3\rabc", NAME E_FILE_OPEN},
        {"AT+S.FSC=C07A.ca,3\rabc", NAME E_FILE_OPEN},
        {"AT+S.FSC=root.CA,3\rabc", NAME E_FILE_OPEN},
        {"AT+S.FSC=a/b,3\rabc", NAME E_FILE_OPEN},
        {"AT+S.FSC=,3\rabc", NAME E_FILE_OPEN},
        {"AT+S.FSC=a b,3\rabc", NAME E_FILE_OPEN},
        {"AT+S.FSC=b,92\r"
         "01234567890123456789012345678901234567890123456789012345678901234567890123456789012345678"
         "901",
         E_TOO_LONG}, /* at a time */
        {"AT+S.FSC=c,80\r"
         "01234567890123456789012345678901234567890123456789012345678901234567890123456789",
         OK},
        {"AT+S.FSC=c,21\r012345678901234567890", LIMIT}, /* 101 together */
        {"AT+S.FSC=c,20\r01234567890123456789", OK},
        {"AT+S.FSC=d,1\rx", OK},
        {"AT+S.FSC=e,1\rx", LIMIT}, /* a fourth file */
        {"AT+S.FSL\r", "AT-S.File:D\t9\tb\r\nAT-S.File:D\t100\tc\r\nAT-S.File:D\t1\td\r\n" OK},
        {"AT+S.FSD=/c\r", OK},
        {"AT+S.FSD=c\r", E_FILE_DELETE},
        {"AT+S.FSC=e,1\rx", OK},
    };
    struct office o;
    office_begin(&o);
    furnish(&o);
    uint32_t ops = o.desk.rig.flash.ops;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *got = say(&o, rows[i].line, NULL, 0);
        if (strcmp(got, rows[i].want) != 0) {
            fail_msg("%s: got '%s', expected '%s'", rows[i].line, got, rows[i].want);
        }
    }
    assert_int_equal(o.desk.rig.flash.ops, ops); /* none of it is in flash */
    fk_application_use_files(&o.app, &o.house.files);
    assert_string_equal(say(&o, "AT+S.FSL\r", NULL, 0), OK);
    office_end(&o);
}

static void post_sends_a_file_and_the_answer_becomes_one(void **state)
{
    (void)state;
    struct office o;
    office_begin(&o);
    furnish(&o);
    struct fake_script s = answers("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n", "\r\nyes\n");
    assert_string_equal(say(&o, "AT+S.FSC=up.json,7\r{\"a\":1}", NULL, 0), OK);
    for (s.piece = 1; s.piece < 8; s.piece++) {
        assert_string_equal(say(&o, "AT+S.HTTPPOST=h,/task,,,,,down.json,up.json\r", &s, 1),
                            "AT-S.Http Server Status Code:200\r\n" OK);
        const char *request = o.desk.rig.net.requests[0];
        assert_memory_equal(request, "POST /task HTTP/1.1\r\n", 21);
        assert_non_null(strstr(request, "\r\nContent-Length: 7\r\n"));
        assert_string_equal(strstr(request, "\r\n\r\n"), "\r\n\r\n{\"a\":1}");
        assert_string_equal(say(&o, "AT+S.FSP=down.json\r", NULL, 0),
                            "AT-S.Reading:6:6\r\n\r\nyes\n" OK); /* replaced, not appended to */
    }
    /* to the console when no file is named */
    assert_string_equal(say(&o, "AT+S.HTTPPOST=h,/task,,,,,,/up.json\r", &s, 1),
                        "AT-S.Http Server Status Code:200\r\n\r\nyes\n\r\n" OK);

    /* the file is as it was unless the answer is whole and fits */
    s = answers("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", "short");
    assert_string_equal(
        say(&o, "AT+S.HTTPGET=h,/page,,,,,down.json,\r", &s, 1),
        "AT-S.Http Server Status Code:200\r\n"
        "AT-S.Reason:65:connection ended before the body was complete\r\n" E_REQUEST);
    s = answers("HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\n", "no");
    assert_string_equal(say(&o, "AT+S.HTTPGET=h,/page,,,,,down.json\r", &s, 1),
                        "AT-S.Http Server Status Code:404\r\n" OK);
    static char big[FK_CONSOLE_DATA_MAX + 2];
    memset(big, 'x', sizeof big - 1);
    for (size_t len = 101; len < sizeof big; len += sizeof big - 102) {
        char head[80];
        snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %lu\r\n\r\n",
                 (unsigned long)len);
        s = (struct fake_script){
            .head = head, .body = (const uint8_t *)big, .body_len = len, .piece = 999};
        assert_string_equal(say(&o, "AT+S.HTTPGET=h,/page,,,,,down.json\r", &s, 1),
                            "AT-S.Http Server Status Code:200\r\n" LIMIT);
    }
    assert_string_equal(say(&o, "AT+S.FSP=down.json\r", NULL, 0),
                        "AT-S.Reading:6:6\r\n\r\nyes\n" OK);

    static const struct {
        const char *line, *want;
    } rows[] = {
        {"AT+S.HTTPGET=h,/,,,,,tls.key\r", NAME E_FILE_OPEN},
        {"AT+S.HTTPGET=h,/,,,,,41.ca\r", NAME E_FILE_OPEN},
        {"AT+S.HTTPPOST=h,/,,,,,,tls.key\r", NAME E_FILE_OPEN},
        {"AT+S.HTTPPOST=h,/,,,,,,none\r", "AT-S.Reason:201:no such file\r\n" E_FILE_OPEN},
        {"AT+S.HTTPGET=h,/,,,,,,up.json\r", "AT-S.Reason:14:not supported\r\n" E_FILE_OPEN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_string_equal(say(&o, rows[i].line, NULL, 0), rows[i].want);
        assert_int_equal(o.desk.rig.net.opened, 0);
    }
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
        cmocka_unit_test(files_in_memory_are_written_listed_and_forgotten),
        cmocka_unit_test(post_sends_a_file_and_the_answer_becomes_one),
        cmocka_unit_test(wrong_lines_send_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
