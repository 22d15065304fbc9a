/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TOOLS_CREATE_OTA_SUIT_H
#define FK_TOOLS_CREATE_OTA_SUIT_H

#include "cli.h"

#include "fotakit/suit.h"

/* create_ota --format suit and keyset: options of signed files, and what is done with them. */

struct suit_options {
    struct fk_texts sign;        /* --sign */
    struct fk_texts encrypt_to;  /* --encrypt-to */
    struct fk_texts encrypt_kek; /* --encrypt-kek */
    struct fk_texts keys;        /* --key: of a key set */
    const char *passin, *sequence, *version, *uri, *payload, *cipher, *threshold;
    const char *emit_tbs, *attach, *signer, *kek, *device_key, *device_id;
    const char *encrypt_list, *split;
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

/* The name of an option that was given and does not belong to this format, or NULL. */
enum suit_format { SUIT_NONE, SUIT_ENVELOPE, SUIT_KEYSET };
const char *suit_option_stray(const struct suit_options *o, enum suit_format format);

/* Keys that sign, opened. */
struct suit_signers {
    struct fk_signer *at[FK_SUIT_SIGNERS_MAX];
    size_t n;
    struct fk_buffer secret;
};
enum fk_status suit_signers_open(const struct suit_options *o, struct suit_signers *s,
                                 struct fk_error *err);
void suit_signers_release(struct suit_signers *s);

/* An input must not be replaced by an output: FK_E_USAGE. */
enum fk_status suit_check_outputs(const struct suit_options *o, const struct suit_job *job,
                                  struct fk_error *err);
/* Writes the bytes that --emit-tbs asks for. */
enum fk_status suit_write_tbs(const struct suit_options *o, const struct suit_job *job,
                              const uint8_t *tbs, size_t len, struct fk_error *err);

/* --attach-signature, to an envelope or a key set. */
enum fk_status suit_attach(const struct suit_options *o, const struct suit_job *job,
                           enum suit_format format, struct fk_error *err);

/* --format keyset; infile is used with --attach-signature only. */
enum fk_status keyset_run(const struct suit_options *o, const struct suit_job *job,
                          struct fk_error *err);

enum fk_status suit_run(const struct suit_options *o, const struct suit_job *job,
                        struct fk_error *err);

/* Everything that is opened for one envelope or several, and what came of it. */
struct suit_opened {
    struct fk_profile *profile;
    struct suit_signers signers;
    struct fk_suit_recipient *recipients;
    size_t n_recipients;
    uint8_t device_id[16];
    size_t per_group;   /* --split; 0: as many as fit */
    size_t n_envelopes; /* made with --split */
    struct fk_suit_options options;
    struct fk_suit_result result;
};
enum fk_status suit_options_check(const struct suit_options *o, const struct suit_job *job,
                                  struct fk_error *err);
enum fk_status suit_options_parse(const struct suit_options *o, struct suit_opened *all,
                                  struct fk_error *err);
enum fk_status suit_open_image(const struct suit_options *o, const struct suit_job *job,
                               const struct suit_opened *all, struct fk_image **ret,
                               struct fk_error *err);
/* Outfile is a folder of envelopes, each for some of the recipients. */
enum fk_status suit_split(const struct suit_options *o, const struct suit_job *job,
                          struct suit_opened *all, struct fk_error *err);

void suit_print_text(const struct suit_options *o, const struct suit_job *job,
                     const struct suit_opened *all);
void suit_print_json(const struct suit_options *o, const struct suit_job *job,
                     const struct suit_opened *all);

/* A line on stderr for devices that cannot go back. */
void suit_note_overwrite(const struct fk_profile *profile);

#endif
