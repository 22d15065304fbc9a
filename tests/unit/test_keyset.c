/* SPDX-License-Identifier: Apache-2.0 */
/* Exchange of trust anchors: who may sign it, and what a set must be. */
#include "core/keyset.h"
#include "crypto/crypto.h"
#include "support/bytes.h"
#include "support/effort.h"
#include "support/keyset_make.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct suit_key a, b, c, stranger;

static int make_keys(void **state)
{
    (void)state;
    suit_key_make(&a);
    suit_key_make(&b);
    suit_key_make(&c);
    suit_key_make(&stranger);
    return fk_crypto_init() == FK_OK ? 0 : -1;
}

static int free_keys(void **state)
{
    (void)state;
    suit_key_free(&a);
    suit_key_free(&b);
    suit_key_free(&c);
    suit_key_free(&stranger);
    return 0;
}

/* In use: a and b, both needed. New: b and c, both needed. */
static struct set_recipe good(void)
{
    return (struct set_recipe){
        .version = 1,
        .sequence = 5,
        .threshold = 2,
        .keys = {{&b, 3, 5, true}, {&c, 1, 1, true}},
        .n_keys = 2,
        .signers = {&a, &b, &c},
        .n_signers = 3,
        .context = FK_KEYSET_CONTEXT,
    };
}

static void in_use(struct suit_policy *p)
{
    suit_policy_init(p, &a);
    p->anchors[0].key_sets = true;
    p->anchors[1] = p->anchors[0];
    p->anchors[1].key = (struct fk_slice){b.point, sizeof b.point};
    p->p.n_anchors = 2;
    p->p.threshold = 2;
}

static void expect(const char *why, const struct suit_policy *p, uint64_t sequence,
                   const struct set_made *m, enum fk_status expected)
{
    struct fk_keyset set, untouched;
    memset(&set, 0x5a, sizeof set);
    memset(&untouched, 0x5a, sizeof untouched);
    enum fk_status st =
        fk_keyset_judge(&p->p, sequence, 1, (struct fk_slice){m->bytes, m->len}, &set, NULL);
    if (st != expected) {
        fail_msg("%s: expected %s, found %s", why, fk_status_symbol(expected),
                 fk_status_symbol(st));
    }
    if (st != FK_OK) {
        assert_memory_equal(&set, &untouched, sizeof set);
    }
}

static void expect_recipe(const char *why, const struct set_recipe *r, enum fk_status expected)
{
    struct suit_policy p;
    struct set_made m;
    in_use(&p);
    set_make(r, &m);
    expect(why, &p, 4, &m, expected);
}

static void set_signed_by_old_and_new_is_accepted(void **state)
{
    (void)state;
    struct suit_policy p;
    struct set_made m, other; /* the anchors point into m */
    struct fk_keyset set;
    struct fk_keyset_report report;
    struct fk_trust_anchor anchors[FK_TRUST_ANCHORS_MAX];
    const struct set_recipe r = good();
    in_use(&p);
    set_make(&r, &m);
    assert_int_equal(fk_keyset_judge(&p.p, 4, 1, (struct fk_slice){m.bytes, m.len}, &set, &report),
                     FK_OK);
    assert_int_equal(set.sequence, 5);
    assert_int_equal(set.threshold, 2);
    assert_int_equal(report.by_old.n_valid, 2);
    assert_int_equal(report.by_new.n_valid, 2);
    assert_int_equal(fk_keyset_anchors(&set, anchors), 2);
    assert_memory_equal(anchors[1].key.ptr, c.point, sizeof c.point);
    assert_int_equal(anchors[0].components, 5);

    /* From now on a's signature counts for nothing, and an older set does not come back. */
    p.p.anchors = anchors;
    p.p.n_anchors = 2;
    expect("the same set again", &p, 5, &m, FK_E_ROLLBACK);
    struct set_recipe back = good();
    back.sequence = 6;
    back.keys[0].key = &a;
    back.signers[1] = &a;
    set_make(&back, &other);
    expect("the revoked key wants to come back", &p, 5, &other, FK_E_THRESHOLD);
}

static void sets_without_both_thresholds_are_refused(void **state)
{
    (void)state;
    struct set_recipe r = good();
    r.signers[0] = &stranger;
    expect_recipe("one of the old", &r, FK_E_THRESHOLD);
    r = good();
    r.n_signers = 2;
    expect_recipe("one of the new", &r, FK_E_THRESHOLD);
    r = good();
    r.n_signers = 0;
    expect_recipe("nobody", &r, FK_E_UNSIGNED);
    r = good();
    r.signers[0] = r.signers[1] = r.signers[2] = &stranger;
    expect_recipe("strangers", &r, FK_E_SIGNATURE);
    r = good();
    r.signers[0] = &b;
    expect_recipe("the same key twice", &r, FK_E_THRESHOLD);
    r = good();
    r.keys[1].key_sets = false;
    expect_recipe("a new set that could not be replaced", &r, FK_E_AUTHORITY);

    struct suit_policy p;
    struct set_made m;
    r = good();
    in_use(&p);
    p.anchors[0].key_sets = false;
    set_make(&r, &m);
    expect("a signer of images only", &p, 4, &m, FK_E_AUTHORITY);
}

