/* SPDX-License-Identifier: Apache-2.0 */
/* Power cuts at every flash operation of an update: before, after, and torn in eight ways. */
#include "support/effort.h"
#include "support/life.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

struct sweep_case {
    struct test_layout layout;
    bool encrypted;
    uint32_t old_len, new_len;
    enum life_end end;
};

/* Every value of every dimension at least once; the whole product is `make check-power`. */
static const struct sweep_case cases[] = {
    {{"swap", 512, 512, 4, 4, 0xff, FK_INSTALL_SWAP}, true, 1800, 2048, LIFE_CONFIRM},
    {{"swap", 512, 512, 4, 4, 0xff, FK_INSTALL_SWAP}, true, 2048, 700, LIFE_CONFIRM},
    {{"swap", 512, 512, 4, 4, 0xff, FK_INSTALL_SWAP}, true, 1024, 1024, LIFE_REVERT},
    {{"swap", 512, 512, 4, 4, 0xff, FK_INSTALL_SWAP}, false, 516, 1996, LIFE_REVERT},
    {{"swap", 512, 512, 4, 4, 0xff, FK_INSTALL_SWAP}, false, 1996, 516, LIFE_REVERT},
    {{"swap, bytes, erased to 0", 256, 256, 6, 1, 0x00, FK_INSTALL_SWAP}, true, 1500, 1400,
     LIFE_CONFIRM},
    {{"swap, erased to 0", 512, 1024, 3, 8, 0x00, FK_INSTALL_SWAP}, false, 1400, 1500,
     LIFE_REVERT},
    {{"swap, half words", 512, 512, 3, 2, 0xff, FK_INSTALL_SWAP}, true, 1200, 1536, LIFE_CONFIRM},
    {{"swap, lines of 16", 512, 2048, 3, 16, 0xff, FK_INSTALL_SWAP}, true, 1536, 1500,
     LIFE_REVERT},
    {{"swap, lines of 32", 1024, 2048, 3, 32, 0xff, FK_INSTALL_SWAP}, true, 3000, 2900,
     LIFE_CONFIRM},
    {{"overwrite", 512, 512, 4, 4, 0xff, FK_INSTALL_OVERWRITE}, true, 1800, 2048, LIFE_CONFIRM},
    {{"overwrite", 512, 512, 4, 4, 0xff, FK_INSTALL_OVERWRITE}, false, 2048, 700, LIFE_CONFIRM},
    {{"overwrite, lines of 32, erased to 0", 512, 1024, 4, 32, 0x00, FK_INSTALL_OVERWRITE}, true,
     1800, 2048, LIFE_CONFIRM},
};

static void sweep_case(const struct sweep_case *c, bool nested)
{
    struct life *fresh = malloc(sizeof *fresh);
    assert_non_null(fresh);
    life_begin(fresh, &c->layout, c->encrypted, c->old_len, c->new_len, c->end);
    struct sweep_result r = life_sweep(fresh, nested, 1);
    life_release(fresh);
    free(fresh);
    printf("%s%s, %u to %u bytes, %s: %lu cases, %lu lost\n", c->layout.name,
           c->encrypted ? ", encrypted" : "", c->old_len, c->new_len,
           c->end == LIFE_REVERT ? "reverted" : "confirmed", r.cases, r.lost);
    if (r.lost > 0) {
        fail_msg("%s", r.first);
    }
    assert_true(r.cases > 200 / test_every(LIFE_BOARD_EVERY)); /* the sweep did cut something */
}

static void update_survives_one_cut_anywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sweep_case(&cases[i], false);
    }
}

static void update_survives_a_second_cut_during_recovery(void **state)
{
    (void)state;
    static const struct sweep_case small[] = {
        {{"swap", 256, 512, 2, 8, 0xff, FK_INSTALL_SWAP}, true, 512, 500, LIFE_CONFIRM},
        {{"overwrite", 256, 512, 2, 8, 0xff, FK_INSTALL_OVERWRITE}, true, 512, 500, LIFE_CONFIRM},
    };
    for (size_t i = 0; i < sizeof small / sizeof small[0]; i++) {
        sweep_case(&small[i], true);
    }
}

/* The same with signed envelopes: accepted, stored, judged again at boot; and the rollback counter
 * moves with the confirmation and never before. */
static void signed_update_survives_one_cut_anywhere(void **state)
{
    (void)state;
    static const struct test_layout layouts[] = {
        {"signed, swap", 512, 512, 3, 4, 0xff, FK_INSTALL_SWAP},
        {"signed, overwrite", 512, 512, 3, 8, 0x00, FK_INSTALL_OVERWRITE},
    };
    static struct signed_update update;
    for (size_t i = 0; i < 3; i++) {
        enum life_end end = i == 2 ? LIFE_REVERT : LIFE_CONFIRM;
        struct life *fresh = malloc(sizeof *fresh);
        assert_non_null(fresh);
        life_begin_signed(fresh, &layouts[i % 2], &update, 1100, 1000, end);
        struct sweep_result r = life_sweep(fresh, false, 1);
        struct sweep_result storm = life_storm(fresh, 200, 9);
        life_release(fresh);
        free(fresh);
        signed_update_free(&update);
        printf("%s, %s: %lu cases, %lu storms, %lu lost\n", layouts[i % 2].name,
               end == LIFE_REVERT ? "reverted" : "confirmed", r.cases, storm.cases,
               r.lost + storm.lost);
        if (r.lost + storm.lost > 0) {
            fail_msg("%s", r.lost > 0 ? r.first : storm.first);
        }
        assert_true(r.cases > 200 / test_every(LIFE_BOARD_EVERY));
    }
}

/* Several cuts in a row, of different kinds: what a flaky supply does. */
static void update_survives_storms_of_cuts(void **state)
{
    (void)state;
    static const struct sweep_case stormy[] = {
        {{"swap", 256, 512, 2, 4, 0xff, FK_INSTALL_SWAP}, true, 512, 500, LIFE_CONFIRM},
        {{"swap", 256, 512, 2, 4, 0xff, FK_INSTALL_SWAP}, false, 512, 500, LIFE_REVERT},
        {{"overwrite", 256, 512, 2, 4, 0x00, FK_INSTALL_OVERWRITE}, true, 512, 500, LIFE_CONFIRM},
    };
    for (size_t i = 0; i < sizeof stormy / sizeof stormy[0]; i++) {
        const struct sweep_case *c = &stormy[i];
        struct life *fresh = malloc(sizeof *fresh);
        assert_non_null(fresh);
        life_begin(fresh, &c->layout, c->encrypted, c->old_len, c->new_len, c->end);
        struct sweep_result r = life_storm(fresh, 30000, i + 1);
        life_release(fresh);
        free(fresh);
        printf("%s: %lu storms, %lu lost\n", c->layout.name, r.cases, r.lost);
        if (r.lost > 0) {
            fail_msg("%s", r.first);
        }
        assert_true(r.cases >= 30000 / test_every(STORM_BOARD_EVERY));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signed_update_survives_one_cut_anywhere),
        cmocka_unit_test(update_survives_storms_of_cuts),
        cmocka_unit_test(update_survives_one_cut_anywhere),
        cmocka_unit_test(update_survives_a_second_cut_during_recovery),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
