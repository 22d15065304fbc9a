/* SPDX-License-Identifier: Apache-2.0 */
/* TLS of the device against OpenSSL: what it accepts, and every reason to refuse. */
#include "core/tls_floor.h"
#include "crypto/crypto.h"
#include "support/storerig.h"
#include "support/tlspeer.h"
#include "tls/tls.h"

#include <openssl/rand.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define HOST "updates.example"
#define POOL (64u * 1024)

static const struct store_layout layout = {"tls", 16384, 2, 4, 0xff, true};

struct rig {
    struct store_rig flash;
    struct tls_peer peer;
    struct fk_transport lower;
    struct fk_clock clock;
    struct fk_wall_clock wall;
    struct fk_tls_policy policy;
    struct fk_tls_setup setup;
    struct fk_tls tls;
    uint64_t now_ms;
};

static struct pki_node root, other_root, between, server, client;

static enum fk_status fill(void *ctx, void *p, size_t len)
{
    (void)ctx;
    return RAND_bytes(p, (int)len) == 1 ? FK_OK : FK_E_RANDOM;
}

static const struct fk_random source = {NULL, fill};

static uint64_t now_ms(void *ctx)
{
    return ++*(uint64_t *)ctx;
}

static void set_clock(struct rig *r, int64_t from_now)
{
    assert_int_equal(fk_wall_clock_set(&r->wall, (uint64_t)(PKI_NOW + from_now), FK_TIME_COMMAND),
                     FK_OK);
}

static void begin(struct rig *r, const struct pki_node *own, const struct pki_node *chain)
{
    memset(r, 0, sizeof *r);
    store_begin(&r->flash, &layout, 1);
    assert_int_equal(store_session(&r->flash, SIM_NEVER, SIM_CUT_BEFORE), FK_OK);
    peer_init(&r->peer, false, own, chain);
    r->lower = peer_transport(&r->peer);
    r->clock = (struct fk_clock){&r->now_ms, now_ms};
    fk_wall_clock_init(&r->wall, &r->clock);
    r->policy = fk_tls_floor_policy();
    r->setup = (struct fk_tls_setup){.lower = &r->lower,
                                     .clock = &r->clock,
                                     .wall = &r->wall,
                                     .store = &r->flash.store,
                                     .set = FK_STORE_TLS,
                                     .policy = &r->policy};
    set_clock(r, 0);
}

static void end(struct rig *r)
{
    peer_release(&r->peer);
    store_end(&r->flash);
}

static void put(struct rig *r, enum fk_store_role role, const char *name, struct fk_slice data,
                struct fk_slice id)
{
    struct fk_store_change change = store_put(FK_STORE_TLS, role, name, data);
    change.item.key_id = id;
    assert_int_equal(fk_certstore_apply(&r->flash.store, &change, 1), FK_OK);
}

static void trust(struct rig *r, const char *name, const struct pki_node *node)
{
    put(r, FK_STORE_CA, name, pki_der(node), pki_key_id(node));
}

static void own(struct rig *r, const struct pki_node *cert, const struct pki_node *key)
{
    put(r, FK_STORE_CERT, "tls.cert", pki_der(cert), (struct fk_slice){NULL, 0});
    put(r, FK_STORE_KEY, "tls.key", pki_key(key), (struct fk_slice){NULL, 0});
}

static enum fk_status dial(struct rig *r)
{
    if (r->tls.setup.lower == NULL) {
        assert_int_equal(fk_tls_init(&r->tls, &r->setup), FK_OK);
    }
    struct fk_transport t = fk_tls_transport(&r->tls);
    return t.open(t.ctx, HOST, 443, 1000);
}

static void hang_up(struct rig *r)
{
    struct fk_transport t = fk_tls_transport(&r->tls);
    t.close(t.ctx);
}

/* Sends a line and gets it back. */
static void echo(struct rig *r)
{
    struct fk_transport t = fk_tls_transport(&r->tls);
    char buf[16] = "";
    size_t n = 0;
    assert_int_equal(t.send(t.ctx, "hello", 5, 1000), FK_OK);
    assert_int_equal(t.recv(t.ctx, buf, sizeof buf, &n, 1000), FK_OK);
    assert_int_equal(n, 5);
    assert_memory_equal(buf, "hello", 5);
}

