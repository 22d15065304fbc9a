/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TOOLS_CERT_BUNDLE_H
#define FK_TOOLS_CERT_BUNDLE_H

#include "cli.h"
#include "fotakit/bundle.h"

/* The parts of cert-bundle: dispatch in ../cert-bundle.c, one file per subcommand here. Each runs
 * with its own option table, argv[0] being the subcommand, and returns the exit code. */

#define TOOL "cert-bundle"

int run_check(int argc, char **argv);
int run_explain(int argc, char **argv);
int run_replay(int argc, char **argv);
int run_emit(int argc, char **argv); /* without a subcommand */

/* What every subcommand that reads credentials takes. */
struct bundle_options {
    const char *profile, *use, *store, *purpose, *key, *p12, *passin, *pick, *server_chain,
        *host, *at, *service_life, *public_roots;
    struct fk_texts ca, cert;
};

/* Rows of an option table, for a variable of the type above. */
#define BUNDLE_OPTIONS(o)                                                                          \
    {'p', "profile", FK_OPT_TEXT, &(o).profile, "PROFILE", "the device"},                          \
        {0,           "purpose",                                                                   \
         FK_OPT_TEXT, &(o).purpose,                                                                \
         "PURPOSE",   "what for: tls (default), wpa-enterprise or fota"},                          \
        {0,        "use",  FK_OPT_TEXT,                                                            \
         &(o).use, "NAME", "which credentials of the profile, by name instead of purpose"},        \
        {0,           "store",                                                                     \
         FK_OPT_TEXT, &(o).store,                                                                  \
         "NAME",      "where on the device, when it has several places (default: the first)"},     \
        {0, "ca", FK_OPT_TEXTS, &(o).ca, "FILE", "root to be trusted; may be given many times"},   \
        {0,           "cert",                                                                      \
         FK_OPT_TEXTS, &(o).cert,                                                                  \
         "FILE",      "the device's certificate; again for each file of its chain"},               \
        {0, "key", FK_OPT_TEXT, &(o).key, "FILE", "the device's private key"},                     \
        {0, "p12", FK_OPT_TEXT, &(o).p12, "FILE", "key, certificate and chain in one file"},       \
        {0,           "passin", FK_OPT_TEXT,                                                       \
         &(o).passin, "SOURCE", "pass phrase of key and .p12: env:NAME, file:PATH, fd:N"},         \
        {0,         "pick", FK_OPT_TEXT,                                                           \
         &(o).pick, "KEY",  "which of several keys: number, or name in .p12"},                     \
        {0,           "server-chain",                                                              \
         FK_OPT_TEXT, &(o).server_chain,                                                           \
         "FILE",      "certificates that the server sends"},                                       \
        {0, "host", FK_OPT_TEXT, &(o).host, "NAME", "name by which the device calls the server"},  \
        {0,           "at",                                                                        \
         FK_OPT_TEXT, &(o).at,                                                                     \
         "TIME",      "when it is used first: 2026-11-21[T08:00:00Z] or seconds (default: now)"},  \
        {0,           "service-life",                                                              \
         FK_OPT_TEXT, &(o).service_life,                                                           \
         "TIME",      "how long from then: 10y, 90d, or until 2036-11-21"},                        \
    {                                                                                              \
        0, "public-roots", FK_OPT_TEXT, &(o).public_roots, "FILE",                                 \
            "roots of everybody, to recognise them (default: this machine's)"                      \
    }

/* Everything that fk_bundle_load() wants; a caller may change inputs before. */
struct bundle_job {
    struct fk_profile *profile;
    struct fk_buffer passphrase;
    struct fk_bundle public_roots;
    struct fk_bundle_inputs inputs; /* borrows from the options, and from this */
};

/* Loads the profile, finds the use, reads pass phrase and times. */
enum fk_status bundle_job_open(const struct bundle_options *o, struct bundle_job *ret,
                               struct fk_error *err) FK_MUST_USE;
void bundle_job_release(struct bundle_job *job); /* accepts a zeroed structure */

/* The parts of explain that need no code: all codes of the device; mistakes of its documents. */
enum fk_status explain_list(const struct fk_profile *profile, bool json,
                            struct fk_error *err) FK_MUST_USE;
enum fk_status explain_errata(const struct fk_profile *profile, bool json,
                              struct fk_error *err) FK_MUST_USE;

/* FK_E_USAGE with a pointer to the --help of the subcommand that runs, which usage_of() has named;
 * without one, the tool itself. */
void usage_of(const char *subcommand);
enum fk_status usage(struct fk_error *err, const char *text);

#endif
