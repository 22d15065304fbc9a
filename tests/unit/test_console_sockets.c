/* SPDX-License-Identifier: Apache-2.0 */
/* Socket commands of the console, and data behind a command line. */
#include "app/sockets.h"
#include "support/desk.h"
#include "support/fakelinks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

/* A desk with sockets: 3 clients, 2 servers with 2 clients each. */
struct hall {
    struct desk desk;
    struct fakelinks links;
    struct fk_net net;
    struct fk_sockets sockets;
};

static void hall_begin(struct hall *h)
{
    memset(h, 0, sizeof *h);
    desk_begin(&h->desk);
    struct fk_console_words *words = &h->desk.rig.device.console;
    words->data_max = 100;
    words->data_timeout_ms = 10000;
    words->sockets = (struct fk_socket_limits){
        .clients = 3, .secure_clients = 2, .servers = 2, .server_clients = 2};
    h->net = fakelinks_net(&h->links);
    assert_int_equal(fk_sockets_init(&h->sockets, &h->desk.rig.device, &h->net, NULL), FK_OK);
    h->desk.port.sockets = &h->sockets;
}

static void hall_end(struct hall *h)
{
    fk_sockets_close_all(&h->sockets);
    for (unsigned i = 0; i < FAKE_LINKS; i++) {
        assert_false(h->links.links[i].open);
    }
    for (unsigned i = 0; i < FAKE_LISTENERS; i++) {
        assert_int_equal(h->links.listening[i], 0);
    }
    desk_end(&h->desk);
}

static void assert_says(struct hall *h, const char *line, const char *want)
{
    assert_string_equal(desk_say(&h->desk, line), want);
}

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
        {"AT+S.SOCKON=host,80,5000,t\r", "AT-S.Reason:14:not supported\r\n" E_OPEN},
        {"AT+S.SOCKDON\r", E_MISSING},
        {"AT+S.SOCKDON=\r", E_MISSING},
        {"AT+S.SOCKDON=0\r", E_ZERO},
        {"AT+S.SOCKDON=80,x\r", E_INVALID},
        {"AT+S.SOCKDON=80,u\r", "AT-S.Reason:14:not supported\r\n" E_OPEN},
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

