/* SPDX-License-Identifier: Apache-2.0 */
/* Servers of the console, of TCP, UDP and TLS, and secure sockets. */
#include "support/hall.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define ON_0 "AT-S.On:192.0.2.1:0\r\n" OK

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

static void server_of_datagrams_has_a_client_for_each_address(void **state)
{
    (void)state;
    static uint8_t big[2000];
    struct hall h;
    hall_begin(&h);
    assert_says(&h, "AT+S.SOCKDON=5353,u\r", "AT-S.On:0\r\n" OK);
    assert_says(&h, "AT+S.SOCKDON=5353,u\r", E_PORT_USED);
    assert_says(&h, "AT+S.SOCKDON=5353,t\r", "AT-S.On:1\r\n" OK); /* a port of TCP is another */
    assert_says(&h, "AT+S.SOCKDL=0\r", "AT-S.List:0::1:u:0::5353\r\n" OK);
    fakelinks_datagram(&h.links, 0, 50, 1000, "ask", 3);
    fakelinks_datagram(&h.links, 0, 51, 1000, "", 0);
    fakelinks_datagram(&h.links, 0, 52, 1000, "third", 5); /* there is no room for it */
    fakelinks_datagram(&h.links, 0, 50, 1001, "port", 4);  /* another address, too */
    assert_string_equal(desk_poll(&h.desk),
                        "+WIND:61:Incoming Socket Client:192.0.2.50:1000:0:0\r\n"
                        "+WIND:55:Pending Data:0:0:3:3\r\n"
                        "+WIND:61:Incoming Socket Client:192.0.2.51:1000:0:1\r\n");
    assert_int_equal(h.links.n_came[0], 0);
    assert_says(&h, "AT+S.SOCKDL=0\r",
                "AT-S.List:0::1:u:0::5353\r\nAT-S.List:0:0:1:u:3:192.0.2.50:1000\r\n"
                "AT-S.List:0:1:1:u:0:192.0.2.51:1000\r\n" OK);
    assert_says(&h, "AT+S.SOCKDQ=0,0\r", "AT-S.Query:3\r\n" OK);

    /* what comes to a socket with unread data waits, and so does what is behind it */
    fakelinks_datagram(&h.links, 0, 50, 1000, "again", 5);
    fakelinks_datagram(&h.links, 0, 51, 1000, "hello", 5);
    assert_string_equal(desk_poll(&h.desk), "");
    assert_int_equal(h.links.n_came[0], 2);
    assert_says(&h, "AT+S.SOCKDR=0,0,2\r", "AT-S.Reading:2:3\r\nas" OK); /* the rest is gone */
    assert_string_equal(desk_poll(&h.desk), "+WIND:55:Pending Data:0:0:5:5\r\n"
                                            "+WIND:55:Pending Data:0:1:5:5\r\n");

    assert_says(&h, "AT+S.SOCKDW=0,1,6\ranswer", OK);
    assert_string_equal(h.links.sent[0].peer.ip, "192.0.2.51");
    assert_int_equal(h.links.sent[0].peer.port, 1000);
    assert_int_equal(h.links.sent[0].len, 6);
    assert_memory_equal(h.links.sent[0].bytes, "answer", 6);
    h.links.send = FK_E_LIMIT; /* one that cannot go ends nothing */
    assert_says(&h, "AT+S.SOCKDW=0,1,2\rhi", "AT-S.Reason:13:a limit is exceeded\r\n" E_WRITE);
    h.links.send = FK_OK;
    assert_says(&h, "AT+S.SOCKDW=0,1,2\rhi", OK);

    /* a socket that is closed is free for the next address */
    assert_says(&h, "AT+S.SOCKDC=0,0\r", E_PENDING);
    assert_says(&h, "AT+S.SOCKDR=0,0\r", "AT-S.Reading:5:5\r\nagain" OK);
    assert_says(&h, "AT+S.SOCKDC=0,0\r", OK);
    fakelinks_datagram(&h.links, 0, 53, 9, big, sizeof big);
    assert_string_equal(desk_poll(&h.desk), "+WIND:61:Incoming Socket Client:192.0.2.53:9:0:0\r\n"
                                            "+WIND:55:Pending Data:0:0:1500:1500\r\n"); /* cut */
    for (unsigned i = 0; fakelinks_datagram(&h.links, 0, 99, 9, "x", 1); i++) {
    }
    assert_string_equal(desk_poll(&h.desk),
                        ""); /* a flood of strangers is dropped piece by piece */
    assert_int_equal(h.links.n_came[0], FAKE_DATAGRAMS - 8);
    assert_says(&h, "AT+S.SOCKDC=0\r", E_PENDING);
    (void)desk_say(&h.desk, "AT+S.SOCKDR=0,0\r");
    assert_says(&h, "AT+S.SOCKDR=0,1\r", "AT-S.Reading:5:5\r\nhello" OK);
    assert_says(&h, "AT+S.SOCKDC=0\r", OK);
    assert_int_equal(h.links.listening[0], 0);
    h.net.datagrams = NULL;
    assert_says(&h, "AT+S.SOCKDON=5353,u\r", "AT-S.Reason:14:not supported\r\n" E_OPEN);
    hall_end(&h);
}

