/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/sections.h"

#include "fotakit/credential_use.h"

#include <string.h>

enum { SIZE_MAX_FILE = 1024 * 1024, USES_MAX = 16 };

static const struct fk_word purposes[] = {
    {"tls", FK_PURPOSE_TLS},
    {"wpa-enterprise", FK_PURPOSE_WPA_ENTERPRISE},
    {"fota", FK_PURPOSE_FOTA},
};
static const struct fk_word line_ends[] = {
    {"any", FK_LINE_END_ANY},
    {"lf", FK_LINE_END_LF},
    {"crlf", FK_LINE_END_CRLF},
};
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
static const struct fk_word forms[] = {{"pem", FK_FORM_PEM}, {"der", FK_FORM_DER}};

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
    r.form.form = (enum fk_form)fk_field_word(f, "form", FK_WORDS(forms));
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
    struct fk_fields rsa = fk_field_map(f, "rsa");
    key->rsa_min_bits = fk_field_number(&rsa, "min_bits", 512, FK_RSA_BITS_MAX);
    key->rsa_max_bits = fk_field_number(&rsa, "max_bits", 512, FK_RSA_BITS_MAX);
    key->rsa_source = fk_field_source(&rsa, "max_bits");
    fk_fields_end(&rsa);
    if (fk_fields_ok(f) && key->rsa_max_bits < key->rsa_min_bits) {
        fk_fields_refuse(f, "rsa", "max_bits is less than min_bits");
    }
    if (fk_fields_ok(f) && !takes_type(key, FK_KEY_RSA)) {
        fk_fields_refuse(f, "rsa", "no form is for RSA keys; drop it or add one");
    }
}

static void load_curves(struct fk_fields *f, struct fk_key_rules *key)
{
    struct fk_items items = fk_field_list(f, "curves", 1, FK_USE_CURVES_MAX);
    int curve = 0;
    while (fk_items_word(&items, FK_WORDS(curves), &curve)) {
        for (size_t i = 0; i < key->n_curves; i++) {
            if (key->curves[i] == curves[curve].word) {
                fk_fields_refuse(f, "curves", "%s stands there twice", curves[curve].word);
                return;
            }
        }
        key->curves[key->n_curves++] = curves[curve].word;
    }
    key->curves_source = fk_field_source(f, "curves");
    if (fk_fields_ok(f) && !takes_type(key, FK_KEY_EC)) {
        fk_fields_refuse(f, "curves", "no form is for EC keys; drop it or add one");
    }
}

static void load_key(struct fk_fields *f, struct fk_key_rules *key)
{
    struct fk_fields form;
    key->rsa_source = "";
    key->curves_source = "";
    key->password_allowed = fk_field_word(f, "password", FK_WORDS(passwords)) != 0;
    key->file.line_end = (enum fk_line_end)fk_field_word(f, "line_end", FK_WORDS(line_ends));
    load_size(f, &key->file);
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

static void load_cert(struct fk_fields *f, struct fk_cert_rules *cert)
{
    cert->file.line_end = (enum fk_line_end)fk_field_word(f, "line_end", FK_WORDS(line_ends));
    load_size(f, &cert->file);
    struct fk_items items = fk_field_list(f, "forms", 1, 2);
    int form = 0;
    while (fk_items_word(&items, FK_WORDS(forms), &form)) {
        if (cert->n_forms == 1 && (int)cert->forms[0] == form) {
            fk_fields_refuse(f, "forms", "one form stands there twice");
            return;
        }
        cert->forms[cert->n_forms++] = (enum fk_form)form;
    }
}

static void load_use(struct fk_fields *f, struct fk_credential_use *use)
{
    use->title = fk_field_text(f, "title", 100);
    use->purpose = (enum fk_purpose)fk_field_word(f, "purpose", FK_WORDS(purposes));
    struct fk_fields key = fk_field_map(f, "private_key");
    load_key(&key, &use->key);
    fk_fields_end(&key);
    struct fk_fields cert = fk_field_map(f, "certificate");
    load_cert(&cert, &use->cert);
    fk_fields_end(&cert);
    fk_fields_end(f);
}

void fk_section_credentials(struct fk_fields *f, struct fk_profile *p)
{
    struct fk_credential_use *uses = fk_arena_take(f->ld->arena, USES_MAX * sizeof *uses);
    if (uses == NULL) {
        fk_loader_no_memory(f->ld);
        return;
    }
    size_t n = 0;
    for (const char *name = fk_fields_next(f); name != NULL; name = fk_fields_next(f)) {
        struct fk_fields one = fk_field_map(f, name);
        if (n == USES_MAX) {
            fk_fields_refuse(f, name, "more than %d uses", USES_MAX);
            return;
        }
        uses[n].name = name;
        load_use(&one, &uses[n]);
        n++;
    }
    if (fk_fields_ok(f) && n == 0) {
        fk_fields_refuse(f, NULL, "no use; a section credentials has at least one");
    }
    p->uses = uses;
    p->n_uses = n;
}
