/* SPDX-License-Identifier: Apache-2.0 */
/* The console: what each line is answered with, in any pieces, and what it leaves behind. */
#include "app/application.h"
#include "support/desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define KEY "00112233445566778899aAbBcCdDeEfF"

static const struct {
    const char *why, *line, *want;
} lines[] = {
    {"attention", "AT\r", OK},
    {"small letters", "at\r", OK},
    {"CR LF", "AT\r\n", OK},
    {"LF", "AT\n", OK},
    {"empty lines", "\r\r\n\n\r", ""},
    {"two commands", "AT\rAT\r", OK OK},
    {"LF CR is two ends", "AT\n\rAT\r", OK OK},
    {"mixed letters", "aT+s.WcFg\r", OK},
    {"no attention", "HELLO\r", E_COMMAND},
    {"space first", " AT\r", E_COMMAND},
    {"space behind", "AT \r", E_COMMAND},
    {"AT and more", "ATX\r", E_COMMAND},
    {"no name", "AT+S.\r", E_COMMAND},
    {"half a prefix", "AT+S\r", E_COMMAND},
    {"another prefix", "AT+X.STS\r", E_COMMAND},
    {"unknown name", "AT+S.REST\r", E_COMMAND},
    {"beginning of a name", "AT+S.ST\r", E_COMMAND},
    {"name and more", "AT+S.STSX\r", E_COMMAND},
    {"only an equals sign", "=\r", E_COMMAND},
    {"AT with an argument", "AT=1\r", E_COMMAND},
    {"not built yet", "AT+S.TLSCERT=ca,5\r", E_COMMAND},
    {"tab", "AT+S.STS\t\r", E_INVALID},
    {"escape sequence", "\x1b[A\r", E_INVALID},
    {"beyond ASCII", "\xc3\xbc\r", E_COMMAND},

    {"key is not shown", "AT+S.GCFG=aes128_key\r", "AT-S.Var:aes128_key=<set>\r\n" OK},
    {"all variables", "AT+S.GCFG\r", "AT-S.Var:aes128_key=<set>\r\n" OK},
    {"another variable", "AT+S.GCFG=wifi_mode\r", E_VARIABLE},
    {"variable in capitals", "AT+S.GCFG=AES128_KEY\r", E_VARIABLE},
    {"no variable", "AT+S.GCFG=\r", E_VARIABLE},
    {"two variables", "AT+S.GCFG=aes128_key,x\r", E_TOO_MANY},

    {"nothing to set", "AT+S.SCFG\r", E_MISSING},
    {"no value", "AT+S.SCFG=aes128_key\r", E_MISSING},
    {"set another variable", "AT+S.SCFG=wifi_mode,1\r", E_VARIABLE},
    {"key is empty", "AT+S.SCFG=aes128_key,\r", E_INVALID},
    {"key of 31 digits", "AT+S.SCFG=aes128_key,00112233445566778899aabbccddeef\r", E_INVALID},
    {"key of 33 digits", "AT+S.SCFG=aes128_key,00112233445566778899aabbccddeeff0\r", E_INVALID},
    {"key with a letter", "AT+S.SCFG=aes128_key,00112233445566778899aabbccddeefg\r", E_INVALID},
    {"key with a prefix", "AT+S.SCFG=aes128_key,0x112233445566778899aabbccddeeff\r", E_INVALID},
    {"key with a space", "AT+S.SCFG=aes128_key, 0112233445566778899aabbccddeeff\r", E_INVALID},
    {"key and more", "AT+S.SCFG=aes128_key," KEY ",1\r", E_TOO_MANY},

    {"store with an argument", "AT+S.WCFG=1\r", E_TOO_MANY},
    {"confirm with an argument", "AT+S.CONFIRM=1\r", E_TOO_MANY},
    {"reset with an argument", "AT+S.RESET=1\r", E_TOO_MANY},
    {"nothing to confirm", "AT+S.CONFIRM\r", OK},

    {"state by name", "AT+S.STS=update_phase\r", "AT-S.Var:update_phase=idle\r\n" OK},
    {"size", "AT+S.STS=image_size\r", "AT-S.Var:image_size=1000\r\n" OK},
    {"unknown state", "AT+S.STS=x\r", E_VARIABLE},
    {"two states", "AT+S.STS=update_phase,image_size\r", E_TOO_MANY},

    {"time is not set", "AT+S.TIME\r", "AT-S.Reason:87:the clock is not set\r\n" E_TIME},
    {"no time", "AT+S.TIME=\r", E_INVALID},
    {"time zero", "AT+S.TIME=0\r", "AT-S.Reason:13:a limit is exceeded\r\n" E_TIME},
    {"time in the year 10000", "AT+S.TIME=253402300800\r",
     "AT-S.Reason:13:a limit is exceeded\r\n" E_TIME},
    {"time of more than 64 bits", "AT+S.TIME=18446744073709551616\r", E_INVALID},
    {"time with a sign", "AT+S.TIME=-1\r", E_INVALID},
    {"two times", "AT+S.TIME=1,2\r", E_TOO_MANY},

    {"nothing to fetch", "AT+S.FWUPDATE\r", E_MISSING},
    {"only the mode", "AT+S.FWUPDATE=e\r", E_MISSING},
    {"no path", "AT+S.FWUPDATE=e,host\r", E_MISSING},
    {"empty host", "AT+S.FWUPDATE=e,,/p\r", E_MISSING},
    {"empty path", "AT+S.FWUPDATE=e,h,\r", E_MISSING},
    {"empty mode", "AT+S.FWUPDATE=,h,/p\r", E_MISSING},
    {"other mode", "AT+S.FWUPDATE=x,h,/p\r", E_INVALID},
    {"mode in capitals", "AT+S.FWUPDATE=E,h,/p\r", E_INVALID},
    {"port 0", "AT+S.FWUPDATE=e,h,/p,0\r", E_INVALID},
    {"port 65536", "AT+S.FWUPDATE=e,h,/p,65536\r", E_INVALID},
    {"port of 2^64 + 80", "AT+S.FWUPDATE=e,h,/p,18446744073709551696\r", E_INVALID},
    {"port with a sign", "AT+S.FWUPDATE=e,h,/p,+80\r", E_INVALID},
    {"port with a letter", "AT+S.FWUPDATE=e,h,/p,80x\r", E_INVALID},
    {"port with a space", "AT+S.FWUPDATE=e,h,/p, 80\r", E_INVALID},
    {"TLS 3", "AT+S.FWUPDATE=e,h,/p,443,3\r", E_INVALID},
    {"TLS 00", "AT+S.FWUPDATE=e,h,/p,443,00\r", E_INVALID},
    {"eight arguments", "AT+S.FWUPDATE=e,h,/p,80,0,u,p,x\r", E_TOO_MANY},
    {"thirty arguments", "AT+S.FWUPDATE=e,h,/p,80,0,u,p,,,,,,,,,,,,,,,,,,,,,,,x\r", E_TOO_MANY},
};

