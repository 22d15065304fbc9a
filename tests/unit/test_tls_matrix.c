/* SPDX-License-Identifier: Apache-2.0 */
/* TLS of the device against OpenSSL, every combination: version, kind of certificate, with and
 * without a certificate of the client, client and server; in each the good case, and whatever can
 * be wrong in it. */
#include "support/tlsrig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct cell {
    bool tls13, rsa, mutual, server;
};

enum fault {
    NOTHING_WRONG,
    OTHER_ROOT,    /* the device does not know who signed the peer's certificate */
    DISTRUSTED,    /* nor the peer who signed the device's */
    NO_CERT,       /* of the one who is asked for it */
    OTHER_VERSION, /* the peer has only what the policy leaves out */
    EXPIRED,
    NOT_YET,
    NO_CLOCK,
    OTHER_NAME,
    FAULTS
};
static const char *const fault_names[FAULTS] = {"nothing wrong",  "other root",    "distrusted",
                                                "no certificate", "other version", "expired",
                                                "not yet valid",  "no clock",      "other name"};

static struct pki_node rsa_server, rsa_client;

/* FK_E_INTERNAL: there is no such thing in this cell. */
static enum fk_status wanted(const struct cell *c, enum fault fault)
{
    bool judges = !c->server || c->mutual; /* the device has a certificate to judge */
    bool shown = c->server || c->mutual;   /* and shows its own */
    switch (fault) {
    case NOTHING_WRONG:
        return FK_OK;
    case OTHER_ROOT:
        return judges ? FK_E_TLS_UNTRUSTED : FK_E_INTERNAL;
    case DISTRUSTED:
        if (c->server &&
            c->tls13) { /* OpenSSL says so in the clear, when nothing may be any more */
            return FK_E_TLS_PROTOCOL;
        }
        return shown ? FK_E_TLS_REFUSED : FK_E_INTERNAL;
    case NO_CERT:
        return !c->mutual ? FK_E_INTERNAL : c->server ? FK_E_TLS_NO_CERT : FK_E_TLS_REFUSED;
    case OTHER_VERSION:
        return c->server ? FK_E_TLS_AGREE : FK_E_TLS_REFUSED;
    case EXPIRED:
        return judges ? FK_E_TLS_EXPIRED : FK_OK; /* nothing is judged: it must not matter */
    case NOT_YET:
        return judges ? FK_E_TLS_NOT_YET : FK_OK;
    case NO_CLOCK:
        return judges ? FK_E_CLOCK : FK_OK;
    case OTHER_NAME:
        return !c->server ? FK_E_TLS_NAME : FK_E_INTERNAL;
    case FAULTS:
        break;
    }
    return FK_E_INTERNAL;
}

static void set_peer(struct tls_rig *r, const struct cell *c, enum fault fault)
{
    const struct pki_node *client = c->rsa ? &rsa_client : &tls_client;
    int version = c->tls13 == (fault != OTHER_VERSION) ? TLS1_3_VERSION : TLS1_2_VERSION;
    if (c->server) {
        bool shows = c->mutual && fault != NO_CERT;
        peer_release(&r->peer);
        peer_init(&r->peer, true, shows ? client : NULL, NULL);
        peer_trust(&r->peer, fault == DISTRUSTED ? &tls_other_root : &tls_root);
        SSL_CTX_set_options(r->peer.ctx, SSL_OP_NO_TICKET);
        r->peer.says = "hello";
    } else if (c->mutual) {
        peer_trust(&r->peer, fault == DISTRUSTED ? &tls_other_root : &tls_root);
    }
    assert_int_equal(SSL_CTX_set_min_proto_version(r->peer.ctx, version), 1);
    assert_int_equal(SSL_CTX_set_max_proto_version(r->peer.ctx, version), 1);
}

static void set_device(struct tls_rig *r, const struct cell *c, enum fault fault)
{
    const struct pki_node *client = c->rsa ? &rsa_client : &tls_client;
    const struct pki_node *server = c->rsa ? &rsa_server : &tls_server;
    tls_trust(r, "root.ca", fault == OTHER_ROOT ? &tls_other_root : &tls_root);
    if (c->server) {
        char chain[8192]; /* as it is stored by people: with what signed it behind it */
        struct fk_slice own = pki_pem(server), between = pki_pem(&tls_between);
        assert_true(own.len + between.len <= sizeof chain);
        memcpy(chain, own.ptr, own.len);
        memcpy(chain + own.len, between.ptr, between.len);
        tls_put(r, FK_STORE_CERT, "tls.cert",
                (struct fk_slice){(const uint8_t *)chain, own.len + between.len},
                (struct fk_slice){NULL, 0});
        tls_put(r, FK_STORE_KEY, "tls.key", pki_key(server), (struct fk_slice){NULL, 0});
    } else if (c->mutual && fault != NO_CERT) {
        tls_own(r, client, client);
    }
    r->policy.tls13 = c->tls13;
    r->policy.tls12 = !c->tls13;
    r->setup.ask_client = c->server && c->mutual;
    r->setup.peer_name = fault == OTHER_NAME ? "downloads.example" : NULL;
    if (fault == EXPIRED || fault == NOT_YET) {
        tls_set_clock(r, (fault == EXPIRED ? 400 : -2) * PKI_DAY);
    }
    if (fault == NO_CLOCK) {
        fk_wall_clock_init(&r->wall, &r->clock);
    }
}

