/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_BUNDLE_LINT_H
#define FK_BUNDLE_LINT_H

#include "bundle/path.h"
#include "fotakit/bundle.h"

/* The lint from the inside. A rule is a function that adds findings: one that says that all is
 * well, or one for each thing that is not; none when the rule does not apply (the engine then adds
 * that). lint.c has the table, the lint_*.c files the functions, by subject. */

enum fk_list { FK_LIST_ROOTS, FK_LIST_CHAIN, FK_LIST_SERVER, FK_LISTS };

struct fk_lint {
    const struct fk_bundle *b;
    const struct fk_lint_rule *rule; /* the one that runs */
    struct fk_findings found;
    const struct fk_bundle_certs *lists[FK_LISTS];
    struct fk_cert_details *details[FK_LISTS]; /* as the lists */
    struct fk_path chain, server;              /* n = 0 without such a chain */
    struct fk_finding scratch;                 /* written to when memory is out */
    bool no_memory;
    char place[FK_BUNDLE_PLACE_SIZE];
};

struct fk_lint_rule {
    const char *id;
    const char *title;
    void (*run)(struct fk_lint *l);
};

/* A new finding of the rule that runs. measured is a format; never NULL. */
struct fk_finding *fk_lint_add(struct fk_lint *l, enum fk_verdict v, const char *subject,
                               const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void fk_lint_limit(struct fk_finding *f, const char *source, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void fk_lint_remedy(struct fk_finding *f, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Whether the fact "certificate.max_size" of the use, or a map around it, is unverified. */
bool fk_lint_unverified(const struct fk_lint *l, const char *fact);

/* Places, valid until the next call. */
const char *fk_lint_cert_place(struct fk_lint *l, enum fk_list list, size_t i);
const char *fk_lint_key_place(struct fk_lint *l);
const char *fk_lint_file_place(struct fk_lint *l, size_t file);
/* "key-convert -p spwf04s --use tls" */
#define FK_LINT_COMMAND_SIZE 160
void fk_lint_convert(const struct fk_lint *l, char text[FK_LINT_COMMAND_SIZE]);

/* lint_files.c */
void fk_rule_contents(struct fk_lint *l);
void fk_rule_file_form(struct fk_lint *l);
void fk_rule_key_form(struct fk_lint *l);
void fk_rule_line_ends(struct fk_lint *l);
void fk_rule_file_size(struct fk_lint *l);

/* lint_key.c */
void fk_rule_key_type(struct fk_lint *l);
void fk_rule_key_password(struct fk_lint *l);
void fk_rule_key_sound(struct fk_lint *l);
void fk_rule_key_matches(struct fk_lint *l);
void fk_rule_weak_keys(struct fk_lint *l);

/* lint_signature.c */
void fk_rule_digests(struct fk_lint *l);
void fk_rule_root_key(struct fk_lint *l);
void fk_rule_server_key(struct fk_lint *l);

/* lint_cert.c */
void fk_rule_ext_subject_key_id(struct fk_lint *l);
void fk_rule_ext_authority_key_id(struct fk_lint *l);
void fk_rule_ext_basic_constraints(struct fk_lint *l);
void fk_rule_ext_usage(struct fk_lint *l);
void fk_rule_critical(struct fk_lint *l);
void fk_rule_ca_bits(struct fk_lint *l);
void fk_rule_purpose(struct fk_lint *l);

/* lint_time.c */
void fk_rule_validity(struct fk_lint *l);
void fk_rule_service_life(struct fk_lint *l);
void fk_rule_verification(struct fk_lint *l);
void fk_rule_clock(struct fk_lint *l);
void fk_rule_year_2038(struct fk_lint *l);
void fk_rule_year_1970(struct fk_lint *l);
void fk_rule_time_encoding(struct fk_lint *l);

/* lint_chain.c */
void fk_rule_parts(struct fk_lint *l);
void fk_rule_chain_order(struct fk_lint *l);
void fk_rule_chain_signatures(struct fk_lint *l);
void fk_rule_chain_length(struct fk_lint *l);
void fk_rule_unneeded(struct fk_lint *l);
void fk_rule_duplicates(struct fk_lint *l);

/* lint_store.c */
void fk_rule_root_name(struct fk_lint *l);
void fk_rule_slots(struct fk_lint *l);
void fk_rule_area(struct fk_lint *l);

/* lint_device.c */
void fk_rule_update(struct fk_lint *l);
void fk_rule_sni(struct fk_lint *l);

/* lint_server.c */
void fk_rule_chain_complete(struct fk_lint *l);
void fk_rule_name(struct fk_lint *l);
void fk_rule_server_suite(struct fk_lint *l);
void fk_rule_server_cert_size(struct fk_lint *l);
void fk_rule_server_flight(struct fk_lint *l);
void fk_rule_tls_version(struct fk_lint *l);
void fk_rule_private_ca(struct fk_lint *l);

#endif
