/* SPDX-License-Identifier: Apache-2.0 */
/* The pool of TLS: blocks, and what becomes of a connection that does not get one. */
#include "support/tlsrig.h"
#include "tls/pool.h"

#include <mbedtls/platform.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* ---- blocks ------------------------------------------------------------- */

#define SMALL 4096u
static _Alignas(8) uint8_t small[SMALL + 1];

static bool all(const uint8_t *p, uint8_t value, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (p[i] != value) {
            return false;
        }
    }
    return true;
}

static void blocks_are_zero_aligned_and_wiped(void **state)
{
    (void)state;
    for (size_t off = 0; off < 2; off++) { /* memory that is aligned, and that is not */
        memset(small, 0xa5, sizeof small);
        fk_tls_pool_init(small + off, SMALL);
        uint8_t *a = fk_tls_pool_calloc(3, 7);
        uint8_t *b = fk_tls_pool_calloc(1, 1);
        assert_non_null(a);
        assert_non_null(b);
        assert_int_equal((uintptr_t)a % 8, 0);
        assert_int_equal((uintptr_t)b % 8, 0);
        assert_true(all(a, 0, 21) && all(b, 0, 1));
        assert_int_equal(fk_tls_pool_used(), (8 + 24) + (8 + 8));
        memset(a, 0x5a, 21);
        fk_tls_pool_free(a);
        assert_true(all(a, 0, 21));
        fk_tls_pool_free(a); /* once more: nothing */
        fk_tls_pool_free(NULL);
        fk_tls_pool_free(small + off); /* no block of ours */
        assert_int_equal(fk_tls_pool_used(), 16);
        fk_tls_pool_free(b);
        assert_int_equal(fk_tls_pool_used(), 0);
        assert_int_equal(fk_tls_pool_peak(), 48);
    }
}

static void what_does_not_fit_is_refused_and_counted(void **state)
{
    (void)state;
    fk_tls_pool_init(small, SMALL);
    unsigned refused = fk_tls_pool_refused();
    assert_null(fk_tls_pool_calloc(0, 1));
    assert_null(fk_tls_pool_calloc(1, 0));
    assert_int_equal(fk_tls_pool_refused(), refused);
    assert_null(fk_tls_pool_calloc(1, SMALL - 7)); /* the head */
    assert_null(fk_tls_pool_calloc(SIZE_MAX / 2, 3));
    assert_null(fk_tls_pool_calloc(SIZE_MAX, SIZE_MAX));
    assert_null(fk_tls_pool_calloc(1, SIZE_MAX));
    assert_int_equal(fk_tls_pool_refused(), refused + 4);
    void *whole = fk_tls_pool_calloc(1, SMALL - 8);
    assert_non_null(whole);
    assert_null(fk_tls_pool_calloc(1, 1));
    fk_tls_pool_free(whole);
    for (size_t len = 0; len < 16; len++) { /* no room for anything */
        fk_tls_pool_init(small, len);
        assert_null(fk_tls_pool_calloc(1, 1));
    }
    fk_tls_pool_init(small, 16);
    assert_non_null(fk_tls_pool_calloc(1, 8));
}

/* Thousands of blocks come and go; none overlaps another, and in the end it is one piece again. */
static void blocks_keep_apart_and_come_together(void **state)
{
    (void)state;
    struct {
        uint8_t *p;
        size_t len;
    } held[32] = {{NULL, 0}};
    const size_t n = sizeof held / sizeof held[0];
    uint32_t seed = 1;
    unsigned refused = 0;
    fk_tls_pool_init(small, SMALL);
    for (unsigned step = 0; step < 20000; step++) {
        seed = seed * 1664525u + 1013904223u;
        size_t i = (seed >> 16) % n;
        if (held[i].p != NULL) {
            assert_true(all(held[i].p, (uint8_t)(i + 1), held[i].len));
            fk_tls_pool_free(held[i].p);
            held[i].p = NULL;
            continue;
        }
        held[i].len = 1 + (seed >> 22) % 400;
        held[i].p = fk_tls_pool_calloc(1, held[i].len);
        refused += held[i].p == NULL;
        if (held[i].p != NULL) {
            assert_true(held[i].p > small && held[i].p + held[i].len <= small + SMALL);
            assert_true(all(held[i].p, 0, held[i].len));
            memset(held[i].p, (int)i + 1, held[i].len);
        }
    }
    assert_true(refused > 100);
    assert_int_equal(fk_tls_pool_refused(), refused);
    for (size_t i = 0; i < n; i++) {
        fk_tls_pool_free(held[i].p);
    }
    assert_int_equal(fk_tls_pool_used(), 0);
    assert_non_null(fk_tls_pool_calloc(1, SMALL - 8));
}

