/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration variables: set, shown, saved, and read again after a reset. */
#include "app/config.h"
#include "support/bytes.h"
#include "support/desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

struct cabinet {
    struct desk desk;
    struct fk_certstore store;
    struct fk_config config;
    uint8_t buf[FK_CONFIG_SAVED_MAX];
};

static const struct fk_console_variable variables[] = {
    {.name = "mode", .type = FK_VARIABLE_NUMBER, .min = 1, .max = 20, .initial = "3"},
    {.name = "name", .type = FK_VARIABLE_TEXT, .min = 0, .max = 10, .initial = ""},
    {.name = "password",
     .type = FK_VARIABLE_TEXT,
     .min = 8,
     .max = 63,
     .secret = true,
     .initial = ""},
    {.name = "skip",
     .type = FK_VARIABLE_NUMBER,
     .use = FK_VARIABLE_SKIP_DATES,
     .min = 0,
     .max = 1,
     .initial = "0"},
    {.name = "server",
     .type = FK_VARIABLE_TEXT,
     .use = FK_VARIABLE_TIME_SERVER,
     .min = 0,
     .max = 64,
     .initial = "time.example"},
    {.name = "ssid",
     .type = FK_VARIABLE_TEXT,
     .use = FK_VARIABLE_NETWORK,
     .min = 0,
     .max = 32,
     .initial = ""},
};

/* A new session over what is in flash. */
static enum fk_status restart(struct cabinet *c)
{
    assert_int_equal(fk_certstore_open(&c->store, &c->desk.rig.device, &c->desk.rig.table, NULL),
                     FK_OK);
    assert_int_equal(fk_certstore_settle(&c->store), FK_OK);
    fk_config_init(&c->config, &c->desk.rig.device);
    return fk_config_load(&c->config, &c->store, c->buf);
}

static void cabinet_begin(struct cabinet *c)
{
    memset(c, 0, sizeof *c);
    desk_begin(&c->desk);
    c->desk.rig.device.console.variables = variables;
    c->desk.rig.device.console.n_variables = sizeof variables / sizeof variables[0];
    assert_int_equal(restart(c), FK_OK);
    c->desk.port.store = &c->store;
    c->desk.port.config = &c->config;
}

static void cabinet_end(struct cabinet *c)
{
    desk_end(&c->desk);
}

static void assert_says(struct cabinet *c, const char *line, const char *want)
{
    const char *got = desk_say(&c->desk, line);
    if (strcmp(got, want) != 0) {
        fail_msg("%s: got '%s', expected '%s'", line, got, want);
    }
}

#define KEY_SET "AT-S.Var:aes128_key=<set>\r\n"

