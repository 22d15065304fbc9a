/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_PROFILE_SECTION_CREDENTIALS_H
#define FK_PROFILE_SECTION_CREDENTIALS_H

#include "fotakit/credential_use.h"
#include "profile/sections.h"

/* The maps inside one use of the section `credentials`, by topic. */

void fk_credentials_key(struct fk_fields *f, struct fk_key_rules *key);
void fk_credentials_cert(struct fk_fields *f, struct fk_cert_rules *cert);
void fk_credentials_chain(struct fk_fields *f, struct fk_chain_rules *chain);
void fk_credentials_checks(struct fk_fields *f, struct fk_check_rules *checks);
void fk_credentials_tls(struct fk_fields *f, struct fk_tls_rules *tls);
void fk_credentials_stores(struct fk_fields *f, struct fk_credential_use *use);
void fk_credentials_dialogue(struct fk_fields *f, struct fk_dialogue *d);
void fk_credentials_modes(struct fk_fields *f, struct fk_credential_use *use);
void fk_credentials_sequences(struct fk_fields *f, struct fk_credential_use *use);

/* What private_key and certificate share: line_end, max_size, refused_above, final_nul. */
void fk_credentials_file(struct fk_fields *f, struct fk_file_rules *file);

/* min_bits and max_bits of a map `rsa`. */
struct fk_rsa_range {
    uint32_t min, max;
    const char *source;
};
struct fk_rsa_range fk_credentials_rsa(struct fk_fields *f);
/* A list `curves` without repetitions; the names are static. Returns how many. */
size_t fk_credentials_curves(struct fk_fields *f, const char *curves[FK_USE_CURVES_MAX]);

/* An optional text; NULL when it is not there. */
const char *fk_credentials_text(struct fk_fields *f, const char *key, size_t max);
/* A command, optional, up to FK_COMMAND_TEXT_MAX bytes, that holds the place (unless that is
 * NULL); NULL when it is not there. */
enum { FK_COMMAND_TEXT_MAX = 256 };
const char *fk_credentials_command(struct fk_fields *f, const char *key, const char *place);
/* yes or no, optional. */
enum fk_answer fk_credentials_answer(struct fk_fields *f, const char *key);

extern const struct fk_word fk_form_words[2]; /* pem, der */
extern const struct fk_word fk_role_words[4]; /* ca, cert, key, auth */
#define FK_ROLE_WORDS fk_role_words, sizeof fk_role_words / sizeof fk_role_words[0]

#endif
