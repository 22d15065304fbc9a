/* SPDX-License-Identifier: Apache-2.0 */
/* What the sections credentials, errors and errata say reaches the structures, and the shipped
 * profiles say what their devices are known for. tests/profiles-bad has what is refused. */
#include "fotakit/credential_use.h"
#include "fotakit/error_table.h"
#include "fotakit/profile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define HEAD                                                                                       \
    "sources: {t: test bench, u: other bench}\n"                                                   \
    "device: {source: t, name: good, title: Test device, vendor: test.example}\n"
#define SMALL_USE                                                                                  \
    "credentials:\n"                                                                               \
    "  tls:\n"                                                                                     \
    "    source: t\n"                                                                              \
    "    title: Test store\n"                                                                      \
    "    purpose: tls\n"                                                                           \
    "    private_key:\n"                                                                           \
    "      {password: refused, line_end: lf, forms: [{type: rsa, structure: pkcs8, form: der}]}\n" \
    "    certificate: {line_end: lf, forms: [pem]}\n"

static struct fk_profile *parse(const char *yaml)
{
    struct fk_error err = FK_ERROR_INIT;
    struct fk_profile *p = NULL;
    if (fk_profile_parse("x/good.yaml", yaml, strlen(yaml), &p, &err) != FK_OK) {
        fail_msg("%s", err.msg);
    }
    return p;
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

static const struct fk_credential_use *use_of(const struct fk_profile *p, const char *name)
{
    const struct fk_credential_use *use = NULL;
    assert_int_equal(fk_use_find(p, name, &use, NULL), FK_OK);
    return use;
}

static bool has_suite(const struct fk_credential_use *use, const char *name)
{
    for (size_t i = 0; i < use->tls.n_suites; i++) {
        if (strcmp(use->tls.suites[i]->name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- the schema ---------------------------------------------------------- */

static void what_is_left_out_is_unknown(void **state)
{
    (void)state;
    struct fk_profile *p = parse(HEAD SMALL_USE);
    const struct fk_credential_use *use = use_of(p, "tls");
    assert_false(use->server);
    assert_false(use->key.file.final_nul);
    assert_false(use->cert.public_key.published);
    assert_int_equal(use->cert.digests, 0);
    assert_int_equal(use->cert.peer_max_size, 0);
    assert_int_equal(use->cert.n_extensions, 0);
    assert_int_equal(use->chain.root_found_by, FK_LOOKUP_UNKNOWN);
    assert_false(use->chain.has_intermediates_max);
    assert_int_equal(use->chain.intermediates_loaded, FK_UNKNOWN);
    assert_int_equal(use->checks.chain, FK_CHAIN_UNKNOWN);
    assert_int_equal(use->checks.name, FK_NAME_UNKNOWN);
    assert_int_equal(use->checks.dates, FK_DATES_UNKNOWN);
    assert_null(use->checks.clock_command);
    assert_false(use->tls.published);
    assert_int_equal(use->tls.n_suites, 0);
    assert_int_equal(use->tls.sni, FK_UNKNOWN);
    assert_false(use->dialogue.published);
    assert_int_equal(use->n_stores, 0);
    assert_int_equal(use->n_modes, 0);
    assert_int_equal(use->n_sequences, 0);
    assert_null(p->errors);
    assert_int_equal(p->n_errata, 0);
    fk_profile_free(p);
}

static void rules_for_certificates_are_filled(void **state)
{
    (void)state;
    struct fk_profile *p =
        parse(HEAD SMALL_USE "      \n"
                             "    side: server\n"
                             "    chain: {root_found_by: key-identifier, intermediates_max: 0,"
                             " intermediates_loaded: yes}\n"
                             "    checks: {chain: on-demand, name: san-or-cn, dates: clock,"
                             " clock_after_reset: lost, clock_command: TIME <seconds>,"
                             " clock_read: TIME, skip_dates: SKIP, verify_on: VERIFY}\n"
                             "    tls: {versions: [1.0, 1.2], flight_max: 4K, sni: no,"
                             " suites: {value: [TLS_RSA_WITH_AES_128_CBC_SHA], source: u p. 3}}\n");
    const struct fk_credential_use *use = use_of(p, "tls");
    assert_true(use->server);
    assert_int_equal(use->chain.root_found_by, FK_LOOKUP_KEY_ID);
    assert_true(use->chain.has_intermediates_max);
    assert_int_equal(use->chain.intermediates_max, 0);
    assert_int_equal(use->chain.intermediates_loaded, FK_YES);
    assert_int_equal(use->checks.chain, FK_CHAIN_ON_DEMAND);
    assert_int_equal(use->checks.name, FK_NAME_SAN_OR_CN);
    assert_int_equal(use->checks.dates, FK_DATES_CLOCK);
    assert_true(use->checks.clock_after_reset);
    assert_string_equal(use->checks.clock_command, "TIME <seconds>");
    assert_string_equal(use->checks.clock_read, "TIME");
    assert_string_equal(use->checks.skip_dates, "SKIP");
    assert_string_equal(use->checks.verify_on, "VERIFY");
    assert_string_equal(use->checks.name_source, "test bench");
    assert_true(use->tls.published);
    assert_int_equal(use->tls.versions, FK_TLS_1_0 | FK_TLS_1_2);
    assert_int_equal(use->tls.flight_max, 4096);
    assert_int_equal(use->tls.sni, FK_NO);
    assert_int_equal(use->tls.n_suites, 1);
    assert_int_equal(use->tls.suites[0]->code, 0x002f);
    assert_string_equal(use->tls.suites_source, "other bench, p. 3");
    fk_profile_free(p);
}

static void stores_modes_and_sequences_keep_their_order(void **state)
{
    (void)state;
    struct fk_profile *p = parse(
        HEAD SMALL_USE
        "    dialogue: {command_end: crlf, done: OK, failed: 'ERR:', key_id: 'ID:', line_max: 80,"
        " argument_not: ',;', probe: HELLO, reset: RESTART}\n"
        "    stores:\n"
        "      zwei:\n"
        "        title: Second first\n"
        "        areas: [{name: a, size: 10, overhead: 2, holds: der}, {name: b, size: 1K}]\n"
        "        slots:\n"
        "          - {role: key, name: k, items_max: 1, area: b, write: W <size>}\n"
        "          - {role: auth, name: x, only_with: pem-ca}\n"
        "          - {role: ca, name: '<ski>.ca', certs_max: 3, activate: A, variable: V}\n"
        "        clear: C\n"
        "        list: L\n"
        "        save: S\n"
        "        files_max: 32\n"
        "        name_max: 20\n"
        "        firmware_update: erases\n"
        "        erased_by: [fire, water]\n"
        "      eins: {title: Other, slots: [{role: cert, name: c}], firmware_update: unknown}\n"
        "    modes:\n"
        "      server: {needed: [cert, key], optional: [ca]}\n"
        "    sequences:\n"
        "      go: [one, 'two <x>']\n");
    const struct fk_credential_use *use = use_of(p, NULL);
    assert_int_equal(use->n_stores, 2);
    const struct fk_store *s = &use->stores[0];
    assert_string_equal(s->name, "zwei");
    assert_ptr_equal(fk_use_store(use, "eins"), &use->stores[1]);
    assert_null(fk_use_store(use, "drei"));
    assert_int_equal(s->n_areas, 2);
    assert_int_equal(s->areas[0].overhead, 2);
    assert_true(s->areas[0].der);
    assert_int_equal(s->areas[1].size, 1024);
    assert_false(s->areas[1].der);
    assert_int_equal(s->n_slots, 3);
    assert_int_equal(s->slots[0].role, FK_SLOT_KEY);
    assert_string_equal(s->slots[0].area, "b");
    assert_string_equal(s->slots[0].write, "W <size>");
    assert_true(s->slots[1].only_with_pem_ca);
    const struct fk_slot *ca = fk_store_slot(s, FK_SLOT_CA);
    assert_ptr_equal(ca, &s->slots[2]);
    assert_int_equal(ca->certs_max, 3);
    assert_int_equal(ca->items_max, 0);
    assert_string_equal(ca->activate, "A");
    assert_string_equal(ca->variable, "V");
    assert_null(ca->write);
    assert_null(fk_store_slot(s, FK_SLOT_CERT));
    assert_int_equal(s->files_max, 32);
    assert_int_equal(s->name_max, 20);
    assert_int_equal(s->firmware_update, FK_UPDATE_ERASES);
    assert_int_equal(s->n_erased_by, 2);
    assert_string_equal(s->erased_by[1], "water");
    assert_int_equal(use->stores[1].firmware_update, FK_UPDATE_UNKNOWN);
    assert_int_equal(use->stores[1].n_areas, 0);
    const struct fk_use_mode *mode = fk_use_mode(use, "server");
    assert_non_null(mode);
    assert_int_equal(mode->n_needed, 2);
    assert_int_equal(mode->needed[1], FK_SLOT_KEY);
    assert_int_equal(mode->optional[0], FK_SLOT_CA);
    assert_null(fk_use_mode(use, "client"));
    const struct fk_sequence *go = fk_use_sequence(use, "go");
    assert_non_null(go);
    assert_int_equal(go->n_lines, 2);
    assert_string_equal(go->lines[1], "two <x>");
    assert_null(fk_use_sequence(use, "stop"));
    assert_true(use->dialogue.published);
    assert_int_equal(use->dialogue.command_end, FK_COMMAND_CRLF);
    assert_string_equal(use->dialogue.failed, "ERR:");
    assert_string_equal(use->dialogue.argument_not, ",;");
    assert_int_equal(use->dialogue.line_max, 80);
    fk_profile_free(p);
}

static void errors_and_errata_are_filled(void **state)
{
    (void)state;
    struct fk_profile *p =
        parse(HEAD "errors:\n"
                   "  source: t\n"
                   "  causes:\n"
                   "    clock: {text: no clock, rules: [clock, validity]}\n"
                   "    root: {text: no root}\n"
                   "  tables:\n"
                   "    log:\n"
                   "      title: the log\n"
                   "      notation: negative-hex\n"
                   "      low_bits: 7\n"
                   "      prefixes: [err]\n"
                   "      codes:\n"
                   "        - {code: 0x2700, name: A, meaning: bad, causes: [root, clock]}\n"
                   "        - {code: 0x2780, name: B, meaning: worse, causes: [root],"
                   " source: u p. 9}\n"
                   "errata:\n"
                   "  x: {source: u p. 1, says: one, right: two, because: three}\n");
    assert_non_null(p->errors);
    assert_int_equal(p->errors->n, 1);
    const struct fk_error_table *t = &p->errors->at[0];
    assert_string_equal(t->name, "log");
    assert_true(t->hex);
    assert_int_equal(t->low_bits, 7);
    assert_string_equal(t->prefixes[0], "err");
    assert_int_equal(t->n_codes, 2);
    assert_int_equal(t->codes[0].n_causes, 2);
    assert_string_equal(t->codes[0].causes[0]->text, "no root");
    assert_int_equal(t->codes[0].causes[0]->n_rules, 0);
    assert_int_equal(t->codes[0].causes[1]->n_rules, 2);
    assert_string_equal(t->codes[0].causes[1]->rules[1], "validity");
    assert_ptr_equal(t->codes[0].causes[0], t->codes[1].causes[0]);
    assert_string_equal(t->codes[1].source, "other bench, p. 9");
    assert_int_equal(p->n_errata, 1);
    assert_string_equal(p->errata[0].name, "x");
    assert_string_equal(p->errata[0].source, "other bench, p. 1");
    assert_string_equal(p->errata[0].says, "one");
    assert_string_equal(p->errata[0].right, "two");
    assert_string_equal(p->errata[0].because, "three");
    fk_profile_free(p);
}

static void unverified_mark_of_a_map_covers_what_is_in_it(void **state)
{
    (void)state;
    struct fk_profile *p = load("spwf04s");
    const struct fk_unverified *u =
        fk_profile_unverified(p, "credentials.tls.private_key.max_size");
    assert_non_null(u);
    assert_string_equal(u->key, "credentials.tls.private_key.max_size");
    assert_null(fk_profile_unverified(p, "credentials.tls.private_key.max_size_of_all"));
    assert_null(fk_profile_unverified(p, "credentials.tls.private_key"));
    u = fk_profile_unverified(p, "credentials.wpa-enterprise.private_key.rsa.max_bits");
    assert_non_null(u);
    assert_string_equal(u->key, "credentials.wpa-enterprise.private_key.rsa");
    fk_profile_free(p);
}

/* ---- the five devices ---------------------------------------------------- */

static void spwf04s_asks_for_its_extensions_and_a_clock(void **state)
{
    (void)state;
    struct fk_profile *p = load("spwf04s");
    const struct fk_credential_use *use = use_of(p, "tls");
    const struct fk_cert_rules *cert = &use->cert;
    assert_int_equal(cert->n_extensions, 3);
    assert_int_equal(cert->extensions[0].extension, FK_EXT_AUTHORITY_KEY_ID);
    assert_int_equal(cert->extensions[0].on,
                     FK_CERT_INTERMEDIATE | FK_CERT_SERVER | FK_CERT_DEVICE);
    assert_int_equal(cert->extensions[1].extension, FK_EXT_BASIC_CONSTRAINTS);
    assert_int_equal(cert->extensions[1].value, FK_EXT_CA);
    assert_int_equal(cert->extensions[2].extension, FK_EXT_SUBJECT_KEY_ID);
    assert_int_equal(cert->extensions[2].on, FK_CERT_ROOT | FK_CERT_INTERMEDIATE);
    assert_int_equal(cert->peer_max_size, 4096);
    assert_int_equal(cert->public_key.rsa_max_bits, 2048);
    assert_int_equal(use->checks.name, FK_NAME_CN);
    assert_true(use->checks.clock_after_reset);
    assert_string_equal(use->checks.clock_command, "AT+S.TIME=<seconds>");
    assert_int_equal(use->tls.versions, FK_TLS_1_0 | FK_TLS_1_1 | FK_TLS_1_2);
    assert_int_equal(use->tls.n_suites, 24);
    assert_true(has_suite(use, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"));
    assert_false(has_suite(use, "TLS_RSA_WITH_AES_128_GCM_SHA256")); /* its row is missing */
    const struct fk_store *command = fk_use_store(use, "command");
    assert_non_null(command);
    assert_ptr_equal(command, &use->stores[0]);
    assert_string_equal(fk_store_slot(command, FK_SLOT_AUTH)->write, "AT+S.TLSCERT=auth,<size>");
    assert_true(fk_store_slot(command, FK_SLOT_AUTH)->only_with_pem_ca);
    assert_string_equal(command->clear, "AT+S.TLSCERT=content,2");
    const struct fk_store *files = fk_use_store(use, "files");
    assert_non_null(files);
    assert_string_equal(fk_store_slot(files, FK_SLOT_CA)->name, "<ski>.ca");
    assert_string_equal(fk_store_slot(files, FK_SLOT_CERT)->name, "tls.cert");
    assert_string_equal(fk_store_slot(files, FK_SLOT_KEY)->name, "tls.key");
    use = use_of(p, "wpa-enterprise");
    assert_int_equal(use->cert.public_key.rsa_max_bits, 4096);
    assert_string_equal(fk_store_slot(&use->stores[0], FK_SLOT_CA)->write,
                        "AT+S.WPAECERT=ca,<size>");
    static const char *const methods[] = {"eap-tls", "eap-ttls-md5", "eap-ttls-mschapv2",
                                          "eap-peap-md5", "eap-peap-mschapv2"};
    for (unsigned i = 0; i < 5; i++) { /* Table 10 */
        const struct fk_sequence *s = fk_use_sequence(use, methods[i]);
        char line[48];
        snprintf(line, sizeof line, "AT+S.SCFG=wifi_eap_type,%u", i);
        assert_non_null(s);
        assert_string_equal(s->lines[3], line);
    }
    fk_profile_free(p);
}

static void nodemcu_has_one_page_each_and_checks_neither_name_nor_date(void **state)
{
    (void)state;
    struct fk_profile *p = load("nodemcu");
    for (size_t i = 0; i < p->n_uses; i++) {
        const struct fk_credential_use *use = &p->uses[i];
        assert_int_equal(use->checks.name, FK_NAME_NONE);
        assert_int_equal(use->checks.dates, FK_DATES_NONE);
        assert_int_equal(use->checks.chain, FK_CHAIN_ON_DEMAND);
        assert_int_equal(use->tls.versions, FK_TLS_1_2);
        assert_int_equal(use->tls.flight_max, 4096);
        assert_int_equal(use->tls.sni, FK_NO);
        assert_int_equal(use->chain.intermediates_max, 3);
        assert_false(has_suite(use, "TLS_RSA_WITH_AES_128_GCM_SHA256"));
    }
    const struct fk_store *page = &use_of(p, "tls-flash")->stores[0];
    assert_int_equal(page->n_areas, 2);
    assert_int_equal(page->areas[1].size, 4096);
    assert_int_equal(page->areas[1].overhead, 34);
    assert_true(page->areas[1].der);
    assert_string_equal(fk_store_slot(page, FK_SLOT_KEY)->area, "client");
    assert_string_equal(fk_store_slot(page, FK_SLOT_CERT)->area, "client");
    assert_string_equal(fk_store_slot(page, FK_SLOT_CA)->area, "server");
    assert_int_equal(use_of(p, "tls-flash")->chain.intermediates_loaded, FK_NO);
    assert_int_equal(use_of(p, "tls-callback")->chain.intermediates_loaded, FK_YES);
    fk_profile_free(p);
}

static void netcontrol_is_static_rsa_and_loses_files_with_an_update(void **state)
{
    (void)state;
    struct fk_profile *p = load("netcontrol");
    const struct fk_credential_use *use = use_of(p, "tls");
    assert_int_equal(use->tls.n_suites, 10);
    for (size_t i = 0; i < use->tls.n_suites; i++) {
        assert_int_equal(use->tls.suites[i]->kx, FK_TLS_KX_RSA);
    }
    assert_int_equal(use->stores[0].firmware_update, FK_UPDATE_ERASES);
    assert_int_equal(use->checks.name, FK_NAME_CN);
    assert_int_equal(use->cert.public_key.rsa_min_bits, 2048);
    assert_int_equal(p->errors->n, 3); /* the two of the note, and the details behind them */
    fk_profile_free(p);
}

static void zentrios_has_no_ecc_and_a_server(void **state)
{
    (void)state;
    struct fk_profile *p = load("zentrios");
    const struct fk_credential_use *use = use_of(p, "tls");
    assert_int_equal(use->tls.n_suites, 10);
    assert_true(has_suite(use, "TLS_DHE_RSA_WITH_SEED_CBC_SHA"));
    for (size_t i = 0; i < use->tls.n_suites; i++) {
        assert_int_equal(use->tls.suites[i]->auth, FK_TLS_AUTH_RSA);
        assert_int_not_equal(use->tls.suites[i]->kx, FK_TLS_KX_ECDHE);
    }
    assert_int_equal(use->key.file.line_end, FK_LINE_END_LF);
    assert_int_equal(use->stores[0].files_max, 32);
    assert_string_equal(fk_store_slot(&use->stores[0], FK_SLOT_CA)->activate,
                        "set network.tls.ca_cert <name>");
    assert_true(use_of(p, "https-server")->server);
    fk_profile_free(p);
}

static void wiced_shares_one_field_and_counts_a_nul(void **state)
{
    (void)state;
    struct fk_profile *p = load("wiced");
    const struct fk_credential_use *use = use_of(p, "tls");
    const struct fk_store *dct = &use->stores[0];
    assert_true(use->key.file.final_nul);
    assert_true(use->cert.file.final_nul);
    assert_int_equal(use->key.file.max_size, 2047);
    assert_string_equal(fk_store_slot(dct, FK_SLOT_CA)->area, "certificate");
    assert_string_equal(fk_store_slot(dct, FK_SLOT_CERT)->area, "certificate");
    assert_int_equal(dct->areas[0].size, 4096);
    assert_int_equal(dct->areas[0].overhead, 1);
    assert_int_equal(use_of(p, "resources")->key.file.max_size, 0);
    fk_profile_free(p);
}

/* Every device has codes, and knows what an update does to what it holds, or says that nobody
 * knows. */
static void five_profiles_are_complete(void **state)
{
    (void)state;
    static const char *const names[] = {"spwf04s", "nodemcu", "netcontrol", "zentrios", "wiced"};
    for (size_t i = 0; i < 5; i++) {
        struct fk_profile *p = load(names[i]);
        assert_non_null(p->errors);
        assert_true(p->n_errata > 0);
        assert_true(p->n_uses > 0);
        for (size_t k = 0; k < p->n_uses; k++) {
            const struct fk_credential_use *use = &p->uses[k];
            assert_true(use->n_stores > 0);
            assert_true(use->n_modes > 0);
            for (size_t j = 0; j < use->n_stores; j++) {
                char key[160];
                snprintf(key, sizeof key, "credentials.%s.stores.%s.firmware_update", use->name,
                         use->stores[j].name);
                if (use->stores[j].firmware_update == FK_UPDATE_UNKNOWN &&
                    fk_profile_unverified(p, key) == NULL) {
                    fail_msg("%s of %s is unknown and not marked", key, p->name);
                }
            }
        }
        fk_profile_free(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_left_out_is_unknown),
        cmocka_unit_test(rules_for_certificates_are_filled),
        cmocka_unit_test(stores_modes_and_sequences_keep_their_order),
        cmocka_unit_test(errors_and_errata_are_filled),
        cmocka_unit_test(unverified_mark_of_a_map_covers_what_is_in_it),
        cmocka_unit_test(spwf04s_asks_for_its_extensions_and_a_clock),
        cmocka_unit_test(nodemcu_has_one_page_each_and_checks_neither_name_nor_date),
        cmocka_unit_test(netcontrol_is_static_rsa_and_loses_files_with_an_update),
        cmocka_unit_test(zentrios_has_no_ecc_and_a_server),
        cmocka_unit_test(wiced_shares_one_field_and_counts_a_nul),
        cmocka_unit_test(five_profiles_are_complete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
