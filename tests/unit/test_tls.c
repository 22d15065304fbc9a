/* SPDX-License-Identifier: Apache-2.0 */
/* TLS of the device against OpenSSL: whom it accepts, and every reason to refuse. */
#include "core/tls_floor.h"
#include "support/tlsrig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* ---- accepted ----------------------------------------------------------- */

static void both_versions_and_every_suite_connect(void **state)
{
    (void)state;
    struct pki_node rsa;
    pki_make(&rsa,
             &(struct pki_spec){
                 .cn = TLS_HOST, .san = "DNS:" TLS_HOST, .issuer = &tls_between, .rsa_bits = 2048});
    const struct fk_tls_policy all = tls_policy();
    for (size_t i = 0; i < all.n_suites; i++) {
        struct tls_rig r;
        uint16_t suite = all.suites[i];
        bool with_rsa = suite == 0xc02f || suite == 0xc030;
        tls_begin(&r, with_rsa ? &rsa : &tls_server, &tls_between);
        r.policy.tls13 = suite >> 8 == 0x13;
        r.policy.tls12 = !r.policy.tls13;
        r.policy.suites[0] = suite;
        r.policy.n_suites = 1;
        tls_trust(&r, "root.ca", &tls_root);
        r.peer.chunk = 7; /* the stream comes in small pieces */
        assert_int_equal(tls_dial(&r), FK_OK);
        assert_string_equal(fk_tls_facts(&r.tls).version, r.policy.tls13 ? "TLSv1.3" : "TLSv1.2");
        assert_int_equal(SSL_CIPHER_get_protocol_id(SSL_get_current_cipher(r.peer.ssl)), suite);
        tls_echo(&r);
        tls_hang_up(&r);
        tls_end(&r);
    }
    pki_free(&rsa);
}

static void mutual_authentication(void **state)
{
    (void)state;
    for (int tls13 = 0; tls13 < TLS_VERSIONS; tls13++) {
        struct tls_rig r;
        tls_begin(&r, &tls_server, &tls_between);
        r.policy.tls13 = tls13 != 0;
        peer_trust(&r.peer, &tls_root);
        tls_trust(&r, "root.ca", &tls_root);
        tls_own(&r, &tls_client, &tls_client);
        assert_int_equal(tls_dial(&r), FK_OK);
        tls_echo(&r);
        X509 *shown = SSL_get1_peer_certificate(r.peer.ssl);
        assert_non_null(shown);
        assert_int_equal(X509_cmp(shown, tls_client.x), 0);
        X509_free(shown);
        tls_hang_up(&r);
        tls_end(&r);
    }
}

static void anchors_come_as_pem_too(void **state)
{
    (void)state;
    struct tls_rig r;
    uint8_t id[FK_STORE_ID_MAX];
    size_t id_len = 0;
    tls_begin(&r, &tls_server, &tls_between);
    assert_int_equal(fk_tls_key_id(pki_pem(&tls_root), true, id, &id_len), FK_OK);
    assert_int_equal(id_len, pki_key_id(&tls_root).len);
    assert_memory_equal(id, pki_key_id(&tls_root).ptr, id_len);
    tls_put(&r, FK_STORE_CA, "root.pem", pki_pem(&tls_root), (struct fk_slice){id, id_len});
    assert_int_equal(tls_dial(&r), FK_OK);
    tls_hang_up(&r);
    assert_int_equal(fk_tls_key_id(pki_key(&tls_root), true, id, &id_len), FK_E_FORMAT);
    static const char *const kinds[] = {"P-521", "secp256k1", "brainpoolP256r1", "ed25519"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) { /* sound, and of no use here */
        struct pki_node odd;
        pki_make(&odd, &(struct pki_spec){.cn = "odd", .ca = true, .kind = kinds[i]});
        assert_int_equal(fk_tls_key_id(pki_der(&odd), true, id, &id_len), FK_E_UNSUPPORTED);
        assert_int_equal(fk_tls_key_id(pki_pem(&odd), true, id, &id_len), FK_E_UNSUPPORTED);
        pki_free(&odd);
    }
    struct fk_slice pem = pki_pem(&tls_root);
    uint8_t twice[4096];
    memcpy(twice, pem.ptr, pem.len);
    memcpy(twice + pem.len, pem.ptr, pem.len);
    const struct fk_slice both = {twice, 2 * pem.len};
    assert_int_equal(fk_tls_key_id(both, true, id, &id_len), FK_E_ROOTS);
    assert_int_equal(fk_tls_key_id(both, false, id, &id_len), FK_OK); /* a chain */
    tls_end(&r);
}

