/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/root_set.h"
#include "fotakit/ski.h"
#include "support/certs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include <openssl/obj_mac.h>

#define SKI NID_subject_key_identifier
#define AKI NID_authority_key_identifier
#define BC  NID_basic_constraints

/* clang-format off */
#define BYTES(s) {(const uint8_t *)(s), sizeof(s) - 1}
#define TWENTY "\x00\x01\x0a\x0d\x2c" "abcdefghijklmno"
#define SKI_TWENTY {SKI, BYTES("\x04\x14" TWENTY)}
#define AKI_TWENTY {AKI, BYTES("\x30\x16\x80\x14" TWENTY)}
#define CA {BC, BYTES("\x30\x03\x01\x01\xff")}
/* clang-format on */

struct refusal {
    const char *why;
    struct test_extension ext[TEST_EXTENSIONS];
    enum fk_status st;
    const char *message;
};

static void certificate_with_broken_extensions_is_refused(void **state)
{
    (void)state;
    static const struct refusal cases[] = {
        {"identifier is no OCTET STRING",
         {{SKI, BYTES("\x05\x00")}},
         FK_E_FORMAT,
         "the Subject Key Identifier extension is malformed"},
        {"identifier is longer than it says",
         {{SKI, BYTES("\x04\x01"
                      "ab")}},
         FK_E_FORMAT,
         "the Subject Key Identifier extension is malformed"},
        {"identifier is cut",
         {{SKI, BYTES("\x04\x05"
                      "ab")}},
         FK_E_FORMAT,
         "the Subject Key Identifier extension is malformed"},
        {"two identifiers",
         {SKI_TWENTY, SKI_TWENTY},
         FK_E_FORMAT,
         "the certificate has more than one Subject Key Identifier extension"},
        {"two authority identifiers",
         {SKI_TWENTY, AKI_TWENTY, AKI_TWENTY},
         FK_E_FORMAT,
         "the certificate has more than one Authority Key Identifier extension"},
        {"basic constraints are no SEQUENCE",
         {SKI_TWENTY, {BC, BYTES("\x04\x00")}},
         FK_E_FORMAT,
         "the Basic Constraints extension is malformed"},
        {"key usage is no BIT STRING",
         {{NID_key_usage, BYTES("\x04\x00")}},
         FK_E_FORMAT,
         "the Key Usage extension is malformed"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fk_error err = FK_ERROR_INIT;
        struct fk_cert *cert = NULL;
        struct test_cert spec = {.days = 1};
        memcpy(spec.ext, cases[i].ext, sizeof spec.ext);
        enum fk_status st = fk_cert_open(test_cert_der(&spec), &cert, &err);
        if (st != cases[i].st ||
            strncmp(err.msg, cases[i].message, strlen(cases[i].message)) != 0) {
            fail_msg("%s: %d %s", cases[i].why, (int)st, err.msg);
        }
        assert_null(cert);
    }
}

static void name_of_empty_identifier_is_refused(void **state)
{
    (void)state;
    struct fk_cert *cert = test_cert_open(&(struct test_cert){.ext = {{SKI, BYTES("\x04\x00")}}});
    struct fk_error err = FK_ERROR_INIT;
    struct fk_key_id id = {.len = 99};
    assert_true(fk_cert_info(cert)->has_ski);
    assert_int_equal(fk_key_id_of(cert, true, &id, &err), FK_E_NO_KEY_ID);
    assert_string_equal(err.msg,
                        "the Subject Key Identifier is present but empty, so it names nothing");
    assert_int_equal(id.len, 99); /* untouched */
    fk_cert_free(cert);
}

static void name_follows_the_identifier_byte_for_byte(void **state)
{
    (void)state;
    struct fk_cert *cert = test_cert_open(&(struct test_cert){.ext = {SKI_TWENTY, AKI_TWENTY, CA}});
    struct fk_key_id id;
    assert_int_equal(fk_key_id_of(cert, false, &id, NULL), FK_OK);
    assert_string_equal(id.name, "00010a0d2c6162636465666768696a6b6c6d6e6f.ca");
    assert_int_equal(id.len, 20);
    assert_memory_equal(id.id, TWENTY, 20);
    assert_int_equal(id.method, FK_KEY_ID_UNKNOWN);
    assert_int_equal(id.doubts, FK_KEY_ID_ODD_METHOD);
    assert_int_equal(fk_key_id_of_issuer(cert, &id, NULL), FK_OK);
    assert_string_equal(id.name, "00010a0d2c6162636465666768696a6b6c6d6e6f.ca");
    fk_cert_free(cert);
}

static void doubts_name_what_differs(void **state)
{
    (void)state;
    struct fk_key_id id;
    struct fk_cert *other_aki =
        test_cert_open(&(struct test_cert){.ext = {SKI_TWENTY,
                                                   {AKI, BYTES("\x30\x03\x80\x01"
                                                               "x")},
                                                   CA}});
    assert_int_equal(fk_key_id_of(other_aki, false, &id, NULL), FK_OK);
    assert_int_equal(id.doubts, FK_KEY_ID_ODD_METHOD | FK_KEY_ID_AKI_DIFFERS);
    fk_cert_free(other_aki);

    struct fk_cert *no_ca = test_cert_open(&(struct test_cert){.ext = {{SKI, BYTES("\x04\x01"
                                                                                   "x")},
                                                                       {BC, BYTES("\x30\x00")}}});
    assert_int_equal(fk_key_id_of(no_ca, false, &id, NULL), FK_OK);
    assert_int_equal(id.doubts, FK_KEY_ID_ODD_METHOD | FK_KEY_ID_ODD_LENGTH | FK_KEY_ID_NOT_CA);
    fk_cert_free(no_ca);

    struct fk_cert *none = test_cert_open(&(struct test_cert){.ext = {CA}});
    assert_int_equal(fk_key_id_of(none, false, &id, NULL), FK_E_NO_KEY_ID);
    assert_int_equal(fk_key_id_of(none, true, &id, NULL), FK_OK);
    assert_int_equal(id.doubts, FK_KEY_ID_COMPUTED);
    assert_int_equal(id.method, FK_KEY_ID_SHA1_KEY);
    assert_int_equal(fk_key_id_of_issuer(none, &id, NULL), FK_E_NO_KEY_ID);
    fk_cert_free(none);

    for (unsigned bit = 0; bit < FK_KEY_ID_DOUBTS; bit++) {
        char text[FK_KEY_ID_DOUBT_SIZE] = "";
        fk_key_id_doubt_text(&id, 1u << bit, text);
        assert_true(strlen(text) > 20 && strlen(text) < sizeof text - 1);
    }
}

static struct fk_root root_of(const struct test_cert *spec, const char *source)
{
    struct fk_root r = {.cert = test_cert_open(spec)};
    assert_int_equal(fk_key_id_of(r.cert, true, &r.id, NULL), FK_OK);
    strcpy(r.source, source);
    return r;
}

static void add(struct fk_root_set *set, const struct test_cert *spec, const char *source)
{
    struct fk_root r = root_of(spec, source);
    assert_int_equal(fk_root_set_add(set, &r, NULL), FK_OK);
}

static void collisions_follow_the_policy(void **state)
{
    (void)state;
    const struct test_cert early = {.days = 10, .ext = {SKI_TWENTY, CA}};
    const struct test_cert late = {.days = 20, .ext = {SKI_TWENTY, CA}};
    static const struct {
        enum fk_collision policy;
        enum fk_status st;
        bool first_dropped, second_dropped;
    } cases[] = {
        {FK_COLLISION_REFUSE, FK_E_COLLISION, false, false},
        {FK_COLLISION_KEEP_LATEST, FK_OK, true, false},
        {FK_COLLISION_KEEP_FIRST, FK_OK, false, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fk_root_set set = {.n = 0};
        add(&set, &early, "'early'");
        add(&set, &late, "'late'");
        assert_ptr_equal(fk_root_set_rival(&set, 1), &set.at[0]);
        assert_int_equal(fk_root_set_resolve(&set, cases[i].policy, NULL), cases[i].st);
        assert_int_equal(set.at[0].dropped, cases[i].first_dropped);
        assert_int_equal(set.at[1].dropped, cases[i].second_dropped);
        fk_root_set_release(&set);
    }
}

static void collision_of_equal_ends_is_refused_under_every_policy(void **state)
{
    (void)state;
    const struct test_cert a = {.days = 10, .ext = {SKI_TWENTY, CA}};
    struct fk_root_set set = {.n = 0};
    struct fk_error err = FK_ERROR_INIT;
    add(&set, &a, "'a'");
    add(&set, &a, "'b'"); /* another serial number */
    assert_int_equal(fk_root_set_resolve(&set, FK_COLLISION_KEEP_LATEST, &err), FK_E_COLLISION);
    assert_non_null(strstr(err.msg, "both end at the same time"));
    assert_non_null(strstr(err.msg, "'a' (CN = test"));
    assert_non_null(strstr(err.msg, "'b' (CN = test"));
    fk_root_set_release(&set);
}

static void same_certificate_twice_is_one(void **state)
{
    (void)state;
    struct fk_slice der = test_cert_der(&(struct test_cert){.ext = {SKI_TWENTY, CA}});
    struct fk_root_set set = {.n = 0};
    for (unsigned i = 0; i < 2; i++) {
        struct fk_root r = {.was_pem = false};
        assert_int_equal(fk_cert_open(der, &r.cert, NULL), FK_OK);
        assert_int_equal(fk_key_id_of(r.cert, false, &r.id, NULL), FK_OK);
        assert_int_equal(fk_root_set_add(&set, &r, NULL), FK_OK);
    }
    assert_null(fk_root_set_rival(&set, 1));
    assert_int_equal(fk_root_set_resolve(&set, FK_COLLISION_REFUSE, NULL), FK_OK);
    assert_false(set.at[0].dropped);
    assert_true(set.at[1].dropped);
    fk_root_set_release(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificate_with_broken_extensions_is_refused),
        cmocka_unit_test(name_of_empty_identifier_is_refused),
        cmocka_unit_test(name_follows_the_identifier_byte_for_byte),
        cmocka_unit_test(doubts_name_what_differs),
        cmocka_unit_test(collisions_follow_the_policy),
        cmocka_unit_test(collision_of_equal_ends_is_refused_under_every_policy),
        cmocka_unit_test(same_certificate_twice_is_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
