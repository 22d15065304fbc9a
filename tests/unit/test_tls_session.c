/* SPDX-License-Identifier: Apache-2.0 */
/* TLS of the device against OpenSSL: the stream, resumption, the server, memory. */
#include "crypto/crypto.h"
#include "port/sim/sim_random.h"
#include "support/tlsrig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- the stream --------------------------------------------------------- */

static void cut_stream_is_no_orderly_end(void **state)
{
    (void)state;
    for (int goodbye = 0; goodbye < 2; goodbye++) {
        struct tls_rig r;
        char buf[16];
        size_t n = 99;
        tls_begin(&r, &tls_server, &tls_between);
        tls_trust(&r, "root.ca", &tls_root);
        r.peer.says_goodbye = goodbye != 0;
        assert_int_equal(tls_dial(&r), FK_OK);
        tls_echo(&r);
        r.peer.cut_after = goodbye != 0 ? 0 : r.peer.received;
        struct fk_transport t = fk_tls_transport(&r.tls);
        enum fk_status st = t.recv(t.ctx, buf, sizeof buf, &n, 1000);
        assert_int_equal(st, goodbye != 0 ? FK_OK : FK_E_NETWORK);
        if (goodbye != 0) {
            assert_int_equal(n, 0);
        }
        tls_hang_up(&r);
        tls_end(&r);
    }
}

/* A record that is lost or changed cannot be made up for. */
static void after_a_failure_nothing_passes(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct tls_rig r;
        char buf[16];
        size_t n = 0;
        bool changed = i % 2 != 0;
        tls_begin(&r, &tls_server, &tls_between);
        tls_trust(&r, "root.ca", &tls_root);
        r.policy.tls13 = i / 2 != 0;
        assert_int_equal(tls_dial(&r), FK_OK);
        tls_echo(&r);
        struct fk_transport t = fk_tls_transport(&r.tls);
        assert_int_equal(t.send(t.ctx, "again", 5, 1000), FK_OK);
        r.peer.flip_at = changed ? r.peer.received + 12 : 0;
        r.peer.cut_after = changed ? 0 : r.peer.received + 12;
        enum fk_status st = t.recv(t.ctx, buf, sizeof buf, &n, 1000);
        assert_int_equal(st, changed ? FK_E_TLS_PROTOCOL : FK_E_NETWORK);
        r.peer.cut_after = 0;
        size_t got = r.peer.n_got;
        uint64_t received = r.peer.received;
        assert_int_equal(t.recv(t.ctx, buf, sizeof buf, &n, 1000), st);
        assert_int_equal(t.send(t.ctx, "and again", 9, 1000), st);
        assert_int_equal(r.peer.n_got, got);
        assert_int_equal(r.peer.received, received);
        tls_hang_up(&r);
        assert_int_equal(t.send(t.ctx, "x", 1, 1000), FK_E_NETWORK);
        r.peer.flip_at = 0;
        assert_int_equal(tls_dial(&r), FK_OK); /* a new connection begins anew */
        tls_echo(&r);
        tls_hang_up(&r);
        tls_end(&r);
    }
}

static void silence_can_be_waited_out(void **state)
{
    (void)state;
    struct tls_rig r;
    char buf[16];
    size_t n = 0;
    tls_begin(&r, &tls_server, &tls_between);
    tls_trust(&r, "root.ca", &tls_root);
    assert_int_equal(tls_dial(&r), FK_OK);
    struct fk_transport t = fk_tls_transport(&r.tls);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(t.recv(t.ctx, buf, sizeof buf, &n, 10), FK_E_TIMEOUT);
        tls_echo(&r);
    }
    assert_int_equal(t.send(t.ctx, "again", 5, 1000), FK_OK);
    r.peer.cut_after = r.peer.received + 12; /* in the middle of a record */
    r.peer.fails = FK_E_TIMEOUT;
    assert_int_equal(t.recv(t.ctx, buf, sizeof buf, &n, 10), FK_E_TIMEOUT);
    r.peer.cut_after = 0;
    assert_int_equal(t.recv(t.ctx, buf, sizeof buf, &n, 10), FK_OK);
    assert_int_equal(n, 5);
    tls_hang_up(&r);
    tls_end(&r);
}