/* Two roots with one subject and one identifier: an old one and its successor with the same key. */
static void the_right_one_of_several_anchors_is_found(void **state)
{
    (void)state;
    struct pki_node expired, foreign;
    pki_make(&expired, &(struct pki_spec){.cn = "root",
                                          .ca = true,
                                          .key = tls_root.key,
                                          .from = -20 * PKI_DAY,
                                          .to = -10 * PKI_DAY});
    pki_make(&foreign, &(struct pki_spec){.cn = "root", .ca = true});
    for (int order = 0; order < 2; order++) {
        struct tls_rig r;
        tls_begin(&r, &tls_server, &tls_between);
        tls_put(&r, FK_STORE_CA, "foreign.ca", pki_der(&foreign), pki_key_id(&tls_root));
        tls_put(&r, FK_STORE_CA, "junk.ca", store_data(1, 100), pki_key_id(&tls_root));
        tls_trust(&r, order == 0 ? "1.ca" : "2.ca", &tls_root);
        tls_trust(&r, order == 0 ? "2.ca" : "1.ca", &tls_other_root);
        assert_int_equal(tls_dial(&r), FK_OK);
        tls_hang_up(&r);
        tls_end(&r);
    }
    pki_free(&foreign);
    for (int order = 0; order < 4; order++) { /* both signatures are good; one date is */
        struct tls_rig r;
        tls_begin(&r, &tls_server, &tls_between);
        tls_trust(&r, "1.ca", order % 2 == 0 ? &expired : &tls_root);
        tls_trust(&r, "2.ca", order % 2 == 0 ? &tls_root : &expired);
        r.policy.tls13 = order < 2 && TLS_VERSIONS > 1;
        assert_int_equal(tls_dial(&r), FK_OK);
        tls_hang_up(&r);
        tls_end(&r);
    }
    struct tls_rig r;
    tls_begin(&r, &tls_server, &tls_between);
    tls_trust(&r, "expired.ca", &expired);
    tls_refused(&r, FK_E_TLS_EXPIRED);
    tls_trust(&r, "root.ca", &tls_root); /* and then more expired ones than are tried */
    static const char *const names[] = {"1.ca", "2.ca", "3.ca", "4.ca"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        tls_trust(&r, names[i], &expired);
    }
    assert_int_equal(tls_dial(&r), FK_OK);
    tls_hang_up(&r);
    tls_end(&r);
    pki_free(&expired);
}

static void chains_without_identifiers_are_looked_up_by_name(void **state)
{
    (void)state;
    struct pki_node plain_root, leaf;
    pki_make(&plain_root, &(struct pki_spec){.cn = "plain root", .ca = true, .no_ids = true});
    pki_make(&leaf,
             &(struct pki_spec){
                 .cn = TLS_HOST, .san = "DNS:" TLS_HOST, .issuer = &plain_root, .no_ids = true});
    struct tls_rig r;
    tls_begin(&r, &leaf, NULL);
    tls_trust(&r, "other.ca", &tls_other_root);
    tls_put(&r, FK_STORE_CA, "plain.ca", pki_der(&plain_root), (struct fk_slice){NULL, 0});
    assert_int_equal(tls_dial(&r), FK_OK);
    tls_hang_up(&r);
    r.policy.root_by_key_id = true;
    tls_refused(&r, FK_E_TLS_UNTRUSTED);
    tls_end(&r);
    pki_free(&plain_root);
    pki_free(&leaf);
}

