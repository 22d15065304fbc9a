/* SPDX-License-Identifier: Apache-2.0 */
/* Power cuts at every flash operation of every kind of change, and again in what follows. */
#include "support/effort.h"
#include "support/storerig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static const struct store_layout layouts[] = {
    {"two sectors", 2048, 2, 4, 0xff, false},
    {"five sectors, encrypted", 512, 5, 8, 0xff, true},
    {"large units, erased to zero", 1024, 6, 32, 0x00, true},
};

#define STEPS_MAX 4
#define ITEMS_MAX 4

/* Calls, and the set after each of them; set 0 is there before the first. */
struct scenario {
    const char *name;
    size_t n_steps;
    struct {
        struct fk_store_change changes[ITEMS_MAX];
        size_t n;
    } steps[STEPS_MAX];
    struct {
        struct fk_store_change items[ITEMS_MAX];
        size_t n;
    } sets[STEPS_MAX + 1];
};

static struct fk_store_change ca, cert1, cert2, key1, key2, wpa;

static void make_items(void)
{
    ca = store_put(FK_STORE_TLS, FK_STORE_CA, "root.ca", store_data(1, 150));
    ca.item.key_id = store_data(2, 20);
    cert1 = store_put(FK_STORE_TLS, FK_STORE_CERT, "tls.cert", store_data(3, 133));
    cert2 = store_put(FK_STORE_TLS, FK_STORE_CERT, "tls.cert", store_data(4, 64));
    key1 = store_put(FK_STORE_TLS, FK_STORE_KEY, "tls.key", store_data(5, 61));
    key2 = store_put(FK_STORE_TLS, FK_STORE_KEY, "tls.key", store_data(6, 90));
    wpa = store_put(FK_STORE_WPA, FK_STORE_KEY, "tls.key", store_data(7, 40));
}

static const struct fk_store_change remove_tls = {.verb = FK_STORE_REMOVE_SET,
                                                  .item = {.set = FK_STORE_TLS}};
static const struct fk_store_change remove_key = {.verb = FK_STORE_REMOVE,
                                                  .item = {.set = FK_STORE_TLS, .name = "tls.key"}};

#define LIST(...)                                                                                  \
    {                                                                                              \
        {__VA_ARGS__}, sizeof((struct fk_store_change[]){__VA_ARGS__}) / sizeof ca                 \
    }

static size_t scenarios(const struct scenario **ret)
{
    static struct scenario all[5];
    make_items();
    const struct scenario made[] = {
        {"first set", 1, {LIST(cert1, key1)}, {{.n = 0}, LIST(cert1, key1)}},
        {"one command after the other",
         4,
         {LIST(ca), LIST(cert1), LIST(key1), LIST(wpa)},
         {{.n = 0}, LIST(ca), LIST(ca, cert1), LIST(ca, cert1, key1), LIST(ca, cert1, key1, wpa)}},
        {"certificate and key replaced together",
         1,
         {LIST(cert2, key2)},
         {LIST(cert1, key1, wpa), LIST(cert2, key2, wpa)}},
        {"added, replaced, removed",
         3,
         {LIST(ca), LIST(key2), LIST(remove_key)},
         {LIST(cert1, key1), LIST(cert1, key1, ca), LIST(cert1, key2, ca), LIST(cert1, ca)}},
        {"a set emptied and filled",
         2,
         {LIST(remove_tls), LIST(cert2, key2)},
         {LIST(cert1, key1, wpa), LIST(wpa), LIST(cert2, key2, wpa)}},
    };
    memcpy(all, made, sizeof all);
    *ret = all;
    return sizeof made / sizeof made[0];
}

static void begin(struct store_rig *rig, const struct store_layout *layout,
                  const struct scenario *s, uint64_t seed)
{
    store_begin(rig, layout, seed);
    assert_int_equal(store_session(rig, SIM_NEVER, SIM_CUT_BEFORE), FK_OK);
    assert_int_equal(fk_certstore_apply(&rig->store, s->sets[0].items, s->sets[0].n), FK_OK);
    assert_true(store_holds(rig, s->sets[0].items, s->sets[0].n));
}

