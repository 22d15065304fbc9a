/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/explain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const devices[] = {"spwf04s", "nodemcu", "netcontrol", "zentrios", "wiced"};
enum { DEVICES = sizeof devices / sizeof devices[0] };

static struct fk_profile *load(const char *name)
{
    struct fk_error err = FK_ERROR_INIT;
    struct fk_profile *p = NULL;
    if (fk_profile_load(name, &p, &err) != FK_OK) {
        fail_msg("%s", err.msg);
    }
    return p;
}

static void check_code(const struct fk_profile *p, const struct fk_error_table *t,
                       const struct fk_error_code *c)
{
    struct fk_error err = FK_ERROR_INIT;
    struct fk_explanation e = {.n = 0};
    char number[FK_CODE_TEXT_SIZE];
    bool found = false;
    fk_explain_number(t, c->code, number);
    if (fk_explain(p, number, &e, &err) != FK_OK) {
        fail_msg("%s %s: %s", p->name, number, err.msg);
    }
    for (size_t i = 0; i < e.n; i++) {
        found |= e.at[i].table == t && e.at[i].code == c && e.at[i].n_causes == c->n_causes;
    }
    if (!found || c->name[0] == '\0' || c->meaning[0] == '\0' || c->source[0] == '\0') {
        fail_msg("%s %s: not found, or empty", p->name, number);
    }
    for (size_t i = 0; i < c->n_causes; i++) {
        assert_true(strlen(c->causes[i]->text) > 10);
    }
}

static void every_code_of_every_table_is_explained(void **state)
{
    (void)state;
    size_t n = 0;
    for (size_t i = 0; i < DEVICES; i++) {
        struct fk_profile *p = load(devices[i]);
        assert_non_null(p->errors);
        for (size_t k = 0; k < p->errors->n; k++) {
            const struct fk_error_table *t = &p->errors->at[k];
            for (size_t j = 0; j < t->n_codes; j++, n++) {
                check_code(p, t, &t->codes[j]);
            }
        }
        fk_profile_free(p);
    }
    assert_true(n > 300);
}

static void every_rule_that_a_cause_names_is_one_of_the_lint(void **state)
{
    (void)state;
    for (size_t i = 0; i < DEVICES; i++) {
        struct fk_profile *p = load(devices[i]);
        for (size_t k = 0; k < p->errors->n; k++) {
            const struct fk_error_table *t = &p->errors->at[k];
            for (size_t j = 0; j < t->n_codes; j++) {
                for (size_t c = 0; c < t->codes[j].n_causes; c++) {
                    const struct fk_error_cause *cause = t->codes[j].causes[c];
                    for (size_t r = 0; r < cause->n_rules; r++) {
                        size_t at = 0;
                        while (fk_lint_rule_id(at) != NULL &&
                               strcmp(fk_lint_rule_id(at), cause->rules[r]) != 0) {
                            at++;
                        }
                        if (fk_lint_rule_id(at) == NULL) {
                            fail_msg("%s: cause %s names the rule '%s', which the lint has not",
                                     p->name, cause->name, cause->rules[r]);
                        }
                    }
                }
            }
        }
        fk_profile_free(p);
    }
}

/* The tables as the documents have them. */
static void tables_have_the_published_ranges(void **state)
{
    (void)state;
    static const struct {
        const char *profile, *table;
        uint32_t first, last;
        size_t n;
    } want[] = {
        {"zentrios", "tls", 2, 5040, 41},
        {"zentrios", "state", 0, 15, 16},
        {"wiced", "tls", 2, 5047, 49},
        {"netcontrol", "ssl", 0x5e80, 0x7f80, 58},
        {"netcontrol", "x509", 0x2080, 0x3000, 20},
        {"spwf04s", "certificate", 23, 23, 1},
    };
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        struct fk_profile *p = load(want[i].profile);
        const struct fk_error_table *t = NULL;
        for (size_t k = 0; k < p->errors->n; k++) {
            if (strcmp(p->errors->at[k].name, want[i].table) == 0) {
                t = &p->errors->at[k];
            }
        }
        assert_non_null(t);
        assert_int_equal(t->codes[0].code, want[i].first);
        assert_int_equal(t->codes[t->n_codes - 1].code, want[i].last);
        assert_int_equal(t->n_codes, want[i].n);
        fk_profile_free(p);
    }
}