/* The SPWF04S way: a root that was stored without its identifier counts when `auth` names it. */
static void auth_entry_names_the_anchor(void **state)
{
    (void)state;
    struct tls_rig r;
    tls_begin(&r, &tls_server, &tls_between);
    tls_put(&r, FK_STORE_CA, "ca", pki_pem(&tls_root), (struct fk_slice){NULL, 0});
    tls_refused(&r, FK_E_TLS_UNTRUSTED); /* auth is missing */
    tls_put(&r, FK_STORE_AUTH, "auth", pki_key_id(&tls_other_root), (struct fk_slice){NULL, 0});
    tls_refused(&r, FK_E_TLS_UNTRUSTED); /* auth is another's */
    tls_put(&r, FK_STORE_AUTH, "auth", pki_key_id(&tls_root), (struct fk_slice){NULL, 0});
    assert_int_equal(tls_dial(&r), FK_OK);
    tls_hang_up(&r);
    tls_end(&r);
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
        {"good", {.cn = TLS_HOST, .san = "DNS:" TLS_HOST}, FK_OK},
        {"good by common name", {.cn = TLS_HOST}, FK_OK},
        {"good wildcard", {.cn = "x", .san = "DNS:*.example"}, FK_OK},
        {"name", {.cn = TLS_HOST, .san = "DNS:other.example"}, FK_E_TLS_NAME},
        {"common name", {.cn = "other.example"}, FK_E_TLS_NAME},
        {"NUL in the name", {.cn = TLS_HOST "\\0.evil.example"}, FK_E_TLS_NAME},
        {"expired", {.cn = TLS_HOST, .from = -2 * day, .to = -1}, FK_E_TLS_EXPIRED},
        {"last second", {.cn = TLS_HOST, .from = -2 * day, .to = 0}, FK_OK},
        {"first second", {.cn = TLS_HOST, .from = 0, .to = 2 * day}, FK_OK},
        {"not yet valid", {.cn = TLS_HOST, .from = 1, .to = 2 * day}, FK_E_TLS_NOT_YET},
        {"after 2038", {.cn = TLS_HOST, .from = -day, .to = 5000 * day}, FK_OK},
        {"after 2050", {.cn = TLS_HOST, .from = -day, .to = 20000 * day}, FK_OK},
        {"not yet, after 2050",
         {.cn = TLS_HOST, .from = 9000 * day, .to = 20000 * day},
         FK_E_TLS_NOT_YET},
        {"for clients", {.cn = TLS_HOST, .eku = "clientAuth"}, FK_E_TLS_CERT},
        {"RSA-1024", {.cn = TLS_HOST, .rsa_bits = 1024}, FK_E_TLS_CERT},
        {"SHA-1", {.cn = TLS_HOST, .sha1 = true}, FK_E_TLS_CERT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (int tls13 = 0; tls13 < TLS_VERSIONS; tls13++) {
            struct pki_spec spec = cases[i].leaf;
            struct pki_node leaf;
            struct tls_rig r;
            spec.issuer = &tls_root;
            pki_make(&leaf, &spec);
            tls_begin(&r, &leaf, NULL);
            r.policy.tls13 = tls13 != 0;
            tls_trust(&r, "root.ca", &tls_root);
            enum fk_status st = tls_dial(&r);
            if (st != cases[i].want) {
                fail_msg("%s: %s instead of %s", cases[i].why, fk_status_symbol(st),
                         fk_status_symbol(cases[i].want));
            }
            tls_hang_up(&r);
            tls_end(&r);
            pki_free(&leaf);
        }
    }
}

static void bad_chains_are_refused(void **state)
{
    (void)state;
    struct pki_node old, no_ca, below;
    pki_make(&old,
             &(struct pki_spec){
                 .cn = "old", .ca = true, .issuer = &tls_root, .from = -9 * PKI_DAY, .to = -1});
    pki_make(&no_ca, &(struct pki_spec){.cn = "no ca", .issuer = &tls_root});
    struct pki_node *const issuers[] = {&old, &no_ca};
    const enum fk_status want[] = {FK_E_TLS_EXPIRED, FK_E_TLS_UNTRUSTED};
    for (size_t i = 0; i < 2; i++) {
        struct tls_rig r;
        pki_make(&below, &(struct pki_spec){.cn = TLS_HOST, .issuer = issuers[i]});
        tls_begin(&r, &below, issuers[i]);
        tls_trust(&r, "root.ca", &tls_root);
        tls_refused(&r, want[i]);
        tls_end(&r);
        pki_free(&below);
    }
    struct tls_rig r;
    tls_begin(&r, &tls_server, &tls_between);
    tls_refused(&r, FK_E_TLS_UNTRUSTED); /* no anchor at all */
    tls_trust(&r, "other.ca", &tls_other_root);
    tls_refused(&r, FK_E_TLS_UNTRUSTED); /* another's */
    r.setup.set = FK_STORE_WPA;
    r.tls.setup.lower = NULL;
    tls_trust(&r, "root.ca", &tls_root);
    tls_refused(&r, FK_E_TLS_UNTRUSTED); /* in the other set */
    tls_end(&r);
    tls_begin(&r, &tls_server, NULL); /* the intermediate is not sent */
    tls_trust(&r, "root.ca", &tls_root);
    tls_refused(&r, FK_E_TLS_UNTRUSTED);
    tls_end(&r);
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
        struct tls_rig r;
        tls_begin(&r, &tls_server, &tls_between);
        tls_trust(&r, "root.ca", &tls_root);
        SSL_CTX_set_max_proto_version(r.peer.ctx, cases[i].max);
        if (cases[i].suites != NULL) {
            assert_int_equal(SSL_CTX_set_cipher_list(r.peer.ctx, cases[i].suites), 1);
        }
        enum fk_status st = tls_dial(&r);
        assert_true(st == FK_E_TLS_AGREE || st == FK_E_TLS_REFUSED);
        tls_hang_up(&r);
        tls_end(&r);
    }
    /* a table that was tampered with */
    struct tls_rig r;
    tls_begin(&r, &tls_server, &tls_between);
    r.policy.suites[0] = 0x000a; /* TLS_RSA_WITH_3DES_EDE_CBC_SHA */
    assert_int_equal(fk_tls_init(&r.tls, &r.setup), FK_E_UNSUPPORTED);
    r.policy.n_suites = 0;
    assert_int_equal(fk_tls_init(&r.tls, &r.setup), FK_E_UNSUPPORTED);
    tls_end(&r);
}

