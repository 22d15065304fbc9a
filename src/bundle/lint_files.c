/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about files as they are: contents, forms, sizes, line ends. */
#include "bundle/lint.h"

#include "fotakit/pem.h"

#include <stdio.h>
#include <string.h>

static bool is_for_device(const struct fk_bundle_file *f)
{
    return f->role != FK_BUNDLE_SERVER;
}

/* Appends "a, b" */
static void list(char *text, size_t size, const char *item)
{
    size_t used = strlen(text);
    snprintf(text + used, size - used, "%s%s", used > 0 ? ", " : "", item);
}

/* ---- contents ------------------------------------------------------------------------------ */

static void oddities(const struct fk_bundle_file *f, char *text, size_t size)
{
    static const struct {
        unsigned mark;
        const char *text;
    } marks[] = {
        {FK_PEM_BOM, "a byte order mark"},
        {FK_PEM_CR, "lines that end in CR alone"},
        {FK_PEM_SPACES, "spaces around lines"},
        {FK_PEM_LINE_LENGTH, "lines that are not 64 characters long"},
        {FK_PEM_NO_FINAL_NEWLINE, "a last line without an end"},
    };
    text[0] = '\0';
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if ((f->marks & marks[i].mark) != 0) {
            list(text, size, marks[i].text);
        }
    }
    if ((f->marks & FK_PEM_BAG_ATTRIBUTES) != 0) {
        list(text, size, "Bag Attributes");
    } else if ((f->marks & FK_PEM_TEXT) != 0) {
        list(text, size, "text outside the blocks");
    }
}

void fk_rule_contents(struct fk_lint *l)
{
    const struct fk_bundle *b = l->b;
    char text[200];
    char command[FK_LINT_COMMAND_SIZE];
    size_t before = l->found.n;
    size_t n = 0;
    fk_lint_convert(l, command);
    for (size_t i = 0; i < b->n_files; i++) {
        const struct fk_bundle_file *f = &b->files[i];
        if (!is_for_device(f)) {
            continue;
        }
        n++;
        if (f->role == FK_BUNDLE_CA && f->n_keys > 0) {
            fk_lint_remedy(fk_lint_add(l, FK_VERDICT_WARNING, fk_lint_file_place(l, i),
                                       "a private key stands beside the root"),
                           "%s --certs %s OUT", command, f->path);
        }
        if (f->n_other > 0) {
            fk_lint_remedy(fk_lint_add(l, FK_VERDICT_WARNING, fk_lint_file_place(l, i),
                                       "%zu things that are neither key nor certificate",
                                       f->n_other),
                           "%s %s OUT", command, f->path);
        }
        oddities(f, text, sizeof text);
        if (text[0] != '\0') {
            fk_lint_remedy(
                fk_lint_add(l, FK_VERDICT_WARNING, fk_lint_file_place(l, i), "has %s", text),
                "%s %s OUT", command, f->path);
        }
    }
    if (b->key.key != NULL && b->key.mislabelled) {
        fk_lint_remedy(fk_lint_add(l, FK_VERDICT_WARNING, fk_lint_key_place(l),
                                   "the PEM label names another structure than the one inside"),
                       "%s %s OUT", command, b->files[b->key.file].path);
    }
    if (l->found.n == before && n > 0) {
        fk_lint_add(l, FK_VERDICT_OK, "", "%zu file%s", n, n > 1 ? "s" : "");
    }
}

/* ---- forms --------------------------------------------------------------------------------- */

static bool takes_form(const struct fk_cert_rules *rules, enum fk_form form)
{
    for (size_t i = 0; i < rules->n_forms; i++) {
        if (rules->forms[i] == form) {
            return true;
        }
    }
    return rules->n_forms == 0;
}

static const char *cert_forms(const struct fk_cert_rules *rules)
{
    bool pem = takes_form(rules, FK_FORM_PEM);
    return pem && takes_form(rules, FK_FORM_DER) ? "PEM or DER" : pem ? "PEM" : "DER";
}

