/* SPDX-License-Identifier: Apache-2.0 */
/* All roots of ca-certificates in the store at once: what a handshake costs must not grow with
 * them. */
#include "core/tls_floor.h"
#include "crypto/crypto.h"
#include "port/sim/sim_random.h"
#include "support/storerig.h"
#include "support/tlspeer.h"
#include "tls/tls.h"

#include <dirent.h>
#include <openssl/pem.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define ROOTS     "/usr/share/ca-certificates/mozilla"
#define ROOTS_MAX 256u
#define HOST      "updates.example"

static struct public_root {
    char name[16];
    unsigned char *der;
    size_t len;
    uint8_t id[FK_STORE_ID_MAX];
    size_t id_len;
} roots[ROOTS_MAX];
static size_t n_roots;

static void read_root(const char *path)
{
    struct public_root *r = &roots[n_roots];
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    X509 *x = PEM_read_X509(f, NULL, NULL, NULL);
    fclose(f);
    assert_non_null(x);
    int len = i2d_X509(x, &r->der);
    assert_true(len > 0);
    r->len = (size_t)len;
    assert_int_equal(fk_tls_key_id((struct fk_slice){r->der, r->len}, true, r->id, &r->id_len),
                     FK_OK);
    snprintf(r->name, sizeof r->name, "%zu.ca", n_roots);
    X509_free(x);
    n_roots++;
}

static int setup(void **state)
{
    static uint8_t pool[64u * 1024];
    (void)state;
    fk_tls_pool_init(pool, sizeof pool);
    fk_crypto_use_random(&fk_sim_random);
    DIR *dir = opendir(ROOTS);
    if (dir == NULL || fk_crypto_init() != FK_OK) {
        return -1;
    }
    for (const struct dirent *e = readdir(dir); e != NULL && n_roots < ROOTS_MAX;
         e = readdir(dir)) {
        char path[512];
        snprintf(path, sizeof path, ROOTS "/%s", e->d_name);
        if (e->d_name[0] != '.') {
            read_root(path);
        }
    }
    closedir(dir);
    return n_roots > 100 ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_roots; i++) {
        OPENSSL_free(roots[i].der);
    }
    return 0;
}

static void put(struct store_rig *rig, const char *name, struct fk_slice der, struct fk_slice id)
{
    struct fk_store_change change = store_put(FK_STORE_TLS, FK_STORE_CA, name, der);
    change.item.key_id = id;
    assert_int_equal(fk_certstore_apply(&rig->store, &change, 1), FK_OK);
}

static void fill(struct store_rig *rig, size_t n)
{
    static const struct store_layout layout = {"roots", 4096, 120, 4, 0xff, false};
    store_begin(rig, &layout, 1);
    assert_int_equal(store_session(rig, SIM_NEVER, SIM_CUT_BEFORE), FK_OK);
    for (size_t i = 0; i < n; i++) {
        put(rig, roots[i].name, (struct fk_slice){roots[i].der, roots[i].len},
            (struct fk_slice){roots[i].id, roots[i].id_len});
    }
}

static void every_root_is_found_by_its_identifier(void **state)
{
    (void)state;
    struct store_rig rig;
    uint64_t most = 0, sum = 0;
    unsigned named = 0;
    fill(&rig, n_roots);
    for (size_t i = 0; i < n_roots; i++) {
        struct fk_store_entry e;
        uint8_t buf[4096];
        uint32_t at = 0;
        bool found = false;
        const struct fk_slice id = {roots[i].id, roots[i].id_len};
        sim_reset_statistics(&rig.sim);
        while (fk_certstore_anchor(&rig.store, FK_STORE_TLS, id, &at, &e) == FK_OK) {
            found = found || strcmp(e.name, roots[i].name) == 0;
        }
        uint64_t read = rig.sim.bytes_read;
        assert_int_equal(found, id.len > 0);
        if (found) {
            assert_int_equal(fk_certstore_find(&rig.store, FK_STORE_TLS, roots[i].name, &e), FK_OK);
            assert_int_equal(fk_certstore_read(&rig.store, &e, buf, sizeof buf), FK_OK);
            assert_int_equal(e.len, roots[i].len);
            assert_memory_equal(buf, roots[i].der, e.len);
            named++;
            sum += read;
            most = read > most ? read : most;
        }
    }
    print_message("%zu roots: %u bytes of heads read per lookup, %u at most\n", n_roots,
                  (unsigned)(sum / named), (unsigned)most);
    assert_true(sum / named < 2048);
    store_end(&rig);
}

static uint64_t tick(void *ctx)
{
    return ++*(uint64_t *)ctx;
}

/* A handshake below a root that is stored among n others. */
static void handshake_among(size_t n, size_t *ret_peak, uint64_t *ret_read)
{
    struct store_rig rig;
    struct tls_peer peer;
    struct pki_node root, leaf;
    struct fk_wall_clock wall;
    struct fk_tls tls;
    uint64_t now_ms = 0;
    const struct fk_clock clock = {&now_ms, tick};
    const struct fk_tls_policy policy = fk_tls_floor_policy();
    pki_make(&root, &(struct pki_spec){.cn = "root", .ca = true});
    pki_make(&leaf, &(struct pki_spec){.cn = HOST, .san = "DNS:" HOST, .issuer = &root});
    fill(&rig, n);
    put(&rig, "root.ca", pki_der(&root), pki_key_id(&root));
    peer_init(&peer, false, &leaf, NULL);
    const struct fk_transport lower = peer_transport(&peer);
    fk_wall_clock_init(&wall, &clock);
    assert_int_equal(fk_wall_clock_set(&wall, PKI_NOW, FK_TIME_COMMAND), FK_OK);
    const struct fk_tls_setup s = {.lower = &lower,
                                   .clock = &clock,
                                   .wall = &wall,
                                   .store = &rig.store,
                                   .set = FK_STORE_TLS,
                                   .policy = &policy};
    assert_int_equal(fk_tls_init(&tls, &s), FK_OK);
    const struct fk_transport t = fk_tls_transport(&tls);
    sim_reset_statistics(&rig.sim);
    fk_tls_pool_reset_peak();
    assert_int_equal(t.open(t.ctx, HOST, 443, 1000), FK_OK);
    *ret_peak = fk_tls_pool_peak();
    *ret_read = rig.sim.bytes_read;
    t.close(t.ctx);
    peer_release(&peer);
    pki_free(&root);
    pki_free(&leaf);
    store_end(&rig);
}

static void a_handshake_costs_the_same_among_many_roots(void **state)
{
    (void)state;
    const size_t counts[] = {0, 10, 50, n_roots};
    size_t first = 0;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        size_t peak = 0;
        uint64_t read = 0;
        handshake_among(counts[i], &peak, &read);
        print_message("handshake among %3zu roots: %zu bytes of the pool, %u bytes of flash\n",
                      counts[i], peak, (unsigned)read);
        first = i == 0 ? peak : first;
        /* signatures and certificates differ by some bytes from one run to the next */
        assert_true(peak <= first + 64 && first <= peak + 64);
        assert_true(read < 4096);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_root_is_found_by_its_identifier),
        cmocka_unit_test(a_handshake_costs_the_same_among_many_roots),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