static void server_takes_clients_up_to_its_limit(void **state)
{
    (void)state;
    struct hall h;
    hall_begin(&h);
    assert_says(&h, "AT+S.SOCKDON=8080,t\r", "AT-S.On:0\r\n" OK);
    assert_says(&h, "AT+S.SOCKDON=8080\r", E_PORT_USED);
    h.links.taken = 22;
    assert_says(&h, "AT+S.SOCKDON=22\r", E_PORT_USED);
    assert_says(&h, "AT+S.SOCKDON=8081\r", "AT-S.On:1\r\n" OK);
    assert_says(&h, "AT+S.SOCKDON=8082\r", E_SOCKETS);
    h.links.waiting[1] = 3;
    assert_string_equal(desk_poll(&h.desk),
                        "+WIND:61:Incoming Socket Client:192.0.2.6:4005:1:0\r\n");
    assert_string_equal(desk_poll(&h.desk),
                        "+WIND:61:Incoming Socket Client:192.0.2.7:4006:1:1\r\n");
    assert_string_equal(desk_poll(&h.desk), ""); /* the third waits */
    assert_int_equal(h.links.waiting[1], 1);
    fakelinks_say(&h.links, 6, "ask", 3);
    assert_string_equal(desk_poll(&h.desk), "+WIND:55:Pending Data:1:1:3:3\r\n");
    assert_says(&h, "AT+S.SOCKDL\r",
                "AT-S.List:0::1:t:0::8080\r\nAT-S.List:1::1:t:0::8081\r\n"
                "AT-S.List:1:0:1:t:0:192.0.2.6:4005\r\n"
                "AT-S.List:1:1:1:t:3:192.0.2.7:4006\r\n" OK);
    assert_says(&h, "AT+S.SOCKDL=0\r", "AT-S.List:0::1:t:0::8080\r\n" OK);
    assert_says(&h, "AT+S.SOCKL\r", OK); /* they are not client sockets */
    assert_says(&h, "AT+S.SOCKDQ=1,1\r", "AT-S.Query:3\r\n" OK);
    assert_says(&h, "AT+S.SOCKDW=1,1,6\ranswer", OK);
    assert_memory_equal(h.links.links[6].heard, "answer", 6);
    assert_says(&h, "AT+S.SOCKDC=1\r", E_PENDING);
    assert_says(&h, "AT+S.SOCKDR=1,1,2\r", "AT-S.Reading:2:3\r\nas" OK);
    assert_says(&h, "AT+S.SOCKDR=1,1\r", "AT-S.Reading:1:1\r\nk" OK);
    assert_says(&h, "AT+S.SOCKDC=1,1\r", OK);
    assert_string_equal(desk_poll(&h.desk),
                        "+WIND:61:Incoming Socket Client:192.0.2.7:4006:1:1\r\n");
    h.links.links[6].peer_closed = true;
    assert_string_equal(desk_poll(&h.desk), "+WIND:62:Socket Client Gone:192.0.2.7:4006:1:1:0\r\n");
    assert_says(&h, "AT+S.SOCKDC=1\r", OK);
    assert_false(h.links.links[5].open);
    assert_int_equal(h.links.listening[1], 0);
    assert_says(&h, "AT+S.SOCKDQ=1,0\r", E_SOCKET_ID);
    assert_says(&h, "AT+S.SOCKDC=0,\r", OK);
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

/* TLS that changes nothing, and notes who asked for it. */
struct fake_tls {
    unsigned in_use;
    char name[64];
    bool mutual;
    enum fk_status answer;
};

static enum fk_status tls_client(void *ctx, const struct fk_transport *lower, const char *peer_name,
                                 struct fk_transport *ret)
{
    struct fake_tls *t = ctx;
    snprintf(t->name, sizeof t->name, "%s", peer_name);
    t->in_use += t->answer == FK_OK;
    *ret = *lower;
    return t->answer;
}

static enum fk_status tls_server(void *ctx, const struct fk_transport *lower, bool mutual,
                                 uint32_t timeout_ms, struct fk_transport *ret)
{
    struct fake_tls *t = ctx;
    assert_true(timeout_ms > 0);
    t->mutual = mutual;
    t->in_use += t->answer == FK_OK;
    if (t->answer != FK_OK) {
        lower->close(lower->ctx);
    }
    *ret = *lower;
    return t->answer;
}

static void tls_release(void *ctx, const struct fk_transport *transport)
{
    struct fake_tls *t = ctx;
    (void)transport;
    assert_true(t->in_use > 0);
    t->in_use--;
}

static void secure_sockets_stand_on_tls_up_to_their_limit(void **state)
{
    (void)state;
    struct hall h;
    struct fake_tls t = {.answer = FK_OK};
    const struct fk_socket_tls table = {
        .ctx = &t, .client = tls_client, .server = tls_server, .release = tls_release};
    hall_begin(&h);
    assert_int_equal(fk_sockets_init(&h.sockets, &h.desk.rig.device, &h.net, &table), FK_OK);
    assert_says(&h, "AT+S.SOCKON=a,1,,s\r", "AT-S.Loading:1:2\r\n" ON_0);
    assert_string_equal(t.name, ""); /* the host */
    assert_says(&h, "AT+S.SOCKON=a,1,,server.example\r",
                "AT-S.Loading:1:2\r\nAT-S.On:192.0.2.2:1\r\n" OK);
    assert_string_equal(t.name, "server.example");
    assert_says(&h, "AT+S.SOCKON=a,1,,s\r", "AT-S.Loading:1:2\r\n" E_SOCKETS);
    assert_says(&h, "AT+S.SOCKON=a,1,,t\r", "AT-S.On:192.0.2.3:2\r\n" OK);
    assert_says(&h, "AT+S.SOCKL\r",
                "AT-S.List::0:1:s:0:192.0.2.1:1\r\n"
                "AT-S.List::1:1:s:0:192.0.2.2:1\r\n"
                "AT-S.List::2:1:t:0:192.0.2.3:1\r\n" OK);
    assert_int_equal(t.in_use, 2);
    assert_says(&h, "AT+S.SOCKC=0\r", OK);
    assert_int_equal(t.in_use, 1);
    t.answer = FK_E_MEMORY;
    assert_says(&h, "AT+S.SOCKON=a,1,,s\r",
                "AT-S.Loading:1:2\r\nAT-S.Reason:202:out of memory\r\n" E_OPEN);
    assert_false(h.links.links[0].open);
    t.answer = FK_OK;
    h.links.open = FK_E_TLS_NAME;
    assert_says(&h, "AT+S.SOCKON=a,1,,s\r",
                "AT-S.Loading:1:2\r\n"
                "AT-S.Reason:145:peer's certificate is for another name\r\n" E_OPEN);
    assert_int_equal(t.in_use, 1);
    h.links.open = FK_OK;

    assert_says(&h, "AT+S.SOCKDON=443,s1\r", "AT-S.On:0\r\n" OK);
    assert_says(&h, "AT+S.SOCKDON=444,s2\r", "AT-S.On:1\r\n" OK);
    h.links.waiting[0] = 1;
    assert_string_equal(desk_poll(&h.desk),
                        "+WIND:61:Incoming Socket Client:192.0.2.4:4003:0:0\r\n");
    assert_false(t.mutual);
    h.links.waiting[1] = 1;
    t.answer = FK_E_TLS_NO_CERT;
    assert_string_equal(desk_poll(&h.desk),
                        "+WIND:62:Socket Client Gone:192.0.2.6:4005:1:0:149\r\n");
    assert_true(t.mutual);
    assert_false(h.links.links[5].open);
    assert_says(&h, "AT+S.SOCKDL\r",
                "AT-S.List:0::1:s:0::443\r\n"
                "AT-S.List:0:0:1:s:0:192.0.2.4:4003\r\n"
                "AT-S.List:1::1:s:0::444\r\n" OK);
    fk_sockets_close_all(&h.sockets);
    assert_int_equal(t.in_use, 0); /* every one was given back */
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
        cmocka_unit_test(server_takes_clients_up_to_its_limit),
        cmocka_unit_test(secure_sockets_stand_on_tls_up_to_their_limit),
        cmocka_unit_test(device_that_wants_more_than_there_is_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
