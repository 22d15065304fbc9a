/* SPDX-License-Identifier: Apache-2.0 */
#include "support/tlsrig.h"

#include "core/tls_floor.h"
#include "crypto/crypto.h"
#include "port/sim/sim_random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define POOL (64u * 1024)

static const struct store_layout layout = {"tls", 16384, 2, 4, 0xff, true};

struct pki_node tls_root, tls_other_root, tls_between, tls_server, tls_client;

static uint64_t now_ms(void *ctx)
{
    return ++*(uint64_t *)ctx;
}

struct fk_tls_policy tls_policy(void)
{
    struct fk_tls_policy p = fk_tls_floor_policy();
#ifdef FK_TESTS_TLS12
    static const uint16_t suites[] = {0xc02b, 0xc02f};
    p.tls13 = false;
    fk_tls_floor_suites(&p, suites, 2);
#endif
    return p;
}

void tls_set_clock(struct tls_rig *r, int64_t from_now)
{
    assert_int_equal(fk_wall_clock_set(&r->wall, (uint64_t)(PKI_NOW + from_now), FK_TIME_COMMAND),
                     FK_OK);
}

void tls_begin(struct tls_rig *r, const struct pki_node *own, const struct pki_node *chain)
{
    memset(r, 0, sizeof *r);
    store_begin(&r->flash, &layout, 1);
    assert_int_equal(store_session(&r->flash, SIM_NEVER, SIM_CUT_BEFORE), FK_OK);
    peer_init(&r->peer, false, own, chain);
    r->lower = peer_transport(&r->peer);
    r->clock = (struct fk_clock){&r->now_ms, now_ms};
    fk_wall_clock_init(&r->wall, &r->clock);
    r->policy = tls_policy();
    r->setup = (struct fk_tls_setup){.lower = &r->lower,
                                     .clock = &r->clock,
                                     .wall = &r->wall,
                                     .store = &r->flash.store,
                                     .set = FK_STORE_TLS,
                                     .policy = &r->policy};
    tls_set_clock(r, 0);
}

void tls_end(struct tls_rig *r)
{
    peer_release(&r->peer);
    store_end(&r->flash);
}

void tls_put(struct tls_rig *r, enum fk_store_role role, const char *name, struct fk_slice data,
             struct fk_slice id)
{
    struct fk_store_change change = store_put(FK_STORE_TLS, role, name, data);
    change.item.key_id = id;
    assert_int_equal(fk_certstore_apply(&r->flash.store, &change, 1), FK_OK);
}

void tls_trust(struct tls_rig *r, const char *name, const struct pki_node *node)
{
    tls_put(r, FK_STORE_CA, name, pki_der(node), pki_key_id(node));
}

void tls_own(struct tls_rig *r, const struct pki_node *cert, const struct pki_node *key)
{
    tls_put(r, FK_STORE_CERT, "tls.cert", pki_der(cert), (struct fk_slice){NULL, 0});
    tls_put(r, FK_STORE_KEY, "tls.key", pki_key(key), (struct fk_slice){NULL, 0});
}

enum fk_status tls_dial(struct tls_rig *r)
{
    if (r->tls.setup.lower == NULL) {
        assert_int_equal(fk_tls_init(&r->tls, &r->setup), FK_OK);
    }
    struct fk_transport t = fk_tls_transport(&r->tls);
    return t.open(t.ctx, TLS_HOST, 443, 1000);
}

void tls_hang_up(struct tls_rig *r)
{
    struct fk_transport t = fk_tls_transport(&r->tls);
    t.close(t.ctx);
}

void tls_echo(struct tls_rig *r)
{
    struct fk_transport t = fk_tls_transport(&r->tls);
    char buf[16] = "";
    size_t n = 0;
    assert_int_equal(t.send(t.ctx, "hello", 5, 1000), FK_OK);
    assert_int_equal(t.recv(t.ctx, buf, sizeof buf, &n, 1000), FK_OK);
    assert_int_equal(n, 5);
    assert_memory_equal(buf, "hello", 5);
}

void tls_refused(struct tls_rig *r, enum fk_status want)
{
    size_t before = fk_tls_pool_used();
    enum fk_status st = tls_dial(r);
    if (st != want) {
        fail_msg("%s instead of %s", fk_status_symbol(st), fk_status_symbol(want));
    }
    assert_null(r->peer.ssl);
    assert_int_equal(r->peer.n_got, 0);
    assert_int_equal(fk_tls_pool_used(), before);
}

int tls_group_setup(void **state)
{
    static uint8_t pool[POOL];
    (void)state;
    fk_tls_pool_init(pool, sizeof pool);
    fk_crypto_use_random(&fk_sim_random);
    const struct pki_spec specs[] = {
        {.cn = "root", .ca = true},
        {.cn = "other root", .ca = true},
        {.cn = "intermediate", .ca = true, .issuer = &tls_root},
        {.cn = TLS_HOST, .san = "DNS:" TLS_HOST, .issuer = &tls_between},
        {.cn = "dev-0001", .eku = "clientAuth", .issuer = &tls_root},
    };
    struct pki_node *const nodes[] = {&tls_root, &tls_other_root, &tls_between, &tls_server,
                                      &tls_client};
    for (size_t i = 0; i < sizeof specs / sizeof specs[0]; i++) {
        pki_make(nodes[i], &specs[i]);
    }
    return fk_crypto_init() == FK_OK ? 0 : -1;
}

int tls_group_teardown(void **state)
{
    (void)state;
    pki_free(&tls_root);
    pki_free(&tls_other_root);
    pki_free(&tls_between);
    pki_free(&tls_server);
    pki_free(&tls_client);
    return 0;
}