static void line_is_answered_as_documented_in_any_pieces(void **state)
{
    (void)state;
    struct desk d;
    desk_begin(&d);
    uint32_t ops = d.rig.flash.ops;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        size_t len = strlen(lines[i].line);
        for (size_t piece = 1; piece <= len; piece++) {
            const char *got = desk_answer(&d, lines[i].line, len, piece);
            if (strcmp(got, lines[i].want) != 0) {
                fail_msg("%s, pieces of %zu: got '%s', expected '%s'", lines[i].why, piece, got,
                         lines[i].want);
            }
        }
    }
    assert_int_equal(d.updates, 0);
    assert_int_equal(d.rig.flash.ops, ops); /* none of them changes anything */
    assert_false(d.console.reset);
    desk_end(&d);
}

static void nul_byte_does_not_hide_the_rest_of_a_line(void **state)
{
    (void)state;
    struct desk d;
    desk_begin(&d);
    assert_string_equal(desk_answer(&d, "AT\0+S.RESET\r", 12, 12), E_INVALID);
    assert_string_equal(desk_answer(&d, "\0\r", 2, 1), E_INVALID);
    assert_false(d.console.reset);
    desk_end(&d);
}

static void line_at_the_limit_is_taken_and_one_above_is_refused(void **state)
{
    (void)state;
    char text[2000];
    struct desk d;
    desk_begin(&d);
    int head = snprintf(text, sizeof text, "AT+S.FWUPDATE=e,h,/");
    memset(text + head, 'p', sizeof text - (size_t)head);
    text[512] = '\r';
    assert_string_equal(desk_answer(&d, text, 513, 100), OK);
    assert_int_equal(d.updates, 1);
    assert_int_equal(strlen(d.asked), strlen("h 80  [] []") + 512 - (size_t)head + 1);

    text[512] = 'p';
    text[513] = '\r';
    assert_string_equal(desk_answer(&d, text, 514, 100), E_TOO_LONG);
    text[513] = 'p';
    text[1999] = '\r';
    assert_string_equal(desk_answer(&d, text, 2000, 7), E_TOO_LONG);
    assert_int_equal(d.updates, 1);
    assert_string_equal(desk_say(&d, "AT\r"), OK); /* in step again */
    desk_end(&d);
}