/* The peer sends no more, and still listens. */
static void half_closed_stream_takes_data(void **state)
{
    (void)state;
    for (int tls13 = 0; tls13 < 2; tls13++) {
        struct tls_rig r;
        char buf[16];
        size_t n = 99;
        tls_begin(&r, &tls_server, &tls_between);
        tls_trust(&r, "root.ca", &tls_root);
        r.policy.tls13 = tls13 != 0;
        r.peer.says_goodbye = true;
        assert_int_equal(tls_dial(&r), FK_OK);
        tls_echo(&r);
        struct fk_transport t = fk_tls_transport(&r.tls);
        for (int i = 0; i < 2; i++) {
            n = 99;
            assert_int_equal(t.recv(t.ctx, buf, sizeof buf, &n, 1000), FK_OK);
            assert_int_equal(n, 0);
        }
        r.peer.listens = true;
        assert_int_equal(t.send(t.ctx, "bye", 3, 1000), FK_OK);
        assert_memory_equal(r.peer.got, "hellobye", 8);
        tls_hang_up(&r);
        tls_end(&r);
    }
}

/* The library does not know it: the connection ends, and says so. */
static void key_update_ends_the_connection(void **state)
{
    (void)state;
    struct tls_rig r;
    char buf[16];
    size_t n = 0;
    tls_begin(&r, &tls_server, &tls_between);
    tls_trust(&r, "root.ca", &tls_root);
    assert_int_equal(tls_dial(&r), FK_OK);
    tls_echo(&r);
    assert_int_equal(SSL_key_update(r.peer.ssl, SSL_KEY_UPDATE_NOT_REQUESTED), 1);
    struct fk_transport t = fk_tls_transport(&r.tls);
    assert_int_equal(t.send(t.ctx, "hello", 5, 1000), FK_OK);
    assert_int_equal(t.recv(t.ctx, buf, sizeof buf, &n, 1000), FK_E_TLS_PROTOCOL);
    assert_int_equal(t.send(t.ctx, "hello", 5, 1000), FK_E_TLS_PROTOCOL);
    tls_hang_up(&r);
    tls_end(&r);
}

static void unfinished_handshake_passes_nothing(void **state)
{
    (void)state;
    struct tls_rig r;
    char buf[16];
    size_t n = 0;
    tls_begin(&r, &tls_server, &tls_between);
    peer_release(&r.peer);
    peer_init(&r.peer, true, &tls_client, NULL);
    r.setup.ask_client = true;
    r.peer.says = "hi";
    tls_trust(&r, "root.ca", &tls_root);
    tls_own(&r, &tls_server, &tls_server);
    assert_int_equal(r.lower.open(r.lower.ctx, "", 0, 0), FK_OK);
    assert_int_equal(fk_tls_init(&r.tls, &r.setup), FK_OK);
    assert_int_equal(fk_tls_accept_begin(&r.tls, 1000), FK_OK);
    struct fk_transport t = fk_tls_transport(&r.tls);
    assert_int_equal(t.recv(t.ctx, buf, sizeof buf, &n, 1000), FK_E_NETWORK);
    assert_int_equal(t.send(t.ctx, "x", 1, 1000), FK_E_NETWORK);
    assert_int_equal(r.peer.received, 0); /* nor does it go on with the handshake */
    bool done = false;
    for (int i = 0; i < 20 && !done; i++) {
        assert_int_equal(fk_tls_accept_step(&r.tls, &done), FK_OK);
    }
    assert_true(done);
    assert_int_equal(t.recv(t.ctx, buf, sizeof buf, &n, 1000), FK_OK);
    assert_int_equal(n, 2);
    tls_hang_up(&r);
    tls_end(&r);
}

static void handshake_that_breaks_off_anywhere_fails(void **state)
{
    (void)state;
    enum fk_status st = FK_E_NETWORK;
    unsigned n = 0;
    for (uint64_t cut = 1; st != FK_OK; cut += 97) {
        struct tls_rig r;
        size_t before = fk_tls_pool_used();
        tls_begin(&r, &tls_server, &tls_between);
        tls_trust(&r, "root.ca", &tls_root);
        r.peer.cut_after = cut;
        r.peer.fails = cut % 2 == 0 ? FK_E_TIMEOUT : FK_OK;
        st = tls_dial(&r);
        if (st != FK_OK) {
            assert_int_equal(st, cut % 2 == 0 ? FK_E_TIMEOUT : FK_E_NETWORK);
            assert_int_equal(fk_tls_pool_used(), before);
        }
        tls_hang_up(&r);
        tls_end(&r);
        n++;
    }
    assert_true(n > 10);
}

