/* SPDX-License-Identifier: Apache-2.0 */
/* Socket commands of the console, and data behind a command line. */
#include "support/hall.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define ON_0 "AT-S.On:192.0.2.1:0\r\n" OK

static void lines_that_are_refused_open_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *line, *want;
    } rows[] = {
        {"AT+S.SOCKON\r", E_MISSING},
        {"AT+S.SOCKON=host\r", E_MISSING},
        {"AT+S.SOCKON=,80\r", E_MISSING},
        {"AT+S.SOCKON=host,\r", E_MISSING},
        {"AT+S.SOCKON=host,x\r", E_INVALID},
        {"AT+S.SOCKON=host,65536\r", E_INVALID},
        {"AT+S.SOCKON=host,-1\r", E_INVALID},
        {"AT+S.SOCKON=host,0\r", E_ZERO},
        {"AT+S.SOCKON=host,80,,t,x\r", E_TOO_MANY},
        {"AT+S.SOCKON=host,80,,s\r", "AT-S.Reason:14:not supported\r\n" E_OPEN},
        {"AT+S.SOCKON=host,80,,server.example\r", "AT-S.Reason:14:not supported\r\n" E_OPEN},
        {"AT+S.SOCKON=host,80,,T\r", "AT-S.Reason:14:not supported\r\n" E_OPEN},
        {"AT+S.SOCKON=host,80,65536,t\r", E_INVALID},
        {"AT+S.SOCKON=host,80,x\r", E_INVALID},
        {"AT+S.SOCKON=host,80,22,t\r", E_PORT_USED}, /* somebody else has it */
        {"AT+S.SOCKDON\r", E_MISSING},
        {"AT+S.SOCKDON=\r", E_MISSING},
        {"AT+S.SOCKDON=0\r", E_ZERO},
        {"AT+S.SOCKDON=80,x\r", E_INVALID},
        {"AT+S.SOCKDON=22,u\r", E_PORT_USED},
        {"AT+S.SOCKDON=80,U\r", E_INVALID},
        {"AT+S.SOCKDON=80,t,t\r", E_TOO_MANY},
        {"AT+S.SOCKDON=80,s1\r", "AT-S.Reason:14:not supported\r\n" E_OPEN},
        {"AT+S.SOCKDON=80,s2\r", "AT-S.Reason:14:not supported\r\n" E_OPEN},
        {"AT+S.SOCKQ\r", E_MISSING},
        {"AT+S.SOCKQ=\r", E_SOCKET_ID},
        {"AT+S.SOCKQ=0\r", E_SOCKET_ID},
        {"AT+S.SOCKQ=3\r", E_SOCKET_ID},
        {"AT+S.SOCKQ=255\r", E_SOCKET_ID},
        {"AT+S.SOCKQ=256\r", E_SOCKET_ID},
        {"AT+S.SOCKQ=4294967296\r", E_SOCKET_ID},
        {"AT+S.SOCKQ=x\r", E_SOCKET_ID},
        {"AT+S.SOCKQ=0,1\r", E_TOO_MANY},
        {"AT+S.SOCKR=1\r", E_SOCKET_ID},
        {"AT+S.SOCKC=2\r", E_SOCKET_ID},
        {"AT+S.SOCKC\r", E_MISSING},
        {"AT+S.SOCKL=1\r", E_TOO_MANY},
        {"AT+S.SOCKL\r", OK},
        {"AT+S.SOCKDL\r", OK},
        {"AT+S.SOCKDL=0\r", E_SOCKET_ID},
        {"AT+S.SOCKDL=255\r", E_SOCKET_ID},
        {"AT+S.SOCKDQ=0\r", E_MISSING},
        {"AT+S.SOCKDQ=0,0\r", E_SOCKET_ID},
        {"AT+S.SOCKDQ=255,0\r", E_SOCKET_ID}, /* no way to a client socket */
        {"AT+S.SOCKDR=2,0\r", E_SOCKET_ID},
        {"AT+S.SOCKDR=0,2\r", E_SOCKET_ID},
        {"AT+S.SOCKDC=0\r", E_SOCKET_ID},
        {"AT+S.SOCKDC=2\r", E_SOCKET_ID},
        {"AT+S.SOCKDC=\r", E_SOCKET_ID},
    };
    struct hall h;
    hall_begin(&h);
    h.links.taken = 22;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *got = desk_say(&h.desk, rows[i].line);
        if (strcmp(got, rows[i].want) != 0) {
            fail_msg("%s: got '%s', expected '%s'", rows[i].line, got, rows[i].want);
        }
        assert_false(fk_sockets_busy(&h.sockets));
    }
    h.desk.port.sockets = NULL;
    assert_says(&h, "AT+S.SOCKL\r", E_COMMAND);
    hall_end(&h);
}

