/* SPDX-License-Identifier: Apache-2.0 */
/* What the maps of a use have in common. */
#include "profile/section_credentials.h"

#include <string.h>

enum { SIZE_MAX_FILE = 1024 * 1024 };

const struct fk_word fk_form_words[2] = {{"pem", FK_FORM_PEM}, {"der", FK_FORM_DER}};
const struct fk_word fk_role_words[4] = {
    {"ca", FK_SLOT_CA},
    {"cert", FK_SLOT_CERT},
    {"key", FK_SLOT_KEY},
    {"auth", FK_SLOT_AUTH},
};
static const struct fk_word line_ends[] = {
    {"any", FK_LINE_END_ANY},
    {"lf", FK_LINE_END_LF},
    {"crlf", FK_LINE_END_CRLF},
};
static const struct fk_word answers[] = {{"no", FK_NO}, {"yes", FK_YES}};

/* SEC 2 and RFC 5639 names; the value is the place in the list. */
static const struct fk_word curves[] = {
    {"secp192r1", 0},       {"secp224r1", 1},       {"secp256r1", 2},
    {"secp384r1", 3},       {"secp521r1", 4},       {"secp256k1", 5},
    {"brainpoolP256r1", 6}, {"brainpoolP384r1", 7}, {"brainpoolP512r1", 8},
};

/* max_size, and refused_above when the published figure can be read in two ways. */
static void load_size(struct fk_fields *f, struct fk_file_rules *file)
{
    file->size_source = "";
    if (!fk_fields_has(f, "max_size")) {
        return;
    }
    file->max_size = fk_field_size(f, "max_size", 1, SIZE_MAX_FILE);
    file->refused_above = file->max_size;
    file->size_source = fk_field_source(f, "max_size");
    if (fk_fields_has(f, "refused_above")) {
        file->refused_above = fk_field_size(f, "refused_above", 1, SIZE_MAX_FILE);
        if (fk_fields_ok(f) && file->refused_above < file->max_size) {
            fk_fields_refuse(f, "refused_above", "expected at least max_size, %u",
                             (unsigned)file->max_size);
        }
    }
}

void fk_credentials_file(struct fk_fields *f, struct fk_file_rules *file)
{
    file->line_end = (enum fk_line_end)fk_field_word(f, "line_end", FK_WORDS(line_ends));
    if (fk_fields_has(f, "line_end_made")) {
        file->line_end_made = fk_field_bool(f, "line_end_made");
        if (fk_fields_ok(f) && file->line_end_made && file->line_end == FK_LINE_END_ANY) {
            fk_fields_refuse(f, "line_end_made", "with 'line_end: any' nothing has to be made");
        }
    }
    load_size(f, file);
    if (fk_fields_has(f, "final_nul")) {
        file->final_nul = fk_field_bool(f, "final_nul");
    }
}

struct fk_rsa_range fk_credentials_rsa(struct fk_fields *f)
{
    struct fk_rsa_range r = {0, 0, ""};
    struct fk_fields rsa = fk_field_map(f, "rsa");
    r.min = fk_field_number(&rsa, "min_bits", 512, FK_RSA_BITS_MAX);
    r.max = fk_field_number(&rsa, "max_bits", 512, FK_RSA_BITS_MAX);
    r.source = fk_field_source(&rsa, "max_bits");
    fk_fields_end(&rsa);
    if (fk_fields_ok(f) && r.max < r.min) {
        fk_fields_refuse(f, "rsa", "max_bits is less than min_bits");
    }
    return r;
}

size_t fk_credentials_curves(struct fk_fields *f, const char *ret[FK_USE_CURVES_MAX])
{
    struct fk_items items = fk_field_list(f, "curves", 1, FK_USE_CURVES_MAX);
    int curve = 0;
    size_t n = 0;
    while (fk_items_word(&items, FK_WORDS(curves), &curve)) {
        for (size_t i = 0; i < n; i++) {
            if (ret[i] == curves[curve].word) {
                fk_fields_refuse(f, "curves", "%s stands there twice", curves[curve].word);
                return 0;
            }
        }
        ret[n++] = curves[curve].word;
    }
    return n;
}

const char *fk_credentials_text(struct fk_fields *f, const char *key, size_t max)
{
    return fk_fields_has(f, key) ? fk_field_text(f, key, max) : NULL;
}

const char *fk_credentials_command(struct fk_fields *f, const char *key, const char *place)
{
    const char *command = fk_credentials_text(f, key, FK_COMMAND_TEXT_MAX);
    if (fk_fields_ok(f) && command != NULL && place != NULL && strstr(command, place) == NULL) {
        fk_fields_refuse(f, key, "expected %s somewhere in the command, found '%s'", place,
                         command);
    }
    return command;
}

enum fk_answer fk_credentials_answer(struct fk_fields *f, const char *key)
{
    return fk_fields_has(f, key) ? (enum fk_answer)fk_field_word(f, key, FK_WORDS(answers))
                                 : FK_UNKNOWN;
}