/* Goes on from step `from`; *ret_done: steps that returned FK_OK. */
static enum fk_status run(struct store_rig *rig, const struct scenario *s, size_t from,
                          size_t *ret_done)
{
    enum fk_status st = FK_OK;
    *ret_done = from;
    for (size_t i = from; st == FK_OK && i < s->n_steps; i++) {
        st = fk_certstore_apply(&rig->store, s->steps[i].changes, s->steps[i].n);
        *ret_done += st == FK_OK;
    }
    return st;
}

/* Which of the two sets is there; fails when it is neither. */
static size_t which(struct store_rig *rig, const struct scenario *s, size_t done, const char *what)
{
    for (size_t i = done; i <= done + 1 && i <= s->n_steps; i++) {
        if (store_holds(rig, s->sets[i].items, s->sets[i].n)) {
            return i;
        }
    }
    fail_msg("%s, %s: neither the set after step %zu nor the next", s->name, what, done);
    return 0;
}

/* No key that is not in this set stands in the flash; encrypted ones never do. */
static void secrets_are_gone(struct store_rig *rig, const struct scenario *s, size_t set,
                             const char *what)
{
    const struct fk_store_change *keys[] = {&key1, &key2, &wpa};
    for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++) {
        bool kept = false;
        for (size_t i = 0; i < s->sets[set].n; i++) {
            kept = kept || s->sets[set].items[i].item.data.ptr == keys[k]->item.data.ptr;
        }
        bool shows = store_flash_shows(rig, keys[k]->item.data);
        if (shows && (!kept || rig->device_key != NULL)) {
            fail_msg("%s, %s: key %zu stands in flash", s->name, what, k);
        }
        if (kept && rig->device_key == NULL) {
            assert_true(shows); /* the search can find */
        }
    }
}

/* The device comes back, decides, and stays with what it has decided; then it ends the job. */
static void recover(struct store_rig *rig, const struct scenario *s, size_t done, const char *what)
{
    size_t at = 0;
    unsigned rewrites = 0;
    for (int again = 0; again < 4; again++) {
        assert_int_equal(store_session(rig, SIM_NEVER, SIM_CUT_BEFORE), FK_OK);
        size_t seen = which(rig, s, done, what);
        if (again == 0) {
            assert_int_equal(fk_certstore_settle(&rig->store), FK_OK);
            at = which(rig, s, done, what);
            assert_int_equal(at, seen);
            secrets_are_gone(rig, s, at, what);
        } else if (seen != at) {
            fail_msg("%s, %s: settled on %zu and then was %zu", s->name, what, at, seen);
        }
        uint32_t ops = rig->sim.ops;
        assert_int_equal(fk_certstore_settle(&rig->store), FK_OK);
        rewrites += rig->sim.ops != ops;
    }
    assert_true(rewrites <= 1); /* a weak seal may be seen once and not the next time */
    assert_int_equal(run(rig, s, at, &done), FK_OK);
    assert_true(store_holds(rig, s->sets[s->n_steps].items, s->sets[s->n_steps].n));
    secrets_are_gone(rig, s, s->n_steps, what);
}

#define BOARD_EVERY 19u

