/* SPDX-License-Identifier: Apache-2.0 */
/* The device's judgement of signed envelopes: their parts, for whom they are, and their sizes. */
#include "support/bytes.h"
#include "support/effort.h"
#include "support/suit_judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void good_envelope_becomes_a_plan(void **state)
{
    (void)state;
    struct suit_policy policy;
    struct suit_made made;
    struct fk_suit_plan plan;
    struct fk_suit_report report;
    struct suit_recipe recipe = suit_recipe_good(&ours);
    suit_policy_init(&policy, &ours);
    suit_make(&recipe, &made);
    assert_int_equal(fk_suit_judge(&policy.p, (struct fk_slice){made.bytes, made.len}, made.len,
                                   &plan, &report),
                     FK_OK);
    assert_int_equal(plan.manifest.sequence, 7);
    assert_int_equal(plan.image_size, sizeof SUIT_IMAGE - 1);
    assert_int_equal(plan.payload_size, plan.image_size);
    assert_int_equal(plan.payload_off, made.payload_off);
    assert_true(plan.integrated && !plan.encrypted && plan.manifest.invoke);
    assert_int_equal(plan.kind, FK_COMPONENT_IMAGE);
    assert_slice_is(plan.manifest.image.digest, SUIT_IMAGE_DIGEST);
    assert_int_equal(report.n_valid, 1);
    const enum fk_check passed[] = {report.envelope, report.digest,   report.signature,
                                    report.version,  report.sequence, report.severed,
                                    report.commands, report.vendor,   report.class_id,
                                    report.component, report.size};
    for (size_t i = 0; i < sizeof passed / sizeof passed[0]; i++) {
        assert_int_equal(passed[i], FK_CHECK_PASSED);
    }
    assert_int_equal(report.device, FK_CHECK_NOT_NEEDED);
    assert_int_equal(report.encryption, FK_CHECK_NOT_NEEDED);
    assert_int_equal(report.image, FK_CHECK_NOT_REACHED);
}

/* The front part is enough, as on a device that streams the payload. */
static void front_part_of_an_envelope_is_enough(void **state)
{
    (void)state;
    struct suit_policy policy;
    struct suit_made made;
    struct fk_suit_plan plan;
    struct fk_suit_report report;
    struct suit_recipe recipe = suit_recipe_good(&ours);
    suit_policy_init(&policy, &ours);
    suit_make(&recipe, &made);
    struct fk_slice head = {made.bytes, made.payload_off};
    assert_int_equal(fk_suit_judge(&policy.p, head, made.len, &plan, &report), FK_OK);
    assert_int_equal(plan.payload_off, made.payload_off);
    suit_plan_fill(&plan);
    assert_int_equal(fk_suit_judge(&policy.p, head, made.len + 1, &plan, &report), FK_E_TRAILING);
    assert_int_equal(fk_suit_judge(&policy.p, head, made.len - 1, &plan, &report), FK_E_TRUNCATED);
    head.len--;
    assert_int_equal(fk_suit_judge(&policy.p, head, made.len, &plan, &report), FK_E_TRUNCATED);
    assert_plan_untouched(&plan);
}

static void every_cut_is_refused(void **state)
{
    (void)state;
    struct suit_policy policy;
    struct suit_made made;
    struct suit_recipe recipe = suit_recipe_good(&ours);
    recipe.sever_install = true;
    suit_policy_init(&policy, &ours);
    suit_make(&recipe, &made);
    for (size_t n = 0; n < made.len; n++) {
        expect("cut", &policy, made.bytes, n, n < 2 ? FK_E_SUIT_ENVELOPE : FK_E_TRUNCATED);
    }
}

/* One bit turned in each part, and where it is noticed. */
static void turned_bits_are_told_apart(void **state)
{
    (void)state;
    struct suit_policy policy;
    struct suit_made made;
    struct suit_recipe recipe = suit_recipe_good(&ours);
    recipe.sever_install = true;
    suit_policy_init(&policy, &ours);
    suit_make(&recipe, &made);
    /* 81|82 58 24 82 2f 58 20 <32 bytes> 58 4a d2 84 43 a1 01 28 a0 f6 58 40 <64> */
    const struct {
        const char *why;
        size_t at;
        enum fk_status st;
    } rows[] = {
        {"tag", 1, FK_E_SUIT_ENVELOPE},
        {"digest", made.auth_off + 10, FK_E_SUIT_DIGEST},
        {"digest algorithm", made.auth_off + 4, FK_E_UNSUPPORTED},
        {"first byte of the signature", made.auth_off + 51, FK_E_SIGNATURE},
        {"last byte of the signature", made.auth_off + 114, FK_E_SIGNATURE},
        {"algorithm in the protected header", made.auth_off + 46, FK_E_SIG_ALGORITHM},
        {"manifest", made.manifest_off + 30, FK_E_SUIT_DIGEST},
        {"last byte of the manifest", made.manifest_off + made.manifest_len - 1, FK_E_SUIT_DIGEST},
        {"severed element", made.install_off + 7, FK_E_SEVERED_DIGEST},
        {"name of the payload", made.payload_off - 3, FK_E_NO_PAYLOAD},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        made.bytes[rows[i].at] ^= 1;
        expect(rows[i].why, &policy, made.bytes, made.len, rows[i].st);
        made.bytes[rows[i].at] ^= 1;
    }
    expect("all turned back", &policy, made.bytes, made.len, FK_OK);
}

