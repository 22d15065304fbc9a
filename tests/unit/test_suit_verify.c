/* SPDX-License-Identifier: Apache-2.0 */
/* The device's judgement of signed envelopes: what is refused, with which status, and that nothing
 * comes out of a refusal. */
#include "core/suit_verify.h"
#include "crypto/crypto.h"
#include "support/bytes.h"
#include "support/suit_make.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct suit_key ours, second, stranger;

static int make_keys(void **state)
{
    (void)state;
    suit_key_make(&ours);
    suit_key_make(&second);
    suit_key_make(&stranger);
    return fk_crypto_init() == FK_OK ? 0 : -1;
}

static int free_keys(void **state)
{
    (void)state;
    suit_key_free(&ours);
    suit_key_free(&second);
    suit_key_free(&stranger);
    return 0;
}

/* A plan that would be noticed when it changes. */
static void fill(struct fk_suit_plan *plan)
{
    memset(plan, 0x5a, sizeof *plan);
}

static void assert_untouched(const struct fk_suit_plan *plan)
{
    struct fk_suit_plan expected;
    fill(&expected);
    assert_memory_equal(plan, &expected, sizeof expected);
}

static void expect(const char *why, const struct suit_policy *policy, const uint8_t *bytes,
                   size_t len, enum fk_status expected)
{
    struct fk_suit_plan plan;
    struct fk_suit_report report;
    fill(&plan);
    enum fk_status st =
        fk_suit_judge(&policy->p, (struct fk_slice){bytes, len}, len, &plan, &report);
    if (st != expected) {
        fail_msg("%s: expected %s, found %s", why, fk_status_symbol(expected),
                 fk_status_symbol(st));
    }
    if (expected != FK_OK) {
        assert_untouched(&plan);
    }
}