static void sweep(const struct store_layout *layout, const struct scenario *s, enum sim_cut cut,
                  bool twice, unsigned long *lives)
{
    const unsigned every = test_every(BOARD_EVERY);
    enum fk_status st = FK_E_POWER;
    for (uint32_t at = 1; st != FK_OK; at += every) {
        struct store_rig rig;
        struct simflash torn;
        size_t done = 0;
        char what[80];
        snprintf(what, sizeof what, "%s, %s at %u", layout->name, sim_cut_name(cut), at);
        begin(&rig, layout, s, at * 31 + cut);
        sim_init(&torn, &rig.device.map, 1);
        assert_int_equal(store_session(&rig, at, cut), FK_OK);
        st = run(&rig, s, 0, &done);
        assert_true(st == FK_OK || st == FK_E_POWER);
        sim_copy(&torn, &rig.sim);
        (*lives)++;
        if (st != FK_OK) {
            recover(&rig, s, done, what);
        }
        enum fk_status second = st == FK_OK || !twice ? FK_OK : FK_E_POWER;
        for (uint32_t next = 1; second != FK_OK; next += every) {
            /* a weaker and a stronger kind; all of them would take minutes */
            static const enum sim_cut kinds[] = {SIM_CUT_WEAK, SIM_CUT_EDGE, SIM_CUT_START};
            sim_copy(&rig.sim, &torn);
            rig.sim.random += next; /* weak bits fall otherwise */
            assert_int_equal(store_session(&rig, next, kinds[(at + next) % 3]), FK_OK);
            second = fk_certstore_settle(&rig.store);
            assert_true(second == FK_OK || second == FK_E_POWER);
            (*lives)++;
            recover(&rig, s, done, what);
        }
        rig.sim.violations += torn.violations;
        sim_release(&torn);
        store_end(&rig);
    }
}

static void any_cut_leaves_the_old_set_or_the_new_one(void **state)
{
    (void)state;
    const struct scenario *s = NULL;
    unsigned long lives = 0;
    size_t n = scenarios(&s);
    for (size_t l = 0; l < sizeof layouts / sizeof layouts[0]; l++) {
        for (size_t i = 0; i < n; i++) {
            for (enum sim_cut cut = SIM_CUT_BEFORE; cut < SIM_CUT_KINDS; cut++) {
                sweep(&layouts[l], &s[i], cut, false, &lives);
            }
        }
    }
    print_message("%lu lives\n", lives);
    assert_true(lives > 1000 / test_every(BOARD_EVERY));
}

static void a_second_cut_in_the_recovery_does_no_harm(void **state)
{
    (void)state;
    const struct scenario *s = NULL;
    unsigned long lives = 0;
    (void)scenarios(&s);
    for (size_t i = 1; i < 4; i++) {
        for (enum sim_cut cut = SIM_CUT_BEFORE; cut < SIM_CUT_KINDS; cut++) {
            sweep(&layouts[0], &s[i], cut, true, &lives);
        }
    }
    print_message("%lu lives\n", lives);
    assert_true(lives > 1000 / test_every(BOARD_EVERY));
}

/* A device that has got its key encrypts what lies there in the clear: all of it, whatever the
 * power does, and loses nothing. */
static void cuts_while_keys_become_encrypted_do_no_harm(void **state)
{
    (void)state;
    unsigned long lives = 0;
    make_items();
    const struct fk_store_change set[] = {cert1, key1, wpa};
    for (unsigned i = 0; i < SIM_CUT_KINDS * sizeof layouts / sizeof layouts[0]; i++) {
        enum sim_cut cut = (enum sim_cut)(i % SIM_CUT_KINDS);
        enum fk_status st = FK_E_POWER;
        for (uint32_t at = 1; st != FK_OK; at++) {
            struct store_rig rig;
            store_begin(&rig, &layouts[i / SIM_CUT_KINDS], at * 31 + cut);
            rig.device_key = NULL;
            assert_int_equal(store_session(&rig, SIM_NEVER, SIM_CUT_BEFORE), FK_OK);
            assert_int_equal(fk_certstore_apply(&rig.store, set, 3), FK_OK);
            assert_true(store_flash_shows(&rig, key1.item.data));
            rig.device_key = rig.key;
            assert_int_equal(store_session(&rig, at, cut), FK_OK);
            st = fk_certstore_apply(&rig.store, NULL, 0);
            assert_true(st == FK_OK || st == FK_E_POWER);
            assert_int_equal(store_session(&rig, SIM_NEVER, SIM_CUT_BEFORE), FK_OK);
            assert_true(store_holds(&rig, set, 3));
            assert_int_equal(fk_certstore_apply(&rig.store, NULL, 0), FK_OK);
            assert_true(store_holds(&rig, set, 3));
            assert_false(store_flash_shows(&rig, key1.item.data));
            assert_false(store_flash_shows(&rig, wpa.item.data));
            store_end(&rig);
            lives++;
        }
    }
    print_message("%lu lives\n", lives);
    assert_true(lives > 300);
}