static void socket_lives_from_open_to_close(void **state)
{
    (void)state;
    struct hall h;
    hall_begin(&h);
    assert_int_equal(fk_console_wait_ms(&h.desk.console), UINT32_MAX);
    assert_says(&h, "AT+S.SOCKON=host.example,5000,NULL,t\r", ON_0);
    assert_true(fk_console_wait_ms(&h.desk.console) < 1000);
    assert_string_equal(h.links.links[0].host, "host.example");
    assert_int_equal(h.links.links[0].port, 5000);
    assert_says(&h, "AT+S.SOCKQ=0\r", "AT-S.Query:0\r\n" OK);
    assert_string_equal(desk_poll(&h.desk), "");
    fakelinks_say(&h.links, 0, "hello", 5);
    assert_string_equal(desk_poll(&h.desk), "+WIND:55:Pending Data::0:5:5\r\n");
    fakelinks_say(&h.links, 0, " there", 6);
    assert_string_equal(desk_poll(&h.desk), "+WIND:55:Pending Data::0:6:11\r\n");
    assert_says(&h, "AT+S.SOCKL\r", "AT-S.List::0:1:t:11:192.0.2.1:5000\r\n" OK);
    assert_says(&h, "AT+S.SOCKC=0\r", E_PENDING);
    assert_says(&h, "AT+S.SOCKR=0,4\r", "AT-S.Reading:4:11\r\nhell" OK);
    assert_says(&h, "AT+S.SOCKR=0,\r", "AT-S.Reading:7:7\r\no there" OK);
    assert_says(&h, "AT+S.SOCKR=0,x\r", E_INVALID);
    assert_says(&h, "AT+S.SOCKR=0\r", "AT-S.Reading:0:0\r\n" OK);
    h.links.links[0].peer_closed = true;
    assert_string_equal(desk_poll(&h.desk), "+WIND:58:Socket Closed:0:0\r\n");
    assert_string_equal(desk_poll(&h.desk), "");
    assert_says(&h, "AT+S.SOCKL\r", "AT-S.List::0:0:t:0:192.0.2.1:5000\r\n" OK);
    assert_says(&h, "AT+S.SOCKR=0\r", E_CLOSED);
    assert_says(&h, "AT+S.SOCKW=0,2\rhi", E_CLOSED);
    assert_says(&h, "AT+S.SOCKC=0\r", OK);
    assert_false(h.links.links[0].open);
    assert_says(&h, "AT+S.SOCKC=0\r", E_SOCKET_ID);
    hall_end(&h);
}

static void read_and_query_see_what_was_not_polled(void **state)
{
    (void)state;
    struct hall h;
    hall_begin(&h);
    assert_says(&h, "AT+S.SOCKON=a,1\r", ON_0);
    fakelinks_say(&h.links, 0, "\0\r\n\xff", 4);
    h.links.links[0].peer_closed = true;
    assert_says(&h, "AT+S.SOCKQ=0\rAT+S.SOCKR=0,2\r",
                "+WIND:55:Pending Data::0:4:4\r\n"
                "AT-S.Query:4\r\n" OK "AT-S.Reading:2:4\r\n");
    assert_memory_equal(h.desk.out + h.desk.out_len - 11, "\0\r" OK, 11);
    /* the end is told only behind the data */
    assert_string_equal(desk_poll(&h.desk), "+WIND:58:Socket Closed:0:0\r\n");
    assert_says(&h, "AT+S.SOCKR=0\r", "AT-S.Reading:2:2\r\n\n\xff" OK);
    assert_says(&h, "AT+S.SOCKR=0\r", E_CLOSED);
    hall_end(&h);
}