static void check_cert_forms(struct fk_lint *l, enum fk_list which, const char *what)
{
    const struct fk_bundle *b = l->b;
    const struct fk_cert_rules *rules = &b->use->cert;
    char command[FK_LINT_COMMAND_SIZE];
    size_t before = l->found.n;
    const char *last = "";
    fk_lint_convert(l, command);
    for (size_t i = 0; i < b->n_files; i++) {
        const struct fk_bundle_file *f = &b->files[i];
        bool holds = false;
        for (size_t k = 0; k < l->lists[which]->n; k++) {
            holds |= l->lists[which]->at[k].file == i;
        }
        if (!holds) {
            continue;
        }
        last = f->is_p12 ? "PKCS#12" : f->is_pem ? "PEM" : "DER";
        if (!f->is_p12 && takes_form(rules, f->is_pem ? FK_FORM_PEM : FK_FORM_DER)) {
            continue;
        }
        struct fk_finding *bad =
            fk_lint_add(l, FK_VERDICT_REFUSED, fk_lint_file_place(l, i), "%s", last);
        fk_lint_limit(bad, "", "%s", cert_forms(rules));
        bad->unverified = fk_lint_unverified(l, "certificate.forms");
        if (f->is_p12) {
            fk_lint_remedy(bad, "%s --p12 %s --out-key KEY --out-cert CERT", command, f->path);
        } else {
            fk_lint_remedy(bad, "%s %s OUT", command, f->path);
        }
    }
    if (l->found.n == before && l->lists[which]->n > 0) {
        struct fk_finding *good = fk_lint_add(l, FK_VERDICT_OK, what, "%s", last);
        fk_lint_limit(good, "", "%s", cert_forms(rules));
        good->unverified = fk_lint_unverified(l, "certificate.forms");
    }
}

void fk_rule_file_form(struct fk_lint *l)
{
    check_cert_forms(l, FK_LIST_ROOTS, "roots");
    check_cert_forms(l, FK_LIST_CHAIN, "certificate");
}

/* A block of EC PARAMETERS that is not asked for hurts nobody: readers look for their label. */
static bool is_form(const struct fk_key_rule *rule, const struct fk_key_form *found)
{
    return rule->form.structure == found->structure && rule->form.form == found->form &&
           (!rule->form.curve_block || found->curve_block);
}

void fk_rule_key_form(struct fk_lint *l)
{
    const struct fk_bundle *b = l->b;
    const struct fk_key_rules *rules = &b->use->key;
    char wanted[200] = "";
    char found[FK_KEY_FORM_TEXT_SIZE] = "PKCS#12";
    char command[FK_LINT_COMMAND_SIZE];
    bool good = false;
    if (b->key.key == NULL) {
        return;
    }
    const struct fk_bundle_file *file = &b->files[b->key.file];
    for (size_t i = 0; i < rules->n_forms; i++) {
        const struct fk_key_rule *r = &rules->forms[i];
        char text[FK_KEY_FORM_TEXT_SIZE];
        if (r->type == fk_key_public(b->key.key)->type) {
            struct fk_key_form plain = r->form;
            plain.crlf = false; /* line ends have their own rule */
            good |= !file->is_p12 && is_form(r, &b->key.form);
            fk_key_form_text(&plain, text);
            snprintf(wanted + strlen(wanted), sizeof wanted - strlen(wanted), "%s%s",
                     wanted[0] != '\0' ? "; or " : "", text);
        }
    }
    if (wanted[0] == '\0') {
        return; /* the type is not taken at all: key-type says so */
    }
    if (!file->is_p12) {
        struct fk_key_form plain = b->key.form;
        plain.crlf = false;
        fk_key_form_text(&plain, found);
    }
    struct fk_finding *f = fk_lint_add(l, good ? FK_VERDICT_OK : FK_VERDICT_REFUSED,
                                       fk_lint_key_place(l), "%s", found);
    fk_lint_limit(f, rules->forms_source, "%s", wanted);
    f->unverified = fk_lint_unverified(l, "private_key.forms");
    fk_lint_convert(l, command);
    if (!good && file->is_p12) {
        fk_lint_remedy(f, "%s --p12 %s --out-key OUT", command, file->path);
    } else if (!good) {
        fk_lint_remedy(f, "%s %s OUT", command, file->path);
    }
}