static void no_single_turned_bit_is_accepted(void **state)
{
    (void)state;
    struct suit_policy policy;
    struct suit_made made;
    struct fk_suit_plan plan;
    struct fk_suit_report report;
    struct suit_recipe recipe = suit_recipe_good(&ours);
    suit_policy_init(&policy, &ours);
    suit_make(&recipe, &made);
    const unsigned every = test_every(61);
    for (size_t bit = 0; bit < 8 * made.payload_off; bit += every) {
        made.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (fk_suit_judge(&policy.p, (struct fk_slice){made.bytes, made.len}, made.len, &plan,
                          &report) == FK_OK) {
            fail_msg("bit %zu turned, and the envelope is still accepted", bit);
        }
        made.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

/* ---- sequence, target, size ---- */

static void sequence_is_compared_with_the_counter(void **state)
{
    (void)state;
    static const struct {
        const char *sequence;
        uint64_t counter;
        enum fk_status st;
    } rows[] = {
        {"06", 7, FK_E_ROLLBACK},
        {"07", 7, FK_OK}, /* again, after a power cut */
        {"08", 7, FK_OK},
        {"1b0000000100000000", 7, FK_OK},
        {"1b0000000100000000", 0x100000001, FK_E_ROLLBACK},
        {"1bffffffffffffffff", UINT64_MAX, FK_OK},
        {"1bfffffffffffffffe", UINT64_MAX, FK_E_ROLLBACK},
        {"00", 0, FK_OK},
        {"20", 0, FK_E_FORMAT},
        {"1807", 7, FK_E_CBOR},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct suit_policy policy;
        struct suit_recipe recipe = suit_recipe_good(&ours);
        suit_policy_init(&policy, &ours);
        policy.p.counter = rows[i].counter;
        recipe.sequence = rows[i].sequence;
        expect_recipe(rows[i].sequence, &recipe, &policy, rows[i].st);
    }
}

static void envelope_is_for_this_device_only(void **state)
{
    (void)state;
    static const uint8_t id[16] = {0xd1};
    struct suit_policy policy, p;
    struct suit_recipe recipe = suit_recipe_good(&ours);
    suit_policy_init(&policy, &ours);
    p = policy;
    p.p.vendor[15] ^= 1;
    expect_recipe("another vendor", &recipe, &p, FK_E_VENDOR);
    p = policy;
    p.p.class_id[0] ^= 1;
    expect_recipe("another class", &recipe, &p, FK_E_DEVICE_CLASS);
    recipe.shared = "88 14 a5 0150" SUIT_VENDOR "0250" SUIT_CLASS
                    "035824822f5820" SUIT_IMAGE_DIGEST "0e181e"
                    "181850 d1000000000000000000000000000000 010f 020f 18180f";
    expect_recipe("for one device, and we have no identifier", &recipe, &policy, FK_E_DEVICE_ID);
    policy.p.device_id = (struct fk_slice){id, 16};
    expect_recipe("for this device", &recipe, &policy, FK_OK);
    static const uint8_t other[16] = {0xd2};
    policy.p.device_id = (struct fk_slice){other, 16};
    expect_recipe("for another device", &recipe, &policy, FK_E_DEVICE_ID);
}

static void component_must_exist_and_be_a_target(void **state)
{
    (void)state;
    static const struct {
        const char *components;
        enum fk_status st;
    } rows[] = {
        {"81814100", FK_OK},
        {"81814102", FK_E_SUIT_COMPONENT},
        {"8182410041 00", FK_E_SUIT_COMPONENT},
        {"81814101", FK_E_SUIT_COMPONENT}, /* staging is no target */
        {"8181427374", FK_OK},
        {"82814100814102", FK_E_SUIT_COMPONENT}, /* one of them is not used */
        {"83814100814101814102", FK_E_SUIT_COMPONENT},
        {"82814100814100", FK_E_SUIT_COMPONENT},
        {"80", FK_E_SUIT_COMPONENT},
        {"8180", FK_E_FORMAT},
        {"818100", FK_E_FORMAT},
        {"814100", FK_E_FORMAT},
        {NULL, FK_E_FORMAT},
    };
    struct suit_policy policy;
    suit_policy_init(&policy, &ours);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct suit_recipe recipe = suit_recipe_good(&ours);
        recipe.components = rows[i].components;
        expect_recipe(rows[i].components != NULL ? rows[i].components : "none", &recipe, &policy,
                      rows[i].st);
    }
}

static void sizes_must_agree_and_fit(void **state)
{
    (void)state;
    struct suit_policy policy, p;
    struct suit_recipe good = suit_recipe_good(&ours), recipe;
    suit_policy_init(&policy, &ours);
    p = policy;
    p.components[0].size_max = 30;
    p.p.components = p.components;
    expect_recipe("just fits", &good, &p, FK_OK);
    p.components[0].size_max = 29;
    expect_recipe("over the slot", &good, &p, FK_E_IMAGE_TOO_BIG);
    p.components[0].size_max = 1 << 20;
    p.components[0].unit = 4;
    expect_recipe("30 bytes in units of 4", &good, &p, FK_E_IMAGE_ALIGN);
    p = policy;
    p.p.manifest_max = 100;
    expect_recipe("manifest over the limit", &good, &p, FK_E_SUIT_TOO_BIG);

    recipe = good;
    recipe.payload.len = 29;
    expect_recipe("payload shorter than signed", &recipe, &policy, FK_E_PAYLOAD_SIZE);
    static const uint8_t longer[32] = {0};
    recipe.payload = (struct fk_slice){longer, 32};
    expect_recipe("payload longer than signed", &recipe, &policy, FK_E_PAYLOAD_SIZE);
    recipe = good;
    recipe.payload_name = NULL;
    expect_recipe("integrated payload missing", &recipe, &policy, FK_E_NO_PAYLOAD);
    recipe.payload_name = "#image.bi";
    expect_recipe("payload of another name", &recipe, &policy, FK_E_NO_PAYLOAD);
    recipe = good;
    recipe.install = "86 14 a1 15 78 1b 687474703a2f2f6578616d706c652e636f6d2f66696c652e62696e "
                     "1502 030f";
    expect_recipe("payload that nobody asks for", &recipe, &policy, FK_E_SUIT_ELEMENT);
    recipe.payload_name = NULL;
    expect_recipe("payload elsewhere", &recipe, &policy, FK_OK);
    policy.p.encryption_required = true;
    expect_recipe("not encrypted", &good, &policy, FK_E_ENCRYPTION_REQUIRED);
}

/* Sizes as shared sequences: 0, 2^32, 2^64 - 1. */
static void impossible_sizes_are_refused(void **state)
{
    (void)state;
#define SHARED_SIZE(size)                                                                          \
    "86 14 a4 0150" SUIT_VENDOR "0250" SUIT_CLASS "035824822f5820" SUIT_IMAGE_DIGEST "0e" size     \
    "010f 020f"
    static const struct {
        const char *shared;
        enum fk_status st;
    } rows[] = {
        {SHARED_SIZE("00"), FK_E_EMPTY},
        {SHARED_SIZE("1b0000000100000000"), FK_E_IMAGE_TOO_BIG},
        {SHARED_SIZE("1b000000010000001e"), FK_E_IMAGE_TOO_BIG},
        {SHARED_SIZE("1bffffffffffffffff"), FK_E_IMAGE_TOO_BIG},
        {SHARED_SIZE("20"), FK_E_FORMAT},
    };
    struct suit_policy policy;
    suit_policy_init(&policy, &ours);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct suit_recipe recipe = suit_recipe_good(&ours);
        recipe.shared = rows[i].shared;
        expect_recipe("size", &recipe, &policy, rows[i].st);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_envelope_becomes_a_plan),
        cmocka_unit_test(front_part_of_an_envelope_is_enough),
        cmocka_unit_test(every_cut_is_refused),
        cmocka_unit_test(turned_bits_are_told_apart),
        cmocka_unit_test(no_single_turned_bit_is_accepted),
        cmocka_unit_test(sequence_is_compared_with_the_counter),
        cmocka_unit_test(envelope_is_for_this_device_only),
        cmocka_unit_test(component_must_exist_and_be_a_target),
        cmocka_unit_test(sizes_must_agree_and_fit),
        cmocka_unit_test(impossible_sizes_are_refused),
    };
    return cmocka_run_group_tests(tests, suit_keys_make, suit_keys_free);
}