/* profile, text, what is found: "table code name" joined by "; ". */
static const struct {
    const char *profile, *text, *found;
} forms[] = {
    {"spwf04s", "74", "console 74 Failed to open socket"},
    {"spwf04s", "0x4a", "console 74 Failed to open socket"},
    {"spwf04s", " 74\r\n", "console 74 Failed to open socket"},
    {"spwf04s", "ERROR:74", "console 74 Failed to open socket"},
    {"spwf04s", "error: 74", "console 74 Failed to open socket"},
    {"spwf04s", "AT-S.ERROR:74:Failed to open socket", "console 74 Failed to open socket"},
    {"spwf04s", "failed to open socket", "console 74 Failed to open socket"},
    {"spwf04s", "23",
     "certificate 23 CA could not be found; console 23 Cannot use GPIO10 when blink_led"},
    {"spwf04s", "AT-S.ERROR:23", "console 23 Cannot use GPIO10 when blink_led"},
    {"spwf04s", "Certificate error:23 (CA could not be found)",
     "certificate 23 CA could not be found"},
    {"zentrios", "Error with TLS handshake: 5019 (state: 3, code: 5035)",
     "tls 5019 ERROR_PEER_VERIFY_FAILED; tls 5035 UNTRUSTED_CERTIFICATE; "
     "state 3 SERVER_CERTIFICATE"},
    {"zentrios", "Error with TLS handshake: 5035 (state: 3, code: 5035)",
     "tls 5035 UNTRUSTED_CERTIFICATE; state 3 SERVER_CERTIFICATE"},
    {"zentrios", "2", "tls 2 TIMEOUT; state 2 SERVER_HELLO"},
    {"zentrios", "5038", "tls 5038 CERTIFICATE_REVOKED"},
    {"wiced", "5038", "tls 5038 ERROR_DECRYPTION_FAIL"},
    {"wiced", "WICED_TLS_UNTRUSTED_CERTIFICATE", "tls 5035 UNTRUSTED_CERTIFICATE"},
    {"netcontrol", "-0x2700", "x509 -0x2700 X509_CERT_VERIFY_FAILED"},
    {"netcontrol", "0x2700", "x509 -0x2700 X509_CERT_VERIFY_FAILED"},
    {"netcontrol", "0X2700", "x509 -0x2700 X509_CERT_VERIFY_FAILED"},
    {"netcontrol", "-9984", "x509 -0x2700 X509_CERT_VERIFY_FAILED"},
    {"netcontrol", "9984", "x509 -0x2700 X509_CERT_VERIFY_FAILED"},
    {"netcontrol", "MBEDTLS_ERR_X509_CERT_VERIFY_FAILED", "x509 -0x2700 X509_CERT_VERIFY_FAILED"},
    {"netcontrol", "connect failed with -0x7780, again", "ssl -0x7780 SSL_FATAL_ALERT_MESSAGE"},
    {"nodemcu", "-0x2562", "mbedtls -0x2562 X509_INVALID_EXTENSIONS + ASN1_UNEXPECTED_TAG"},
    {"netcontrol", "-0x2562", "x509 -0x2562 X509_INVALID_EXTENSIONS + ASN1_UNEXPECTED_TAG"},
    {"nodemcu", "-0x2501", "mbedtls -0x2501 X509_INVALID_EXTENSIONS"},
    {"nodemcu", "-0x0050", "mbedtls -0x0050 NET_CONN_RESET"},
};

static void codes_are_found_as_they_stand_in_logs(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct fk_error err = FK_ERROR_INIT;
        struct fk_explanation e = {.n = 0};
        struct fk_profile *p = load(forms[i].profile);
        char found[512] = "", number[FK_CODE_TEXT_SIZE];
        size_t used = 0;
        if (fk_explain(p, forms[i].text, &e, &err) != FK_OK) {
            fail_msg("%s '%s': %s", forms[i].profile, forms[i].text, err.msg);
        }
        for (size_t k = 0; k < e.n; k++) {
            const struct fk_explained *x = &e.at[k];
            fk_explain_number(x->table, x->number, number);
            used +=
                (size_t)snprintf(found + used, sizeof found - used, "%s%s %s %s%s%s",
                                 k > 0 ? "; " : "", x->table->name, number, x->code->name,
                                 x->low != NULL ? " + " : "", x->low != NULL ? x->low->name : "");
        }
        assert_string_equal(found, forms[i].found);
        fk_profile_free(p);
    }
}

static const struct {
    const char *profile, *text;
    enum fk_status st;
    const char *msg; /* part of it */
} bad[] = {
    {"spwf04s", "112", FK_E_UNSUPPORTED,
     "profile 'spwf04s' has no code 112 (errors of the certificate check (Certificate error): "
     "behind the last one, 23 (CA could not be found); errors of the command console "
     "(AT-S.ERROR): behind the last one, 111 (Request failed))"},
    {"spwf04s", "ERROR:67", FK_E_UNSUPPORTED,
     "has no code 67 (errors of the command console (AT-S.ERROR): between 66 (Cannot update "
     "DateTime) and 72 (Closed socket))"},
    {"spwf04s", "0", FK_E_UNSUPPORTED, "before the first one, 1 (Command not found)"},
    {"spwf04s", "-74", FK_E_UNSUPPORTED, "has no code -74"},
    {"netcontrol", "2700", FK_E_UNSUPPORTED, "has no code 2700, did you mean 0x2700? ("},
    {"netcontrol", "-2700", FK_E_UNSUPPORTED, "has no code -2700, did you mean 0x2700? ("},
    {"netcontrol", "-0x4000", FK_E_UNSUPPORTED, "has no code -0x4000 ("},
    {"spwf04s", "", FK_E_FORMAT, "no error code in ''"},
    {"spwf04s", "it does not work", FK_E_FORMAT, "expected a number such as 74"},
    {"netcontrol", "x", FK_E_FORMAT, "expected a number such as -0x2700"},
    {"spwf04s", "99999999999999999999", FK_E_FORMAT, "no error code"},
    {"spwf04s", "0x", FK_E_FORMAT, "no error code"},
    {"spwf04s", "--74", FK_E_FORMAT, "no error code"},
    {"spwf04s", "74th", FK_E_FORMAT, "no error code"},
    {"mps2-an386", "74", FK_E_UNSUPPORTED, "says nothing about error codes"},
};