/* A connection that is refused leaves nothing open and no memory in use. */
static void refused(struct rig *r, enum fk_status want)
{
    size_t before = fk_tls_pool_used();
    enum fk_status st = dial(r);
    if (st != want) {
        fail_msg("%s instead of %s", fk_status_symbol(st), fk_status_symbol(want));
    }
    assert_null(r->peer.ssl);
    assert_int_equal(r->peer.n_got, 0);
    assert_int_equal(fk_tls_pool_used(), before);
}

static int group_setup(void **state)
{
    static uint8_t pool[POOL];
    (void)state;
    fk_tls_pool_init(pool, sizeof pool);
    fk_crypto_use_random(&source);
    const struct pki_spec specs[] = {
        {.cn = "root", .ca = true},
        {.cn = "other root", .ca = true},
        {.cn = "intermediate", .ca = true, .issuer = &root},
        {.cn = HOST, .san = "DNS:" HOST, .issuer = &between},
        {.cn = "dev-0001", .eku = "clientAuth", .issuer = &root},
    };
    struct pki_node *const nodes[] = {&root, &other_root, &between, &server, &client};
    for (size_t i = 0; i < sizeof specs / sizeof specs[0]; i++) {
        pki_make(nodes[i], &specs[i]);
    }
    return fk_crypto_init() == FK_OK ? 0 : -1;
}

static int group_teardown(void **state)
{
    (void)state;
    pki_free(&root);
    pki_free(&other_root);
    pki_free(&between);
    pki_free(&server);
    pki_free(&client);
    return 0;
}

/* ---- accepted ----------------------------------------------------------- */

static void both_versions_and_every_suite_connect(void **state)
{
    (void)state;
    struct pki_node rsa;
    pki_make(&rsa, &(struct pki_spec){
                       .cn = HOST, .san = "DNS:" HOST, .issuer = &between, .rsa_bits = 2048});
    for (size_t i = 0; i < FK_TLS_SUITES; i++) {
        struct rig r;
        uint16_t suite = fk_tls_floor_policy().suites[i];
        bool with_rsa = suite == 0xc02f || suite == 0xc030;
        begin(&r, with_rsa ? &rsa : &server, &between);
        r.policy.tls13 = suite >> 8 == 0x13;
        r.policy.tls12 = !r.policy.tls13;
        r.policy.suites[0] = suite;
        r.policy.n_suites = 1;
        trust(&r, "root.ca", &root);
        r.peer.chunk = 7; /* the stream comes in small pieces */
        assert_int_equal(dial(&r), FK_OK);
        assert_string_equal(fk_tls_facts(&r.tls).version, r.policy.tls13 ? "TLSv1.3" : "TLSv1.2");
        assert_int_equal(SSL_CIPHER_get_protocol_id(SSL_get_current_cipher(r.peer.ssl)), suite);
        echo(&r);
        hang_up(&r);
        end(&r);
    }
    pki_free(&rsa);
}

static void mutual_authentication(void **state)
{
    (void)state;
    for (int tls13 = 0; tls13 < 2; tls13++) {
        struct rig r;
        begin(&r, &server, &between);
        r.policy.tls13 = tls13 != 0;
        peer_trust(&r.peer, &root);
        trust(&r, "root.ca", &root);
        own(&r, &client, &client);
        assert_int_equal(dial(&r), FK_OK);
        echo(&r);
        X509 *shown = SSL_get1_peer_certificate(r.peer.ssl);
        assert_non_null(shown);
        assert_int_equal(X509_cmp(shown, client.x), 0);
        X509_free(shown);
        hang_up(&r);
        end(&r);
    }
}

static void anchors_come_as_pem_too(void **state)
{
    (void)state;
    struct rig r;
    uint8_t id[FK_STORE_ID_MAX];
    size_t id_len = 0;
    begin(&r, &server, &between);
    assert_int_equal(fk_tls_key_id(pki_pem(&root), id, &id_len), FK_OK);
    assert_int_equal(id_len, pki_key_id(&root).len);
    assert_memory_equal(id, pki_key_id(&root).ptr, id_len);
    put(&r, FK_STORE_CA, "root.pem", pki_pem(&root), (struct fk_slice){id, id_len});
    assert_int_equal(dial(&r), FK_OK);
    hang_up(&r);
    assert_int_equal(fk_tls_key_id(pki_key(&root), id, &id_len), FK_E_FORMAT);
    end(&r);
}