/* The same keys sign envelopes and sets: neither signature may pass for the other. */
static void signature_of_an_envelope_is_none_of_a_set(void **state)
{
    (void)state;
    struct set_recipe r = good();
    r.context = "";
    expect_recipe("signed like an envelope", &r, FK_E_SIGNATURE);
    r.context = "fotakit-key";
    expect_recipe("another context", &r, FK_E_SIGNATURE);
}

static void sequence_must_rise(void **state)
{
    (void)state;
    static const struct {
        uint64_t set, in_use;
        enum fk_status st;
    } rows[] = {
        {5, 4, FK_OK},
        {5, 5, FK_E_ROLLBACK},
        {5, 6, FK_E_ROLLBACK},
        {0, 0, FK_E_ROLLBACK},
        {UINT64_MAX, UINT64_MAX - 1, FK_OK},
        {UINT64_MAX, UINT64_MAX, FK_E_ROLLBACK},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct suit_policy p;
        struct set_made m;
        struct set_recipe r = good();
        r.sequence = rows[i].set;
        in_use(&p);
        set_make(&r, &m);
        expect("sequence", &p, rows[i].in_use, &m, rows[i].st);
    }
}

static void sets_that_protect_nothing_are_refused(void **state)
{
    (void)state;
    struct set_recipe r = good();
    r.version = 2;
    expect_recipe("version 2", &r, FK_E_SUIT_VERSION);
    r = good();
    r.threshold = 0;
    expect_recipe("threshold 0", &r, FK_E_PROFILE);
    r.threshold = 3;
    expect_recipe("threshold above the keys", &r, FK_E_PROFILE);
    r.threshold = 256;
    expect_recipe("threshold of 256", &r, FK_E_LIMIT);
    r = good();
    r.n_keys = 0;
    expect_recipe("no key", &r, FK_E_PROFILE);
    r = good();
    r.keys[1].key = &b;
    expect_recipe("one key twice", &r, FK_E_PROFILE);
    r = good();
    r.keys[0].algorithms = 0;
    expect_recipe("no algorithm", &r, FK_E_PROFILE);
    r.keys[0].algorithms = FK_SIGN_HMAC256;
    expect_recipe("a public key as a MAC key", &r, FK_E_PROFILE);
    r = good();
    r.keys[0].components = 8;
    expect_recipe("a component that is not there", &r, FK_E_PROFILE);
    r = good();
    r.n_keys = 9;
    for (size_t i = 2; i < 9; i++) {
        r.keys[i] = r.keys[0];
    }
    expect_recipe("nine keys", &r, FK_E_LIMIT);
}

static void no_cut_and_no_turned_bit_is_accepted(void **state)
{
    (void)state;
    struct suit_policy p;
    struct set_made m;
    struct fk_keyset set;
    const struct set_recipe r = good();
    in_use(&p);
    set_make(&r, &m);
    for (size_t n = 0; n < m.len; n++) {
        const struct fk_slice cut = {m.bytes, n};
        assert_int_equal(fk_keyset_judge(&p.p, 4, 1, cut, &set, NULL), FK_E_TRUNCATED);
    }
    const unsigned every = test_every(101);
    for (size_t bit = 0; bit < 8 * m.len; bit += every) {
        const struct fk_slice all = {m.bytes, m.len};
        m.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (fk_keyset_judge(&p.p, 4, 1, all, &set, NULL) == FK_OK) {
            fail_msg("bit %zu turned, and the set is still accepted", bit);
        }
        m.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    m.bytes[m.len++] = 0;
    expect("one byte more", &p, 4, &m, FK_E_TRAILING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(set_signed_by_old_and_new_is_accepted),
        cmocka_unit_test(sets_without_both_thresholds_are_refused),
        cmocka_unit_test(signature_of_an_envelope_is_none_of_a_set),
        cmocka_unit_test(sequence_must_rise),
        cmocka_unit_test(sets_that_protect_nothing_are_refused),
        cmocka_unit_test(no_cut_and_no_turned_bit_is_accepted),
    };
    return cmocka_run_group_tests(tests, make_keys, free_keys);
}
