/* SPDX-License-Identifier: Apache-2.0 */
/* Envelopes with encrypted payloads: judged, unwrapped, read. */
#include "support/bytes.h"
#include "support/suit_judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

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
        cmocka_unit_test(encrypted_envelope_is_judged_unwrapped_and_read),
        cmocka_unit_test(encrypted_manifests_outside_the_profile_are_refused),
        cmocka_unit_test(damaged_ctr_ciphertext_is_found_before_decryption),
    };
    return cmocka_run_group_tests(tests, suit_keys_make, suit_keys_free);
}