static void update_passes_the_arguments_on(void **state)
{
    (void)state;
    static const struct {
        const char *line, *asked;
    } rows[] = {
        {"AT+S.FWUPDATE=e,host.example,/p\r", "host.example 80 /p [] []"},
        {"AT+S.FWUPDATE=e,host.example,/p,\r", "host.example 80 /p [] []"},
        {"AT+S.FWUPDATE=e,::1,/a/b?c=d,8080,0\r", "::1 8080 /a/b?c=d [] []"},
        {"AT+S.FWUPDATE=e,h,/p,65535,,user,pass=word\r", "h 65535 /p [user] [pass=word]"},
        {"at+s.fwupdate=e,h,/p,,,,\r", "h 80 /p [] []"},
        {"AT+S.FWUPDATE=e,h,/p,8443,1\r", "tls h 8443 /p [] []"}, /* never in the clear */
        {"AT+S.FWUPDATE=e,h,/p,,2,u,p\r", "tls h 443 /p [u] [p]"},
    };
    struct desk d;
    desk_begin(&d);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_string_equal(desk_say(&d, rows[i].line), OK);
        assert_string_equal(d.asked, rows[i].asked);
    }
    desk_end(&d);
}

static void update_that_fails_says_why_in_two_words(void **state)
{
    (void)state;
    static const struct {
        enum fk_status st;
        uint16_t http_status;
        const char *want;
    } rows[] = {
        {FK_E_HTTP_STATUS, 404,
         "AT-S.Reason:61:server did not answer 200 or 206 (404)\r\n" E_REQUEST},
        {FK_E_HTTP_REDIRECT, 301,
         "AT-S.Reason:62:server redirects, which is refused (301)\r\n" E_REQUEST},
        {FK_E_CONNECT, 0, "AT-S.Reason:66:cannot connect\r\n" E_OPEN},
        {FK_E_TIMEOUT, 200, "AT-S.Reason:67:timed out\r\n" E_REQUEST},
        {FK_E_URL, 0, "AT-S.Reason:69:host, path or port is not usable\r\n" E_INVALID},
        {FK_E_FLASH, 200, "AT-S.Reason:203:flash operation failed\r\n" E_FLASH},
        {FK_E_PLAIN_REFUSED, 200,
         "AT-S.Reason:43:policy refuses packets that are not encrypted\r\n" E_REQUEST},
    };
    struct desk d;
    desk_begin(&d);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        d.answer = rows[i].st;
        d.http_status = rows[i].http_status;
        assert_string_equal(desk_say(&d, "AT+S.FWUPDATE=e,h,/p\r"), rows[i].want);
    }
    desk_end(&d);
}

static void time_is_set_and_goes_on(void **state)
{
    (void)state;
    struct desk d;
    desk_begin(&d);
    assert_string_equal(desk_say(&d, "AT+S.TIME=1795264427\r"), OK);
    d.now_ms += 13000;
    assert_string_equal(desk_say(&d, "at+s.time\r"),
                        "AT-S.Time:1795264440\r\nAT-S.Date:2026-11-21T12:34:00Z\r\n" OK);
    assert_string_equal(desk_say(&d, "AT+S.TIME=4102444800\r"), OK); /* beyond 32 bits with sign */
    assert_string_equal(desk_say(&d, "AT+S.TIME\r"),
                        "AT-S.Time:4102444800\r\nAT-S.Date:2100-01-01T00:00:00Z\r\n" OK);
    assert_int_equal(d.wall.source, FK_TIME_COMMAND);
    d.port.wall = NULL;
    assert_string_equal(desk_say(&d, "AT+S.TIME\r"), E_COMMAND);
    desk_end(&d);
}

static bool memory_holds(const void *p, size_t len, const void *secret, size_t n)
{
    for (size_t i = 0; i + n <= len; i++) {
        if (memcmp((const uint8_t *)p + i, secret, n) == 0) {
            return true;
        }
    }
    return false;
}

