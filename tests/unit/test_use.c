/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/credential_use.h"
#include "fotakit/profile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

/* A new key by way of its PKCS#8 form. */
static struct fk_key *open_new(EVP_PKEY *pkey)
{
    unsigned char *der = NULL;
    PKCS8_PRIV_KEY_INFO *p8 = EVP_PKEY2PKCS8(pkey);
    int n = i2d_PKCS8_PRIV_KEY_INFO(p8, &der);
    struct fk_key *key = NULL;
    struct fk_object o = {.kind = FK_OBJECT_PKCS8};
    assert_true(n > 0);
    o.der = (struct fk_slice){der, (size_t)n};
    assert_int_equal(fk_key_open(&o, NULL, &key, NULL), FK_OK);
    OPENSSL_clear_free(der, (size_t)n);
    PKCS8_PRIV_KEY_INFO_free(p8);
    EVP_PKEY_free(pkey);
    return key;
}

static struct fk_profile *load(const char *name)
{
    struct fk_error err = FK_ERROR_INIT;
    struct fk_profile *p = NULL;
    if (fk_profile_load(name, &p, &err) != FK_OK) {
        fail_msg("%s", err.msg);
    }
    return p;
}

/* What the table in the device facts says, written down once more: profile, use, key, result. */
static void each_profile_takes_its_keys_in_its_form(void **state)
{
    (void)state;
    struct fk_key *keys[] = {
        open_new(EVP_RSA_gen(1024)),
        open_new(EVP_RSA_gen(2048)),
        open_new(EVP_EC_gen("P-256")),
        open_new(EVP_EC_gen("P-521")),
        open_new(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")),
    };
    enum { RSA_1024, RSA_2048, P_256, P_521, ED, KEYS };
    static const struct {
        const char *profile, *use;
        const char *what[KEYS]; /* NULL: refused */
    } cases[] = {
        {"spwf04s",
         "tls",
         {"RSA 1024, PKCS#1, PEM, CRLF", "RSA 2048, PKCS#1, PEM, CRLF",
          "EC secp256r1 (P-256), SEC1, PEM with EC PARAMETERS, CRLF",
          "EC secp521r1 (P-521), SEC1, PEM with EC PARAMETERS, CRLF", NULL}},
        {"spwf04s",
         "wpa-enterprise",
         {"RSA 1024, PKCS#1, PEM, CRLF", "RSA 2048, PKCS#1, PEM, CRLF", NULL, NULL, NULL}},
        {"nodemcu",
         "tls-flash",
         {"RSA 1024, PKCS#1, PEM", "RSA 2048, PKCS#1, PEM", NULL, NULL, NULL}},
        {"nodemcu",
         "tls-callback",
         {"RSA 1024, PKCS#1, PEM", "RSA 2048, PKCS#1, PEM", "EC secp256r1 (P-256), SEC1, PEM", NULL,
          NULL}},
        {"netcontrol", NULL, {"RSA 1024, PKCS#1, PEM", "RSA 2048, PKCS#1, PEM", NULL, NULL, NULL}},
        {"zentrios", NULL, {"RSA 1024, PKCS#1, PEM", "RSA 2048, PKCS#1, PEM", NULL, NULL, NULL}},
        {"wiced",
         NULL,
         {"RSA 1024, PKCS#1, PEM, CRLF", "RSA 2048, PKCS#1, PEM, CRLF",
          "EC secp256r1 (P-256), SEC1, PEM, CRLF", "EC secp521r1 (P-521), SEC1, PEM, CRLF", NULL}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fk_profile *p = load(cases[i].profile);
        const struct fk_credential_use *use = NULL;
        assert_int_equal(fk_use_find(p, cases[i].use, &use, NULL), FK_OK);
        assert_false(use->key.password_allowed);
        for (size_t k = 0; k < KEYS; k++) {
            struct fk_converted c = {.secret = false};
            struct fk_error err = FK_ERROR_INIT;
            enum fk_status st = fk_use_convert_key(use, keys[k], NULL, &c, &err);
            const char *expected = cases[i].what[k];
            if (expected == NULL ? st != FK_E_UNSUPPORTED || c.bytes.ptr != NULL
                                 : st != FK_OK || strcmp(c.what, expected) != 0 || !c.secret) {
                fail_msg("%s %s key %zu: %d %s, %s", p->name, use->name, k, (int)st, err.msg,
                         c.what);
            }
            fk_converted_release(&c);
        }
        fk_profile_free(p);
    }
    for (size_t k = 0; k < KEYS; k++) {
        fk_key_free(keys[k]);
    }
}

/* 1024-bit RSA: PKCS#1 is about 900 bytes in PEM and 610 in DER, so small limits do. */
static const char small[] =
    "sources: {t: test bench}\n"
    "device: {source: t, name: small, title: T, vendor: t.example}\n"
    "credentials:\n"
    "  tls:\n"
    "    source: t\n"
    "    title: the small store\n"
    "    purpose: tls\n"
    "    private_key:\n"
    "      password: refused\n"
    "      line_end: lf\n"
    "      max_size: {value: %u, source: t page 7}\n"
    "      refused_above: %u\n"
    "      forms: [{type: rsa, structure: pkcs1, form: pem}, {type: rsa, structure: pkcs1, form: "
    "der}]\n"
    "    certificate: {line_end: lf, forms: [pem]}\n";

static void first_form_that_fits_is_taken_and_the_reason_given(void **state)
{
    (void)state;
    struct fk_key *key = open_new(EVP_RSA_gen(1024));
    struct fk_converted probe = {.secret = false};
    const struct fk_key_form pem = {.structure = FK_KEY_PKCS1, .form = FK_FORM_PEM};
    const struct fk_key_form der = {.structure = FK_KEY_PKCS1, .form = FK_FORM_DER};
    assert_int_equal(fk_convert_key(key, &pem, 1, 0, &probe, NULL), FK_OK);
    unsigned pem_len = (unsigned)probe.bytes.len;
    fk_converted_release(&probe);
    assert_int_equal(fk_convert_key(key, &der, 1, 0, &probe, NULL), FK_OK);
    unsigned der_len = (unsigned)probe.bytes.len;
    fk_converted_release(&probe);

    const struct {
        const char *why;
        unsigned max, above;
        enum fk_status st;
        enum fk_form form;
        const char *text; /* passed_over, or the message of a refusal */
    } cases[] = {
        {"PEM fits to the byte", pem_len, pem_len, FK_OK, FK_FORM_PEM, ""},
        {"PEM is one byte too long", pem_len - 1, pem_len - 1, FK_OK, FK_FORM_DER,
         "PKCS#1, PEM has "},
        {"DER fits to the byte", der_len, der_len, FK_OK, FK_FORM_DER, "PKCS#1, PEM has "},
        {"neither is known to fit, PEM not known to be refused", der_len - 1, pem_len, FK_OK,
         FK_FORM_PEM, "more than the "},
        {"neither is known to fit, DER not known to be refused", der_len - 1, der_len, FK_OK,
         FK_FORM_DER, "more than the "},
        {"none fits", der_len - 1, der_len - 1, FK_E_LIMIT, FK_FORM_PEM, "does not fit the "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char yaml[sizeof small + 32];
        struct fk_profile *p = NULL;
        struct fk_converted c = {.secret = false};
        struct fk_error err = FK_ERROR_INIT;
        const struct fk_credential_use *use = NULL;
        int n = snprintf(yaml, sizeof yaml, small, cases[i].max, cases[i].above);
        assert_int_equal(fk_profile_parse("small.yaml", yaml, (size_t)n, &p, &err), FK_OK);
        assert_int_equal(fk_use_find(p, NULL, &use, NULL), FK_OK);
        enum fk_status st = fk_use_convert_key(use, key, NULL, &c, &err);
        const char *text = st == FK_OK ? c.passed_over : err.msg;
        bool same = cases[i].text[0] == '\0'
                        ? text[0] == '\0'
                        : strncmp(text, cases[i].text, strlen(cases[i].text)) == 0;
        if (st != cases[i].st || !same || (st == FK_OK && c.form != cases[i].form)) {
            fail_msg("%s: %d %s", cases[i].why, (int)st, text);
        }
        if (st != FK_OK) { /* the refusal cites the profile */
            assert_non_null(strstr(err.msg, "test bench, page 7"));
            assert_null(c.bytes.ptr);
        }
        fk_converted_release(&c);
        fk_profile_free(p);
    }
    fk_key_free(key);
}

static void form_that_is_asked_for_is_the_only_one(void **state)
{
    (void)state;
    struct fk_key *key = open_new(EVP_RSA_gen(1024));
    struct fk_profile *p = load("spwf04s");
    const struct fk_credential_use *use = NULL;
    struct fk_converted c = {.secret = false};
    enum fk_form der = FK_FORM_DER;
    assert_int_equal(fk_use_find(p, "tls", &use, NULL), FK_OK);
    assert_int_equal(fk_use_convert_key(use, key, &der, &c, NULL), FK_OK);
    assert_string_equal(c.what, "RSA 1024, PKCS#1, DER");
    fk_converted_release(&c);
    fk_key_free(key);
    key = open_new(EVP_EC_gen("P-256")); /* PEM only, says the application note */
    struct fk_error err = FK_ERROR_INIT;
    assert_int_equal(fk_use_convert_key(use, key, &der, &c, &err), FK_E_UNSUPPORTED);
    assert_string_equal(err.msg, "the TLS store of the SPWF04S does not take this in DER");
    fk_key_free(key);
    fk_profile_free(p);
}

static void unknown_use_is_refused_with_what_there_is(void **state)
{
    (void)state;
    struct fk_profile *p = load("spwf04s");
    const struct fk_credential_use *use = NULL;
    struct fk_error err = FK_ERROR_INIT;
    assert_int_equal(fk_use_find(p, "eap", &use, &err), FK_E_UNSUPPORTED);
    assert_string_equal(err.msg,
                        "profile 'spwf04s' has no credentials 'eap'; it has: tls, wpa-enterprise");
    assert_null(use);
    fk_profile_free(p);
}

static void keys_are_described_by_every_name_of_their_curve(void **state)
{
    (void)state;
    static const struct {
        struct fk_public_info info;
        const char *text;
    } cases[] = {
        {{.type = FK_KEY_RSA, .bits = 2048}, "RSA 2048"},
        {{.type = FK_KEY_RSA_PSS, .bits = 3072}, "RSA-PSS 3072"},
        {{.type = FK_KEY_EC, .bits = 256, .curve = "secp256r1"}, "EC secp256r1 (P-256)"},
        {{.type = FK_KEY_EC, .bits = 192, .curve = "secp192r1"}, "EC secp192r1 (P-192)"},
        {{.type = FK_KEY_EC, .bits = 521, .curve = "secp521r1"}, "EC secp521r1 (P-521)"},
        {{.type = FK_KEY_EC, .bits = 160, .curve = "secp160r1"}, "EC secp160r1"},
        {{.type = FK_KEY_EC, .bits = 160, .curve = "secp160r2"}, "EC secp160r2"},
        {{.type = FK_KEY_EC, .bits = 256, .curve = "secp256k1"}, "EC secp256k1"},
        {{.type = FK_KEY_EC, .bits = 256, .curve = "brainpoolP256r1"}, "EC brainpoolP256r1"},
        {{.type = FK_KEY_EC, .bits = 256}, "EC 256 bits, curve unknown"},
        {{.type = FK_KEY_ED25519, .bits = 256}, "Ed25519"},
        {{.type = FK_KEY_OTHER}, "unknown"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[FK_KEY_TEXT_SIZE];
        fk_key_describe(&cases[i].info, text);
        assert_string_equal(text, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_profile_takes_its_keys_in_its_form),
        cmocka_unit_test(first_form_that_fits_is_taken_and_the_reason_given),
        cmocka_unit_test(form_that_is_asked_for_is_the_only_one),
        cmocka_unit_test(unknown_use_is_refused_with_what_there_is),
        cmocka_unit_test(keys_are_described_by_every_name_of_their_curve),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