static void own_credentials_must_fit(void **state)
{
    (void)state;
    struct tls_rig r;
    tls_begin(&r, &tls_server, &tls_between);
    peer_trust(&r.peer, &tls_root);
    tls_trust(&r, "root.ca", &tls_root);
    r.policy.tls13 = false;            /* there the client learns it with the first answer only */
    tls_refused(&r, FK_E_TLS_REFUSED); /* none, and one is required */
    tls_put(&r, FK_STORE_CERT, "tls.cert", pki_der(&tls_client), (struct fk_slice){NULL, 0});
    tls_refused(&r, FK_E_TLS_OWN); /* no key */
    tls_put(&r, FK_STORE_KEY, "tls.key", pki_key(&tls_server), (struct fk_slice){NULL, 0});
    tls_refused(&r, FK_E_KEY_MISMATCH);
    tls_put(&r, FK_STORE_KEY, "tls.key", store_data(1, 100), (struct fk_slice){NULL, 0});
    tls_refused(&r, FK_E_TLS_OWN);
    assert_int_equal(r.peer.connections, 1); /* only the first of these called anybody */
    tls_end(&r);
    if (TLS_VERSIONS == 1) {
        return;
    }
    tls_begin(&r, &tls_server, &tls_between);
    peer_trust(&r.peer, &tls_root);
    tls_trust(&r, "root.ca", &tls_root);
    assert_int_equal(tls_dial(&r), FK_OK);
    struct fk_transport t = fk_tls_transport(&r.tls);
    char buf[8];
    size_t n = 0;
    assert_int_equal(t.recv(t.ctx, buf, sizeof buf, &n, 1000), FK_E_TLS_REFUSED);
    tls_hang_up(&r);
    tls_end(&r);
}

static void unset_clock_refuses_before_it_calls(void **state)
{
    (void)state;
    struct tls_rig r;
    tls_begin(&r, &tls_server, &tls_between);
    tls_trust(&r, "root.ca", &tls_root);
    fk_wall_clock_init(&r.wall, &r.clock);
    tls_refused(&r, FK_E_CLOCK);
    assert_int_equal(r.peer.connections, 0);
    r.tls.setup.skip_dates = true; /* the documented switch */
    assert_int_equal(tls_dial(&r), FK_OK);
    tls_hang_up(&r);
    r.tls.setup.skip_dates = false;
    tls_set_clock(&r, 400 * PKI_DAY);
    tls_refused(&r, FK_E_TLS_EXPIRED);
    r.tls.setup.skip_dates = true;
    assert_int_equal(tls_dial(&r), FK_OK);
    tls_hang_up(&r);
    tls_end(&r);
}

/* What the server is told, which must not be an address (RFC 6066 3). */
static bool server_name_is(const struct tls_rig *r, const char *name)
{
    const char *told = SSL_get_servername(r->peer.ssl, TLSEXT_NAMETYPE_host_name);
    bool address = strspn(name, "0123456789.") == strlen(name) || strchr(name, ':') != NULL;
    return address ? told == NULL : told != NULL && strcmp(told, name) == 0;
}

