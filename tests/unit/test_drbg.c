/* SPDX-License-Identifier: Apache-2.0 */
/* The generator of boards: what it takes for entropy, and that it gives nothing without. */
#include "crypto/crypto.h"
#include "tls/tls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static _Alignas(8) uint8_t pool[4096];

/* A source that counts: never the same, unless it is told to. */
struct source {
    uint8_t next;
    bool stuck, zero, broken;
    unsigned draws;
};

static enum fk_status fill(void *ctx, void *p, size_t len)
{
    struct source *s = ctx;
    uint8_t *to = p;
    s->draws++;
    for (size_t i = 0; i < len; i++) {
        to[i] = s->zero ? 0 : s->stuck ? 0x5a : s->next++;
    }
    return s->broken ? FK_E_IO : FK_OK;
}

static int setup(void **state)
{
    (void)state;
    fk_tls_pool_init(pool, sizeof pool);
    return 0;
}

static void nothing_without_a_source(void **state)
{
    (void)state;
    uint8_t out[16] = {1, 2, 3};
    uint8_t before[16];
    memcpy(before, out, sizeof out);
    assert_int_equal(fk_crypto_random(out, sizeof out), FK_E_RANDOM);
    assert_memory_equal(out, before, sizeof out);
}

static void bad_sources_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        struct source source;
        enum fk_status want;
    } cases[] = {
        {"stuck", {.stuck = true}, FK_E_CRYPTO},
        {"zeros", {.zero = true}, FK_E_CRYPTO},
        {"broken", {.broken = true}, FK_E_IO},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct source good = {.next = 1};
        struct source bad = cases[i].source;
        struct fk_random from = {&good, fill};
        uint8_t byte = 7;
        assert_int_equal(fk_crypto_seed(&from), FK_OK); /* that of before does not stay */
        from.ctx = &bad;
        enum fk_status st = fk_crypto_seed(&from);
        if (st != cases[i].want) {
            fail_msg("%s: %s", cases[i].why, fk_status_symbol(st));
        }
        assert_int_equal(fk_crypto_random(&byte, 1), FK_E_RANDOM);
        assert_int_equal(byte, 7);
    }
}

static void output_depends_on_the_seed_alone(void **state)
{
    (void)state;
    uint8_t out[3][5000]; /* larger than one request of the library */
    static const uint8_t seeds[3] = {1, 1, 2};
    for (size_t i = 0; i < 3; i++) {
        struct source s = {.next = seeds[i]};
        const struct fk_random from = {&s, fill};
        memset(out[i], 0, sizeof out[i]);
        assert_int_equal(fk_crypto_seed(&from), FK_OK);
        assert_int_equal(fk_crypto_random(out[i], sizeof out[i]), FK_OK);
        fk_crypto_use_random(NULL);
    }
    assert_memory_equal(out[0], out[1], sizeof out[0]);
    assert_memory_not_equal(out[0], out[2], 32);
    unsigned ones = 0;
    for (size_t i = 0; i < sizeof out[0] * 8; i++) {
        ones += (unsigned)(out[0][i / 8] >> (i % 8) & 1);
    }
    assert_in_range(ones, 19000, 21000); /* of 40000, whatever the seed: ten deviations */
}

/* It asks again after a while, and when the source has died by then, that is the end. */
static void a_source_that_dies_ends_it(void **state)
{
    (void)state;
    struct source s = {.next = 1};
    const struct fk_random from = {&s, fill};
    assert_int_equal(fk_crypto_seed(&from), FK_OK);
    unsigned draws = s.draws;
    uint8_t out[8] = {0};
    unsigned n = 0;
    s.broken = true;
    while (fk_crypto_random(out, sizeof out) == FK_OK && n < 100000) {
        n++;
    }
    assert_in_range(n, 1000, 10000);
    assert_true(s.draws > draws);
    static const uint8_t none[8] = {0};
    assert_memory_equal(out, none, sizeof none); /* of the last one nothing is left */
    assert_int_equal(fk_crypto_random(out, sizeof out), FK_E_CRYPTO);
    fk_crypto_use_random(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_without_a_source),
        cmocka_unit_test(bad_sources_are_refused),
        cmocka_unit_test(output_depends_on_the_seed_alone),
        cmocka_unit_test(a_source_that_dies_ends_it),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