static void what_is_no_code_is_refused_with_what_is_near(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct fk_error err = FK_ERROR_INIT;
        struct fk_explanation e = {.n = 77};
        struct fk_profile *p = load(bad[i].profile);
        assert_int_equal(fk_explain(p, bad[i].text, &e, &err), bad[i].st);
        if (strstr(err.msg, bad[i].msg) == NULL) {
            fail_msg("'%s': %s", bad[i].text, err.msg);
        }
        assert_int_equal(e.n, 77); /* untouched */
        fk_profile_free(p);
    }
}

static void a_line_with_many_codes_is_cut(void **state)
{
    (void)state;
    char text[4096] = "";
    struct fk_profile *p = load("spwf04s");
    struct fk_explanation e = {.n = 0};
    for (unsigned i = 50; i < 60; i++) {
        snprintf(text + strlen(text), sizeof text - strlen(text), "ERROR:%u ERROR:%u ", i, i);
    }
    assert_int_equal(fk_explain(p, text, &e, NULL), FK_OK);
    assert_int_equal(e.n, FK_EXPLAINED_MAX);
    assert_int_equal(e.at[1].number, 51); /* each one once */
    fk_profile_free(p);
}

/* ---- findings ------------------------------------------------------------ */

static struct fk_finding finding(const char *rule, enum fk_verdict verdict)
{
    struct fk_finding f = {.rule = rule, .title = "t", .verdict = verdict};
    snprintf(f.measured, sizeof f.measured, "measured by %s", rule);
    return f;
}

static size_t place(const struct fk_explained *e, const char *cause)
{
    for (size_t i = 0; i < e->n_causes; i++) {
        if (strcmp(e->causes[i].cause->name, cause) == 0) {
            return i;
        }
    }
    fail_msg("no cause %s", cause);
    return 0;
}

static void findings_move_causes(void **state)
{
    (void)state;
    struct fk_profile *p = load("spwf04s");
    struct fk_explanation e = {.n = 0};
    struct fk_finding all[] = {
        finding("validity", FK_VERDICT_OK),
        finding("validity", FK_VERDICT_REFUSED),
        finding("name", FK_VERDICT_WARNING),
        finding("key-matches", FK_VERDICT_OK),
        finding("server-key", FK_VERDICT_OK), /* its fellow rule says nothing */
        finding("ext-authority-key-id", FK_VERDICT_OK),
        finding("ext-authority-key-id", FK_VERDICT_UNKNOWN),
        finding("server-cert-size", FK_VERDICT_NONE),
    };
    const struct fk_findings findings = {.at = all, .n = sizeof all / sizeof all[0]};
    assert_int_equal(fk_explain(p, "74", &e, NULL), FK_OK);
    struct fk_explained *x = &e.at[0];
    const struct fk_explained before = *x;
    fk_explain_narrow(&e, &findings);
    assert_int_equal(x->n_causes, before.n_causes);

    assert_int_equal(place(x, "validity"), 0);
    assert_int_equal(x->causes[0].evidence, FK_EVIDENCE_PROVEN);
    assert_ptr_equal(x->causes[0].finding, &all[1]);
    assert_int_equal(place(x, "name"), 1);
    assert_int_equal(x->causes[1].evidence, FK_EVIDENCE_SUSPECT);
    assert_int_equal(place(x, "key-mismatch"), x->n_causes - 1);
    assert_int_equal(x->causes[x->n_causes - 1].evidence, FK_EVIDENCE_EXCLUDED);
    assert_null(x->causes[x->n_causes - 1].finding);
    static const char *const open[] = {"server-key", "aki-missing", "server-size", "clock"};
    for (size_t i = 0; i < sizeof open / sizeof open[0]; i++) {
        assert_int_equal(x->causes[place(x, open[i])].evidence, FK_EVIDENCE_NONE);
    }
    /* the order of the profile among equals */
    assert_string_equal(x->causes[2].cause->name, before.causes[0].cause->name);
    fk_profile_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_of_every_table_is_explained),
        cmocka_unit_test(every_rule_that_a_cause_names_is_one_of_the_lint),
        cmocka_unit_test(tables_have_the_published_ranges),
        cmocka_unit_test(codes_are_found_as_they_stand_in_logs),
        cmocka_unit_test(what_is_no_code_is_refused_with_what_is_near),
        cmocka_unit_test(a_line_with_many_codes_is_cut),
        cmocka_unit_test(findings_move_causes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