/* The first claim of a new bank is weak. One session believes it, one does not, in any order, and
 * each is cut off while it erases what it does not believe. */
static void weak_claims_never_cost_both_banks(void **state)
{
    (void)state;
    const struct scenario *s = NULL;
    static const enum sim_cut kinds[] = {SIM_CUT_WEAK, SIM_CUT_EDGE, SIM_CUT_ALMOST, SIM_CUT_START,
                                         SIM_CUT_BARELY};
    (void)scenarios(&s);
    s = &s[2];
    unsigned both = 0;
    for (uint64_t seed = 1; seed <= 300; seed += test_every(BOARD_EVERY)) {
        struct store_rig rig;
        size_t done = 0;
        begin(&rig, &layouts[0], s, seed);
        /* count the operations up to the claim: all but the last erase */
        struct simflash clean;
        sim_init(&clean, &rig.device.map, 1);
        sim_copy(&clean, &rig.sim);
        assert_int_equal(store_session(&rig, SIM_NEVER, SIM_CUT_BEFORE), FK_OK);
        assert_int_equal(run(&rig, s, 0, &done), FK_OK);
        uint32_t claim = rig.sim.ops - 1;
        sim_copy(&rig.sim, &clean);
        sim_release(&clean);
        rig.sim.random = seed;
        assert_int_equal(store_session(&rig, claim, kinds[seed % 2]), FK_OK);
        assert_int_equal(run(&rig, s, 0, &done), FK_E_POWER);
        for (uint32_t i = 0; i < 6; i++) {
            uint64_t r = seed * 7 + i * 13;
            assert_int_equal(store_session(&rig, 1 + (uint32_t)(r % 3), kinds[r % 5]), FK_OK);
            size_t seen = which(&rig, s, 0, "weak claim");
            both |= 1u << seen;
            enum fk_status st = fk_certstore_settle(&rig.store);
            assert_true(st == FK_OK || st == FK_E_POWER);
        }
        recover(&rig, s, 0, "weak claim");
        store_end(&rig);
    }
    assert_int_equal(both, 3); /* the claim was believed, and it was not */
}

/* A transaction that was just begun when the power went may leave nothing to be seen, but what
 * looks erased there must not be programmed. */
static void what_only_looks_erased_is_not_used(void **state)
{
    (void)state;
    const unsigned every = test_every(5);
    unsigned unseen = 0;
    make_items();
    for (uint64_t seed = 1; seed <= 200; seed += every) {
        struct store_rig rig;
        store_begin(&rig, &layouts[0], seed);
        assert_int_equal(store_session(&rig, SIM_NEVER, SIM_CUT_BEFORE), FK_OK);
        assert_int_equal(fk_certstore_put(&rig.store, &ca.item), FK_OK);
        rig.sim.cut_at = rig.sim.ops + 1;
        rig.sim.cut = SIM_CUT_START;
        assert_int_equal(fk_certstore_put(&rig.store, &cert1.item), FK_E_POWER);
        assert_int_equal(store_session(&rig, SIM_NEVER, SIM_CUT_BEFORE), FK_OK);
        unseen += rig.store.sealed;
        assert_int_equal(fk_certstore_put(&rig.store, &cert1.item), FK_OK);
        const struct fk_store_change both[] = {ca, cert1};
        assert_true(store_holds(&rig, both, 2));
        store_end(&rig);
    }
    assert_true(unseen > 10 / every);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_cut_leaves_the_old_set_or_the_new_one),
        cmocka_unit_test(a_second_cut_in_the_recovery_does_no_harm),
        cmocka_unit_test(cuts_while_keys_become_encrypted_do_no_harm),
        cmocka_unit_test(weak_claims_never_cost_both_banks),
        cmocka_unit_test(what_only_looks_erased_is_not_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
