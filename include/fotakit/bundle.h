/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_BUNDLE_H
#define FOTAKIT_BUNDLE_H

#include "fotakit/cert.h"
#include "fotakit/convert.h"
#include "fotakit/credential_use.h"
#include "fotakit/error.h"
#include "fotakit/file.h"
#include "fotakit/key.h"
#include "fotakit/profile.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Everything that one device gets to trust and to show: roots, its own certificate with the chain
 * above it, its private key; and what it will meet: the server's chain and name.
 *
 * Order of calls:
 *     fk_bundle_load()      files as they come
 *     fk_bundle_lint()      would the device take these very files? One or more findings per rule
 *     fk_bundle_repair()    the files that the device takes, and the list of what was changed
 *     fk_bundle_reread()    the repaired files as a bundle again, so that the same lint judges
 *                           what is written and not what was meant
 *     fk_bundle_release(), fk_repaired_release(), fk_findings_release()
 *
 * Everything in a bundle lives until its release, which wipes the key. A bundle that was loaded is
 * not a sound one: only the lint says so. Not checked at all: revocation, name constraints,
 * certificate policies. */

#define FK_BUNDLE_CERTS_MAX 4096
#define FK_BUNDLE_NAME_SIZE 160

enum fk_bundle_role {
    FK_BUNDLE_CA,     /* a root that the device trusts */
    FK_BUNDLE_CERT,   /* the device's certificate, and the chain above it */
    FK_BUNDLE_KEY,    /* its private key */
    FK_BUNDLE_AUTH,   /* key identifier of the peer's root, raw bytes; only after repair */
    FK_BUNDLE_SERVER, /* what the server will show; not for the device */
    FK_BUNDLE_ANY,    /* a file whose contents decide */
};
const char *fk_bundle_role_text(enum fk_bundle_role role); /* "root", "certificate"... Static. */

struct fk_bundle_certs;

/* Times are seconds since 1970, UTC. */
struct fk_bundle_inputs {
    const struct fk_profile *profile;
    const struct fk_credential_use *use;
    const struct fk_store *store; /* of the use; NULL: the first one */
    const char *const *ca;        /* files with roots */
    size_t n_ca;
    const char *const *files; /* files in any order and role: keys, certificates, .p12 */
    size_t n_files;
    const char *cert, *key, *p12, *server_chain; /* files, or NULL */
    const char *const *chain;                    /* more files with the chain of cert, any order */
    size_t n_chain;
    const struct fk_bundle_certs *known;         /* roots that everybody trusts, to tell; or NULL */
    const char *pick;                            /* a key of several, by number or .p12 name */
    const struct fk_buffer *passphrase;          /* for all of them; may be NULL */
    const char *host;                            /* the server's name, or NULL */
    int64_t at;                                  /* when the device will be used first */
    int64_t service_end;                         /* and last; 0 when nobody said */
};

/* A file as it was found. */
struct fk_bundle_file {
    char *path;
    enum fk_bundle_role role; /* what it was given as */
    size_t size;              /* bytes, with the line ends that the device's build makes */
    bool is_pem, is_p12;      /* neither: DER */
    unsigned marks;           /* enum fk_pem_mark: what is unusual about the text */
    size_t n_certs, n_keys, n_other;
};

struct fk_bundle_cert {
    struct fk_cert *cert;
    size_t file;   /* index in files */
    unsigned line; /* of a PEM block; 0 otherwise */
};

struct fk_bundle_certs {
    struct fk_bundle_cert *at; /* in the order in which they were found */
    size_t n;
};

struct fk_bundle_key {
    struct fk_key *key; /* NULL: the bundle has none */
    size_t file;
    unsigned line;
    struct fk_key_form form; /* as found; meaningless in a .p12 */
    bool encrypted;
    bool mislabelled;
};

struct fk_bundle {
    const struct fk_profile *profile;
    const struct fk_credential_use *use;
    const struct fk_store *store; /* where it goes; NULL when the profile has none */
    struct fk_bundle_file *files;
    size_t n_files;
    struct fk_bundle_certs roots;
    struct fk_bundle_certs chain; /* the device's certificate and those above it */
    size_t leaf;                  /* index in chain: the one of the key, else the first */
    struct fk_bundle_key key;
    struct fk_bundle_certs server;       /* the server's certificate first, if it is in order */
    const struct fk_bundle_certs *known; /* public roots; or NULL */
    char *host;                          /* copy, or NULL */
    int64_t at, service_end;
    bool repaired; /* made by fk_bundle_reread() */
};

/* FK_E_PASSPHRASE_NEEDED, FK_E_AMBIGUOUS (several keys), FK_E_WRONG_KIND (a file holds nothing of
 * its role), FK_E_LIMIT, FK_E_FORMAT..., each with file and line. The inputs may go afterwards,
 * but profile, use, store and known must stay. */