static void data_is_counted_and_binary(void **state)
{
    (void)state;
    static const char text[] = "AT+S.SOCKW=0,12\r\n\0AT+S.RESET\rAT\r";
    struct hall h;
    hall_begin(&h);
    assert_says(&h, "AT+S.SOCKON=a,1\r", ON_0);
    for (size_t piece = 1; piece < sizeof text; piece++) {
        h.links.links[0].heard_len = 0;
        assert_string_equal(desk_answer(&h.desk, text, sizeof text - 1, piece), OK OK);
        assert_int_equal(h.links.links[0].heard_len, 12);
        assert_memory_equal(h.links.links[0].heard, "\n\0AT+S.RESET", 12);
    }
    assert_false(h.desk.console.reset);
    /* a line that ends in LF: data begins behind the LF */
    h.links.links[0].heard_len = 0;
    assert_says(&h, "AT+S.SOCKW=0,3\n\r\nx", OK);
    assert_memory_equal(h.links.links[0].heard, "\r\nx", 3);
    hall_end(&h);
}

static void data_of_a_refused_command_never_becomes_a_command(void **state)
{
    (void)state;
    static const struct {
        const char *line, *want;
    } rows[] = {
        {"AT+S.SOCKW=1,12\rAT+S.RESET\r\rAT\r", E_SOCKET_ID OK},
        {"AT+S.SOCKDW=0,0,12\rAT+S.RESET\r\rAT\r", E_SOCKET_ID OK},
        {"AT+S.SOCKW=x,12\rAT+S.RESET\r\rAT\r", E_SOCKET_ID OK},
        {"AT+S.SOCKW=0,0\rAT\r", E_ZERO OK},
        {"AT+S.SOCKW=0,\rAT\r", E_MISSING OK},
        {"AT+S.SOCKW=0\rAT\r", E_MISSING OK},
        {"AT+S.SOCKW=0,x\rAT\r", E_INVALID OK},
        {"AT+S.SOCKW=0,1,2\rAT\r", E_TOO_MANY OK},
        {"AT+S.SOCKW=0,65536\rAT\r", E_TOO_LONG OK}, /* nobody means so much */
        {"AT+S.SOCKW=0,99999999999999999999\rAT\r", E_INVALID OK},
    };
    struct hall h;
    char text[400];
    hall_begin(&h);
    assert_says(&h, "AT+S.SOCKON=a,1\r", ON_0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *got = desk_say(&h.desk, rows[i].line);
        if (strcmp(got, rows[i].want) != 0) {
            fail_msg("%s: got '%s', expected '%s'", rows[i].line, got, rows[i].want);
        }
        assert_false(h.desk.console.reset);
    }
    /* the device's limit, and one more */
    int n = snprintf(text, sizeof text, "AT+S.SOCKW=0,100\r%0100d", 7);
    assert_string_equal(desk_answer(&h.desk, text, (size_t)n, 9), OK);
    assert_int_equal(h.links.links[0].heard_len, 100);
    n = snprintf(text, sizeof text, "AT+S.SOCKW=0,101\r%0101dAT\r", 7);
    assert_string_equal(desk_answer(&h.desk, text, (size_t)n, 9), E_TOO_LONG OK);
    assert_int_equal(h.links.links[0].heard_len, 100);
    h.desk.rig.device.console.data_max = 0; /* a device without data takes none */
    assert_says(&h, "AT+S.SOCKW=0,1\rx", E_TOO_LONG);
    hall_end(&h);
}

