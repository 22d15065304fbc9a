/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TOOLS_CERT_BUNDLE_EMIT_H
#define FK_TOOLS_CERT_BUNDLE_EMIT_H

#include "cert-bundle/cert_bundle.h"
#include "fotakit/emit.h"

/* cert-bundle without a subcommand: load, repair, lint, emit; for one device (emit.c) or for all
 * rows of a table (batch.c). */

#define PLACES_MAX 32

struct emit_options {
    struct bundle_options bundle;
    const char *out, *sequence, *batch, *jobs;
    struct fk_texts as, set, secret, serve;
    bool force, quiet, strict, json;
    struct fk_texts files; /* operands */
};

/* Values for command lines; those from --secret are wiped. */
struct places {
    struct fk_emit_place at[PLACES_MAX];
    char names[PLACES_MAX][33];
    struct fk_buffer values[PLACES_MAX];
    size_t n;
};

/* What is the same for all devices. */
struct emit_plan {
    const struct fk_profile *profile;
    const struct fk_credential_use *use;
    const struct fk_store *store;
    const struct fk_sequence *sequence;
    enum fk_emit_form forms[FK_EMIT_FORMS];
    size_t n_forms; /* 0: what the device takes */
    const struct fk_texts *serve;
    bool replace, strict;
};

/* What became of one device. */
struct emit_result {
    struct fk_emitted files;
    struct fk_repaired repaired;
    struct fk_findings findings;
    struct fk_bundle bundle;
    char cert_sha256[65]; /* of the device's certificate, DER; "" for none */
};
void emit_result_release(struct emit_result *r); /* accepts a zeroed structure */

/* NAME=VALUE, or NAME=SOURCE with a source of fotakit/passphrase.h. A later value of the same name
 * replaces the earlier one. FK_E_USAGE. */
enum fk_status places_set(struct places *p, const char *text, bool is_source,
                          struct fk_error *err) FK_MUST_USE;
enum fk_status places_put(struct places *p, const char *name, const char *value, bool is_source,
                          struct fk_error *err) FK_MUST_USE;
void places_release(struct places *p); /* accepts a zeroed structure */

/* SHA-256 in hex. */
enum fk_status sha256_hex(struct fk_slice bytes, char ret[65], struct fk_error *err) FK_MUST_USE;

/* Loads, repairs, lints and makes the files; nothing is written. FK_E_UNSUPPORTED when the device
 * would refuse the bundle, with the first finding. ret may hold something also on failure. */
enum fk_status emit_one(const struct emit_plan *plan, const struct fk_bundle_inputs *in,
                        struct places *places, struct emit_result *ret,
                        struct fk_error *err) FK_MUST_USE;

/* The devices of o->batch; the exit code. */
int run_batch(const struct emit_options *o, const struct emit_plan *plan,
              const struct bundle_job *job);

#endif
