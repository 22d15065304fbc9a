/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/credential_use.h"

#include "fotakit/profile.h"

#include <stdio.h>
#include <string.h>

enum fk_status fk_use_find(const struct fk_profile *profile, const char *name,
                           const struct fk_credential_use **ret, struct fk_error *err)
{
    char list[300] = "";
    size_t used = 0;
    for (size_t i = 0; i < profile->n_uses; i++) {
        if (name == NULL || strcmp(profile->uses[i].name, name) == 0) {
            *ret = &profile->uses[i];
            return FK_OK;
        }
        int n = used < sizeof list ? snprintf(list + used, sizeof list - used, "%s%s",
                                              i > 0 ? ", " : "", profile->uses[i].name)
                                   : 0;
        used += n > 0 ? (size_t)n : 0;
    }
    if (profile->n_uses == 0) {
        return fk_fail(err, FK_E_UNSUPPORTED, "profile '%s' says nothing about credentials",
                       profile->name);
    }
    return fk_fail(err, FK_E_UNSUPPORTED, "profile '%s' has no credentials '%s'; it has: %s",
                   profile->name, name, list);
}

const struct fk_store *fk_use_store(const struct fk_credential_use *use, const char *name)
{
    for (size_t i = 0; i < use->n_stores; i++) {
        if (strcmp(use->stores[i].name, name) == 0) {
            return &use->stores[i];
        }
    }
    return NULL;
}

const struct fk_use_mode *fk_use_mode(const struct fk_credential_use *use, const char *name)
{
    for (size_t i = 0; i < use->n_modes; i++) {
        if (strcmp(use->modes[i].name, name) == 0) {
            return &use->modes[i];
        }
    }
    return NULL;
}

const struct fk_sequence *fk_use_sequence(const struct fk_credential_use *use, const char *name)
{
    for (size_t i = 0; i < use->n_sequences; i++) {
        if (strcmp(use->sequences[i].name, name) == 0) {
            return &use->sequences[i];
        }
    }
    return NULL;
}

const struct fk_slot *fk_store_slot(const struct fk_store *store, enum fk_slot_role role)
{
    for (size_t i = 0; i < store->n_slots; i++) {
        if (store->slots[i].role == role) {
            return &store->slots[i];
        }
    }
    return NULL;
}

const char *fk_slot_role_text(enum fk_slot_role role)
{
    static const char *const texts[] = {[FK_SLOT_CA] = "ca",
                                        [FK_SLOT_CERT] = "cert",
                                        [FK_SLOT_KEY] = "key",
                                        [FK_SLOT_AUTH] = "auth"};
    return texts[role];
}

static bool takes_curve(const struct fk_key_rules *rules, const char *curve)
{
    for (size_t i = 0; i < rules->n_curves; i++) {
        if (strcmp(rules->curves[i], curve) == 0) {
            return true;
        }
    }
    return rules->n_curves == 0; /* no list published */
}

enum fk_status fk_use_check_key(const struct fk_credential_use *use,
                                const struct fk_public_info *key, struct fk_error *err)
{
    const struct fk_key_rules *rules = &use->key;
    char text[FK_KEY_TEXT_SIZE];
    bool type_taken = false;
    fk_key_describe(key, text);
    for (size_t i = 0; i < rules->n_forms; i++) {
        type_taken |= rules->forms[i].type == key->type;
    }
    if (!type_taken) {
        return fk_fail(err, FK_E_UNSUPPORTED, "%s takes no %s keys (%s)", use->title,
                       fk_key_type_text(key->type), rules->forms_source);
    }
    if (key->type == FK_KEY_RSA && rules->rsa_max_bits != 0 &&
        (key->bits < rules->rsa_min_bits || key->bits > rules->rsa_max_bits)) {
        return fk_fail(err, FK_E_UNSUPPORTED, "%s takes RSA keys of %u to %u bits, not %s (%s)",
                       use->title, (unsigned)rules->rsa_min_bits, (unsigned)rules->rsa_max_bits,
                       text, rules->rsa_source);
    }
    if (key->type == FK_KEY_EC && !takes_curve(rules, key->curve)) {
        return fk_fail(err, FK_E_UNSUPPORTED, "%s does not take the curve of %s (%s)", use->title,
                       text, rules->curves_source);
    }
    return FK_OK;
}

