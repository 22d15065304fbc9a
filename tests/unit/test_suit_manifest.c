/* SPDX-License-Identifier: Apache-2.0 */
/* Manifests: whatever is outside the profile is refused. */
#include "support/suit_judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define PARAMS_BUT_VENDOR "0250" SUIT_CLASS "035824822f5820" SUIT_IMAGE_DIGEST "0e181e"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(manifests_outside_the_profile_are_refused),
        cmocka_unit_test(manifests_of_older_drafts_are_refused),
        cmocka_unit_test(severed_install_must_be_there),
    };
    return cmocka_run_group_tests(tests, suit_keys_make, suit_keys_free);
}
