/* SPDX-License-Identifier: Apache-2.0 */
/* What a file offers for a conversion: its key, its certificates. */
#include "fotakit/convert.h"

#include <stdio.h>
#include <stdlib.h>

enum fk_key_structure fk_object_structure(const struct fk_object *o)
{
    switch (o->kind) {
    case FK_OBJECT_PKCS1:
    case FK_OBJECT_PKCS1_ENCRYPTED:
        return FK_KEY_PKCS1;
    case FK_OBJECT_SEC1:
    case FK_OBJECT_SEC1_ENCRYPTED:
        return FK_KEY_SEC1;
    default:
        return FK_KEY_PKCS8;
    }
}

static void list_keys(const struct fk_objects *objects, char *text, size_t size)
{
    size_t used = 0;
    size_t number = 0;
    snprintf(text, size, "none");
    for (size_t i = 0; i < objects->n && used < size; i++) {
        const struct fk_object *o = &objects->at[i];
        if (fk_object_is_key(o)) {
            number++;
            int n = snprintf(text + used, size - used, "%s%zu in line %u", number > 1 ? ", " : "",
                             number, o->line);
            used += n > 0 ? (size_t)n : 0;
        }
    }
}

enum fk_status fk_objects_pick_key(const struct fk_objects *objects, size_t pick,
                                   const struct fk_object **ret, struct fk_error *err)
{
    size_t n = fk_objects_count_keys(objects);
    if (pick > n || (pick == 0 && n > 1)) {
        char list[400];
        list_keys(objects, list, sizeof list);
        return fk_fail(err, FK_E_AMBIGUOUS, "%zu private keys; choose one with --pick NUMBER: %s",
                       n, list);
    }
    const struct fk_object *found = NULL;
    size_t number = 0;
    for (size_t i = 0; i < objects->n; i++) {
        if (fk_object_is_key(&objects->at[i]) && (++number == pick || pick == 0)) {
            found = &objects->at[i];
        }
    }
    *ret = found;
    return FK_OK;
}

void fk_cert_list_release(struct fk_cert_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        fk_cert_free(list->at[i]);
    }
    free(list->at);
    *list = (struct fk_cert_list){.n = 0};
}

enum fk_status fk_cert_list_open(const struct fk_objects *objects, struct fk_cert_list *ret,
                                 struct fk_error *err)
{
    struct fk_cert_list list = {.at = calloc(objects->n, sizeof *list.at)};
    if (list.at == NULL) {
        return fk_fail(err, FK_E_MEMORY, "out of memory");
    }
    for (size_t i = 0; i < objects->n; i++) {
        const struct fk_object *o = &objects->at[i];
        if (o->kind != FK_OBJECT_CERTIFICATE) {
            continue;
        }
        enum fk_status st = fk_cert_open(o->der, &list.at[list.n], err);
        if (st != FK_OK) {
            fk_cert_list_release(&list);
            return o->line > 0 ? fk_wrap(err, st, "line %u", o->line) : st;
        }
        list.n++;
    }
    *ret = list;
    return FK_OK;
}

enum fk_status fk_check_pair(const char *key_name, const struct fk_key *key, const char *cert_path,
                             struct fk_error *err)
{
    struct fk_objects objects = {.n = 0};
    struct fk_cert_list certs = {.n = 0};
    enum fk_status st = fk_objects_read(cert_path, &objects, err);
    if (st != FK_OK) {
        return st;
    }
    st = fk_cert_list_open(&objects, &certs, err);
    if (st != FK_OK) {
        st = fk_wrap(err, st, "'%s'", cert_path);
    } else if (certs.n == 0) {
        st = fk_fail(err, FK_E_WRONG_KIND, "'%s' holds %s, expected a certificate", cert_path,
                     fk_object_name(&objects.at[0]));
    } else if (!fk_cert_has_key(certs.at[0], key)) {
        const struct fk_cert_info *info = fk_cert_info(certs.at[0]);
        char key_text[FK_KEY_TEXT_SIZE];
        char cert_text[FK_KEY_TEXT_SIZE];
        fk_key_describe(fk_key_public(key), key_text);
        fk_key_describe(&info->key, cert_text);
        st = fk_fail(err, FK_E_KEY_MISMATCH,
                     "the key '%s' (%s) does not belong to the certificate '%s' (%.200s, %s)",
                     key_name, key_text, cert_path, info->subject, cert_text);
    }
    fk_cert_list_release(&certs);
    fk_objects_release(&objects);
    return st;
}