static void names_are_checked_as_the_policy_says(void **state)
{
    (void)state;
    const struct {
        const char *cn, *cn2, *san, *name;
        enum fk_peer_name policy;
        enum fk_status want;
    } cases[] = {
        {TLS_HOST, NULL, "DNS:other", NULL, FK_PEER_NAME_CN, FK_OK},
        {"other", NULL, "DNS:" TLS_HOST, NULL, FK_PEER_NAME_CN, FK_E_TLS_NAME},
        {"UPDATES.example", NULL, NULL, NULL, FK_PEER_NAME_CN, FK_OK},
        {"*.example", NULL, NULL, NULL, FK_PEER_NAME_CN, FK_E_TLS_NAME},
        {TLS_HOST, "other", NULL, NULL, FK_PEER_NAME_CN, FK_E_TLS_NAME},
        {"other", TLS_HOST, NULL, NULL, FK_PEER_NAME_CN, FK_E_TLS_NAME},
        {TLS_HOST "\\0.evil", NULL, NULL, NULL, FK_PEER_NAME_CN, FK_E_TLS_NAME},
        {TLS_HOST ".", NULL, NULL, NULL, FK_PEER_NAME_CN, FK_E_TLS_NAME},
        {"domain", NULL, NULL, "domain", FK_PEER_NAME_CN, FK_OK},
        {TLS_HOST, NULL, NULL, "domain", FK_PEER_NAME_CN, FK_E_TLS_NAME},
        {"whoever", NULL, NULL, NULL, FK_PEER_NAME_NONE, FK_OK},
        {"whoever", NULL, "DNS:domain", "domain", FK_PEER_NAME_SAN_OR_CN, FK_OK},
        {"whoever", NULL, "IP:192.0.2.1", "192.0.2.1", FK_PEER_NAME_SAN_OR_CN, FK_OK},
        {"192.0.2.1", NULL, "IP:192.0.2.2", "192.0.2.1", FK_PEER_NAME_SAN_OR_CN, FK_E_TLS_NAME},
        {"192.0.2.1", NULL, NULL, "192.0.2.1", FK_PEER_NAME_SAN_OR_CN, FK_OK},
        {"192.0.2.2", NULL, NULL, "192.0.2.1", FK_PEER_NAME_SAN_OR_CN, FK_E_TLS_NAME},
        {"*.0.2.1", NULL, NULL, "192.0.2.1", FK_PEER_NAME_SAN_OR_CN, FK_E_TLS_NAME},
        {"192.0.2.1", NULL, NULL, "192.0.2.1", FK_PEER_NAME_CN, FK_OK},
        {"whoever", NULL, "DNS:192.0.2.1", "192.0.2.1", FK_PEER_NAME_SAN_OR_CN, FK_E_TLS_NAME},
        {"whoever", NULL, "DNS:x,IP:2001:db8::1", "2001:db8::1", FK_PEER_NAME_SAN_OR_CN, FK_OK},
        {"whoever", NULL, "DNS:x,IP:2001:db8::1", "2001:DB8:0::1", FK_PEER_NAME_SAN_OR_CN, FK_OK},
        {"whoever", NULL, "IP:2001:db8::2", "2001:db8::1", FK_PEER_NAME_SAN_OR_CN, FK_E_TLS_NAME},
        {"whoever", NULL, "IP:192.0.2.1", "::ffff:192.0.2.1", FK_PEER_NAME_SAN_OR_CN,
         FK_E_TLS_NAME},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pki_node leaf;
        struct tls_rig r;
        pki_make(&leaf, &(struct pki_spec){.cn = cases[i].cn,
                                           .cn2 = cases[i].cn2,
                                           .san = cases[i].san,
                                           .issuer = &tls_root});
        tls_begin(&r, &leaf, NULL);
        tls_trust(&r, "root.ca", &tls_root);
        r.policy.name = cases[i].policy;
        r.policy.tls13 = TLS_VERSIONS > 1 && i % 2 == 0;
        r.setup.peer_name = cases[i].name;
        r.setup.resume = true;
        for (int again = 0; again < 2; again++) {
            enum fk_status st = tls_dial(&r);
            if (st != cases[i].want) {
                fail_msg("case %zu: %s instead of %s", i, fk_status_symbol(st),
                         fk_status_symbol(cases[i].want));
            }
            if (st == FK_OK) {
                tls_echo(&r);
                assert_int_equal(fk_tls_facts(&r.tls).resumed, TLS_VERSIONS > 1 && again != 0);
                assert_true(again != 0 ||
                            server_name_is(&r, cases[i].name != NULL ? cases[i].name : TLS_HOST));
            }
            tls_hang_up(&r);
        }
        fk_tls_release(&r.tls);
        tls_end(&r);
        pki_free(&leaf);
    }
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
    };
    return cmocka_run_group_tests(tests, tls_group_setup, tls_group_teardown);
}
