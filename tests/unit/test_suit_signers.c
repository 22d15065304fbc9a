/* SPDX-License-Identifier: Apache-2.0 */
/* Who signed an envelope, with what, and what a policy has to say about it. */
#include "support/suit_judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void unsigned_envelope_is_refused(void **state)
{
    (void)state;
    struct suit_policy policy;
    struct suit_recipe recipe = suit_recipe_good(&ours);
    recipe.n_auths = 0;
    suit_policy_init(&policy, &ours);
    expect_recipe("no block", &recipe, &policy, FK_E_UNSIGNED);
}

static void signatures_of_others_are_refused(void **state)
{
    (void)state;
    struct suit_policy policy;
    struct suit_recipe recipe = suit_recipe_good(&stranger);
    suit_policy_init(&policy, &ours);
    expect_recipe("without identifier", &recipe, &policy, FK_E_SIGNATURE);

    static const uint8_t kid[] = {1, 2}, other[] = {1, 3};
    recipe.auths[0].kid = (struct fk_slice){other, 2};
    policy.anchors[0].kid = (struct fk_slice){kid, 2};
    expect_recipe("another identifier", &recipe, &policy, FK_E_SIGNER);
    recipe.auths[0].kid = (struct fk_slice){kid, 2};
    expect_recipe("our identifier, another key", &recipe, &policy, FK_E_SIGNATURE);
    recipe.auths[0].key = &ours;
    expect_recipe("our identifier, our key", &recipe, &policy, FK_OK);
}

static void key_signs_with_its_algorithms_only(void **state)
{
    (void)state;
    struct suit_policy policy;
    struct suit_recipe recipe = suit_recipe_good(&ours);
    suit_policy_init(&policy, &ours);
    recipe.auths[0].alg = FK_COSE_ES256;
    expect_recipe("ES256 allowed", &recipe, &policy, FK_OK);
    policy.anchors[0].algorithms = FK_SIGN_ESP256;
    expect_recipe("ES256 not allowed", &recipe, &policy, FK_E_SIG_ALGORITHM);
    recipe.auths[0].alg = FK_COSE_ED25519;
    expect_recipe("Ed25519 for a P-256 key", &recipe, &policy, FK_E_SIG_ALGORITHM);
    recipe.auths[0].alg = -35;
    expect_recipe("ES384 for a P-256 key", &recipe, &policy, FK_E_SIG_ALGORITHM);
}

static void mac_needs_a_mac_key(void **state)
{
    (void)state;
    static const uint8_t shared[32] = {1, 2, 3};
    struct suit_policy policy;
    struct suit_recipe recipe = suit_recipe_good(&ours);
    suit_policy_init(&policy, &ours);
    recipe.auths[0] = (struct suit_auth){.alg = FK_COSE_HMAC256, .hmac = {shared, 32}};
    expect_recipe("P-256 device", &recipe, &policy, FK_E_SIG_ALGORITHM);
    /* The public key as a MAC key: the classic confusion. */
    recipe.auths[0].hmac = (struct fk_slice){ours.point, sizeof ours.point};
    expect_recipe("public key as secret", &recipe, &policy, FK_E_SIG_ALGORITHM);

    policy.anchors[0] = (struct fk_trust_anchor){
        .key = {shared, 32}, .algorithms = FK_SIGN_HMAC256, .components = 1};
    recipe.auths[0].hmac = (struct fk_slice){shared, 32};
    expect_recipe("HMAC device", &recipe, &policy, FK_OK);
    recipe.auths[0].hmac = (struct fk_slice){ours.point, 32};
    expect_recipe("another secret", &recipe, &policy, FK_E_SIGNATURE);
    recipe.auths[0] = (struct suit_auth){.alg = FK_COSE_ESP256, .key = &ours};
    expect_recipe("signature for an HMAC device", &recipe, &policy, FK_E_SIG_ALGORITHM);
}