static void key_is_stored_at_once_and_forgotten_by_the_console(void **state)
{
    (void)state;
    static const uint8_t key[16] = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
                                    0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};
    struct desk d;
    desk_begin(&d);
    assert_true(memory_holds(d.rig.flash.bytes, d.rig.flash.size, d.rig.key, 16));
    assert_string_equal(desk_say(&d, "AT+S.SCFG=aes128_key," KEY "\r"), OK);
    assert_false(memory_holds(&d.console, sizeof d.console, KEY, 32));
    assert_false(memory_holds(d.rig.flash.bytes, d.rig.flash.size, d.rig.key, 16));
    rig_boot(&d.rig); /* and survives the reset */
    assert_true(d.rig.core.state.has_key);
    assert_memory_equal(d.rig.core.state.key, key, 16);
    assert_string_equal(desk_say(&d, "AT+S.GCFG=aes128_key\r"), "AT-S.Var:aes128_key=<set>\r\n" OK);
    assert_int_equal(fk_update_set_key(&d.rig.core, NULL), FK_OK);
    assert_string_equal(desk_say(&d, "AT+S.GCFG\r"), "AT-S.Var:aes128_key=<not set>\r\n" OK);
    desk_end(&d);
}

static void password_is_wiped_after_the_command(void **state)
{
    (void)state;
    struct desk d;
    desk_begin(&d);
    assert_string_equal(desk_say(&d, "AT+S.FWUPDATE=e,h,/p,80,0,user,correct-horse\r"), OK);
    assert_string_equal(d.asked, "h 80 /p [user] [correct-horse]");
    assert_false(memory_holds(&d.console, sizeof d.console, "correct-horse", 13));
    assert_string_equal(desk_say(&d, "AT+S.NONSENSE=correct-horse\r"), E_COMMAND);
    assert_false(memory_holds(&d.console, sizeof d.console, "correct-horse", 13));
    desk_end(&d);
}

static void reset_stops_the_input_where_it_stands(void **state)
{
    (void)state;
    static const char text[] = "AT\rAT+S.RESET\r\nAT+S.STS\r";
    struct desk d;
    desk_begin(&d);
    assert_int_equal(fk_console_feed(&d.console, text, sizeof text - 1), 14);
    assert_true(d.console.reset);
    assert_string_equal(d.out, OK OK);
    assert_int_equal(fk_console_feed(&d.console, "AT\r", 3), 0);
    desk_end(&d);
}

static void state_shows_the_image_and_the_last_verdict(void **state)
{
    (void)state;
    struct desk d;
    desk_begin(&d);
    assert_int_equal(fk_update_cancel(&d.rig.core, FK_E_TAG), FK_OK);
    const char *got = desk_say(&d, "AT+S.STS\r");
    assert_non_null(strstr(got, "AT-S.Var:update_phase=idle\r\nAT-S.Var:image_size=1000\r\n"
                                "AT-S.Var:image_sha256="));
    assert_non_null(strstr(got, "AT-S.Var:last_status=40\r\n"
                                "AT-S.Var:last_text=authentication tag does not verify\r\n"
                                "AT-S.Var:last_phase=receiving\r\nAT-S.OK\r\n"));
    got = strstr(got, "image_sha256=") + strlen("image_sha256=");
    assert_int_equal(strspn(got, "0123456789abcdef"), 64);
    desk_end(&d);
}

static void state_tells_whose_word_the_image_has(void **state)
{
    (void)state;
    static const struct {
        enum fk_origin origin;
        const char *word;
    } rows[] = {{FK_ORIGIN_BARE, "bare"},
                {FK_ORIGIN_ENVELOPE, "signed"},
                {FK_ORIGIN_ENVELOPE_2, "signed"},
                {FK_ORIGIN_FACTORY, "factory"},
                {FK_ORIGIN_RECORDED, "revoked"}};
    struct desk d;
    char expected[100];
    desk_begin(&d);
    assert_int_equal(sizeof rows / sizeof rows[0], FK_ORIGIN_COUNT);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        d.rig.core.state.running.origin = rows[i].origin;
        snprintf(expected, sizeof expected, "AT-S.Var:image_origin=%s\r\n" OK, rows[i].word);
        assert_string_equal(desk_say(&d, "AT+S.STS=image_origin\r"), expected);
    }
    d.rig.core.state.running.sequence = UINT64_MAX;
    d.rig.core.state.counter = 12;
    assert_string_equal(desk_say(&d, "AT+S.STS=image_sequence\r"),
                        "AT-S.Var:image_sequence=18446744073709551615\r\n" OK);
    assert_string_equal(desk_say(&d, "AT+S.STS=rollback_counter\r"),
                        "AT-S.Var:rollback_counter=12\r\n" OK);
    assert_string_equal(desk_say(&d, "AT+S.STS=trusted_keys\r"), "AT-S.Var:trusted_keys=0\r\n" OK);
    const struct fk_trust trust = {.policy = {.n_anchors = 3}};
    d.rig.core.trust = &trust;
    assert_string_equal(desk_say(&d, "AT+S.STS=trusted_keys\r"), "AT-S.Var:trusted_keys=3\r\n" OK);
    d.rig.core.state.running.size = 0;
    assert_string_equal(desk_say(&d, "AT+S.STS=image_origin\r"),
                        "AT-S.Var:image_origin=none\r\n" OK);
    desk_end(&d);
}

