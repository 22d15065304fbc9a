/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/bundle.h"

#include "support/certs.h"
#include "support/temp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

static const char *const profiles[] = {"spwf04s", "nodemcu", "netcontrol", "zentrios", "wiced"};
enum { PROFILES = sizeof profiles / sizeof profiles[0] };

static struct fk_profile *load_profile(const char *name)
{
    struct fk_error err = FK_ERROR_INIT;
    struct fk_profile *p = NULL;
    if (fk_profile_load(name, &p, &err) != FK_OK) {
        fail_msg("%s", err.msg);
    }
    return p;
}

static const struct fk_finding *find(const struct fk_findings *f, const char *rule)
{
    for (size_t i = 0; i < f->n; i++) {
        if (strcmp(f->at[i].rule, rule) == 0) {
            return &f->at[i];
        }
    }
    fail_msg("no finding of the rule '%s'", rule);
    return NULL;
}

/* ---- the table of rules -----------------------------------------------------------------------
 */

static void rules_have_unique_names_and_titles(void **state)
{
    (void)state;
    size_t n = 0;
    for (; fk_lint_rule_id(n) != NULL; n++) {
        assert_non_null(fk_lint_rule_title(n));
        for (size_t k = 0; k < n; k++) {
            assert_string_not_equal(fk_lint_rule_id(k), fk_lint_rule_id(n));
        }
    }
    assert_true(n > 40);
    assert_null(fk_lint_rule_title(n));
}

/* ---- dates that no tool writes ----------------------------------------------------------------
 */

static enum fk_verdict judge_root(struct fk_temp *t, const struct test_cert *spec, int64_t at,
                                  const char *rule)
{
    struct fk_slice der = test_cert_der(spec);
    const char *path = fk_temp_file(t, "root.der", der.ptr, der.len);
    struct fk_profile *p = load_profile("spwf04s");
    struct fk_bundle_inputs in = {
        .profile = p, .use = &p->uses[0], .ca = &path, .n_ca = 1, .at = at};
    struct fk_bundle b;
    struct fk_findings f;
    struct fk_error err = FK_ERROR_INIT;
    if (fk_bundle_load(&in, &b, &err) != FK_OK) {
        fail_msg("%s", err.msg);
    }
    assert_int_equal(fk_bundle_lint(&b, &f, &err), FK_OK);
    enum fk_verdict v = find(&f, rule)->verdict;
    fk_findings_release(&f);
    fk_bundle_release(&b);
    fk_profile_free(p);
    return v;
}

static void dates_in_the_wrong_type_are_a_warning(void **state)
{
    struct fk_temp *t = *state;
    const struct test_cert general = {.generalized = true};
    const struct test_cert usual = {.days = 100};
    const struct test_cert later = {.not_before = 2524608000, .generalized = true}; /* 2050 */
    int64_t now = (int64_t)time(NULL);
    assert_int_equal(judge_root(t, &general, now, "time-encoding"), FK_VERDICT_WARNING);
    assert_int_equal(judge_root(t, &usual, now, "time-encoding"), FK_VERDICT_OK);
    assert_int_equal(judge_root(t, &later, now, "time-encoding"), FK_VERDICT_OK);
}

static void a_station_without_a_clock_is_found_out(void **state)
{
    struct fk_temp *t = *state;
    const struct test_cert unset = {.not_before = -1, .days = 30000};
    const struct test_cert usual = {.days = 100};
    int64_t now = (int64_t)time(NULL);
    assert_int_equal(judge_root(t, &unset, now, "year-1970"), FK_VERDICT_WARNING);
    assert_int_equal(judge_root(t, &usual, now, "year-1970"), FK_VERDICT_OK);
}

static void the_last_second_of_32_bits_is_not_past_it(void **state)
{
    struct fk_temp *t = *state;
    const int64_t last = 2147483647;
    const struct test_cert fits = {.not_before = last - 86400, .days = 1};
    const struct test_cert past = {.not_before = last - 86400 + 1, .days = 1};
    assert_int_equal(judge_root(t, &fits, last, "year-2038"), FK_VERDICT_OK);
    assert_int_equal(judge_root(t, &past, last, "year-2038"), FK_VERDICT_WARNING);
    assert_int_equal(judge_root(t, &fits, last, "validity"), FK_VERDICT_OK);
    assert_int_equal(judge_root(t, &fits, last + 1, "validity"), FK_VERDICT_REFUSED);
}