/* ---- line ends ----------------------------------------------------------------------------- */

static const struct fk_file_rules *rules_for(const struct fk_bundle *b, size_t file)
{
    return b->key.key != NULL && b->key.file == file ? &b->use->key.file : &b->use->cert.file;
}

void fk_rule_line_ends(struct fk_lint *l)
{
    static const char *const texts[] = {
        [FK_LINE_END_ANY] = "any", [FK_LINE_END_LF] = "LF", [FK_LINE_END_CRLF] = "CR LF"};
    const struct fk_bundle *b = l->b;
    char command[FK_LINT_COMMAND_SIZE];
    size_t checked = 0;
    size_t before = l->found.n;
    bool all_as_wanted = true;
    enum fk_line_end made_as = FK_LINE_END_ANY;
    enum fk_line_end found = FK_LINE_END_ANY;
    fk_lint_convert(l, command);
    for (size_t i = 0; i < b->n_files; i++) {
        const struct fk_bundle_file *f = &b->files[i];
        enum fk_line_end wanted = rules_for(b, i)->line_end;
        bool made = rules_for(b, i)->line_end_made;
        bool has_one = (f->marks & (FK_PEM_CR | FK_PEM_CRLF)) == 0;
        if (!is_for_device(f) || !f->is_pem || wanted == FK_LINE_END_ANY) {
            continue;
        }
        found = has_one ? FK_LINE_END_LF : FK_LINE_END_CRLF;
        checked++;
        if ((found == wanted || made) && (f->marks & FK_PEM_CR) == 0) {
            all_as_wanted &= found == wanted;
            made_as = wanted;
            continue;
        }
        struct fk_finding *bad =
            fk_lint_add(l, FK_VERDICT_REFUSED, fk_lint_file_place(l, i), "lines end in %s",
                        (f->marks & FK_PEM_CR) != 0 ? "CR" : texts[found]);
        fk_lint_limit(bad, "", "%s", texts[wanted]);
        fk_lint_remedy(bad, "%s %s OUT", command, f->path);
    }
    if (checked > 0 && l->found.n == before) {
        fk_lint_add(l, FK_VERDICT_OK, "", "%s%s",
                    all_as_wanted ? "lines end in " : "the device's build ends lines in ",
                    texts[all_as_wanted ? found : made_as]);
    }
}

/* ---- sizes --------------------------------------------------------------------------------- */

static size_t pem_size(size_t der_len, bool crlf)
{
    size_t chars = (der_len + 2) / 3 * 4;
    size_t lines = (chars + 63) / 64;
    return sizeof "-----BEGIN CERTIFICATE-----" + sizeof "-----END CERTIFICATE-----" + chars +
           lines + (crlf ? lines + 2 : 0);
}

/* What is measured: a whole file, or one root of a file with several, which become a file each. */
struct measured {
    char place[FK_BUNDLE_PLACE_SIZE];
    const char *path;
    size_t size, der_size; /* der_size: 0 when DER is no way out */
};

static void judge_size(struct fk_lint *l, const struct fk_file_rules *rules, const char *fact,
                       const struct measured *m)
{
    char command[FK_LINT_COMMAND_SIZE];
    bool refused = m->size > rules->refused_above;
    if (m->size <= rules->max_size) {
        return;
    }
    struct fk_finding *f = fk_lint_add(l, refused ? FK_VERDICT_REFUSED : FK_VERDICT_WARNING,
                                       m->place, "%zu bytes", m->size);
    if (refused) {
        fk_lint_limit(f, rules->size_source, "%u bytes", (unsigned)rules->refused_above);
    } else {
        fk_lint_limit(f, rules->size_source, "%u bytes are known to fit, more than %u not",
                      (unsigned)rules->max_size, (unsigned)rules->refused_above);
    }
    f->unverified = fk_lint_unverified(l, fact);
    fk_lint_convert(l, command);
    if (m->der_size > 0 && m->der_size <= rules->max_size) {
        fk_lint_remedy(f, "%s --form der %s OUT (%zu bytes)", command, m->path, m->der_size);
    } else {
        fk_lint_remedy(f, "take a smaller key or shorter certificate, such as EC P-256");
    }
}