/* TLS that changes nothing, and notes who asked for it. */
struct fake_tls {
    unsigned in_use;
    char name[64];
    bool mutual;
    enum fk_status answer;
    unsigned steps; /* of a handshake with a client that are still to come */
    enum fk_status greeting;
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

static enum fk_status tls_greet(void *ctx, const struct fk_transport *transport, bool *ret_done)
{
    struct fake_tls *t = ctx;
    if (t->greeting != FK_OK) {
        transport->close(transport->ctx);
        return t->greeting;
    }
    t->steps -= t->steps > 0;
    *ret_done = t->steps == 0;
    return FK_OK;
}

static void tls_release(void *ctx, const struct fk_transport *transport)
{
    struct fake_tls *t = ctx;
    (void)transport;
    assert_true(t->in_use > 0);
    t->in_use--;
}

static struct fk_socket_tls fake_tls_table(struct fake_tls *t)
{
    return (struct fk_socket_tls){.ctx = t,
                                  .client = tls_client,
                                  .server = tls_server,
                                  .greet = tls_greet,
                                  .release = tls_release};
}

static void secure_sockets_stand_on_tls_up_to_their_limit(void **state)
{
    (void)state;
    struct hall h;
    struct fake_tls t = {.answer = FK_OK};
    const struct fk_socket_tls table = fake_tls_table(&t);
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
    t.answer = FK_E_TLS_OWN;
    assert_string_equal(desk_poll(&h.desk),
                        "+WIND:62:Socket Client Gone:192.0.2.6:4005:1:0:153\r\n");
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

static void handshake_with_a_client_holds_nothing_up(void **state)
{
    (void)state;
    struct hall h;
    struct fake_tls t = {.answer = FK_OK, .steps = 3};
    const struct fk_socket_tls table = fake_tls_table(&t);
    hall_begin(&h);
    assert_int_equal(fk_sockets_init(&h.sockets, &h.desk.rig.device, &h.net, &table), FK_OK);
    assert_says(&h, "AT+S.SOCKDON=443,s2\r", "AT-S.On:0\r\n" OK);
    h.links.waiting[0] = 3;
    assert_string_equal(desk_poll(&h.desk), "");
    assert_true(h.links.links[3].open);
    /* it is no socket yet; each line polls once */
    t.steps = 10;
    assert_says(&h, "AT+S.SOCKDL\r", "AT-S.List:0::1:s:0::443\r\n" OK);
    assert_says(&h, "AT+S.SOCKDQ=0,0\r", E_SOCKET_ID);
    assert_says(&h, "AT+S.SOCKDC=0,0\r", E_SOCKET_ID);
    assert_int_equal(h.links.waiting[0], 1); /* two at a time */
    assert_int_equal(t.in_use, 2);
    t.steps = 1;
    assert_string_equal(desk_poll(&h.desk),
                        "+WIND:61:Incoming Socket Client:192.0.2.4:4003:0:0\r\n"
                        "+WIND:61:Incoming Socket Client:192.0.2.5:4004:0:1\r\n");
    assert_says(&h, "AT+S.SOCKDC=0,0\r", OK);
    t.steps = 10;
    assert_string_equal(desk_poll(&h.desk), "");
    t.greeting = FK_E_TLS_NO_CERT;
    assert_string_equal(desk_poll(&h.desk),
                        "+WIND:62:Socket Client Gone:192.0.2.4:4003:0:0:149\r\n");
    assert_false(h.links.links[3].open);
    assert_int_equal(t.in_use, 1);
    t.greeting = FK_OK;
    h.links.waiting[0] = 1;
    assert_string_equal(desk_poll(&h.desk), "");
    assert_int_equal(t.in_use, 2);
    assert_says(&h, "AT+S.SOCKDC=0\r", OK); /* whatever state they are in */
    assert_int_equal(t.in_use, 0);
    hall_end(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(server_takes_clients_up_to_its_limit),
        cmocka_unit_test(server_of_datagrams_has_a_client_for_each_address),
        cmocka_unit_test(secure_sockets_stand_on_tls_up_to_their_limit),
        cmocka_unit_test(handshake_with_a_client_holds_nothing_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
