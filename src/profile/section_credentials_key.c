/* SPDX-License-Identifier: Apache-2.0 */
/* private_key: which keys a device takes, and in which form. */
#include "profile/section_credentials.h"

static const struct fk_word passwords[] = {{"refused", false}, {"allowed", true}};
static const struct fk_word types[] = {
    {"rsa", FK_KEY_RSA},
    {"ec", FK_KEY_EC},
    {"ed25519", FK_KEY_ED25519},
};
static const struct fk_word structures[] = {
    {"pkcs1", FK_KEY_PKCS1},
    {"sec1", FK_KEY_SEC1},
    {"pkcs8", FK_KEY_PKCS8},
};

static bool structure_fits(enum fk_key_type type, enum fk_key_structure s)
{
    return s == FK_KEY_PKCS8 || (type == FK_KEY_RSA && s == FK_KEY_PKCS1) ||
           (type == FK_KEY_EC && s == FK_KEY_SEC1);
}

static void load_key_form(struct fk_fields *f, struct fk_key_rules *key)
{
    struct fk_key_rule r = {.type = FK_KEY_OTHER};
    r.type = (enum fk_key_type)fk_field_word(f, "type", FK_WORDS(types));
    r.form.structure = (enum fk_key_structure)fk_field_word(f, "structure", FK_WORDS(structures));
    r.form.form = (enum fk_form)fk_field_word(f, "form", fk_form_words, 2);
    r.form.crlf = key->file.line_end == FK_LINE_END_CRLF;
    if (fk_fields_has(f, "ec_parameters")) {
        r.form.curve_block = fk_field_bool(f, "ec_parameters");
    }
    if (fk_fields_ok(f) && !structure_fits(r.type, r.form.structure)) {
        fk_fields_refuse(f, "structure", "a key of this type has no such structure");
    }
    if (fk_fields_ok(f) && r.form.curve_block &&
        (r.form.structure != FK_KEY_SEC1 || r.form.form != FK_FORM_PEM)) {
        fk_fields_refuse(f, "ec_parameters", "goes with structure sec1 in form pem");
    }
    fk_fields_end(f);
    if (fk_fields_ok(f)) {
        key->forms[key->n_forms++] = r;
    }
}

static bool takes_type(const struct fk_key_rules *key, enum fk_key_type type)
{
    for (size_t i = 0; i < key->n_forms; i++) {
        if (key->forms[i].type == type) {
            return true;
        }
    }
    return false;
}

static void load_rsa(struct fk_fields *f, struct fk_key_rules *key)
{
    struct fk_rsa_range r = fk_credentials_rsa(f);
    key->rsa_min_bits = r.min;
    key->rsa_max_bits = r.max;
    key->rsa_source = r.source;
    if (fk_fields_ok(f) && !takes_type(key, FK_KEY_RSA)) {
        fk_fields_refuse(f, "rsa", "no form is for RSA keys; drop it or add one");
    }
}

static void load_curves(struct fk_fields *f, struct fk_key_rules *key)
{
    key->n_curves = fk_credentials_curves(f, key->curves);
    key->curves_source = fk_field_source(f, "curves");
    if (fk_fields_ok(f) && !takes_type(key, FK_KEY_EC)) {
        fk_fields_refuse(f, "curves", "no form is for EC keys; drop it or add one");
    }
}

void fk_credentials_key(struct fk_fields *f, struct fk_key_rules *key)
{
    struct fk_fields form;
    key->rsa_source = "";
    key->curves_source = "";
    key->password_allowed = fk_field_word(f, "password", FK_WORDS(passwords)) != 0;
    fk_credentials_file(f, &key->file);
    struct fk_items items = fk_field_list(f, "forms", 1, FK_KEY_RULES_MAX);
    while (fk_items_map(&items, &form)) {
        load_key_form(&form, key);
    }
    key->forms_source = fk_field_source(f, "forms");
    if (fk_fields_has(f, "rsa")) {
        load_rsa(f, key);
    }
    if (fk_fields_has(f, "curves")) {
        load_curves(f, key);
    }
}