static uint64_t slow_tick(void *ctx)
{
    return *(uint64_t *)ctx += 20;
}

/* One byte at a time is not progress enough: a wait ends, however often something comes; and what
 * came is not lost when the wait is begun again. */
static void server_that_drips_is_waited_for_no_longer(void **state)
{
    (void)state;
    struct tls_rig r;
    char buf[16];
    size_t n = 99;
    unsigned waits = 1;
    tls_begin(&r, &tls_server, &tls_between);
    tls_trust(&r, "root.ca", &tls_root);
    r.clock.now_ms = slow_tick;
    r.peer.chunk = 1;
    assert_int_equal(tls_dial(&r), FK_E_TIMEOUT);
    assert_true(r.peer.received < 1000 / 20);
    r.peer.chunk = 0;
    assert_int_equal(tls_dial(&r), FK_OK);
    struct fk_transport t = fk_tls_transport(&r.tls);
    assert_int_equal(t.send(t.ctx, "hello", 5, 1000), FK_OK);
    r.peer.chunk = 1;
    enum fk_status st = t.recv(t.ctx, buf, sizeof buf, &n, 200);
    assert_int_equal(st, FK_E_TIMEOUT);
    assert_int_equal(n, 99);
    for (; st == FK_E_TIMEOUT && waits < 1000; waits++) {
        st = t.recv(t.ctx, buf, sizeof buf, &n, 200);
    }
    assert_int_equal(st, FK_OK);
    assert_true(waits > 5);
    assert_int_equal(n, 5);
    assert_memory_equal(buf, "hello", 5);
    tls_hang_up(&r);
    tls_end(&r);
}

/* ---- resumption --------------------------------------------------------- */

static void sessions_are_resumed_while_the_verdict_would_be_the_same(void **state)
{
    (void)state;
    for (int tls13 = 0; tls13 < 2; tls13++) {
        struct tls_rig r;
        tls_begin(&r, &tls_server, &tls_between);
        tls_trust(&r, "root.ca", &tls_root);
        r.policy.tls13 = tls13 != 0;
        r.setup.resume = true;
        size_t before = fk_tls_pool_used();
        for (int i = 0; i < 3; i++) {
            assert_int_equal(tls_dial(&r), FK_OK);
            tls_echo(&r); /* brings the ticket of TLS 1.3 */
            assert_int_equal(fk_tls_facts(&r.tls).resumed, i > 0);
            assert_int_equal(SSL_session_reused(r.peer.ssl), i > 0);
            tls_hang_up(&r);
        }
        tls_trust(&r, "other.ca", &tls_other_root); /* the store has changed */
        assert_int_equal(tls_dial(&r), FK_OK);
        tls_echo(&r);
        assert_false(fk_tls_facts(&r.tls).resumed);
        tls_hang_up(&r);
        tls_set_clock(&r, 300 * PKI_DAY);
        assert_int_equal(tls_dial(&r), FK_OK);
        tls_echo(&r);
        assert_true(fk_tls_facts(&r.tls).resumed);
        tls_hang_up(&r);
        tls_set_clock(&r, -2 * PKI_DAY); /* set back: nor would it see that it is not valid yet */
        assert_int_equal(tls_dial(&r), FK_E_TLS_NOT_YET);
        tls_set_clock(&r, 0);
        assert_int_equal(tls_dial(&r), FK_OK);
        tls_echo(&r);
        tls_hang_up(&r);
        tls_set_clock(&r,
                      366 * PKI_DAY); /* a resumed connection would not see that it has expired */
        assert_int_equal(tls_dial(&r), FK_E_TLS_EXPIRED);
        tls_set_clock(&r, 0);
        r.tls.setup.skip_dates = true;
        assert_int_equal(tls_dial(&r), FK_OK);
        tls_echo(&r);
        tls_hang_up(&r);
        r.tls.setup.skip_dates = false; /* dates were not checked then */
        assert_int_equal(tls_dial(&r), FK_OK);
        assert_false(fk_tls_facts(&r.tls).resumed);
        tls_hang_up(&r);
        fk_tls_release(&r.tls);
        assert_int_equal(fk_tls_pool_used(), before);
        tls_end(&r);
    }
}