static void variables_are_set_within_their_ranges(void **state)
{
    (void)state;
    static const struct {
        const char *line, *want;
    } rows[] = {
        {"AT+S.GCFG=mode\r", "AT-S.Var:mode=3\r\n" OK},
        {"AT+S.SCFG=mode,20\r", OK},
        {"AT+S.SCFG=mode,0\r", E_INVALID},
        {"AT+S.SCFG=mode,21\r", E_INVALID},
        {"AT+S.SCFG=mode,020\r", E_INVALID},
        {"AT+S.SCFG=mode,\r", E_INVALID},
        {"AT+S.SCFG=mode,-1\r", E_INVALID},
        {"AT+S.SCFG=mode,5x\r", E_INVALID},
        {"AT+S.SCFG=mode,18446744073709551621\r", E_INVALID},
        {"AT+S.GCFG=mode\r", "AT-S.Var:mode=20\r\n" OK},
        {"AT+S.SCFG=name,0123456789\r", OK},
        {"AT+S.SCFG=name,0123456789x\r", E_TOO_LONG},
        {"AT+S.SCFG=name,a=b\r", OK},
        {"AT+S.SCFG=name,a,b\r", E_TOO_MANY},
        {"AT+S.GCFG=name\r", "AT-S.Var:name=a=b\r\n" OK},
        {"AT+S.SCFG=name,\r", OK},
        {"AT+S.GCFG=name\r", "AT-S.Var:name=\r\n" OK},
        {"AT+S.SCFG=password,1234567\r", E_INVALID},
        {"AT+S.SCFG=Mode,5\r", E_VARIABLE},
        {"AT+S.SCFG=,5\r", E_VARIABLE},
        {"AT+S.SCFG=mode\r", E_MISSING},
        {"AT+S.SSIDTXT=my network\r", OK},
        {"AT+S.SSIDTXT\r", "AT-S.Var:ssid=my network\r\n" OK},
        {"AT+S.SSIDTXT=123456789012345678901234567890123\r", E_TOO_LONG},
        {"AT+S.SSIDTXT=a,b\r", E_TOO_MANY},
        {"AT+S.WIFI=0\r", OK},
        {"AT+S.WIFI=1\r", OK},
        {"AT+S.WIFI=2\r", E_INVALID},
        {"AT+S.WIFI\r", E_MISSING},
        {"AT+S.GCFG\r", KEY_SET "AT-S.Var:mode=20\r\nAT-S.Var:name=\r\n"
                                "AT-S.Var:password=<not set>\r\nAT-S.Var:skip=0\r\n"
                                "AT-S.Var:server=time.example\r\nAT-S.Var:ssid=my network\r\n" OK},
        {"AT+S.FCFG=1\r", E_TOO_MANY},
        {"AT+S.FCFG\r", OK},
        {"AT+S.GCFG\r", KEY_SET "AT-S.Var:mode=3\r\nAT-S.Var:name=\r\n"
                                "AT-S.Var:password=<not set>\r\nAT-S.Var:skip=0\r\n"
                                "AT-S.Var:server=time.example\r\nAT-S.Var:ssid=\r\n" OK},
    };
    struct cabinet c;
    cabinet_begin(&c);
    uint32_t ops = c.desk.rig.flash.ops;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_says(&c, rows[i].line, rows[i].want);
    }
    assert_int_equal(c.desk.rig.flash.ops, ops); /* nothing is saved by itself */
    c.desk.port.config = NULL;
    assert_says(&c, "AT+S.FCFG\r", E_COMMAND);
    assert_says(&c, "AT+S.GCFG\r", KEY_SET OK);
    cabinet_end(&c);
}

static void secret_is_never_shown_nor_left_behind(void **state)
{
    (void)state;
    struct cabinet c;
    cabinet_begin(&c);
    assert_says(&c, "AT+S.SCFG=password,correct horse\r", OK);
    assert_says(&c, "AT+S.GCFG=password\r", "AT-S.Var:password=<set>\r\n" OK);
    assert_says(&c, "AT+S.WCFG\r", OK);
    assert_false(test_holds(&c.desk.console, sizeof c.desk.console, "correct horse"));
    assert_true(test_holds(c.desk.rig.flash.bytes, c.desk.rig.flash.size, "correct horse"));
    assert_int_equal(restart(&c), FK_OK);
    assert_false(test_holds(c.buf, sizeof c.buf, "correct horse"));
    assert_says(&c, "AT+S.GCFG=password\r", "AT-S.Var:password=<set>\r\n" OK);
    assert_says(&c, "AT+S.SCFG=password,\r", OK);
    assert_says(&c, "AT+S.GCFG=password\r", "AT-S.Var:password=<not set>\r\n" OK);
    assert_says(&c, "AT+S.WCFG\r", OK);
    assert_false(test_holds(c.desk.rig.flash.bytes, c.desk.rig.flash.size, "correct horse"));
    cabinet_end(&c);
}

