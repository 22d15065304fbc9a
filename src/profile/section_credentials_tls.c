/* SPDX-License-Identifier: Apache-2.0 */
/* tls and checks: what a device speaks, and what it looks at. */
#include "profile/section_credentials.h"

#include <string.h>

enum { FLIGHT_MAX = 1024 * 1024, SUITE_NAME_MAX = 64, SUITES_KNOWN_MAX = 128 };

static const struct fk_word versions[] = {
    {"1.0", FK_TLS_1_0},
    {"1.1", FK_TLS_1_1},
    {"1.2", FK_TLS_1_2},
    {"1.3", FK_TLS_1_3},
};

static void refuse_suite(struct fk_fields *f, const struct fk_yaml_node *n, const char *name)
{
    const char *names[SUITES_KNOWN_MAX];
    size_t n_known = 0;
    const struct fk_tls_suite *known = fk_tls_suites(&n_known);
    for (size_t i = 0; i < n_known && i < SUITES_KNOWN_MAX; i++) {
        names[i] = known[i].name;
    }
    const char *near = fk_nearest(name, names, n_known < SUITES_KNOWN_MAX ? n_known : 0);
    fk_loader_refuse(f->ld, n->at, n, "expected the IANA name of a cipher suite, found '%s'%s%s%s",
                     name, near != NULL ? ", did you mean '" : "", near != NULL ? near : "",
                     near != NULL ? "'?" : "");
}

static void load_suites(struct fk_fields *f, struct fk_tls_rules *tls)
{
    struct fk_items items = fk_field_list(f, "suites", 1, FK_TLS_SUITES_MAX);
    const struct fk_yaml_node *at = items.next;
    const char *name = "";
    while (fk_items_text(&items, SUITE_NAME_MAX, &name)) {
        const struct fk_tls_suite *suite = fk_tls_suite_find(name);
        if (suite == NULL) {
            refuse_suite(f, at, name);
            return;
        }
        for (size_t i = 0; i < tls->n_suites; i++) {
            if (tls->suites[i] == suite) {
                fk_loader_refuse(f->ld, at->at, at, "%s stands there twice", name);
                return;
            }
        }
        tls->suites[tls->n_suites++] = suite;
        at = items.next;
    }
    tls->suites_source = fk_field_source(f, "suites");
}

/* A suite of TLS 1.2 in a list for older versions only is a mistake of the list. */
static void check_suites(struct fk_fields *f, const struct fk_tls_rules *tls)
{
    for (size_t i = 0; fk_fields_ok(f) && i < tls->n_suites; i++) {
        if (tls->suites[i]->tls12 && (tls->versions & FK_TLS_1_2) == 0) {
            fk_fields_refuse(f, "suites", "%s needs TLS 1.2, which is not among the versions",
                             tls->suites[i]->name);
        }
    }
}

void fk_credentials_tls(struct fk_fields *f, struct fk_tls_rules *tls)
{
    tls->suites_source = "";
    tls->flight_source = "";
    tls->sni_source = "";
    struct fk_items items = fk_field_list(f, "versions", 1, 4);
    int version = 0;
    while (fk_items_word(&items, FK_WORDS(versions), &version)) {
        if ((tls->versions & (unsigned)version) != 0) {
            fk_fields_refuse(f, "versions", "one version stands there twice");
        }
        tls->versions |= (unsigned)version;
    }
    tls->versions_source = fk_field_source(f, "versions");
    if (fk_fields_has(f, "suites")) {
        load_suites(f, tls);
        check_suites(f, tls);
    }
    if (fk_fields_has(f, "flight_max")) {
        tls->flight_max = fk_field_size(f, "flight_max", 512, FLIGHT_MAX);
        tls->flight_source = fk_field_source(f, "flight_max");
    }
    tls->sni = fk_credentials_answer(f, "sni");
    tls->sni_source = fk_field_source(f, "sni");
    tls->published = true;
}

void fk_credentials_checks(struct fk_fields *f, struct fk_check_rules *c)
{
    static const struct fk_word chains[] = {{"unknown", FK_CHAIN_UNKNOWN},
                                            {"always", FK_CHAIN_ALWAYS},
                                            {"with-root", FK_CHAIN_WITH_ROOT},
                                            {"on-demand", FK_CHAIN_ON_DEMAND}};
    static const struct fk_word names[] = {{"unknown", FK_NAME_UNKNOWN},
                                           {"none", FK_NAME_NONE},
                                           {"cn", FK_NAME_CN},
                                           {"san-or-cn", FK_NAME_SAN_OR_CN}};
    static const struct fk_word dates[] = {
        {"unknown", FK_DATES_UNKNOWN}, {"none", FK_DATES_NONE}, {"clock", FK_DATES_CLOCK}};
    c->chain = (enum fk_chain_check)fk_field_word(f, "chain", FK_WORDS(chains));
    c->chain_source = fk_field_source(f, "chain");
    c->name = (enum fk_name_check)fk_field_word(f, "name", FK_WORDS(names));
    c->name_source = fk_field_source(f, "name");
    c->dates = (enum fk_date_check)fk_field_word(f, "dates", FK_WORDS(dates));
    c->dates_source = fk_field_source(f, "dates");
    if (fk_fields_has(f, "clock_after_reset")) {
        static const struct fk_word words[] = {{"kept", false}, {"lost", true}};
        c->clock_after_reset = fk_field_word(f, "clock_after_reset", FK_WORDS(words)) != 0;
    }
    c->clock_command = fk_credentials_command(f, "clock_command", "<seconds>");
    c->clock_read = fk_credentials_command(f, "clock_read", NULL);
    c->skip_dates = fk_credentials_command(f, "skip_dates", NULL);
    c->verify_on = fk_credentials_command(f, "verify_on", NULL);
    if (fk_fields_ok(f) && c->dates == FK_DATES_NONE && c->skip_dates != NULL) {
        fk_fields_refuse(f, "skip_dates", "with 'dates: none' there is nothing to skip");
    }
}
