/* SPDX-License-Identifier: Apache-2.0 */
/* The exchange of keys under power cuts: old or new at each of them, and never lost. */
#include "support/effort.h"
#include "support/trust_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* After a cut: old or new keys, complete, the same at every start, and the exchange can end. */
static void check_after_cut(struct trust_rig *r, bool returned, const char *where)
{
    sim_power_up(&r->sim, SIM_NEVER, SIM_CUT_BEFORE);
    trust_rig_boot(r);
    if (r->core.trust == NULL || !trust_rig_has_secrets(r) ||
        (!trust_rig_trusts(r, &trust_keys.a) && !trust_rig_trusts(r, &trust_keys.b))) {
        fail_msg("%s: keys are lost", where);
    }
    bool is_new = trust_rig_trusts(r, &trust_keys.b);
    if (returned && !is_new) {
        fail_msg("%s: the exchange returned, and the old keys are back", where);
    }
    for (int i = 0; i < 2; i++) {
        trust_rig_boot(r);
        if (trust_rig_trusts(r, &trust_keys.b) != is_new) {
            fail_msg("%s: the keys changed their mind", where);
        }
    }
    if (r->report.verdict != FK_VERDICT_BOOT) {
        fail_msg("%s: no image boots", where);
    }
    enum fk_status st = is_new ? FK_OK : trust_rig_replace(r, &trust_keys.second);
    if (st != FK_OK || !trust_rig_trusts(r, &trust_keys.b)) {
        fail_msg("%s: the exchange cannot be finished: %s", where, fk_status_symbol(st));
    }
}

static void exchange_survives_one_cut_anywhere(void **state)
{
    (void)state;
    struct trust_rig *fresh = trust_rig_new();
    struct trust_rig *r = calloc(1, sizeof *r);
    assert_non_null(r);
    char where[80];
    const unsigned every = test_every(11);
    unsigned cuts = 0;
    *r = *fresh;
    sim_init(&r->sim, &fresh->device.map, 1);
    for (enum sim_cut kind = SIM_CUT_BEFORE; kind < SIM_CUT_KINDS; kind++) {
        enum fk_status st = FK_E_POWER;
        for (uint32_t k = 1; st == FK_E_POWER; k += every) {
            sim_copy(&r->sim, &fresh->sim);
            r->flash = sim_flash(&r->sim);
            r->sim.random = k * 1000003u + (unsigned)kind;
            sim_power_up(&r->sim, SIM_NEVER, kind);
            trust_rig_open(r);
            sim_power_up(&r->sim, k, kind);
            st = trust_rig_replace(r, &trust_keys.second);
            assert_true(st == FK_OK || st == FK_E_POWER);
            snprintf(where, sizeof where, "cut %s at %u", sim_cut_name(kind), (unsigned)k);
            cuts += st == FK_E_POWER;
            check_after_cut(r, st == FK_OK, where);
        }
    }
    assert_true(cuts > 10 * SIM_CUT_KINDS / every);
    assert_int_equal(r->sim.violations, 0);
    sim_release(&r->sim);
    free(r);
    trust_rig_free(fresh);
}

/* Cut again and again while the exchange is tried anew after each start. */
static void exchange_survives_storms_of_cuts(void **state)
{
    (void)state;
    struct trust_rig *fresh = trust_rig_new();
    struct trust_rig *r = calloc(1, sizeof *r);
    assert_non_null(r);
    char where[80];
    *r = *fresh;
    sim_init(&r->sim, &fresh->device.map, 1);
    for (unsigned n = 0; n < 60; n += test_every(13)) {
        sim_copy(&r->sim, &fresh->sim);
        r->flash = sim_flash(&r->sim);
        uint64_t random = n * 0x9e3779b97f4a7c15u + 11;
        enum fk_status st = FK_E_POWER;
        for (int cut = 0; cut < 4 && st == FK_E_POWER; cut++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            sim_power_up(&r->sim, 1 + (uint32_t)(random >> 33) % 20,
                         (enum sim_cut)((random >> 50) % SIM_CUT_KINDS));
            st = trust_rig_try_open(r);
            if (st == FK_OK) {
                st = fk_boot(&r->core, &r->report);
            }
            if (st == FK_OK) {
                st = trust_rig_try_open(r);
            }
            if (st == FK_OK && r->core.trust != NULL && trust_rig_trusts(r, &trust_keys.a)) {
                st = trust_rig_replace(r, &trust_keys.second);
            }
        }
        assert_true(st == FK_OK || st == FK_E_POWER);
        snprintf(where, sizeof where, "storm %u", n);
        check_after_cut(r, st == FK_OK, where);
    }
    assert_int_equal(r->sim.violations, 0);
    sim_release(&r->sim);
    free(r);
    trust_rig_free(fresh);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exchange_survives_one_cut_anywhere),
        cmocka_unit_test(exchange_survives_storms_of_cuts),
    };
    return cmocka_run_group_tests(tests, trust_keys_make, trust_keys_free);
}