/* Tries the size that is known to fit, then the one that is not known to be refused. */
static bool second_try(const struct fk_file_rules *file, enum fk_status st)
{
    return st == FK_E_LIMIT && file->refused_above > file->max_size;
}

static void mark_uncertain(const struct fk_file_rules *file, struct fk_converted *c)
{
    snprintf(c->passed_over, sizeof c->passed_over,
             "more than the %u bytes that are known to fit; up to %u nobody has published",
             (unsigned)file->max_size, (unsigned)file->refused_above);
}

static enum fk_status cite_size(const struct fk_file_rules *file, enum fk_status st,
                                struct fk_error *err)
{
    struct fk_error cause = err != NULL ? *err : (struct fk_error)FK_ERROR_INIT;
    return st == FK_E_LIMIT ? fk_fail(err, st, "%.800s (%.200s)", cause.msg, file->size_source)
                            : st;
}

static enum fk_status refuse_form(const struct fk_credential_use *use, enum fk_form only,
                                  struct fk_error *err)
{
    return fk_fail(err, FK_E_UNSUPPORTED, "%s does not take this in %s", use->title,
                   fk_form_text(only, false));
}

enum fk_status fk_use_convert_key(const struct fk_credential_use *use, const struct fk_key *key,
                                  const enum fk_form *only, struct fk_converted *ret,
                                  struct fk_error *err)
{
    const struct fk_key_rules *rules = &use->key;
    const struct fk_public_info *info = fk_key_public(key);
    struct fk_key_form forms[FK_KEY_RULES_MAX];
    size_t n = 0;
    enum fk_status st = fk_use_check_key(use, info, err);
    if (st != FK_OK) {
        return st;
    }
    for (size_t i = 0; i < rules->n_forms; i++) {
        const struct fk_key_rule *r = &rules->forms[i];
        if (r->type == info->type && (only == NULL || r->form.form == *only)) {
            forms[n++] = r->form;
        }
    }
    if (n == 0) {
        return refuse_form(use, *only, err);
    }
    st = fk_convert_key(key, forms, n, rules->file.max_size, ret, err);
    if (second_try(&rules->file, st)) {
        st = fk_convert_key(key, forms, n, rules->file.refused_above, ret, err);
        if (st == FK_OK) {
            mark_uncertain(&rules->file, ret);
        }
    }
    return cite_size(&rules->file, st, err);
}

enum fk_status fk_use_convert_certs(const struct fk_credential_use *use,
                                    const struct fk_cert *const *certs, size_t n_certs,
                                    const enum fk_form *only, struct fk_converted *ret,
                                    struct fk_error *err)
{
    const struct fk_cert_rules *rules = &use->cert;
    struct fk_cert_form forms[2];
    size_t n = 0;
    for (size_t i = 0; i < rules->n_forms; i++) {
        if (only == NULL || rules->forms[i] == *only) {
            forms[n].form = rules->forms[i];
            forms[n++].crlf = rules->file.line_end == FK_LINE_END_CRLF;
        }
    }
    if (n == 0) {
        return refuse_form(use, *only, err);
    }
    enum fk_status st = fk_convert_certs(certs, n_certs, forms, n, rules->file.max_size, ret, err);
    if (second_try(&rules->file, st)) {
        st = fk_convert_certs(certs, n_certs, forms, n, rules->file.refused_above, ret, err);
        if (st == FK_OK) {
            mark_uncertain(&rules->file, ret);
        }
    }
    return cite_size(&rules->file, st, err);
}