/* ---- server ------------------------------------------------------------- */

static void device_is_a_server(void **state)
{
    (void)state;
    static const struct fk_slice none = {NULL, 0};
    const struct {
        bool ask, shows, trusted;
        enum fk_status want;
    } cases[] = {
        {false, false, false, FK_OK},
        {true, true, true, FK_OK},
        {true, false, true, FK_E_TLS_NO_CERT},
        {true, true, false, FK_E_TLS_UNTRUSTED},
    };
    for (size_t i = 0; i < 2 * sizeof cases / sizeof cases[0]; i++) {
        struct tls_rig r;
        char buf[16];
        size_t n = 0;
        size_t c = i / 2;
        tls_begin(&r, &tls_server, &tls_between);
        peer_release(&r.peer);
        peer_init(&r.peer, true, cases[c].shows ? &tls_client : NULL, NULL);
        r.policy.tls13 = i % 2 == 0;
        r.setup.ask_client = cases[c].ask;
        r.peer.says = "hi";
        tls_trust(&r, "root.ca", cases[c].trusted ? &tls_root : &tls_other_root);
        tls_put(&r, FK_STORE_CERT, "tls.cert", pki_der(&tls_server), none);
        tls_put(&r, FK_STORE_KEY, "tls.key", pki_key(&tls_server), none);
        assert_int_equal(r.lower.open(r.lower.ctx, "", 0, 0), FK_OK);
        assert_int_equal(fk_tls_init(&r.tls, &r.setup), FK_OK);
        enum fk_status st = fk_tls_accept(&r.tls, 1000);
        if (st != cases[c].want) {
            fail_msg("case %zu: %s instead of %s", i, fk_status_symbol(st),
                     fk_status_symbol(cases[c].want));
        }
        if (st == FK_OK) {
            struct fk_transport t = fk_tls_transport(&r.tls);
            assert_int_equal(t.recv(t.ctx, buf, sizeof buf, &n, 1000), FK_OK);
            assert_int_equal(n, 2);
            assert_int_equal(t.send(t.ctx, "there", 5, 1000), FK_OK);
            assert_int_equal(r.peer.n_got, 5);
        }
        tls_hang_up(&r);
        tls_end(&r);
    }
}

/* One that is resumed would not show its certificate again. */
static void server_gives_and_takes_no_ticket(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        SSL_SESSION *session = NULL;
        for (int again = 0; again < 2; again++) {
            struct tls_rig r;
            char buf[16];
            size_t n = 0;
            tls_begin(&r, &tls_server, &tls_between);
            tls_trust(&r, "root.ca", &tls_root);
            tls_own(&r, &tls_server, &tls_server);
            peer_release(&r.peer);
            peer_init(&r.peer, true, &tls_client, NULL);
            r.policy.tls13 = i % 2 == 0;
            r.setup.ask_client = i / 2 == 0;
            r.setup.resume = true; /* means the client */
            r.peer.says = "hi";
            assert_int_equal(r.lower.open(r.lower.ctx, "", 0, 0), FK_OK);
            if (again != 0) {
                assert_int_equal(SSL_set_session(r.peer.ssl, session), 1);
            }
            assert_int_equal(fk_tls_init(&r.tls, &r.setup), FK_OK);
            assert_int_equal(fk_tls_accept(&r.tls, 1000), FK_OK);
            struct fk_transport t = fk_tls_transport(&r.tls);
            assert_int_equal(t.recv(t.ctx, buf, sizeof buf, &n, 1000), FK_OK);
            assert_int_equal(t.send(t.ctx, "there", 5, 1000), FK_OK);
            assert_int_equal(SSL_session_reused(r.peer.ssl), 0);
            SSL_SESSION_free(session);
            session = SSL_SESSION_dup(SSL_get0_session(r.peer.ssl));
            assert_non_null(session);
            assert_int_equal(SSL_SESSION_has_ticket(session), 0);
            tls_hang_up(&r);
            assert_null(r.tls.session);
            tls_end(&r);
        }
        SSL_SESSION_free(session);
    }
}