static void data_that_stops_coming_ends_with_an_error(void **state)
{
    (void)state;
    static const char stuck[] = "AT-S.Reason:67:timed out\r\n" E_REQUEST;
    struct hall h;
    hall_begin(&h);
    assert_says(&h, "AT+S.SOCKON=a,1\r", ON_0);
    assert_says(&h, "AT+S.SOCKW=0,10\rsecret", "");
    assert_int_equal(fk_console_wait_ms(&h.desk.console), 10000);
    h.desk.now_ms += 9999;
    assert_int_equal(fk_console_wait_ms(&h.desk.console), 1);
    assert_string_equal(desk_poll(&h.desk), "");
    assert_says(&h, "x", ""); /* a byte, and the time begins anew */
    h.desk.now_ms += 9999;
    fakelinks_say(&h.links, 0, "hello", 5);
    assert_string_equal(desk_poll(&h.desk), ""); /* no indication while data is expected */
    h.desk.now_ms += 1;
    assert_int_equal(fk_console_wait_ms(&h.desk.console), 0);
    assert_string_equal(desk_poll(&h.desk), stuck);
    assert_int_equal(h.links.links[0].heard_len, 0); /* all or nothing */
    for (size_t i = 0; i + 6 <= sizeof h.desk.console; i++) {
        assert_memory_not_equal((const uint8_t *)&h.desk.console + i, "secret", 6);
    }
    assert_string_equal(desk_poll(&h.desk), "+WIND:55:Pending Data::0:5:5\r\n");

    /* without a poll in between, bytes that come too late are a new line */
    assert_says(&h, "AT+S.SOCKW=0,10\rsecret", "");
    h.desk.now_ms += 10000;
    assert_says(&h, "AT\r", "AT-S.Reason:67:timed out\r\n" E_REQUEST OK);

    /* the same for data of a command that is wrong */
    assert_says(&h, "AT+S.SOCKW=2,10\rsecret", "");
    h.desk.now_ms += 10000;
    assert_string_equal(desk_poll(&h.desk), stuck);
    assert_says(&h, "AT\r", OK);
    hall_end(&h);
}

static void failures_of_the_network_are_told(void **state)
{
    (void)state;
    struct hall h;
    hall_begin(&h);
    h.links.open = FK_E_CONNECT;
    assert_says(&h, "AT+S.SOCKON=a,1\r", "AT-S.Reason:66:cannot connect\r\n" E_OPEN);
    h.links.open = FK_E_TIMEOUT;
    assert_says(&h, "AT+S.SOCKON=a,1\r", "AT-S.Reason:67:timed out\r\n" E_OPEN);
    h.links.open = FK_OK;
    assert_says(&h, "AT+S.SOCKON=a,1\r", ON_0);
    assert_says(&h, "AT+S.SOCKON=b,2\r", "AT-S.On:192.0.2.2:1\r\n" OK);
    assert_says(&h, "AT+S.SOCKON=c,3\r", "AT-S.On:192.0.2.3:2\r\n" OK);
    assert_says(&h, "AT+S.SOCKON=d,4\r", E_SOCKETS);
    assert_says(&h, "AT+S.SOCKC=1\r", OK);
    assert_says(&h, "AT+S.SOCKON=d,4\r", "AT-S.On:192.0.2.2:1\r\n" OK);
    h.links.send = FK_E_TIMEOUT;
    assert_says(&h, "AT+S.SOCKW=0,2\rhi", "AT-S.Reason:67:timed out\r\n" E_WRITE);
    h.links.send = FK_OK; /* part of it may have gone out: the stream is over */
    assert_says(&h, "AT+S.SOCKW=0,2\rhi", "+WIND:58:Socket Closed:0:0\r\n" E_CLOSED);
    h.links.links[2].broken = true;
    assert_string_equal(desk_poll(&h.desk), "+WIND:58:Socket Closed:2:0\r\n");
    hall_end(&h);
}

static void datagrams_are_read_whole(void **state)
{
    (void)state;
    static uint8_t big[2000];
    struct hall h;
    hall_begin(&h);
    assert_says(&h, "AT+S.SOCKON=a,53,,u\r", ON_0);
    assert_int_equal(h.links.links[0].kind, FK_LINK_DATAGRAM);
    fakelinks_say(&h.links, 0, "abcdef", 6);
    assert_string_equal(desk_poll(&h.desk), "+WIND:55:Pending Data::0:6:6\r\n");
    fakelinks_say(&h.links, 0, "x", 1); /* the next one waits */
    assert_string_equal(desk_poll(&h.desk), "");
    assert_says(&h, "AT+S.SOCKR=0,2\r", "AT-S.Reading:2:6\r\nab" OK); /* the rest is gone */
    assert_says(&h, "AT+S.SOCKR=0\r", "+WIND:55:Pending Data::0:1:1\r\nAT-S.Reading:1:1\r\nx" OK);
    fakelinks_say(&h.links, 0, big, sizeof big);
    assert_says(&h, "AT+S.SOCKQ=0\r",
                "+WIND:55:Pending Data::0:1500:1500\r\n"
                "AT-S.Query:1500\r\n" OK);
    assert_says(&h, "AT+S.SOCKL\r", "AT-S.List::0:1:u:1500:192.0.2.1:53\r\n" OK);
    hall_end(&h);
}