static void expect_recipe(const char *why, const struct suit_recipe *recipe,
                          const struct suit_policy *policy, enum fk_status expected)
{
    struct suit_made made;
    suit_make(recipe, &made);
    expect(why, policy, made.bytes, made.len, expected);
}

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
    struct suit_recipe recipe = suit_recipe_good(&ours);
    suit_policy_init(&policy, &ours);
    suit_make(&recipe, &made);
    struct fk_slice head = {made.bytes, made.payload_off};
    assert_int_equal(fk_suit_judge(&policy.p, head, made.len, &plan, NULL), FK_OK);
    assert_int_equal(plan.payload_off, made.payload_off);
    fill(&plan);
    assert_int_equal(fk_suit_judge(&policy.p, head, made.len + 1, &plan, NULL), FK_E_TRAILING);
    assert_int_equal(fk_suit_judge(&policy.p, head, made.len - 1, &plan, NULL), FK_E_TRUNCATED);
    head.len--;
    assert_int_equal(fk_suit_judge(&policy.p, head, made.len, &plan, NULL), FK_E_TRUNCATED);
    assert_untouched(&plan);
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
    struct suit_recipe recipe = suit_recipe_good(&ours);
    suit_policy_init(&policy, &ours);
    suit_make(&recipe, &made);
    for (size_t bit = 0; bit < 8 * made.payload_off; bit++) {
        made.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (fk_suit_judge(&policy.p, (struct fk_slice){made.bytes, made.len}, made.len, &plan,
                          NULL) == FK_OK) {
            fail_msg("bit %zu turned, and the envelope is still accepted", bit);
        }
        made.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

/* ---- signatures ----------------------------------------------------------------------------- */

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

/* ---- sequence, target, size ---------------------------------------------------------------- */

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

/* ---- manifest ------------------------------------------------------------------------------- */

#define PARAMS_BUT_VENDOR "0250" SUIT_CLASS "035824822f5820" SUIT_IMAGE_DIGEST "0e181e"
#define URI               "15 6a 23696d6167652e62696e"

static void manifests_outside_the_profile_are_refused(void **state)
{
    (void)state;
    enum field { VERSION, SHARED, VALIDATE, INVOKE, INSTALL, COMMON, EXTRA, TEXT, ENVELOPE };
    static const struct {
        const char *why;
        enum field field;
        const char *hex;
        enum fk_status st;
    } rows[] = {
        {"version 2", VERSION, "02", FK_E_SUIT_VERSION},
        {"version 0", VERSION, "00", FK_E_SUIT_VERSION},
        {"no version", VERSION, NULL, FK_E_FORMAT},
        {"no shared sequence: no vendor, no class", SHARED, NULL, FK_E_SUIT_CONDITION},
        {"odd number of items", SHARED, "81 01", FK_E_FORMAT},
        {"empty sequence", SHARED, "80", FK_E_FORMAT},
        {"sequence is a map", SHARED, "a1 010f", FK_E_FORMAT},
        {"sequence with left-over bytes", INSTALL, SUIT_INSTALL "00", FK_E_TRAILING},
        {"sequence without end", VALIDATE, "9f 030f ff", FK_E_CBOR},
        {"vendor of 15 bytes", SHARED, "82 14 a1 014f 000102030405060708090a0b0c0d0e", FK_E_FORMAT},
        {"vendor as a private enterprise number", SHARED, "82 14 a1 01 d87045 d86f452b06",
         FK_E_FORMAT},
        {"class condition without class", SHARED, "84 14 a1 0150" SUIT_VENDOR "020f",
         FK_E_SUIT_CONDITION},
        {"vendor not checked", SHARED,
         "84 14 a4 0150" SUIT_VENDOR PARAMS_BUT_VENDOR "020f", FK_E_SUIT_CONDITION},
        {"class not checked", SHARED,
         "84 14 a4 0150" SUIT_VENDOR PARAMS_BUT_VENDOR "010f", FK_E_SUIT_CONDITION},
        {"vendor parameter missing", SHARED, "86 14 a3" PARAMS_BUT_VENDOR "010f 020f",
         FK_E_SUIT_CONDITION},
        {"digest missing", SHARED,
         "86 14 a3 0150" SUIT_VENDOR "0250" SUIT_CLASS "0e181e 010f 020f", FK_E_SUIT_CONDITION},
        {"size missing", SHARED,
         "86 14 a3 0150" SUIT_VENDOR "0250" SUIT_CLASS "035824822f5820" SUIT_IMAGE_DIGEST
         "010f 020f",
         FK_E_SUIT_CONDITION},
        {"SHA-512", SHARED, "82 14 a1 03 5825 82 382b 5820" SUIT_IMAGE_DIGEST, FK_E_UNSUPPORTED},
        {"SHA-384", SHARED, "82 14 a1 03 44 82 382a 40", FK_E_UNSUPPORTED},
        {"digest of 31 bytes", SHARED, "82 14 a1 03 45 82 2f 42 0000", FK_E_FORMAT},
        {"no parameters", SHARED, "82 14 a0", FK_E_FORMAT},
        {"unknown parameter", SHARED, "82 14 a1 18 1a 05", FK_E_SUIT_PARAMETER},
        {"component slot", SHARED, "82 14 a1 05 00", FK_E_SUIT_PARAMETER},
        {"content in line", INSTALL, "84 14 a1 12 4100 12 0f", FK_E_SUIT_PARAMETER},
        {"invoke arguments", INVOKE, "84 14 a1 17 4100 1702", FK_E_SUIT_PARAMETER},
        {"soft failure", SHARED, "82 14 a1 0d f5", FK_E_SUIT_PARAMETER},
        {"custom parameter", SHARED, "82 14 a1 20 00", FK_E_SUIT_PARAMETER},
        {"parameter with a name", SHARED, "82 14 a1 6161 00", FK_E_SUIT_PARAMETER},
        {"parameters out of order", SHARED, "82 14 a2 0250" SUIT_CLASS "0150" SUIT_VENDOR,
         FK_E_CBOR},
        {"parameter repeated", SHARED, "82 14 a2 0150" SUIT_VENDOR "0150" SUIT_VENDOR, FK_E_CBOR},
        {"abort", INSTALL, "82 0e 0f", FK_E_SUIT_COMMAND},
        {"try-each", SHARED, "82 0f 82 43 82 0e0f f6", FK_E_SUIT_COMMAND},
        {"try-each without nil", INSTALL, "82 0f 82 43 820e0f 43 820e0f", FK_E_SUIT_COMMAND},
        {"unknown command hidden behind good ones", VALIDATE, "84 030f 1863 0f", FK_E_SUIT_COMMAND},
        {"unknown command in the last sequence", INVOKE, "84 1702 39ffff 0f", FK_E_SUIT_COMMAND},
        {"write", INSTALL, "82 12 0f", FK_E_SUIT_COMMAND},
        {"set-parameters", SHARED, "82 13 a1 0e 00", FK_E_SUIT_COMMAND},
        {"run-sequence", INSTALL, "82 18 20 43 820e0f", FK_E_SUIT_COMMAND},
        {"swap", INSTALL, "82 18 1f 0f", FK_E_SUIT_COMMAND},
        {"fetch in the shared sequence", SHARED, "84 14 a1" URI "1502", FK_E_SUIT_COMMAND},
        {"image-match in the shared sequence", SHARED, "82 03 0f", FK_E_SUIT_COMMAND},
        {"invoke in install", INSTALL, "82 1702", FK_E_SUIT_COMMAND},
        {"fetch in validate", VALIDATE, "84 14 a1" URI "1502", FK_E_SUIT_COMMAND},
        {"fetch twice", INSTALL, "86 14 a1" URI "1502 1502", FK_E_SUIT_COMMAND},
        {"match before fetch", INSTALL, "86 14 a1" URI "030f 1502", FK_E_SUIT_COMMAND},
        {"copy of nothing", INSTALL, "82 16 0f", FK_E_SUIT_COMMAND},
        {"invoke twice", INVOKE, "84 1702 1702", FK_E_SUIT_COMMAND},
        {"policy that is not a number", INSTALL, "84 14 a1" URI "15 f6", FK_E_FORMAT},
        {"policy of more bits", INSTALL, "84 14 a1" URI "15 10", FK_E_FORMAT},
        {"no fetch", INSTALL, "82 14 a1" URI, FK_E_SUIT_CONDITION},
        {"no address", INSTALL, "84 1502 030f", FK_E_SUIT_CONDITION},
        {"no install at all", INSTALL, NULL, FK_E_SUIT_CONDITION},
        {"address with a blank", INSTALL, "86 14 a1 15 63 612062 1502 030f", FK_E_FORMAT},
        {"address with a control character", INSTALL, "86 14 a1 15 63 610a62 1502 030f",
         FK_E_FORMAT},
        {"empty address", INSTALL, "86 14 a1 15 60 1502 030f", FK_E_FORMAT},
        {"index out of range", INSTALL, "82 0c 01", FK_E_SUIT_COMPONENT},
        {"index of 2^64 - 1", INSTALL, "82 0c 1bffffffffffffffff", FK_E_SUIT_COMPONENT},
        {"index true", INSTALL, "88 0c f5 14 a1" URI "1502 030f", FK_OK},
        {"index false", INSTALL, "82 0c f4", FK_E_SUIT_COMPONENT},
        {"index null", INSTALL, "82 0c f6", FK_E_FORMAT},
        {"index list", INSTALL, "88 0c 8100 14 a1" URI "1502 030f", FK_OK},
        {"empty index list", INSTALL, "82 0c 80", FK_E_SUIT_COMPONENT},
        {"list of two", INSTALL, "82 0c 82 00 00", FK_E_SUIT_COMPONENT},
        {"list out of range", INSTALL, "82 0c 81 01", FK_E_SUIT_COMPONENT},
        {"match elsewhere is enough", INSTALL, "84 14 a1" URI "1502", FK_OK},
        {"match in install is enough", VALIDATE, NULL, FK_OK},
        {"nothing to start", INVOKE, NULL, FK_OK},
        {"another digest in validate", VALIDATE,
         "84 14 a1 035824822f5820 000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f"
         "030f",
         FK_E_SUIT_CONDITION},
        {"another size in validate", VALIDATE, "84 14 a1 0e 02 030f", FK_E_SUIT_CONDITION},
        {"another vendor in validate", VALIDATE,
         "86 14 a1 0150 000102030405060708090a0b0c0d0e0f 010f 030f", FK_E_SUIT_CONDITION},
        {"dependencies", COMMON, "05 a0", FK_E_SUIT_ELEMENT},
        {"payload-fetch", EXTRA, "18 19 43 820e0f", FK_E_SUIT_ELEMENT},
        {"unknown element", EXTRA, "1863 00", FK_E_SUIT_ELEMENT},
        {"element with a name", EXTRA, "6161 00", FK_E_SUIT_ELEMENT},
        {"element out of order", EXTRA, "00 00", FK_E_CBOR},
        {"element repeated", EXTRA, "14 41 80", FK_E_CBOR},
        {"text is passed over", TEXT, "a0", FK_OK},
        {"unknown envelope element", ENVELOPE, "1863 41 00", FK_E_SUIT_ELEMENT},
        {"install that nobody signed", ENVELOPE, "14 43 820e0f", FK_E_SUIT_ELEMENT},
        {"text that nobody signed", ENVELOPE, "17 41 a0", FK_E_SUIT_ELEMENT},
        {"two payloads", ENVELOPE, "6123 41 00", FK_E_SUIT_ELEMENT},
        {"manifest repeated", ENVELOPE, "03 41 00", FK_E_CBOR},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct suit_policy policy;
        struct suit_recipe r = suit_recipe_good(&ours);
        const char **const fields[] = {&r.version, &r.shared,         &r.validate,
                                       &r.invoke,  &r.install,        &r.common_extra,
                                       &r.manifest_extra, &r.text, &r.envelope_extra};
        suit_policy_init(&policy, &ours);
        *fields[rows[i].field] = rows[i].hex;
        expect_recipe(rows[i].why, &r, &policy, rows[i].st);
    }
}

/* The numbers that earlier drafts gave to validate, run, install and text. */
static void manifests_of_older_drafts_are_refused(void **state)
{
    (void)state;
    static const char *const extra[] = {"11 41 80", "0a 41 80", "0c 41 80", "0d 41 80"};
    for (size_t i = 0; i < sizeof extra / sizeof extra[0]; i++) {
        struct suit_policy policy;
        struct suit_recipe r = suit_recipe_good(&ours);
        suit_policy_init(&policy, &ours);
        r.install = NULL;
        r.manifest_extra = extra[i];
        expect_recipe(extra[i], &r, &policy, FK_E_SUIT_ELEMENT);
    }
}

static void severed_install_must_be_there(void **state)
{
    (void)state;
    struct suit_policy policy;
    struct suit_recipe recipe = suit_recipe_good(&ours);
    suit_policy_init(&policy, &ours);
    recipe.sever_install = true;
    expect_recipe("severed, and in the envelope", &recipe, &policy, FK_OK);
    recipe.drop_install = true;
    expect_recipe("severed and dropped", &recipe, &policy, FK_E_SEVERED);
}

/* ---- encrypted payloads ---------------------------------------------------------------------- */

/* Published by draft-ietf-suit-firmware-encryption: A128KW, KEK of sixteen 'a'. */
#define GCM_INFO                                                                                   \
    "d8608443a10101a1054cf14aab9d81d51f7ad943fe87f6818340a2012204456b69642d31"                     \
    "581875603ffc9518d794713c8ca8a115a7fb32565a6d59534d62"
#define GCM_CIPHERTEXT                                                                             \
    "758c4b7bbae2c4c1d462423e0f0dc3164ffa7b85bb94d4bd6d7ed26ab32feb063385d4d3465927ec82cb5e198a59"
#define COMPONENTS_2 "82814100814101"
#define SHARED_2                                                                                   \
    "88 0c00 14 a4 0150" SUIT_VENDOR "0250" SUIT_CLASS "035824822f5820" SUIT_IMAGE_DIGEST          \
    "0e181e 010f 020f"
#define INSTALL_2(size, info)                                                                      \
    "8e 0c01 14 a2 0e" size URI "1502 0c00 14 a2 13" info "16 01 160f 030f"

static struct suit_recipe encrypted_recipe(const char *install)
{
    struct suit_recipe r = suit_recipe_good(&ours);
    r.components = COMPONENTS_2;
    r.shared = SHARED_2;
    r.validate = "84 0c00 030f";
    r.invoke = "84 0c00 1702";
    r.install = install;
    r.payload = fk_hex(GCM_CIPHERTEXT);
    return r;
}

static enum fk_status read_slice(void *ctx, uint32_t off, void *buf, size_t len)
{
    const struct fk_slice *s = ctx;
    if (off > s->len || len > s->len - off) {
        return FK_E_TRUNCATED;
    }
    memcpy(buf, s->ptr + off, len);
    return FK_OK;
}

static void encrypted_envelope_is_judged_unwrapped_and_read(void **state)
{
    (void)state;
    static const char kek[] = "aaaaaaaaaaaaaaaa", other[] = "bbbbbbbbbbbbbbbb";
    struct suit_policy policy;
    struct suit_made made;
    struct fk_suit_plan plan;
    struct fk_suit_report report = {0};
    struct suit_recipe recipe = encrypted_recipe(INSTALL_2("182e", "583e" GCM_INFO));
    uint8_t key[16] = {0}, work[32], image[30];
    suit_policy_init(&policy, &ours);
    policy.p.encryption_required = true;
    suit_make(&recipe, &made);
    assert_int_equal(fk_suit_judge(&policy.p, (struct fk_slice){made.bytes, made.len}, made.len,
                                   &plan, &report),
                     FK_OK);
    assert_true(plan.encrypted);
    assert_int_equal(plan.payload_size, 46);
    assert_int_equal(plan.image_size, 30);
    assert_int_equal(report.encryption, FK_CHECK_PASSED);

    struct fk_suit_keys keys = {.kek = {NULL, 0}};
    assert_int_equal(fk_suit_unwrap(&plan, &keys, key, &report), FK_E_NO_KEY);
    keys.kek = (struct fk_slice){(const uint8_t *)other, 16};
    assert_int_equal(fk_suit_unwrap(&plan, &keys, key, &report), FK_E_RECIPIENT);
    keys.kek_kid = fk_hex("6b69642d31");
    assert_int_equal(fk_suit_unwrap(&plan, &keys, key, &report), FK_E_UNWRAP);
    assert_int_equal(report.key, FK_CHECK_FAILED);
    keys.kek = (struct fk_slice){(const uint8_t *)kek, 16};
    keys.kek_kid = fk_hex("6b69642d32");
    assert_int_equal(fk_suit_unwrap(&plan, &keys, key, &report), FK_E_RECIPIENT);
    assert_memory_equal(key, (const uint8_t[16]){0}, 16);
    keys.kek_kid = fk_hex("6b69642d31");
    assert_int_equal(fk_suit_unwrap(&plan, &keys, key, &report), FK_OK);

    struct fk_slice payload = {made.bytes + plan.payload_off, plan.payload_size};
    const struct fk_source source = {.ctx = &payload, .read = read_slice};
    assert_int_equal(fk_suit_check_payload(&plan, key, &source, work, sizeof work, &report), FK_OK);
    assert_int_equal(report.tag, FK_CHECK_PASSED);
    assert_int_equal(report.image, FK_CHECK_PASSED);
    assert_int_equal(fk_suit_read_image(&plan, key, &source, 16, image + 16, 14), FK_OK);
    assert_int_equal(fk_suit_read_image(&plan, key, &source, 0, image, 16), FK_OK);
    assert_memory_equal(image, SUIT_IMAGE, sizeof image);
    assert_int_equal(fk_suit_read_image(&plan, key, &source, 0, image, 31), FK_E_INTERNAL);
    assert_int_equal(fk_suit_read_image(&plan, key, &source, 8, image, 8), FK_E_INTERNAL);

    for (size_t i = 0; i < payload.len; i++) {
        made.bytes[plan.payload_off + i] ^= 0x40;
        memset(&report, 0, sizeof report);
        assert_int_equal(fk_suit_check_payload(&plan, key, &source, work, sizeof work, &report),
                         FK_E_TAG);
        assert_int_equal(report.image, FK_CHECK_NOT_REACHED);
        made.bytes[plan.payload_off + i] ^= 0x40;
    }
    key[0] ^= 1;
    assert_int_equal(fk_suit_check_payload(&plan, key, &source, work, sizeof work, &report),
                     FK_E_TAG);
}

static void encrypted_manifests_outside_the_profile_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        const char *install;
        enum fk_status st;
    } rows[] = {
        {"good", INSTALL_2("182e", "583e" GCM_INFO), FK_OK},
        {"size without the tag", INSTALL_2("181e", "583e" GCM_INFO), FK_E_PAYLOAD_SIZE},
        {"copy from itself", "8e 0c01 14 a2 0e182e" URI "1502 0c00 14 a2 13583e" GCM_INFO
                             "16 00 160f 030f", FK_E_SUIT_COMPONENT},
        {"copy without source", "8e 0c01 14 a2 0e182e" URI "1502 0c00 14 a1 13583e" GCM_INFO
                                "160f 030f 030f", FK_E_SUIT_CONDITION},
        {"copy without encryption information",
         "8e 0c01 14 a2 0e182e" URI "1502 0c00 14 a1 16 01 160f 030f", FK_E_SUIT_CONDITION},
        {"no component chosen", "8c 14 a2 0e182e" URI "1502 0c00 14 a2 13583e" GCM_INFO
                                "16 01 160f 030f", FK_E_SUIT_COMPONENT},
        {"index true for two", "82 0c f5", FK_E_SUIT_COMPONENT},
        {"fetched and never copied", "86 0c01 14 a2 0e182e" URI "1502", FK_E_SUIT_CONDITION},
        {"empty encryption information", INSTALL_2("182e", "40"), FK_E_SUIT_CONDITION},
        {"IV of 16 bytes for GCM",
         INSTALL_2("182e", "5842" "d8608443a10101a10550f14aab9d81d51f7ad943fe8700000000f68183"
                           "40a2012204456b69642d31"
                           "581875603ffc9518d794713c8ca8a115a7fb32565a6d59534d62"),
         FK_E_ENCRYPTION_INFO},
        {"wrapped key of 23 bytes",
         INSTALL_2("182e", "583d" "d8608443a10101a1054cf14aab9d81d51f7ad943fe87f6818340a2012204"
                           "456b69642d31581775603ffc9518d794713c8ca8a115a7fb32565a6d59534d"),
         FK_E_ENCRYPTION_INFO},
        {"A256GCM",
         INSTALL_2("182e", "583e" "d8608443a10103a1054cf14aab9d81d51f7ad943fe87f6818340a2012204"
                           "456b69642d31581875603ffc9518d794713c8ca8a115a7fb32565a6d59534d62"),
         FK_E_CIPHER},
        {"A256KW",
         INSTALL_2("182e", "583e" "d8608443a10101a1054cf14aab9d81d51f7ad943fe87f6818340a2012404"
                           "456b69642d31581875603ffc9518d794713c8ca8a115a7fb32565a6d59534d62"),
         FK_E_CIPHER},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct suit_policy policy;
        struct suit_recipe r = encrypted_recipe(rows[i].install);
        suit_policy_init(&policy, &ours);
        expect_recipe(rows[i].why, &r, &policy, rows[i].st);
    }
    struct suit_policy policy;
    struct suit_recipe r = encrypted_recipe(rows[0].install);
    suit_policy_init(&policy, &ours);
    policy.p.ciphers = FK_CONTENT_A128CTR;
    expect_recipe("GCM not allowed", &r, &policy, FK_E_CIPHER);
    policy.p.ciphers = FK_CONTENT_A128GCM;
    policy.p.deliveries = FK_DELIVERY_ECDH;
    expect_recipe("pre-shared keys not allowed", &r, &policy, FK_E_CIPHER);
    policy.p.deliveries = FK_DELIVERY_A128KW;
    policy.components[1].size_max = 45;
    expect_recipe("staging too small", &r, &policy, FK_E_IMAGE_TOO_BIG);
}

