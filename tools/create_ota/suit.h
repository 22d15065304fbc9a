/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TOOLS_CREATE_OTA_SUIT_H
#define FK_TOOLS_CREATE_OTA_SUIT_H

#include "cli.h"

#include "fotakit/suit.h"

/* create_ota --format suit: options of signed envelopes, and what is done with them. */

struct suit_options {
    struct fk_texts sign;        /* --sign */
    struct fk_texts encrypt_to;  /* --encrypt-to */
    struct fk_texts encrypt_kek; /* --encrypt-kek */
    const char *passin, *sequence, *version, *uri, *payload, *cipher;
    const char *emit_tbs, *attach, *signer, *kek;
    bool wrap_st, add_recipient, es256;
};

/* What the common options say. */
struct suit_job {
    const char *infile, *outfile, *profile;
    const char *only_region;
    enum fk_image_format format;
    bool pad, force, json, quiet;
    struct fk_progress read_progress, write_progress;
};

/* The name of an option that was given and belongs to envelopes only, or NULL. */
const char *suit_option_given(const struct suit_options *o);

enum fk_status suit_run(const struct suit_options *o, const struct suit_job *job,
                        struct fk_error *err);

/* What came of it, for the report. */
struct suit_made {
    const struct fk_profile *profile;
    const struct fk_suit_options *options;
    const struct fk_suit_result *result;
};
void suit_print_text(const struct suit_options *o, const struct suit_job *job,
                     const struct suit_made *m);
void suit_print_json(const struct suit_options *o, const struct suit_job *job,
                     const struct suit_made *m);

#endif