/* Two roots with one subject and one identifier: an old one and its successor with the same key. */
static void the_right_one_of_several_anchors_is_found(void **state)
{
    (void)state;
    struct pki_node expired, foreign;
    pki_make(&expired, &(struct pki_spec){.cn = "root", .ca = true, .key = root.key,
                                          .from = -20 * PKI_DAY, .to = -10 * PKI_DAY});
    pki_make(&foreign, &(struct pki_spec){.cn = "root", .ca = true});
    for (int order = 0; order < 2; order++) {
        struct rig r;
        begin(&r, &server, &between);
        put(&r, FK_STORE_CA, "foreign.ca", pki_der(&foreign), pki_key_id(&root));
        put(&r, FK_STORE_CA, "junk.ca", store_data(1, 100), pki_key_id(&root));
        trust(&r, order == 0 ? "1.ca" : "2.ca", &root);
        trust(&r, order == 0 ? "2.ca" : "1.ca", &other_root);
        assert_int_equal(dial(&r), FK_OK);
        hang_up(&r);
        end(&r);
    }
    struct rig r;
    begin(&r, &server, &between);
    trust(&r, "expired.ca", &expired);
    refused(&r, FK_E_TLS_EXPIRED);
    end(&r);
    pki_free(&expired);
    pki_free(&foreign);
}

static void chains_without_identifiers_are_looked_up_by_name(void **state)
{
    (void)state;
    struct pki_node plain_root, leaf;
    pki_make(&plain_root, &(struct pki_spec){.cn = "plain root", .ca = true, .no_ids = true});
    pki_make(&leaf, &(struct pki_spec){
                        .cn = HOST, .san = "DNS:" HOST, .issuer = &plain_root, .no_ids = true});
    struct rig r;
    begin(&r, &leaf, NULL);
    trust(&r, "other.ca", &other_root);
    put(&r, FK_STORE_CA, "plain.ca", pki_der(&plain_root), (struct fk_slice){NULL, 0});
    assert_int_equal(dial(&r), FK_OK);
    hang_up(&r);
    r.policy.root_by_key_id = true;
    refused(&r, FK_E_TLS_UNTRUSTED);
    end(&r);
    pki_free(&plain_root);
    pki_free(&leaf);
}

/* The SPWF04S way: a root that was stored without its identifier counts when `auth` names it. */
static void auth_entry_names_the_anchor(void **state)
{
    (void)state;
    struct rig r;
    begin(&r, &server, &between);
    put(&r, FK_STORE_CA, "ca", pki_pem(&root), (struct fk_slice){NULL, 0});
    refused(&r, FK_E_TLS_UNTRUSTED); /* auth is missing */
    put(&r, FK_STORE_AUTH, "auth", pki_key_id(&other_root), (struct fk_slice){NULL, 0});
    refused(&r, FK_E_TLS_UNTRUSTED); /* auth is another's */
    put(&r, FK_STORE_AUTH, "auth", pki_key_id(&root), (struct fk_slice){NULL, 0});
    assert_int_equal(dial(&r), FK_OK);
    hang_up(&r);
    end(&r);
}

/* ---- refused ------------------------------------------------------------ */

