/* SPDX-License-Identifier: Apache-2.0 */
/* What a profile's TLS becomes on the device. */
#include "core/tls_floor.h"
#include "fotakit/profile.h"
#include "fotakit_fw/devices.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static void suites_below_the_floor_are_left_out(void **state)
{
    (void)state;
    static const uint16_t wanted[] = {
        0x0035, /* RSA, AES-256, CBC, SHA-1 */
        0xc030, /* ECDHE-RSA, AES-256-GCM */
        0x000a, /* 3DES */
        0x0096, /* SEED */
        0x009e, /* DHE */
        0xc02b, /* ECDHE-ECDSA, AES-128-GCM */
        0xc009, /* ECDHE-ECDSA, CBC */
        0xc0ac, /* ECDHE-ECDSA, CCM */
        0x1301, /* of TLS 1.3, which is off */
    };
    struct fk_tls_policy p = {.tls12 = true};
    fk_tls_floor_suites(&p, wanted, sizeof wanted / sizeof wanted[0]);
    assert_int_equal(p.n_suites, 2);
    assert_int_equal(p.suites[0], 0xc02b);
    assert_int_equal(p.suites[1], 0xc030);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        uint16_t s = wanted[i];
        assert_int_equal(fk_tls_floor_takes(s), s == 0xc030 || s == 0xc02b || s == 0x1301);
    }
    p.tls13 = true;
    fk_tls_floor_suites(&p, wanted, 1); /* a list of TLS 1.2 cannot name those of 1.3 */
    assert_int_equal(p.n_suites, 2);
    assert_int_equal(p.suites[0], 0x1301);
    assert_int_equal(p.suites[1], 0x1302);
}

static void profiles_become_policies(void **state)
{
    (void)state;
    const struct fk_tls_policy *st = &fk_device_find("spwf04s")->tls;
    assert_true(st->tls12 && !st->tls13);
    assert_int_equal(st->n_suites, 4);
    assert_int_equal(st->name, FK_PEER_NAME_CN);
    assert_true(st->dates && st->root_by_key_id);
    const struct fk_tls_policy *board = &fk_device_find("mps2-an386")->tls;
    assert_true(board->tls12 && !board->tls13);
    assert_int_equal(board->n_suites, 2);
    assert_int_equal(board->name, FK_PEER_NAME_SAN_OR_CN);
    assert_true(board->dates && board->root_by_key_id);
}

/* The device's table and the profile that the host loads say the same. */
static void table_equals_profile(void **state)
{
    (void)state;
    static const char *const names[] = {"spwf04s", "mps2-an386"};
    for (size_t i = 0; i < 2; i++) {
        struct fk_profile *p = NULL;
        struct fk_error err = FK_ERROR_INIT;
        assert_int_equal(fk_profile_load(names[i], &p, &err), FK_OK);
        const struct fk_tls_policy *a = &p->device.tls;
        const struct fk_tls_policy *b = &fk_device_find(names[i])->tls;
        assert_int_equal(a->tls12, b->tls12);
        assert_int_equal(a->tls13, b->tls13);
        assert_int_equal(a->n_suites, b->n_suites);
        assert_memory_equal(a->suites, b->suites, sizeof a->suites);
        assert_int_equal(a->name, b->name);
        assert_int_equal(a->dates, b->dates);
        assert_int_equal(a->root_by_key_id, b->root_by_key_id);
        assert_int_equal(a->record_max, b->record_max);
        fk_profile_free(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(suites_below_the_floor_are_left_out),
        cmocka_unit_test(profiles_become_policies),
        cmocka_unit_test(table_equals_profile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