/* A peer that says so many pieces, and then nothing. */
static struct {
    struct fk_transport lower;
    unsigned pieces;
} haltingly;

static enum fk_status recv_haltingly(void *ctx, void *buf, size_t cap, size_t *ret_len,
                                     uint32_t timeout_ms)
{
    if (haltingly.pieces == 0) {
        assert_int_equal(timeout_ms, 0);
        return FK_E_TIMEOUT;
    }
    haltingly.pieces--;
    return haltingly.lower.recv(ctx, buf, cap, ret_len, timeout_ms);
}

static void server_shakes_hands_in_steps(void **state)
{
    (void)state;
    const struct fk_slice none = {NULL, 0};
    for (int tls13 = 0; tls13 < 2; tls13++) {
        struct tls_rig r;
        bool done = true;
        unsigned steps = 0;
        size_t before = fk_tls_pool_used();
        tls_begin(&r, &tls_server, &tls_between);
        peer_release(&r.peer);
        peer_init(&r.peer, true, &tls_client, NULL);
        r.policy.tls13 = tls13 != 0;
        r.setup.ask_client = true;
        r.peer.chunk = 100;
        tls_trust(&r, "root.ca", &tls_root);
        tls_put(&r, FK_STORE_CERT, "tls.cert", pki_der(&tls_server), none);
        tls_put(&r, FK_STORE_KEY, "tls.key", pki_key(&tls_server), none);
        r.peer.says = "hi";
        haltingly.lower = r.lower;
        r.lower.recv = recv_haltingly;
        for (int round = 0; round < 2; round++) { /* the second one times out */
            char buf[16];
            size_t n = 0;
            haltingly.pieces = 0;
            assert_int_equal(r.lower.open(r.lower.ctx, "", 0, 0), FK_OK);
            assert_int_equal(fk_tls_init(&r.tls, &r.setup), FK_OK);
            assert_int_equal(fk_tls_accept_step(&r.tls, &done), FK_E_NETWORK); /* did not begin */
            assert_int_equal(fk_tls_accept_begin(&r.tls, 1000), FK_OK);
            assert_int_equal(fk_tls_accept_begin(&r.tls, 1000), FK_E_BUSY);
            assert_int_equal(fk_tls_accept_step(&r.tls, &done), FK_OK);
            assert_false(done);
            if (round == 1) {
                r.now_ms += 900; /* each look at the clock is one, too */
                assert_int_equal(fk_tls_accept_step(&r.tls, &done), FK_OK);
                r.now_ms += 100;
                assert_int_equal(fk_tls_accept_step(&r.tls, &done), FK_E_TIMEOUT);
                assert_int_equal(fk_tls_accept_step(&r.tls, &done), FK_E_NETWORK);
                break;
            }
            for (steps = 0; !done && steps < 100; steps++) {
                haltingly.pieces = 1;
                assert_int_equal(fk_tls_accept_step(&r.tls, &done), FK_OK);
            }
            assert_true(done);
            assert_true(steps > 5);
            haltingly.pieces = 10;
            struct fk_transport t = fk_tls_transport(&r.tls);
            assert_int_equal(t.recv(t.ctx, buf, sizeof buf, &n, 1000), FK_OK);
            assert_int_equal(n, 2);
            assert_memory_equal(buf, "hi", 2);
            tls_hang_up(&r);
        }
        assert_int_equal(fk_tls_pool_used(), before);
        tls_end(&r);
    }
}

static void server_needs_a_certificate(void **state)
{
    (void)state;
    struct tls_rig r;
    tls_begin(&r, &tls_server, &tls_between);
    assert_int_equal(fk_tls_init(&r.tls, &r.setup), FK_OK);
    assert_int_equal(fk_tls_accept(&r.tls, 1000), FK_E_TLS_OWN);
    tls_end(&r);
}

