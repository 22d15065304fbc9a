/* SPDX-License-Identifier: Apache-2.0 */
/* A hostile peer, and a store with a hostile trust anchor. The device speaks TLS 1.2, where the
 * certificates come in the clear, so that they reach the callbacks of ours; as a client, or as a
 * server that demands a certificate.
 * Input: flags, 2 bytes length of the anchor, the anchor, what the peer sends. Flags: 1 the anchor
 * is also the device's certificate and key, 2 TLS 1.3, 4 the name is the common name, 8 roots are
 * found by identifier only, 16 the device is a server (with a good certificate unless 1), 32 dates
 * do not count, 64 the anchor is known by the `auth` entry alone. */
#include "core/tls_floor.h"
#include "crypto/crypto.h"
#include "support/pki.h"
#include "support/storerig.h"
#include "tls/tls.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok) {
        abort();
    }
}

static enum fk_status repeatable(void *ctx, void *p, size_t len)
{
    static uint32_t seed;
    uint8_t *to = p;
    (void)ctx;
    for (size_t i = 0; i < len; i++) {
        seed = seed * 1664525u + 1013904223u;
        to[i] = (uint8_t)(seed >> 24);
    }
    return FK_OK;
}

static enum fk_status wire_open(void *ctx, const char *host, uint16_t port, uint32_t timeout_ms)
{
    (void)ctx, (void)host, (void)port, (void)timeout_ms;
    return FK_OK;
}

static enum fk_status wire_send(void *ctx, const void *buf, size_t len, uint32_t timeout_ms)
{
    (void)ctx, (void)buf, (void)len, (void)timeout_ms;
    return FK_OK;
}

static enum fk_status wire_recv(void *ctx, void *buf, size_t cap, size_t *ret_len,
                                uint32_t timeout_ms)
{
    struct fk_slice *left = ctx;
    size_t n = left->len < cap ? left->len : cap;
    (void)timeout_ms;
    if (n > 0) {
        memcpy(buf, left->ptr, n);
    }
    left->ptr += n;
    left->len -= n;
    *ret_len = n;
    return FK_OK;
}

static void wire_close(void *ctx)
{
    (void)ctx;
}

static uint64_t tick(void *ctx)
{
    return ++*(uint64_t *)ctx;
}

/* A certificate that a server can show. */
static void keep_own(struct store_rig *rig)
{
    static struct pki_node own;
    if (own.x == NULL) {
        pki_make(&own, &(struct pki_spec){.cn = "updates.example"});
    }
    const struct fk_store_change put[] = {
        store_put(FK_STORE_TLS, FK_STORE_CERT, "tls.cert", pki_der(&own)),
        store_put(FK_STORE_TLS, FK_STORE_KEY, "tls.key", pki_key(&own)),
    };
    must(fk_certstore_apply(&rig->store, put, 2) == FK_OK);
}

static void keep_anchor(struct store_rig *rig, struct fk_slice anchor, unsigned flags)
{
    const bool as_own = (flags & 1) != 0;
    uint8_t id[FK_STORE_ID_MAX];
    size_t id_len = 0;
    enum fk_status st = fk_tls_key_id(anchor, true, id, &id_len);
    must(st == FK_OK || st == FK_E_FORMAT || st == FK_E_ROOTS || st == FK_E_UNSUPPORTED);
    must(id_len <= sizeof id);
    struct fk_store_change put[] = {
        store_put(FK_STORE_TLS, FK_STORE_CA, "a.ca", anchor),
        store_put(FK_STORE_TLS, FK_STORE_CERT, "tls.cert", anchor),
        store_put(FK_STORE_TLS, FK_STORE_KEY, "tls.key", anchor),
    };
    if ((flags & 64) == 0) {
        put[0].item.key_id = (struct fk_slice){id, id_len};
    } else if (id_len > 0) {
        const struct fk_store_change auth =
            store_put(FK_STORE_TLS, FK_STORE_AUTH, "auth", (struct fk_slice){id, id_len});
        must(fk_certstore_apply(&rig->store, &auth, 1) == FK_OK);
    }
    st = fk_certstore_apply(&rig->store, put, as_own ? 3 : 1);
    must(st == FK_OK || st == FK_E_EMPTY || st == FK_E_STORE_FULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct store_layout layout = {"fuzz", 16384, 2, 4, 0xff, false};
    static const struct fk_random source = {NULL, repeatable};
    static uint8_t pool[64u * 1024];
    static bool begun;
    if (size < 3) {
        return 0;
    }
    if (!begun) {
        fk_tls_pool_init(pool, sizeof pool);
        fk_crypto_use_random(&source);
        begun = true;
    }
    size_t anchor_len = (size_t)(data[1] << 8 | data[2]);
    anchor_len = anchor_len < size - 3 ? anchor_len : size - 3;
    const struct fk_slice anchor = {data + 3, anchor_len};
    struct fk_slice wire = {data + 3 + anchor_len, size - 3 - anchor_len};
    struct store_rig rig;
    uint64_t now_ms = 0;
    const struct fk_clock clock = {&now_ms, tick};
    const struct fk_transport lower = {&wire, "http", wire_open, wire_send, wire_recv, wire_close};
    struct fk_wall_clock wall;
    struct fk_tls_policy policy = fk_tls_floor_policy();
    struct fk_tls tls;
    store_begin(&rig, &layout, 1);
    must(store_session(&rig, SIM_NEVER, SIM_CUT_BEFORE) == FK_OK);
    const bool server = (data[0] & 16) != 0;
    if (server && (data[0] & 1) == 0) {
        keep_own(&rig);
    }
    keep_anchor(&rig, anchor, data[0]);
    policy.tls13 = (data[0] & 2) != 0;
    policy.name = (enum fk_peer_name)(data[0] >> 2 & 1 ? FK_PEER_NAME_CN : FK_PEER_NAME_SAN_OR_CN);
    policy.root_by_key_id = (data[0] & 8) != 0;
    fk_wall_clock_init(&wall, &clock);
    must(fk_wall_clock_set(&wall, 1795264427, FK_TIME_COMMAND) == FK_OK);
    const struct fk_tls_setup setup = {.lower = &lower,
                                       .clock = &clock,
                                       .wall = &wall,
                                       .store = &rig.store,
                                       .set = FK_STORE_TLS,
                                       .policy = &policy,
                                       .skip_dates = (data[0] & 32) != 0,
                                       .resume = true,
                                       .ask_client = true};
    size_t before = fk_tls_pool_used();
    must(fk_tls_init(&tls, &setup) == FK_OK);
    const struct fk_transport t = fk_tls_transport(&tls);
    /* Nobody can finish a handshake that was written down before it began. */
    enum fk_status st =
        server ? fk_tls_accept(&tls, 100000) : t.open(t.ctx, "updates.example", 443, 100000);
    must(st != FK_OK);
    t.close(t.ctx);
    fk_tls_release(&tls);
    must(fk_tls_pool_used() == before);
    must(rig.sim.violations == 0);
    sim_release(&rig.sim);
    return 0;
}