static void only_what_was_saved_survives_a_reset(void **state)
{
    (void)state;
    struct cabinet c;
    cabinet_begin(&c);
    assert_says(&c, "AT+S.SCFG=mode,7\r", OK);
    assert_says(&c, "AT+S.SCFG=skip,1\r", OK);
    assert_true(c.config.skip_dates); /* at once */
    assert_int_equal(restart(&c), FK_OK);
    assert_false(c.config.skip_dates);
    assert_says(&c, "AT+S.GCFG=mode\r", "AT-S.Var:mode=3\r\n" OK);
    assert_says(&c, "AT+S.SCFG=mode,7\r", OK);
    assert_says(&c, "AT+S.SCFG=skip,1\r", OK);
    assert_says(&c, "AT+S.WCFG\r", OK);
    assert_says(&c, "AT+S.SCFG=mode,8\r", OK);
    assert_int_equal(restart(&c), FK_OK);
    assert_true(c.config.skip_dates);
    assert_says(&c, "AT+S.GCFG=mode\r", "AT-S.Var:mode=7\r\n" OK);
    assert_says(&c, "AT+S.FSL\r", E_COMMAND); /* there is no key_id here, and no file either way */
    assert_says(&c, "AT+S.FCFG\r", OK);
    assert_false(c.config.skip_dates);
    cabinet_end(&c);
}

static void saved_values_that_do_not_fit_are_passed_over(void **state)
{
    (void)state;
    static const char saved[] = "mode=21\nname=good\nunknown=1\nskip=2\nno equals\n=5\n"
                                "password=short\nname\nssid=last\nmode=9";
    struct cabinet c;
    cabinet_begin(&c);
    const struct fk_store_item item = {
        .set = FK_STORE_CONFIG,
        .role = FK_STORE_KEY,
        .name = "config",
        .data = {(const uint8_t *)saved, sizeof saved - 1},
    };
    assert_int_equal(fk_certstore_put(&c.store, &item), FK_OK);
    assert_int_equal(restart(&c), FK_OK);
    assert_says(&c, "AT+S.GCFG\r",
                KEY_SET "AT-S.Var:mode=3\r\nAT-S.Var:name=good\r\n"
                        "AT-S.Var:password=<not set>\r\nAT-S.Var:skip=0\r\n"
                        "AT-S.Var:server=time.example\r\nAT-S.Var:ssid=last\r\n" OK);
    cabinet_end(&c);
}

static char asked[128];
static enum fk_status answer;

static enum fk_status ask_time(void *ctx, const char *host, uint16_t port)
{
    (void)ctx;
    snprintf(asked, sizeof asked, "%s %u", host, (unsigned)port);
    return answer;
}

static void time_server_is_the_one_of_the_configuration(void **state)
{
    (void)state;
    static const struct {
        const char *server, *asked;
    } rows[] = {
        {"10.0.0.1", "10.0.0.1 123"},
        {"ntp.example:4123", "ntp.example 4123"},
        {"2001:db8::1", "2001:db8::1 123"},
        {"ntp.example:0", ""},
        {"ntp.example:65536", ""},
        {"ntp.example:x", ""},
        {":123", ""},
        {"", ""},
    };
    struct cabinet c;
    char line[128];
    cabinet_begin(&c);
    assert_says(&c, "AT+S.NTP\r", E_COMMAND);
    c.desk.port.ask_time = ask_time;
    assert_says(&c, "AT+S.NTP\r", OK);
    assert_string_equal(asked, "time.example 123");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        asked[0] = '\0';
        snprintf(line, sizeof line, "AT+S.SCFG=server,%s\r", rows[i].server);
        assert_says(&c, line, OK);
        assert_says(&c, "AT+S.NTP\r",
                    rows[i].asked[0] != '\0'
                        ? OK
                        : "AT-S.Reason:69:host, path or port is not usable\r\n" E_TIME);
        assert_string_equal(asked, rows[i].asked);
    }
    answer = FK_E_SNTP;
    assert_says(&c, "AT+S.SCFG=server,a\r", OK);
    assert_says(&c, "AT+S.NTP\r",
                "AT-S.Reason:73:answer of the time server cannot be used\r\n" E_TIME);
    assert_says(&c, "AT+S.NTP=a\r", E_TOO_MANY);
    cabinet_end(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variables_are_set_within_their_ranges),
        cmocka_unit_test(secret_is_never_shown_nor_left_behind),
        cmocka_unit_test(only_what_was_saved_survives_a_reset),
        cmocka_unit_test(time_server_is_the_one_of_the_configuration),
        cmocka_unit_test(saved_values_that_do_not_fit_are_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