static void a_malformed_name_extension_is_refused_and_not_skipped(void **state)
{
    struct fk_temp *t = *state;
    static const uint8_t bad_ip[] = {0x30, 0x05, 0x87, 0x03, 10, 0, 0}; /* an address of 3 bytes */
    const struct test_cert spec = {.ext = {{NID_subject_alt_name, {bad_ip, sizeof bad_ip}}}};
    assert_int_equal(judge_root(t, &spec, (int64_t)time(NULL), "decode"), FK_VERDICT_REFUSED);
}

/* ---- repair -----------------------------------------------------------------------------------
 */

/* Key, its certificate and the root above it, as a service may send them: all in one PEM, in the
 * wrong order, PKCS#8, CR LF. */
static const char *write_soup(struct fk_temp *t, EVP_PKEY *key)
{
    EVP_PKEY *ca = EVP_RSA_gen(2048);
    BIO *out = BIO_new(BIO_s_mem());
    assert_non_null(ca);
    for (int i = 0; i < 2; i++) { /* root, device */
        X509 *x = X509_new();
        X509_set_version(x, X509_VERSION_3);
        ASN1_INTEGER_set(X509_get_serialNumber(x), i + 1);
        X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                                   (const unsigned char *)(i == 0 ? "root" : "device"), -1, -1, 0);
        X509_NAME_add_entry_by_txt(X509_get_issuer_name(x), "CN", MBSTRING_ASC,
                                   (const unsigned char *)"root", -1, -1, 0);
        X509_gmtime_adj(X509_getm_notBefore(x), 0);
        X509_gmtime_adj(X509_getm_notAfter(x), 86400);
        X509_set_pubkey(x, i == 0 ? ca : key);
        unsigned char id[20] = {7}; /* of the root: subject's and authority's are the same */
        ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();
        ASN1_OCTET_STRING_set(octets, id, sizeof id);
        AUTHORITY_KEYID *aki = AUTHORITY_KEYID_new();
        aki->keyid = octets;
        BASIC_CONSTRAINTS *bc = BASIC_CONSTRAINTS_new();
        bc->ca = i == 0 ? 0xff : 0;
        assert_int_equal(X509_add1_ext_i2d(x, NID_basic_constraints, bc, 1, 0), 1);
        assert_int_equal(X509_add1_ext_i2d(x, NID_authority_key_identifier, aki, 0, 0), 1);
        if (i == 0) {
            assert_int_equal(X509_add1_ext_i2d(x, NID_subject_key_identifier, octets, 0, 0), 1);
        }
        assert_true(X509_sign(x, ca, EVP_sha256()) > 0);
        assert_int_equal(PEM_write_bio_X509(out, x), 1);
        BASIC_CONSTRAINTS_free(bc);
        AUTHORITY_KEYID_free(aki);
        X509_free(x);
    }
    assert_int_equal(PEM_write_bio_PKCS8PrivateKey(out, key, NULL, NULL, 0, NULL, NULL), 1);
    char *text = NULL;
    long n = BIO_get_mem_data(out, &text);
    char *crlf = malloc(2 * (size_t)n);
    size_t len = 0;
    assert_non_null(crlf);
    for (long i = 0; i < n; i++) {
        if (text[i] == '\n') {
            crlf[len++] = '\r';
        }
        crlf[len++] = text[i];
    }
    const char *path = fk_temp_file(t, "soup.pem", crlf, len);
    free(crlf);
    BIO_free(out);
    EVP_PKEY_free(ca);
    EVP_PKEY_free(key);
    return path;
}

static void assert_same_items(const struct fk_repaired *a, const struct fk_repaired *b)
{
    assert_int_equal(a->n_items, b->n_items);
    for (size_t i = 0; i < a->n_items; i++) {
        assert_string_equal(a->items[i].name, b->items[i].name);
        assert_int_equal(a->items[i].bytes.len, b->items[i].bytes.len);
        assert_memory_equal(a->items[i].bytes.ptr, b->items[i].bytes.ptr, a->items[i].bytes.len);
    }
}

/* The forms, sizes and pairs of what a repair makes are never refused, and there is nothing left
 * to repair in it. */