static void bad_peers_are_refused_with_their_reason(void **state)
{
    (void)state;
    static const int64_t day = PKI_DAY;
    const struct {
        const char *why;
        struct pki_spec leaf;
        enum fk_status want;
    } cases[] = {
        {"good", {.cn = HOST, .san = "DNS:" HOST}, FK_OK},
        {"good by common name", {.cn = HOST}, FK_OK},
        {"good wildcard", {.cn = "x", .san = "DNS:*.example"}, FK_OK},
        {"name", {.cn = HOST, .san = "DNS:other.example"}, FK_E_TLS_NAME},
        {"common name", {.cn = "other.example"}, FK_E_TLS_NAME},
        {"NUL in the name", {.cn = HOST "\\0.evil.example"}, FK_E_TLS_NAME},
        {"expired", {.cn = HOST, .from = -2 * day, .to = -1}, FK_E_TLS_EXPIRED},
        {"last second", {.cn = HOST, .from = -2 * day, .to = 0}, FK_OK},
        {"first second", {.cn = HOST, .from = 0, .to = 2 * day}, FK_OK},
        {"not yet valid", {.cn = HOST, .from = 1, .to = 2 * day}, FK_E_TLS_NOT_YET},
        {"after 2038", {.cn = HOST, .from = -day, .to = 5000 * day}, FK_OK},
        {"after 2050", {.cn = HOST, .from = -day, .to = 20000 * day}, FK_OK},
        {"not yet, after 2050", {.cn = HOST, .from = 9000 * day, .to = 20000 * day},
         FK_E_TLS_NOT_YET},
        {"for clients", {.cn = HOST, .eku = "clientAuth"}, FK_E_TLS_CERT},
        {"RSA-1024", {.cn = HOST, .rsa_bits = 1024}, FK_E_TLS_CERT},
        {"SHA-1", {.cn = HOST, .sha1 = true}, FK_E_TLS_CERT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (int tls13 = 0; tls13 < 2; tls13++) {
            struct pki_spec spec = cases[i].leaf;
            struct pki_node leaf;
            struct rig r;
            spec.issuer = &root;
            pki_make(&leaf, &spec);
            begin(&r, &leaf, NULL);
            r.policy.tls13 = tls13 != 0;
            trust(&r, "root.ca", &root);
            enum fk_status st = dial(&r);
            if (st != cases[i].want) {
                fail_msg("%s: %s instead of %s", cases[i].why, fk_status_symbol(st),
                         fk_status_symbol(cases[i].want));
            }
            hang_up(&r);
            end(&r);
            pki_free(&leaf);
        }
    }
}

static void bad_chains_are_refused(void **state)
{
    (void)state;
    struct pki_node old, no_ca, below;
    pki_make(&old, &(struct pki_spec){.cn = "old", .ca = true, .issuer = &root,
                                      .from = -9 * PKI_DAY, .to = -1});
    pki_make(&no_ca, &(struct pki_spec){.cn = "no ca", .issuer = &root});
    struct pki_node *const issuers[] = {&old, &no_ca};
    const enum fk_status want[] = {FK_E_TLS_EXPIRED, FK_E_TLS_UNTRUSTED};
    for (size_t i = 0; i < 2; i++) {
        struct rig r;
        pki_make(&below, &(struct pki_spec){.cn = HOST, .issuer = issuers[i]});
        begin(&r, &below, issuers[i]);
        trust(&r, "root.ca", &root);
        refused(&r, want[i]);
        end(&r);
        pki_free(&below);
    }
    struct rig r;
    begin(&r, &server, &between);
    refused(&r, FK_E_TLS_UNTRUSTED); /* no anchor at all */
    trust(&r, "other.ca", &other_root);
    refused(&r, FK_E_TLS_UNTRUSTED); /* another's */
    r.setup.set = FK_STORE_WPA;
    r.tls.setup.lower = NULL;
    trust(&r, "root.ca", &root);
    refused(&r, FK_E_TLS_UNTRUSTED); /* in the other set */
    end(&r);
    begin(&r, &server, NULL); /* the intermediate is not sent */
    trust(&r, "root.ca", &root);
    refused(&r, FK_E_TLS_UNTRUSTED);
    end(&r);
    pki_free(&old);
    pki_free(&no_ca);
}

static void old_protocols_and_suites_are_refused(void **state)
{
    (void)state;
    const struct {
        int max;
        const char *suites;
    } cases[] = {
        {TLS1_VERSION, NULL},
        {TLS1_1_VERSION, NULL},
        {TLS1_2_VERSION, "AES128-GCM-SHA256"},             /* static RSA */
        {TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA256"},     /* CBC */
        {TLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305"}, /* not built in */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rig r;
        begin(&r, &server, &between);
        trust(&r, "root.ca", &root);
        SSL_CTX_set_max_proto_version(r.peer.ctx, cases[i].max);
        if (cases[i].suites != NULL) {
            assert_int_equal(SSL_CTX_set_cipher_list(r.peer.ctx, cases[i].suites), 1);
        }
        enum fk_status st = dial(&r);
        assert_true(st == FK_E_TLS_AGREE || st == FK_E_TLS_REFUSED);
        hang_up(&r);
        end(&r);
    }
    /* a table that was tampered with */
    struct rig r;
    begin(&r, &server, &between);
    r.policy.suites[0] = 0x000a; /* TLS_RSA_WITH_3DES_EDE_CBC_SHA */
    assert_int_equal(fk_tls_init(&r.tls, &r.setup), FK_E_UNSUPPORTED);
    r.policy.n_suites = 0;
    assert_int_equal(fk_tls_init(&r.tls, &r.setup), FK_E_UNSUPPORTED);
    end(&r);
}

static void own_credentials_must_fit(void **state)
{
    (void)state;
    struct rig r;
    begin(&r, &server, &between);
    peer_trust(&r.peer, &root);
    trust(&r, "root.ca", &root);
    r.policy.tls13 = false; /* there the client learns it with the first answer only */
    refused(&r, FK_E_TLS_REFUSED); /* none, and one is required */
    put(&r, FK_STORE_CERT, "tls.cert", pki_der(&client), (struct fk_slice){NULL, 0});
    refused(&r, FK_E_TLS_OWN); /* no key */
    put(&r, FK_STORE_KEY, "tls.key", pki_key(&server), (struct fk_slice){NULL, 0});
    refused(&r, FK_E_KEY_MISMATCH);
    put(&r, FK_STORE_KEY, "tls.key", store_data(1, 100), (struct fk_slice){NULL, 0});
    refused(&r, FK_E_TLS_OWN);
    assert_int_equal(r.peer.connections, 1); /* only the first of these called anybody */
    end(&r);
    begin(&r, &server, &between);
    peer_trust(&r.peer, &root);
    trust(&r, "root.ca", &root);
    assert_int_equal(dial(&r), FK_OK);
    struct fk_transport t = fk_tls_transport(&r.tls);
    char buf[8];
    size_t n = 0;
    assert_int_equal(t.recv(t.ctx, buf, sizeof buf, &n, 1000), FK_E_TLS_REFUSED);
    hang_up(&r);
    end(&r);
}

static void unset_clock_refuses_before_it_calls(void **state)
{
    (void)state;
    struct rig r;
    begin(&r, &server, &between);
    trust(&r, "root.ca", &root);
    fk_wall_clock_init(&r.wall, &r.clock);
    refused(&r, FK_E_CLOCK);
    assert_int_equal(r.peer.connections, 0);
    r.tls.setup.skip_dates = true; /* the documented switch */
    assert_int_equal(dial(&r), FK_OK);
    hang_up(&r);
    r.tls.setup.skip_dates = false;
    set_clock(&r, 400 * PKI_DAY);
    refused(&r, FK_E_TLS_EXPIRED);
    r.tls.setup.skip_dates = true;
    assert_int_equal(dial(&r), FK_OK);
    hang_up(&r);
    end(&r);
}

static void names_are_checked_as_the_policy_says(void **state)
{
    (void)state;
    const struct {
        const char *cn, *cn2, *san, *name;
        enum fk_peer_name policy;
        enum fk_status want;
    } cases[] = {
        {HOST, NULL, "DNS:other", NULL, FK_PEER_NAME_CN, FK_OK},
        {"other", NULL, "DNS:" HOST, NULL, FK_PEER_NAME_CN, FK_E_TLS_NAME},
        {"UPDATES.example", NULL, NULL, NULL, FK_PEER_NAME_CN, FK_OK},
        {"*.example", NULL, NULL, NULL, FK_PEER_NAME_CN, FK_E_TLS_NAME},
        {HOST, "other", NULL, NULL, FK_PEER_NAME_CN, FK_E_TLS_NAME},
        {"other", HOST, NULL, NULL, FK_PEER_NAME_CN, FK_E_TLS_NAME},
        {HOST "\\0.evil", NULL, NULL, NULL, FK_PEER_NAME_CN, FK_E_TLS_NAME},
        {HOST ".", NULL, NULL, NULL, FK_PEER_NAME_CN, FK_E_TLS_NAME},
        {"domain", NULL, NULL, "domain", FK_PEER_NAME_CN, FK_OK},
        {HOST, NULL, NULL, "domain", FK_PEER_NAME_CN, FK_E_TLS_NAME},
        {"whoever", NULL, NULL, NULL, FK_PEER_NAME_NONE, FK_OK},
        {"whoever", NULL, "DNS:domain", "domain", FK_PEER_NAME_SAN_OR_CN, FK_OK},
        {"whoever", NULL, "IP:192.0.2.1", "192.0.2.1", FK_PEER_NAME_SAN_OR_CN, FK_OK},
        {"192.0.2.1", NULL, "IP:192.0.2.2", "192.0.2.1", FK_PEER_NAME_SAN_OR_CN, FK_E_TLS_NAME},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pki_node leaf;
        struct rig r;
        pki_make(&leaf, &(struct pki_spec){.cn = cases[i].cn, .cn2 = cases[i].cn2,
                                           .san = cases[i].san, .issuer = &root});
        begin(&r, &leaf, NULL);
        trust(&r, "root.ca", &root);
        r.policy.name = cases[i].policy;
        r.setup.peer_name = cases[i].name;
        enum fk_status st = dial(&r);
        if (st != cases[i].want) {
            fail_msg("case %zu: %s instead of %s", i, fk_status_symbol(st),
                     fk_status_symbol(cases[i].want));
        }
        hang_up(&r);
        end(&r);
        pki_free(&leaf);
    }
}

/* ---- the stream --------------------------------------------------------- */

static void cut_stream_is_no_orderly_end(void **state)
{
    (void)state;
    for (int goodbye = 0; goodbye < 2; goodbye++) {
        struct rig r;
        char buf[16];
        size_t n = 99;
        begin(&r, &server, &between);
        trust(&r, "root.ca", &root);
        r.peer.says_goodbye = goodbye != 0;
        assert_int_equal(dial(&r), FK_OK);
        echo(&r);
        r.peer.cut_after = goodbye != 0 ? 0 : r.peer.received;
        struct fk_transport t = fk_tls_transport(&r.tls);
        enum fk_status st = t.recv(t.ctx, buf, sizeof buf, &n, 1000);
        assert_int_equal(st, goodbye != 0 ? FK_OK : FK_E_NETWORK);
        if (goodbye != 0) {
            assert_int_equal(n, 0);
        }
        hang_up(&r);
        end(&r);
    }
}

static void handshake_that_breaks_off_anywhere_fails(void **state)
{
    (void)state;
    enum fk_status st = FK_E_NETWORK;
    unsigned n = 0;
    for (uint64_t cut = 1; st != FK_OK; cut += 97) {
        struct rig r;
        size_t before = fk_tls_pool_used();
        begin(&r, &server, &between);
        trust(&r, "root.ca", &root);
        r.peer.cut_after = cut;
        r.peer.fails = cut % 2 == 0 ? FK_E_TIMEOUT : FK_OK;
        st = dial(&r);
        if (st != FK_OK) {
            assert_int_equal(st, cut % 2 == 0 ? FK_E_TIMEOUT : FK_E_NETWORK);
            assert_int_equal(fk_tls_pool_used(), before);
        }
        hang_up(&r);
        end(&r);
        n++;
    }
    assert_true(n > 10);
}

/* ---- resumption --------------------------------------------------------- */

static void sessions_are_resumed_while_the_verdict_would_be_the_same(void **state)
{
    (void)state;
    for (int tls13 = 0; tls13 < 2; tls13++) {
        struct rig r;
        begin(&r, &server, &between);
        trust(&r, "root.ca", &root);
        r.policy.tls13 = tls13 != 0;
        r.setup.resume = true;
        size_t before = fk_tls_pool_used();
        for (int i = 0; i < 3; i++) {
            assert_int_equal(dial(&r), FK_OK);
            echo(&r); /* brings the ticket of TLS 1.3 */
            assert_int_equal(fk_tls_facts(&r.tls).resumed, i > 0);
            assert_int_equal(SSL_session_reused(r.peer.ssl), i > 0);
            hang_up(&r);
        }
        trust(&r, "other.ca", &other_root); /* the store has changed */
        assert_int_equal(dial(&r), FK_OK);
        echo(&r);
        assert_false(fk_tls_facts(&r.tls).resumed);
        hang_up(&r);
        set_clock(&r, 300 * PKI_DAY);
        assert_int_equal(dial(&r), FK_OK);
        echo(&r);
        assert_true(fk_tls_facts(&r.tls).resumed);
        hang_up(&r);
        set_clock(&r, 366 * PKI_DAY); /* a resumed connection would not see that it has expired */
        assert_int_equal(dial(&r), FK_E_TLS_EXPIRED);
        set_clock(&r, 0);
        r.tls.setup.skip_dates = true;
        assert_int_equal(dial(&r), FK_OK);
        echo(&r);
        hang_up(&r);
        r.tls.setup.skip_dates = false; /* dates were not checked then */
        assert_int_equal(dial(&r), FK_OK);
        assert_false(fk_tls_facts(&r.tls).resumed);
        hang_up(&r);
        fk_tls_release(&r.tls);
        assert_int_equal(fk_tls_pool_used(), before);
        end(&r);
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
        struct rig r;
        char buf[16];
        size_t n = 0;
        size_t c = i / 2;
        begin(&r, &server, &between);
        peer_release(&r.peer);
        peer_init(&r.peer, true, cases[c].shows ? &client : NULL, NULL);
        r.policy.tls13 = i % 2 == 0;
        r.setup.ask_client = cases[c].ask;
        r.peer.says = "hi";
        trust(&r, "root.ca", cases[c].trusted ? &root : &other_root);
        put(&r, FK_STORE_CERT, "tls.cert", pki_der(&server), none);
        put(&r, FK_STORE_KEY, "tls.key", pki_key(&server), none);
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
        hang_up(&r);
        end(&r);
    }
}

static void server_needs_a_certificate(void **state)
{
    (void)state;
    struct rig r;
    begin(&r, &server, &between);
    assert_int_equal(fk_tls_init(&r.tls, &r.setup), FK_OK);
    assert_int_equal(fk_tls_accept(&r.tls, 1000), FK_E_TLS_OWN);
    end(&r);
}

static void no_random_numbers_no_connection(void **state)
{
    (void)state;
    struct rig r;
    begin(&r, &server, &between);
    trust(&r, "root.ca", &root);
    fk_crypto_use_random(NULL);
    enum fk_status st = dial(&r);
    fk_crypto_use_random(&source);
    assert_int_equal(st, FK_E_RANDOM);
    end(&r);
}

static void memory_is_bounded_and_given_back(void **state)
{
    (void)state;
    struct rig r;
    size_t before = fk_tls_pool_used();
    begin(&r, &server, &between);
    peer_trust(&r.peer, &root);
    trust(&r, "root.ca", &root);
    own(&r, &client, &client);
    fk_tls_pool_reset_peak();
    assert_int_equal(dial(&r), FK_OK);
    size_t peak = fk_tls_pool_peak();
    echo(&r);
    size_t connected = fk_tls_pool_used();
    print_message("mutual handshake, TLS 1.3: %zu bytes of the pool; connected: %zu\n", peak,
                  connected);
    assert_true(peak <= 48 * 1024);
    hang_up(&r);
    r.policy.tls13 = false; /* there the peer can be asked for small records */
    assert_int_equal(r.policy.record_max, 4096);
    assert_int_equal(dial(&r), FK_OK);
    echo(&r);
    print_message("connected with TLS 1.2, records of 4096: %zu\n", fk_tls_pool_used());
    assert_true(fk_tls_pool_used() + 8 * 1024 < connected);
    hang_up(&r);
    assert_int_equal(fk_tls_pool_used(), before);
    end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_versions_and_every_suite_connect),
        cmocka_unit_test(mutual_authentication),
        cmocka_unit_test(anchors_come_as_pem_too),
        cmocka_unit_test(the_right_one_of_several_anchors_is_found),
        cmocka_unit_test(chains_without_identifiers_are_looked_up_by_name),
        cmocka_unit_test(auth_entry_names_the_anchor),
        cmocka_unit_test(bad_peers_are_refused_with_their_reason),
        cmocka_unit_test(bad_chains_are_refused),
        cmocka_unit_test(old_protocols_and_suites_are_refused),
        cmocka_unit_test(own_credentials_must_fit),
        cmocka_unit_test(unset_clock_refuses_before_it_calls),
        cmocka_unit_test(names_are_checked_as_the_policy_says),
        cmocka_unit_test(cut_stream_is_no_orderly_end),
        cmocka_unit_test(handshake_that_breaks_off_anywhere_fails),
        cmocka_unit_test(sessions_are_resumed_while_the_verdict_would_be_the_same),
        cmocka_unit_test(device_is_a_server),
        cmocka_unit_test(server_needs_a_certificate),
        cmocka_unit_test(no_random_numbers_no_connection),
        cmocka_unit_test(memory_is_bounded_and_given_back),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
