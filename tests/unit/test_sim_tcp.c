/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated device's sockets, against sockets of this very process on loopback. */
#include "port/sim/sim_tcp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#define PATIENCE_MS 5000u

/* Listens on a free port of 127.0.0.1 or ::1; -1 when the host has no such address. */
static int listen_on(int family, uint16_t *ret_port)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct sockaddr *a = family == AF_INET ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6;
    socklen_t len = family == AF_INET ? sizeof v4 : sizeof v6;
    int fd = socket(family, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, a, len) != 0 || listen(fd, 1) != 0 || getsockname(fd, a, &len) != 0) {
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    *ret_port = ntohs(family == AF_INET ? v4.sin_port : v6.sin6_port);
    return fd;
}

static void talk(int family, const char *host)
{
    uint16_t port = 0;
    int server = listen_on(family, &port);
    if (server < 0) {
        assert_int_equal(family, AF_INET6); /* a machine without IPv6 */
        skip();
    }
    struct fk_sim_tcp tcp = FK_SIM_TCP_INIT;
    struct fk_transport t = fk_sim_tcp_transport(&tcp);
    assert_int_equal(t.open(t.ctx, host, port, PATIENCE_MS), FK_OK);
    int peer = accept(server, NULL, NULL);
    assert_true(peer >= 0);
    char buf[16] = "";
    size_t n = 77;
    assert_int_equal(t.send(t.ctx, "hello", 5, PATIENCE_MS), FK_OK);
    assert_int_equal(recv(peer, buf, sizeof buf, 0), 5);
    assert_memory_equal(buf, "hello", 5);
    assert_int_equal(send(peer, "back", 4, 0), 4);
    assert_int_equal(t.recv(t.ctx, buf, sizeof buf, &n, PATIENCE_MS), FK_OK);
    assert_int_equal(n, 4);
    assert_memory_equal(buf, "back", 4);
    assert_int_equal(t.recv(t.ctx, buf, sizeof buf, &n, 1), FK_E_TIMEOUT);
    assert_int_equal(n, 4); /* untouched */
    close(peer);
    assert_int_equal(t.recv(t.ctx, buf, sizeof buf, &n, PATIENCE_MS), FK_OK);
    assert_int_equal(n, 0); /* closed in order */
    t.close(t.ctx);
    t.close(t.ctx);
    assert_int_equal(tcp.fd, -1);
    close(server);
}

static void bytes_go_both_ways_over_ipv4(void **state)
{
    (void)state;
    talk(AF_INET, "127.0.0.1");
}

static void bytes_go_both_ways_over_ipv6(void **state)
{
    (void)state;
    talk(AF_INET6, "::1");
}

/* "localhost" often means ::1 first, where nobody listens: the next address is tried. */
static void every_address_of_a_name_is_tried(void **state)
{
    (void)state;
    talk(AF_INET, "localhost");
}

static void port_without_a_listener_is_refused(void **state)
{
    (void)state;
    uint16_t port = 0;
    int server = listen_on(AF_INET, &port);
    assert_true(server >= 0);
    close(server);
    struct fk_sim_tcp tcp = FK_SIM_TCP_INIT;
    struct fk_transport t = fk_sim_tcp_transport(&tcp);
    assert_int_equal(t.open(t.ctx, "127.0.0.1", port, PATIENCE_MS), FK_E_CONNECT);
    assert_int_equal(tcp.fd, -1);
    assert_int_equal(t.open(t.ctx, "256.1.1.1.", port, PATIENCE_MS), FK_E_CONNECT);
}

static void closed_transport_neither_sends_nor_receives(void **state)
{
    (void)state;
    char buf[4];
    size_t n = 77;
    struct fk_sim_tcp tcp = FK_SIM_TCP_INIT;
    struct fk_transport t = fk_sim_tcp_transport(&tcp);
    assert_int_equal(t.send(t.ctx, "x", 1, 1), FK_E_NETWORK);
    assert_int_equal(t.recv(t.ctx, buf, sizeof buf, &n, 1), FK_E_NETWORK);
    assert_int_equal(n, 77);
}

/* A peer that goes away while we send must be a status, not a signal that ends the process; one
 * that does not read must end in a time-out, not in a wait for ever. */
static void send_to_a_peer_that_is_gone_or_deaf_is_a_status(void **state)
{
    (void)state;
    static uint8_t bulk[8 << 20];
    uint16_t port = 0;
    int server = listen_on(AF_INET, &port);
    assert_true(server >= 0);
    struct fk_sim_tcp tcp = FK_SIM_TCP_INIT;
    struct fk_transport t = fk_sim_tcp_transport(&tcp);
    assert_int_equal(t.open(t.ctx, "127.0.0.1", port, PATIENCE_MS), FK_OK);
    int peer = accept(server, NULL, NULL);
    assert_true(peer >= 0);
    assert_int_equal(t.send(t.ctx, bulk, sizeof bulk, 50), FK_E_TIMEOUT);
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    assert_int_equal(setsockopt(peer, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
    close(peer); /* resets the connection */
    assert_int_equal(t.send(t.ctx, bulk, sizeof bulk, PATIENCE_MS), FK_E_NETWORK);
    t.close(t.ctx);
    close(server);
}

static void clock_does_not_run_backwards(void **state)
{
    (void)state;
    struct fk_clock c = fk_sim_clock();
    uint64_t last = c.now_ms(c.ctx);
    for (unsigned i = 0; i < 1000; i++) {
        uint64_t now = c.now_ms(c.ctx);
        assert_true(now >= last);
        last = now;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_go_both_ways_over_ipv4),
        cmocka_unit_test(bytes_go_both_ways_over_ipv6),
        cmocka_unit_test(every_address_of_a_name_is_tried),
        cmocka_unit_test(port_without_a_listener_is_refused),
        cmocka_unit_test(closed_transport_neither_sends_nor_receives),
        cmocka_unit_test(send_to_a_peer_that_is_gone_or_deaf_is_a_status),
        cmocka_unit_test(clock_does_not_run_backwards),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