static void auth_blocks_that_are_not_ours_are_refused(void **state)
{
    (void)state;
#define SIG64 "5840" ZERO64
#define ZERO16 "00000000000000000000000000000000"
#define ZERO64 ZERO16 ZERO16 ZERO16 ZERO16
    static const struct {
        const char *why;
        const char *raw;
        enum fk_status st;
    } rows[] = {
        {"algorithm unprotected only", "d28440a10128f6" SIG64, FK_E_FORMAT},
        {"algorithm in both headers", "d28443a10128a10128f6" SIG64, FK_E_FORMAT},
        {"protected header of an empty map", "d28441a0a0f6" SIG64, FK_E_FORMAT},
        {"attached payload", "d28443a10128a040" SIG64, FK_E_FORMAT},
        {"signature of 63 bytes", "d28443a10128a0f6583f" ZERO16 ZERO16 ZERO16
                                  "000000000000000000000000000000", FK_E_FORMAT},
        {"MAC with a signature's tag", "d28443a10105a0f65820" ZERO16 ZERO16, FK_E_FORMAT},
        {"COSE_Sign", "d8628443a10128a0f6" SIG64, FK_E_FORMAT},
        {"no tag", "8443a10128a0f6" SIG64, FK_E_FORMAT},
        {"critical header", "d28446a2012802818120a0f6" SIG64, FK_E_FORMAT},
        {"unknown unprotected header", "d28443a10128a11863f6f6" SIG64, FK_E_FORMAT},
        {"identifier of 33 bytes", "d28443a10128a1045821" ZERO16 ZERO16 "00f6" SIG64, FK_E_LIMIT},
        {"header of 17 bytes", "d28451a10128000000000000000000000000000000a0f6" SIG64, FK_E_LIMIT},
        {"one byte more", "d28443a10128a0f6" SIG64 "00", FK_E_TRAILING},
        {"nothing", "", FK_E_TRUNCATED},
    };
    struct suit_policy policy;
    suit_policy_init(&policy, &ours);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct suit_recipe recipe = suit_recipe_good(&ours);
        recipe.auths[0].raw = rows[i].raw;
        expect_recipe(rows[i].why, &recipe, &policy, rows[i].st);
        /* It does no harm beside a good one. */
        recipe.auths[1] = (struct suit_auth){.alg = FK_COSE_ESP256, .key = &ours};
        recipe.n_auths = 2;
        expect_recipe(rows[i].why, &recipe, &policy, FK_OK);
    }
}

static void threshold_counts_different_keys(void **state)
{
    (void)state;
    struct suit_policy policy;
    struct suit_recipe recipe = suit_recipe_good(&ours);
    suit_policy_init(&policy, &ours);
    policy.anchors[1] = policy.anchors[0];
    policy.anchors[1].key = (struct fk_slice){second.point, sizeof second.point};
    policy.p.n_anchors = 2;
    policy.p.threshold = 2;
    expect_recipe("one of two", &recipe, &policy, FK_E_THRESHOLD);
    recipe.auths[1] = recipe.auths[0];
    recipe.n_auths = 2;
    expect_recipe("the same key twice", &recipe, &policy, FK_E_THRESHOLD);
    recipe.auths[1].alg = FK_COSE_ES256;
    expect_recipe("the same key under another algorithm", &recipe, &policy, FK_E_THRESHOLD);
    recipe.auths[1].key = &stranger;
    expect_recipe("ours and a stranger's", &recipe, &policy, FK_E_THRESHOLD);
    recipe.auths[1].key = &second;
    expect_recipe("two of two", &recipe, &policy, FK_OK);
    policy.anchors[1].components = 4;
    expect_recipe("the second may not write this component", &recipe, &policy, FK_E_AUTHORITY);
    recipe.n_auths = 9;
    for (size_t i = 2; i < 9; i++) {
        recipe.auths[i] = recipe.auths[0];
    }
    expect_recipe("nine blocks", &recipe, &policy, FK_E_LIMIT);
}

static void policies_that_protect_nothing_are_refused(void **state)
{
    (void)state;
    struct suit_policy good, p;
    suit_policy_init(&good, &ours);
    assert_int_equal(fk_suit_policy_check(&good.p), FK_OK);
#define BAD(change)                                                                                \
    do {                                                                                           \
        p = good;                                                                                  \
        p.p.anchors = p.anchors;                                                                   \
        p.p.components = p.components;                                                             \
        change;                                                                                    \
        assert_int_equal(fk_suit_policy_check(&p.p), FK_E_PROFILE);                                \
    } while (0)
    BAD(p.p.n_anchors = 0);
    BAD(p.p.threshold = 0);
    BAD(p.p.threshold = 2);
    BAD(p.anchors[0].algorithms = 0);
    BAD(p.anchors[0].algorithms = FK_SIGN_ESP256 | FK_SIGN_HMAC256);
    BAD(p.anchors[0].algorithms = 8);
    BAD(p.anchors[0].components = 0);
    BAD(p.anchors[0].components = 8);
    BAD(p.anchors[0].key.len = 64);
    BAD(p.p.n_components = 0);
    BAD(p.components[1].id = p.components[0].id);
    BAD(p.components[0].unit = 0);
    BAD(p.p.device_id = p.anchors[0].key);
    BAD((p.anchors[1] = p.anchors[0], p.p.n_anchors = 2));
    struct suit_recipe recipe = suit_recipe_good(&ours);
    p = good;
    p.p.anchors = p.anchors;
    p.p.components = p.components;
    p.p.threshold = 0;
    expect_recipe("threshold 0", &recipe, &p, FK_E_PROFILE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unsigned_envelope_is_refused),
        cmocka_unit_test(signatures_of_others_are_refused),
        cmocka_unit_test(key_signs_with_its_algorithms_only),
        cmocka_unit_test(mac_needs_a_mac_key),
        cmocka_unit_test(auth_blocks_that_are_not_ours_are_refused),
        cmocka_unit_test(threshold_counts_different_keys),
        cmocka_unit_test(policies_that_protect_nothing_are_refused),
    };
    return cmocka_run_group_tests(tests, suit_keys_make, suit_keys_free);
}
