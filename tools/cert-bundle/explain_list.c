/* SPDX-License-Identifier: Apache-2.0 */
/* cert-bundle explain --list and --errata: what the profile holds, for reading and for grep. */
#include "cert-bundle/cert_bundle.h"

#include "fotakit/explain.h"
#include "fotakit/json.h"

#include <stdio.h>

static void list_text(const struct fk_profile *profile)
{
    char number[FK_CODE_TEXT_SIZE];
    for (size_t i = 0; i < profile->errors->n; i++) {
        const struct fk_error_table *t = &profile->errors->at[i];
        char key[128];
        snprintf(key, sizeof key, "errors.tables.%s", t->name);
        printf("%s%s%s\n", i > 0 ? "\n" : "", t->title,
               fk_profile_unverified(profile, key) != NULL ? " (unverified)" : "");
        for (size_t k = 0; k < t->n_codes; k++) {
            fk_explain_number(t, t->codes[k].code, number);
            printf("  %-8s %s: %s\n", number, t->codes[k].name, t->codes[k].meaning);
        }
    }
}

static void list_json(const struct fk_profile *profile)
{
    struct fk_json j;
    char number[FK_CODE_TEXT_SIZE];
    fk_json_init(&j, stdout);
    fk_json_array(&j, NULL);
    for (size_t i = 0; i < profile->errors->n; i++) {
        const struct fk_error_table *t = &profile->errors->at[i];
        for (size_t k = 0; k < t->n_codes; k++) {
            fk_explain_number(t, t->codes[k].code, number);
            fk_json_object(&j, NULL);
            fk_json_string(&j, "table", t->name);
            fk_json_string(&j, "code", number);
            fk_json_string(&j, "name", t->codes[k].name);
            fk_json_string(&j, "meaning", t->codes[k].meaning);
            fk_json_object_end(&j);
        }
    }
    fk_json_array_end(&j);
}

enum fk_status explain_list(const struct fk_profile *profile, bool json, struct fk_error *err)
{
    if (profile->errors == NULL) {
        return fk_fail(err, FK_E_UNSUPPORTED, "profile '%s' says nothing about error codes",
                       profile->name);
    }
    if (json) {
        list_json(profile);
    } else {
        list_text(profile);
    }
    return FK_OK;
}

enum fk_status explain_errata(const struct fk_profile *profile, bool json, struct fk_error *err)
{
    struct fk_json j;
    if (profile->n_errata == 0) {
        return fk_fail(err, FK_E_UNSUPPORTED, "profile '%s' knows no mistakes of its sources",
                       profile->name);
    }
    if (json) {
        fk_json_init(&j, stdout);
        fk_json_array(&j, NULL);
    }
    for (size_t i = 0; i < profile->n_errata; i++) {
        const struct fk_erratum *e = &profile->errata[i];
        if (json) {
            fk_json_object(&j, NULL);
            fk_json_string(&j, "name", e->name);
            fk_json_string(&j, "source", e->source);
            fk_json_string(&j, "says", e->says);
            fk_json_string(&j, "right", e->right);
            fk_json_string(&j, "because", e->because);
            fk_json_object_end(&j);
        } else {
            printf("%s%s\n  says:    %s\n  right:   %s\n  because: %s\n", i > 0 ? "\n" : "",
                   e->source, e->says, e->right, e->because);
        }
    }
    if (json) {
        fk_json_array_end(&j);
    }
    return FK_OK;
}