static void size_summary(struct fk_lint *l, const struct fk_file_rules *rules, const char *fact,
                         const char *what, size_t before, size_t n, size_t largest)
{
    if (n == 0 || l->found.n != before) {
        return;
    }
    if (rules->max_size == 0) {
        fk_lint_add(l, FK_VERDICT_UNKNOWN, what, "%zu bytes; no limit is published", largest);
        return;
    }
    struct fk_finding *f = fk_lint_add(l, FK_VERDICT_OK, what,
                                       n == 1 ? "%zu bytes" : "%zu bytes, the largest", largest);
    fk_lint_limit(f, rules->size_source, "%u bytes", (unsigned)rules->max_size);
    f->unverified = fk_lint_unverified(l, fact);
}

static void check_cert_sizes(struct fk_lint *l, enum fk_list which)
{
    const struct fk_bundle *b = l->b;
    const struct fk_file_rules *rules = &b->use->cert.file;
    const struct fk_bundle_certs *certs = l->lists[which];
    bool der_taken = takes_form(&b->use->cert, FK_FORM_DER);
    size_t before = l->found.n;
    size_t n = 0;
    size_t largest = 0;
    for (size_t i = 0; i < certs->n; i++) {
        const struct fk_bundle_file *file = &b->files[certs->at[i].file];
        size_t der_len = fk_cert_info(certs->at[i].cert)->der.len;
        bool alone = file->n_certs == 1 && file->n_keys == 0;
        bool first = i == 0 || certs->at[i - 1].file != certs->at[i].file;
        struct measured m = {.path = file->path, .size = file->size};
        if (file->is_p12 || (which == FK_LIST_ROOTS && !alone)) {
            m.size = pem_size(der_len, rules->line_end == FK_LINE_END_CRLF);
            alone = true;
        } else if (!first) {
            continue; /* the file was measured with its first certificate */
        }
        m.der_size = alone && der_taken ? der_len : 0;
        memcpy(m.place, fk_lint_cert_place(l, which, i), sizeof m.place);
        n++;
        largest = m.size > largest ? m.size : largest;
        if (rules->max_size != 0) {
            judge_size(l, rules, "certificate.max_size", &m);
        }
    }
    size_summary(l, rules, "certificate.max_size", which == FK_LIST_ROOTS ? "roots" : "certificate",
                 before, n, largest);
}

static void check_key_size(struct fk_lint *l)
{
    const struct fk_bundle *b = l->b;
    const struct fk_file_rules *rules = &b->use->key.file;
    size_t before = l->found.n;
    if (b->key.key == NULL || b->files[b->key.file].is_p12) {
        return;
    }
    const struct fk_bundle_file *file = &b->files[b->key.file];
    struct measured m = {.path = file->path, .size = file->size};
    memcpy(m.place, fk_lint_file_place(l, b->key.file), sizeof m.place);
    for (size_t i = 0; i < b->use->key.n_forms; i++) { /* would DER do? */
        const struct fk_key_rule *r = &b->use->key.forms[i];
        struct fk_buffer der = {.ptr = NULL};
        if (r->type == fk_key_public(b->key.key)->type && r->form.form == FK_FORM_DER &&
            fk_key_write(b->key.key, &r->form, &der, NULL) == FK_OK) {
            m.der_size = der.len;
        }
        fk_buffer_release(&der);
    }
    if (rules->max_size != 0) {
        judge_size(l, rules, "private_key.max_size", &m);
    }
    size_summary(l, rules, "private_key.max_size", "private key", before, 1, file->size);
}

void fk_rule_file_size(struct fk_lint *l)
{
    check_cert_sizes(l, FK_LIST_ROOTS);
    check_cert_sizes(l, FK_LIST_CHAIN);
    check_key_size(l);
}