/* CTR has no tag: the ciphertext digest speaks first, where there is one. */
static void damaged_ctr_ciphertext_is_found_before_decryption(void **state)
{
    (void)state;
    static const char kek[] = "aaaaaaaaaaaaaaaa";
    uint8_t work[16], key[16] = {0};
    struct fk_suit_plan plan = {.encrypted = true,
                                .deliveries = FK_DELIVERY_A128KW,
                                .payload_size = 30,
                                .image_size = 30};
    struct fk_slice info =
        fk_hex("d8608440a20139fffd0550dae613b2e0dc55f4322be38bdba9dc68f6818340a2012204456b69642d31"
               "5818ce34035ce86e5d2e0b4c3f1c3d5f3f9f1d6d3f0c8a1b2c3d");
    struct fk_slice payload = fk_hex("2bb8db522ae978246cc775c3b0241bd4b0333ffdd2db70c7ee7a4966e3b7");
    const struct fk_source source = {.ctx = &payload, .read = read_slice};
    struct fk_suit_keys keys = {.kek = {(const uint8_t *)kek, 16}};
    struct fk_suit_report report = {0};
    assert_int_equal(fk_cose_encrypt_parse(info, &plan.encryption), FK_OK);
    assert_int_equal(fk_suit_unwrap(&plan, &keys, key, NULL), FK_E_RECIPIENT); /* made up */

    memcpy(key, fk_hex("261de6165070fb8951ec5d7b92a065fe").ptr, 16);
    plan.manifest.image.digest = fk_hex(SUIT_IMAGE_DIGEST);
    assert_int_equal(fk_suit_check_payload(&plan, key, &source, work, sizeof work, &report), FK_OK);
    assert_int_equal(report.payload, FK_CHECK_NOT_NEEDED);
    plan.manifest.payload.digest = fk_hex(SUIT_IMAGE_DIGEST); /* not that of the ciphertext */
    assert_int_equal(fk_suit_check_payload(&plan, key, &source, work, sizeof work, &report),
                     FK_E_CIPHERTEXT);
    plan.manifest.payload.digest.len = 0;
    key[15] ^= 1;
    assert_int_equal(fk_suit_check_payload(&plan, key, &source, work, sizeof work, &report),
                     FK_E_DIGEST);
    assert_int_equal(report.image, FK_CHECK_FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_envelope_becomes_a_plan),
        cmocka_unit_test(front_part_of_an_envelope_is_enough),
        cmocka_unit_test(every_cut_is_refused),
        cmocka_unit_test(turned_bits_are_told_apart),
        cmocka_unit_test(no_single_turned_bit_is_accepted),
        cmocka_unit_test(unsigned_envelope_is_refused),
        cmocka_unit_test(signatures_of_others_are_refused),
        cmocka_unit_test(key_signs_with_its_algorithms_only),
        cmocka_unit_test(mac_needs_a_mac_key),
        cmocka_unit_test(auth_blocks_that_are_not_ours_are_refused),
        cmocka_unit_test(threshold_counts_different_keys),
        cmocka_unit_test(policies_that_protect_nothing_are_refused),
        cmocka_unit_test(sequence_is_compared_with_the_counter),
        cmocka_unit_test(envelope_is_for_this_device_only),
        cmocka_unit_test(component_must_exist_and_be_a_target),
        cmocka_unit_test(sizes_must_agree_and_fit),
        cmocka_unit_test(impossible_sizes_are_refused),
        cmocka_unit_test(manifests_outside_the_profile_are_refused),
        cmocka_unit_test(manifests_of_older_drafts_are_refused),
        cmocka_unit_test(severed_install_must_be_there),
        cmocka_unit_test(encrypted_envelope_is_judged_unwrapped_and_read),
        cmocka_unit_test(encrypted_manifests_outside_the_profile_are_refused),
        cmocka_unit_test(damaged_ctr_ciphertext_is_found_before_decryption),
    };
    return cmocka_run_group_tests(tests, make_keys, free_keys);
}