static void what_an_owner_took_can_be_taken_back(void **state)
{
    (void)state;
    fk_tls_pool_init(small, SMALL);
    uint8_t *common = fk_tls_pool_calloc(1, 8);
    uint8_t one = fk_tls_pool_new_owner();
    assert_int_equal(fk_tls_pool_own(one), 0);
    uint8_t *a = fk_tls_pool_calloc(1, 8);
    uint8_t *b = fk_tls_pool_calloc(1, 8);
    uint8_t two = fk_tls_pool_new_owner();
    assert_int_not_equal(one, two);
    assert_int_equal(fk_tls_pool_own(two), one);
    uint8_t *c = fk_tls_pool_calloc(1, 8);
    assert_int_equal(fk_tls_pool_own(0), two);
    memset(a, 1, 8);
    memset(b, 1, 8);
    memset(c, 3, 8);
    memset(common, 4, 8);
    fk_tls_pool_sweep(0); /* nobody's */
    assert_int_equal(fk_tls_pool_used(), 4 * 16);
    fk_tls_pool_sweep(one);
    assert_int_equal(fk_tls_pool_used(), 2 * 16);
    assert_true(all(a, 0, 8) && all(b, 0, 8) && all(c, 3, 8) && all(common, 4, 8));
    assert_int_equal(fk_tls_pool_new_owner(), one);
    fk_tls_pool_sweep(two);
    fk_tls_pool_free(common);
    for (unsigned i = 1; i <= UINT8_MAX; i++) { /* every number is taken */
        (void)fk_tls_pool_own((uint8_t)i);
        assert_non_null(fk_tls_pool_calloc(1, 1));
    }
    (void)fk_tls_pool_own(0);
    assert_int_equal(fk_tls_pool_new_owner(), 0);
    fk_tls_pool_sweep(200);
    assert_int_equal(fk_tls_pool_new_owner(), 200);
}

/* ---- connections -------------------------------------------------------- */

/* The arithmetic of a handshake allocates ten thousand times, little and in the same few places. Of
 * those some are refused, of everything larger each. */
#define LITTLE 80u

static bool little;               /* which of them are counted */
static unsigned count, refuse_at; /* of the allocations from now on; 0: none */

static void *calloc_with_a_gap(size_t n, size_t size)
{
    count += (n * size <= LITTLE) == little;
    bool refuse = count == refuse_at && (n * size <= LITTLE) == little;
    return fk_tls_pool_calloc(refuse ? SIZE_MAX : n, size);
}

struct scene {
    const char *what;
    bool tls13, server, stranger; /* stranger: the peer is nobody to be trusted */
};

static void prepare(struct tls_rig *r, const struct scene *scene)
{
    tls_begin(r, &tls_server, &tls_between);
    r->policy.tls13 = scene->tls13;
    tls_trust(r, "root.ca", scene->stranger ? &tls_other_root : &tls_root);
    tls_own(r, scene->server ? &tls_server : &tls_client,
            scene->server ? &tls_server : &tls_client);
    if (!scene->server) {
        peer_trust(&r->peer, &tls_root);
        return;
    }
    peer_release(&r->peer);
    peer_init(&r->peer, true, &tls_client, NULL);
    r->setup.ask_client = true;
    assert_int_equal(r->lower.open(r->lower.ctx, "", 0, 0), FK_OK);
    assert_int_equal(fk_tls_init(&r->tls, &r->setup), FK_OK);
}

static enum fk_status play(struct tls_rig *r, const struct scene *scene, unsigned without)
{
    count = 0;
    refuse_at = without;
    enum fk_status st = scene->server ? fk_tls_accept(&r->tls, 1000) : tls_dial(r);
    refuse_at = 0;
    return st;
}

static unsigned next_after(unsigned n)
{
    return !little ? n + 1 : n + 1 + n % 101;
}

static void refuse_each(const struct scene *scene)
{
    const enum fk_status want = scene->stranger ? FK_E_TLS_UNTRUSTED : FK_OK;
    const size_t before = fk_tls_pool_used();
    unsigned refusals = 0, spared = 0;
    bool refused = true;
    for (unsigned at = 1; refused; at = next_after(at)) {
        struct tls_rig r;
        prepare(&r, scene);
        enum fk_status st = play(&r, scene, at);
        refused = count >= at;
        tls_hang_up(&r);
        tls_end(&r);
        assert_int_equal(fk_tls_pool_used(), before);
        refusals += refused;
        spared += refused && st == want;
        if (st != want && (st != FK_E_MEMORY || !refused)) {
            fail_msg("%s, allocation %u: %s", scene->what, at, fk_status_symbol(st));
        }
    }
    print_message("%s: %u of %u %s blocks refused, %u could be spared\n", scene->what, refusals,
                  count, little ? "little" : "large", spared);
    assert_true(refusals > 30);
}

static void every_block_that_is_refused_is_out_of_memory(void **state)
{
    (void)state;
    static const struct scene scenes[] = {
        {"client, TLS 1.3", true, false, false},  {"client, TLS 1.2", false, false, false},
        {"server, TLS 1.3", true, true, false},   {"server, TLS 1.2", false, true, false},
        {"stranger, TLS 1.3", true, false, true}, {"strange client, TLS 1.2", false, true, true},
    };
    assert_int_equal(mbedtls_platform_set_calloc_free(calloc_with_a_gap, fk_tls_pool_free), 0);
    for (size_t i = 0; i < 2 * sizeof scenes / sizeof scenes[0]; i++) {
        little = i % 2 != 0;
        refuse_each(&scenes[i / 2]);
    }
    assert_int_equal(mbedtls_platform_set_calloc_free(fk_tls_pool_calloc, fk_tls_pool_free), 0);
}

int main(void)
{
    const struct CMUnitTest blocks[] = {
        cmocka_unit_test(blocks_are_zero_aligned_and_wiped),
        cmocka_unit_test(what_does_not_fit_is_refused_and_counted),
        cmocka_unit_test(blocks_keep_apart_and_come_together),
        cmocka_unit_test(what_an_owner_took_can_be_taken_back),
    };
    const struct CMUnitTest connections[] = {
        cmocka_unit_test(every_block_that_is_refused_is_out_of_memory),
    };
    int failed = cmocka_run_group_tests(blocks, NULL, NULL);
    return failed + cmocka_run_group_tests(connections, tls_group_setup, tls_group_teardown);
}