enum fk_status fk_bundle_load(const struct fk_bundle_inputs *in, struct fk_bundle *ret,
                              struct fk_error *err) FK_MUST_USE;
void fk_bundle_release(struct fk_bundle *b); /* accepts a zeroed bundle */

/* The device's own certificate, or NULL. */
const struct fk_cert *fk_bundle_leaf(const struct fk_bundle *b);
/* "'ca.pem' line 12", "'ca.der'"; needs FK_BUNDLE_PLACE_SIZE bytes. */
#define FK_BUNDLE_PLACE_SIZE 200
void fk_bundle_place(const struct fk_bundle *b, size_t file, unsigned line,
                     char text[FK_BUNDLE_PLACE_SIZE]);

/* ---- lint ------------------------------------------------------------------------------------ */

enum fk_verdict {
    FK_VERDICT_OK,
    FK_VERDICT_NONE,    /* does not apply: the bundle has nothing of the kind */
    FK_VERDICT_UNKNOWN, /* the vendor publishes nothing to judge by */
    FK_VERDICT_WARNING, /* the device takes it, and somebody will be sorry */
    FK_VERDICT_REFUSED, /* the device does not take it, or it will not work */
    FK_VERDICTS,
};
const char *fk_verdict_text(enum fk_verdict v); /* "ok", "n/a", "unknown", "warning", "REFUSED" */
const char *fk_verdict_word(enum fk_verdict v); /* the same for JSON, lower case */

struct fk_finding {
    const char *rule;  /* "key-size"; stable */
    const char *title; /* "size of the private key" */
    enum fk_verdict verdict;
    char subject[FK_BUNDLE_PLACE_SIZE]; /* what it is about: "'ca.pem' line 12"; "" for all of it */
    char measured[256];
    char limit[200];  /* "" when there is none */
    char source[256]; /* of the limit; "" for general rules that nobody needs to be told */
    char remedy[512]; /* what to do, often the exact command; "" when verdict is good */
    bool unverified;  /* the limit is an unverified fact of the profile */
};

struct fk_findings {
    struct fk_finding *at; /* by rule, in the order of the rules */
    size_t n;
    size_t capacity;
    size_t count[FK_VERDICTS];
};

/* FK_OK also when the device would refuse the bundle: ask count[FK_VERDICT_REFUSED]. */
enum fk_status fk_bundle_lint(const struct fk_bundle *b, struct fk_findings *ret,
                              struct fk_error *err) FK_MUST_USE;
void fk_findings_release(struct fk_findings *f); /* accepts a zeroed structure */

/* Rules by number, from 0, for documents and tests; NULL behind the last. */
const char *fk_lint_rule_id(size_t i);
const char *fk_lint_rule_title(size_t i);

/* ---- repair ---------------------------------------------------------------------------------- */

/* One thing for the device, ready to be stored. */
struct fk_bundle_item {
    enum fk_bundle_role role;
    char name[FK_BUNDLE_NAME_SIZE]; /* on the device: "tls.key", "c07a…4e.ca"; else a plain one */
    struct fk_buffer bytes;         /* exactly what is stored, line ends included */
    enum fk_form form;              /* of certificates and keys */
    bool crlf;                      /* PEM: the line ends in bytes */
    bool secret;                    /* holds the private key: mode 0600 */
    char what[160];                 /* "EC secp256r1 (P-256), SEC1, PEM with EC PARAMETERS" */
    const struct fk_cert **certs;   /* borrowed from the bundle; leaf first, then its issuer, ... */
    size_t n_certs;
    const struct fk_key *key; /* borrowed, or NULL */
};

struct fk_bundle_change {
    char text[400]; /* "'key.pem': PKCS#8 became SEC1, PEM with EC PARAMETERS (an4963 §3.1.5)" */
};

struct fk_repaired {
    struct fk_bundle_item *items; /* roots, certificate, key, auth */
    size_t n_items;
    struct fk_bundle_change *changes; /* empty: everything was right as it came */
    size_t n_changes;
};

/* What the device takes, made from what is there. Refuses what cannot be repaired, with the reason
 * (key and certificate of different pairs, a key type that the device lacks, nothing that fits).
 * What only the lint can see, dates and names for example, is left to it. b must outlive ret. */
enum fk_status fk_bundle_repair(const struct fk_bundle *b, struct fk_repaired *ret,
                                struct fk_error *err) FK_MUST_USE;
void fk_repaired_release(struct fk_repaired *r); /* wipes; accepts a zeroed structure */

/* A bundle read from the repaired bytes, under the names of the items; the server's chain, the
 * host and the times are those of b, which must outlive ret. */
enum fk_status fk_bundle_reread(const struct fk_bundle *b, const struct fk_repaired *r,
                                struct fk_bundle *ret, struct fk_error *err) FK_MUST_USE;

#endif