static void judge_repair(const struct fk_bundle_inputs *in)
{
    static const char *const about_files[] = {"contents",    "file-form", "key-form",
                                              "line-ends",   "file-size", "key-password",
                                              "key-matches", "area-size", "chain-order"};
    struct fk_error err = FK_ERROR_INIT;
    struct fk_bundle b;
    struct fk_bundle again;
    struct fk_repaired r;
    struct fk_repaired r2;
    struct fk_findings f;
    if (fk_bundle_load(in, &b, &err) != FK_OK || fk_bundle_repair(&b, &r, &err) != FK_OK ||
        fk_bundle_reread(&b, &r, &again, &err) != FK_OK ||
        fk_bundle_lint(&again, &f, &err) != FK_OK) {
        fail_msg("%s %s: %s", in->profile->name, in->use->name, err.msg);
    }
    assert_true(again.repaired);
    assert_true(r.n_changes > 0); /* the soup suits nobody */
    for (size_t i = 0; i < sizeof about_files / sizeof about_files[0]; i++) {
        const struct fk_finding *one = find(&f, about_files[i]);
        if (one->verdict > FK_VERDICT_UNKNOWN) {
            fail_msg("%s %s: %s: %s", in->profile->name, in->use->name, one->rule, one->measured);
        }
    }
    assert_int_equal(fk_bundle_repair(&again, &r2, &err), FK_OK);
    assert_same_items(&r, &r2);
    for (size_t i = 0; i < r2.n_changes; i++) { /* but the identifier, which is made each time */
        if (strstr(r2.changes[i].text, "added, key identifier") == NULL) {
            fail_msg("%s %s: repaired twice: %s", in->profile->name, in->use->name,
                     r2.changes[i].text);
        }
    }
    fk_findings_release(&f);
    fk_repaired_release(&r2);
    fk_bundle_release(&again);
    fk_repaired_release(&r);
    fk_bundle_release(&b);
}

static bool has_slot(const struct fk_store *s, enum fk_slot_role role)
{
    return s != NULL && fk_store_slot(s, role) != NULL;
}

static void what_a_repair_makes_needs_no_repair_on_any_device(void **state)
{
    const char *path = write_soup(*state, EVP_RSA_gen(2048));
    size_t judged = 0;
    for (size_t i = 0; i < PROFILES; i++) {
        struct fk_profile *p = load_profile(profiles[i]);
        for (size_t u = 0; u < p->n_uses; u++) {
            for (size_t s = 0; s < p->uses[u].n_stores; s++) {
                const struct fk_store *store = &p->uses[u].stores[s];
                struct fk_bundle_inputs in = {.profile = p,
                                              .use = &p->uses[u],
                                              .store = store,
                                              .files = &path,
                                              .n_files = 1,
                                              .at = (int64_t)time(NULL)};
                if (has_slot(store, FK_SLOT_CA) && has_slot(store, FK_SLOT_CERT)) {
                    judge_repair(&in);
                    judged++;
                }
            }
        }
        fk_profile_free(p);
    }
    assert_true(judged >= PROFILES);
}

static void a_failed_repair_gives_nothing(void **state)
{
    const char *path = write_soup(*state, EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"));
    struct fk_profile *p = load_profile("netcontrol");
    struct fk_bundle_inputs in = {
        .profile = p, .use = &p->uses[0], .files = &path, .n_files = 1, .at = 1};
    struct fk_bundle b;
    struct fk_repaired r = {.n_items = 77};
    struct fk_error err = FK_ERROR_INIT;
    assert_int_equal(fk_bundle_load(&in, &b, &err), FK_OK);
    assert_int_equal(b.roots.n, 1); /* sorted by what they are */
    assert_int_equal(b.chain.n, 1);
    assert_non_null(b.key.key);
    assert_int_equal(fk_bundle_repair(&b, &r, &err), FK_E_UNSUPPORTED);
    assert_non_null(strstr(err.msg, "takes no Ed25519 keys"));
    assert_int_equal(r.n_items, 77);
    fk_bundle_release(&b);
    fk_profile_free(p);
}

static void zeroed_structures_can_be_released(void **state)
{
    (void)state;
    struct fk_bundle b = {.n_files = 0};
    struct fk_repaired r = {.n_items = 0};
    struct fk_findings f = {.n = 0};
    fk_bundle_release(&b);
    fk_repaired_release(&r);
    fk_findings_release(&f);
    assert_null(fk_bundle_leaf(&b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_have_unique_names_and_titles),
        cmocka_unit_test(dates_in_the_wrong_type_are_a_warning),
        cmocka_unit_test(a_station_without_a_clock_is_found_out),
        cmocka_unit_test(the_last_second_of_32_bits_is_not_past_it),
        cmocka_unit_test(a_malformed_name_extension_is_refused_and_not_skipped),
        cmocka_unit_test(what_a_repair_makes_needs_no_repair_on_any_device),
        cmocka_unit_test(a_failed_repair_gives_nothing),
        cmocka_unit_test(zeroed_structures_can_be_released),
    };
    return cmocka_run_group_tests(tests, fk_temp_setup, fk_temp_teardown);
}