static void what_does_not_fit_the_buffer_stays_with_the_network(void **state)
{
    (void)state;
    static uint8_t big[4000];
    struct hall h;
    hall_begin(&h);
    memset(big, 'x', sizeof big);
    assert_says(&h, "AT+S.SOCKON=a,1\r", ON_0);
    fakelinks_say(&h.links, 0, big, sizeof big);
    assert_string_equal(desk_poll(&h.desk), "+WIND:55:Pending Data::0:1500:1500\r\n");
    assert_string_equal(desk_poll(&h.desk), "");
    assert_int_equal(h.links.links[0].in_len, 2500);
    (void)desk_say(&h.desk, "AT+S.SOCKR=0,1000\r");
    assert_string_equal(desk_poll(&h.desk), "+WIND:55:Pending Data::0:1000:1500\r\n");
    assert_int_equal(h.links.links[0].in_len, 1500);
    hall_end(&h);
}

static void local_port_is_asked_for_once(void **state)
{
    (void)state;
    struct hall h;
    hall_begin(&h);
    assert_says(&h, "AT+S.SOCKON=a,1,5000\r", ON_0);
    assert_int_equal(h.links.links[0].local_port, 5000);
    assert_says(&h, "AT+S.SOCKON=b,1,5000,t\r", E_PORT_USED);
    assert_says(&h, "AT+S.SOCKON=b,1,5000,u\r", "AT-S.On:192.0.2.2:1\r\n" OK); /* another kind */
    assert_says(&h, "AT+S.SOCKON=c,1,0,t\r", "AT-S.On:192.0.2.3:2\r\n" OK);
    assert_int_equal(h.links.links[2].local_port, 0);
    assert_says(&h, "AT+S.SOCKC=0\r", OK);
    assert_says(&h, "AT+S.SOCKON=b,1,5000,t\r", ON_0);
    assert_says(&h, "AT+S.SOCKC=0\r", OK);
    h.net.bind = NULL;
    assert_says(&h, "AT+S.SOCKON=a,1,5001\r", "AT-S.Reason:14:not supported\r\n" E_OPEN);
    assert_says(&h, "AT+S.SOCKON=a,1,\r", ON_0);
    hall_end(&h);
}

static void device_that_wants_more_than_there_is_is_refused(void **state)
{
    (void)state;
    struct hall h;
    hall_begin(&h);
    struct fk_socket_limits *l = &h.desk.rig.device.console.sockets;
    struct fk_sockets *s = &h.sockets;
    l->clients = 9; /* and 4 of the servers: one more than there are links */
    assert_int_equal(fk_sockets_init(s, &h.desk.rig.device, &h.net, NULL), FK_E_GEOMETRY);
    h.net.links = 16;
    assert_int_equal(fk_sockets_init(s, &h.desk.rig.device, &h.net, NULL), FK_OK);
    l->clients = 13;
    h.net.links = 20;
    assert_int_equal(fk_sockets_init(s, &h.desk.rig.device, &h.net, NULL), FK_E_GEOMETRY);
    *l = (struct fk_socket_limits){.clients = 1, .servers = 3, .server_clients = 1};
    assert_int_equal(fk_sockets_init(s, &h.desk.rig.device, &h.net, NULL), FK_E_GEOMETRY);
    *l = (struct fk_socket_limits){.clients = 1, .servers = 0, .server_clients = 1};
    assert_int_equal(fk_sockets_init(s, &h.desk.rig.device, &h.net, NULL), FK_OK);
    hall_end(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_that_are_refused_open_nothing),
        cmocka_unit_test(socket_lives_from_open_to_close),
        cmocka_unit_test(read_and_query_see_what_was_not_polled),
        cmocka_unit_test(data_is_counted_and_binary),
        cmocka_unit_test(data_of_a_refused_command_never_becomes_a_command),
        cmocka_unit_test(data_that_stops_coming_ends_with_an_error),
        cmocka_unit_test(failures_of_the_network_are_told),
        cmocka_unit_test(datagrams_are_read_whole),
        cmocka_unit_test(what_does_not_fit_the_buffer_stays_with_the_network),
        cmocka_unit_test(local_port_is_asked_for_once),
        cmocka_unit_test(device_that_wants_more_than_there_is_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