static void console_refuses_a_device_that_it_cannot_serve(void **state)
{
    (void)state;
    struct desk d;
    desk_begin(&d);
    d.rig.device.console.line_max = FK_CONSOLE_LINE_MAX + 1;
    assert_int_equal(fk_console_init(&d.console, &d.rig.core, &d.port), FK_E_GEOMETRY);
    d.rig.device.console.line_max = 52; /* one too few for SCFG */
    assert_int_equal(fk_console_init(&d.console, &d.rig.core, &d.port), FK_E_GEOMETRY);
    d.rig.device.console.line_max = 53;
    assert_int_equal(fk_console_init(&d.console, &d.rig.core, &d.port), FK_OK);
    d.rig.device.console.data_max = FK_CONSOLE_DATA_MAX + 1;
    assert_int_equal(fk_console_init(&d.console, &d.rig.core, &d.port), FK_E_GEOMETRY);
    d.rig.device.console.data_max = 0;
    d.rig.core.work_len = FK_CONSOLE_DATA_MAX - 64; /* where data is collected */
    assert_int_equal(fk_console_init(&d.console, &d.rig.core, &d.port), FK_E_GEOMETRY);
    d.rig.core.work_len = FK_CONSOLE_DATA_MAX;
    d.port.clock = NULL;
    assert_int_equal(fk_console_init(&d.console, &d.rig.core, &d.port), FK_E_INTERNAL);
    d.port.clock = &d.device_clock;
    d.port.update = NULL;
    assert_int_equal(fk_console_init(&d.console, &d.rig.core, &d.port), FK_E_INTERNAL);
    desk_end(&d);
}

/* The console with the real download behind it, through update, reset, trial and confirmation. */
static void application_takes_a_device_through_an_update(void **state)
{
    (void)state;
    struct desk d;
    static struct fk_application app;
    desk_begin(&d);
    struct fake_script server = rig_server(&d.rig);
    struct fk_transport transport = fake_transport(&d.rig.net);
    struct fk_clock clock = fake_clock(&d.rig.net);
    fake_init(&d.rig.net, &server, 1);
    static const char update[] = "AT+S.FWUPDATE=e,updates.example,/new.ota\rAT+S.RESET\r";
    assert_int_equal(fk_application_init(&app, &d.rig.core, &transport, &clock, &d, desk_write),
                     FK_OK);
    assert_int_equal(fk_console_feed(&app.console, update, sizeof update - 1), sizeof update - 1);
    assert_string_equal(d.out, OK OK);
    assert_true(app.console.reset);

    assert_true(rig_boot(&d.rig).installed);
    d.out_len = 0;
    static const char confirm[] =
        "AT+S.STS=update_phase\rAT+S.CONFIRM\rAT+S.STS=update_phase\rAT+S.STS=image_size\r";
    assert_int_equal(fk_application_init(&app, &d.rig.core, &transport, &clock, &d, desk_write),
                     FK_OK);
    assert_int_equal(fk_console_feed(&app.console, confirm, sizeof confirm - 1),
                     sizeof confirm - 1);
    assert_string_equal(d.out,
                        "AT-S.Var:update_phase=trial\r\n" OK OK "AT-S.Var:update_phase=idle\r\n" OK
                        "AT-S.Var:image_size=3000\r\n" OK);
    desk_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(line_is_answered_as_documented_in_any_pieces),
        cmocka_unit_test(nul_byte_does_not_hide_the_rest_of_a_line),
        cmocka_unit_test(line_at_the_limit_is_taken_and_one_above_is_refused),
        cmocka_unit_test(update_passes_the_arguments_on),
        cmocka_unit_test(update_that_fails_says_why_in_two_words),
        cmocka_unit_test(time_is_set_and_goes_on),
        cmocka_unit_test(key_is_stored_at_once_and_forgotten_by_the_console),
        cmocka_unit_test(password_is_wiped_after_the_command),
        cmocka_unit_test(reset_stops_the_input_where_it_stands),
        cmocka_unit_test(state_shows_the_image_and_the_last_verdict),
        cmocka_unit_test(state_tells_whose_word_the_image_has),
        cmocka_unit_test(console_refuses_a_device_that_it_cannot_serve),
        cmocka_unit_test(application_takes_a_device_through_an_update),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