static void no_random_numbers_no_connection(void **state)
{
    (void)state;
    struct tls_rig r;
    tls_begin(&r, &tls_server, &tls_between);
    tls_trust(&r, "root.ca", &tls_root);
    fk_crypto_use_random(NULL);
    enum fk_status st = tls_dial(&r);
    fk_crypto_use_random(&fk_sim_random);
    assert_int_equal(st, FK_E_RANDOM);
    tls_end(&r);
}

static void memory_is_bounded_and_given_back(void **state)
{
    (void)state;
    struct tls_rig r;
    size_t before = fk_tls_pool_used();
    tls_begin(&r, &tls_server, &tls_between);
    peer_trust(&r.peer, &tls_root);
    tls_trust(&r, "root.ca", &tls_root);
    tls_own(&r, &tls_client, &tls_client);
    fk_tls_pool_reset_peak();
    assert_int_equal(tls_dial(&r), FK_OK);
    size_t peak = fk_tls_pool_peak();
    tls_echo(&r);
    size_t connected = fk_tls_pool_used();
    print_message("mutual handshake, TLS 1.3: %zu bytes of the pool; connected: %zu\n", peak,
                  connected);
    assert_true(peak <= 48 * 1024);
    tls_hang_up(&r);
    r.policy.tls13 = false; /* there the peer can be asked for small records */
    assert_int_equal(r.policy.record_max, 4096);
    assert_int_equal(tls_dial(&r), FK_OK);
    tls_echo(&r);
    print_message("connected with TLS 1.2, records of 4096: %zu\n", fk_tls_pool_used());
    assert_true(fk_tls_pool_used() <= connected);
    tls_hang_up(&r);
    assert_int_equal(fk_tls_pool_used(), before);
    tls_end(&r);
}

/* A pool of every size: what does not fit fails, leaves nothing behind and lets nobody in. */
static void a_pool_that_is_too_small_fails_cleanly(void **state)
{
    (void)state;
    static uint8_t small[48 * 1024];
    enum fk_status st = FK_E_MEMORY;
    unsigned failures = 0, others = 0;
    struct pki_node leaf;
    pki_make(&leaf, &(struct pki_spec){.cn = "other.example", .issuer = &tls_root});
    for (size_t len = 2048; len <= sizeof small; len += 331) {
        for (int bad = 0; bad < 2; bad++) {
            struct tls_rig r;
            assert_int_equal(fk_tls_pool_used(), 0);
            fk_tls_pool_init(small, len);
            tls_begin(&r, bad != 0 ? &leaf : &tls_server, bad != 0 ? NULL : &tls_between);
            tls_trust(&r, "root.ca", &tls_root);
            tls_own(&r, &tls_client, &tls_client);
            st = tls_dial(&r);
            assert_true(bad == 0 || st != FK_OK);
            failures += st == FK_E_MEMORY;
            others += st != FK_OK && st != FK_E_MEMORY && st != FK_E_TLS_NAME;
            tls_hang_up(&r);
            tls_end(&r);
        }
    }
    assert_int_equal(st, FK_E_TLS_NAME); /* the last one was large enough */
    assert_true(failures > 100);
    assert_int_equal(others, 0);
    pki_free(&leaf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_stream_is_no_orderly_end),
        cmocka_unit_test(after_a_failure_nothing_passes),
        cmocka_unit_test(silence_can_be_waited_out),
        cmocka_unit_test(half_closed_stream_takes_data),
        cmocka_unit_test(key_update_ends_the_connection),
        cmocka_unit_test(unfinished_handshake_passes_nothing),
        cmocka_unit_test(handshake_that_breaks_off_anywhere_fails),
        cmocka_unit_test(server_that_drips_is_waited_for_no_longer),
        cmocka_unit_test(sessions_are_resumed_while_the_verdict_would_be_the_same),
        cmocka_unit_test(device_is_a_server),
        cmocka_unit_test(server_gives_and_takes_no_ticket),
        cmocka_unit_test(server_shakes_hands_in_steps),
        cmocka_unit_test(server_needs_a_certificate),
        cmocka_unit_test(no_random_numbers_no_connection),
        cmocka_unit_test(memory_is_bounded_and_given_back),
        cmocka_unit_test(a_pool_that_is_too_small_fails_cleanly),
    };
    return cmocka_run_group_tests(tests, tls_group_setup, tls_group_teardown);
}
