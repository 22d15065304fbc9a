/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/name.h"

#include "fotakit/ski.h"

#include <stdio.h>
#include <string.h>

static void plain_name(const struct fk_bundle_item *item, size_t number, char *ret, size_t size)
{
    static const char *const bases[] = {[FK_BUNDLE_CA] = "ca",
                                        [FK_BUNDLE_CERT] = "cert",
                                        [FK_BUNDLE_KEY] = "key",
                                        [FK_BUNDLE_AUTH] = "auth"};
    const char *end = item->role == FK_BUNDLE_AUTH   ? "bin"
                      : item->form == FK_FORM_PEM ? "pem"
                                                  : "der";
    if (number > 0) {
        snprintf(ret, size, "%s-%zu.%s", bases[item->role], number + 1, end);
    } else {
        snprintf(ret, size, "%s.%s", bases[item->role], end);
    }
}

static enum fk_status identifier(const struct fk_bundle_item *item, char *ret, size_t size,
                                 struct fk_error *err)
{
    struct fk_key_id id;
    if (item->n_certs == 0) {
        return fk_fail(err, FK_E_INTERNAL, "a root without its certificate");
    }
    if (fk_key_id_of(item->certs[0], false, &id, NULL) != FK_OK) {
        return fk_fail(err, FK_E_NO_KEY_ID,
                       "root '%.150s' has no usable key identifier, by which the device finds "
                       "roots; use a server below another root",
                       fk_cert_info(item->certs[0])->subject);
    }
    snprintf(ret, size, "%.*s", (int)(2 * id.len), id.name); /* without ".ca" */
    return FK_OK;
}

enum fk_status fk_bundle_item_name(const struct fk_slot *slot, const struct fk_bundle_item *item,
                                   size_t number, char ret[FK_BUNDLE_NAME_SIZE],
                                   struct fk_error *err)
{
    const char *pattern = slot != NULL ? slot->name : "<name>";
    const char *mark = strchr(pattern, '<');
    const char *rest = mark != NULL ? strchr(mark, '>') : NULL;
    char middle[FK_KEY_ID_NAME_SIZE] = "";
    enum fk_status st = FK_OK;
    if (mark == NULL || rest == NULL) {
        snprintf(ret, FK_BUNDLE_NAME_SIZE, "%s", pattern);
        return FK_OK;
    }
    if (strncmp(mark, "<ski>", 5) == 0) {
        st = identifier(item, middle, sizeof middle, err);
    } else {
        plain_name(item, number, middle, sizeof middle);
    }
    if (st == FK_OK) {
        snprintf(ret, FK_BUNDLE_NAME_SIZE, "%.*s%s%s", (int)(mark - pattern), pattern, middle,
                 rest + 1);
    }
    return st;
}
