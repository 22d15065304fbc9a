/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TOOLS_KEY_CONVERT_H
#define FK_TOOLS_KEY_CONVERT_H

#include "cli.h"
#include "fotakit/convert.h"
#include "fotakit/credential_use.h"
#include "fotakit/p12.h"
#include "fotakit/profile.h"

/* The parts of key-convert: options and dispatch in ../key-convert.c, one file per mode here. */

#define TOOL "key-convert"

struct options {
    const char *profile, *use, *to, *form, *passin, *check, *pick, *p12, *out_key, *out_cert,
        *out_ca;
    bool ec_params, no_ec_params, crlf, lf, certs, info, json, force;
    struct fk_texts operands;
};

/* What the options ask for; what they leave open is taken from the input. */
struct wish {
    bool has_structure, has_form;
    enum fk_key_structure structure;
    enum fk_form form;
    const struct fk_profile *profile; /* NULL without one */
    const struct fk_credential_use *use;
    size_t pick; /* number of the key, 0 for none chosen */
    bool has_passphrase;
    struct fk_buffer passphrase;
};

/* The modes. Results on stdout, warnings on stderr; the error is reported by main(). */
enum fk_status convert_file(const struct options *o, const struct wish *w, struct fk_error *err);
enum fk_status split_p12(const struct options *o, const struct wish *w, struct fk_error *err);
enum fk_status print_info(const struct options *o, const struct wish *w, struct fk_error *err);

/* FK_E_USAGE with a pointer to --help. */
enum fk_status usage(struct fk_error *err, const char *text);
/* NULL when none was given. */
const struct fk_buffer *passphrase(const struct wish *w);

/* The key or certificates in the form that was asked for, or in the one they were found in. */
enum fk_status make_key(const struct options *o, const struct wish *w, const struct fk_key *key,
                        enum fk_key_structure found, enum fk_form found_form,
                        struct fk_converted *ret, struct fk_error *err);
enum fk_status make_certs(const struct options *o, const struct wish *w,
                          const struct fk_cert *const *certs, size_t n, enum fk_form found_form,
                          struct fk_converted *ret, struct fk_error *err);
/* Says what was written, "'out.pem': EC secp256r1 (P-256), SEC1, PEM, 227 bytes", unless it went to
 * standard output, and warns of what the profile could not verify about it. */
void tell_converted(const struct wish *w, const char *out, const struct fk_converted *c);

#endif