/* Connects, and exchanges a word: with TLS 1.3 a client learns only then that it is not wanted. */
static enum fk_status connect_and_talk(struct tls_rig *r, const struct cell *c)
{
    struct fk_transport t = fk_tls_transport(&r->tls);
    char buf[16] = "";
    size_t n = 0;
    enum fk_status st = FK_OK;
    if (c->server) {
        assert_int_equal(r->lower.open(r->lower.ctx, "", 0, 0), FK_OK);
        assert_int_equal(fk_tls_init(&r->tls, &r->setup), FK_OK);
        st = fk_tls_accept(&r->tls, 1000);
    } else {
        st = tls_dial(r);
    }
    if (st == FK_OK) {
        st = t.send(t.ctx, "hello", 5, 1000);
    }
    if (st == FK_OK) {
        st = t.recv(t.ctx, buf, sizeof buf, &n, 1000);
    }
    assert_true(st != FK_OK || (n == 5 && memcmp(buf, "hello", 5) == 0));
    return st;
}

static void check_connection(struct tls_rig *r, const struct cell *c)
{
    const char *suite = SSL_get_cipher(r->peer.ssl);
    assert_string_equal(fk_tls_facts(&r->tls).version, c->tls13 ? "TLSv1.3" : "TLSv1.2");
    assert_string_equal(SSL_get_version(r->peer.ssl), c->tls13 ? "TLSv1.3" : "TLSv1.2");
    if (!c->tls13) {
        assert_memory_equal(suite, c->rsa ? "ECDHE-RSA" : "ECDHE-ECD", 9);
    }
    X509 *shown = SSL_get1_peer_certificate(r->peer.ssl);
    const struct pki_node *own =
        c->server ? (c->rsa ? &rsa_server : &tls_server) : (c->rsa ? &rsa_client : &tls_client);
    assert_int_equal(shown != NULL, c->server || c->mutual);
    assert_true(shown == NULL || X509_cmp(shown, own->x) == 0);
    X509_free(shown);
    assert_memory_equal(r->peer.got, "hello", 5);
    assert_false(fk_tls_facts(&r->tls).resumed);
}

static bool play(const struct cell *c, enum fault fault)
{
    enum fk_status want = wanted(c, fault);
    if (want == FK_E_INTERNAL) {
        return false;
    }
    struct tls_rig r;
    const size_t before = fk_tls_pool_used();
    tls_begin(&r, c->rsa ? &rsa_server : &tls_server, &tls_between);
    set_peer(&r, c, fault);
    set_device(&r, c, fault);
    enum fk_status st = connect_and_talk(&r, c);
    if (st != want) {
        fail_msg("TLS 1.%d, %s, %s, %s, %s: %s instead of %s", c->tls13 ? 3 : 2,
                 c->rsa ? "RSA" : "ECDSA", c->mutual ? "mutual" : "one-way",
                 c->server ? "server" : "client", fault_names[fault], fk_status_symbol(st),
                 fk_status_symbol(want));
    }
    if (st == FK_OK) {
        check_connection(&r, c);
    } else { /* whoever refused it */
        assert_int_equal(r.peer.n_got, 0);
    }
    tls_hang_up(&r);
    assert_int_equal(fk_tls_pool_used(), before);
    tls_end(&r);
    return true;
}

static void every_combination_connects_or_says_why_not(void **state)
{
    (void)state;
    unsigned played = 0;
    for (unsigned i = 0; i < 16; i++) {
        const struct cell c = {(i & 1) != 0, (i & 2) != 0, (i & 4) != 0, (i & 8) != 0};
        for (enum fault fault = NOTHING_WRONG; fault < FAULTS; fault++) {
            played += play(&c, fault);
        }
    }
    print_message("16 combinations, %u connections\n", played);
    assert_int_equal(played, 16 + 12 + 12 + 8 + 16 + 16 + 16 + 16 + 8);
}

static int setup(void **state)
{
    int rc = tls_group_setup(state);
    const struct pki_spec server = {
        .cn = TLS_HOST, .san = "DNS:" TLS_HOST, .issuer = &tls_between, .rsa_bits = 2048};
    const struct pki_spec client = {
        .cn = "dev-0002", .eku = "clientAuth", .issuer = &tls_root, .rsa_bits = 2048};
    pki_make(&rsa_server, &server);
    pki_make(&rsa_client, &client);
    return rc;
}

static int teardown(void **state)
{
    pki_free(&rsa_server);
    pki_free(&rsa_client);
    return tls_group_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_combination_connects_or_says_why_not),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
