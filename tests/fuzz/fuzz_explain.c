/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a device's log come from the device, or from whoever can write to its console. Whatever
 * is explained must be a code of the profile, and whatever is refused must say why. */
#include "fotakit/explain.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LINE_MAX = 4096, DEVICES = 5 };

static struct fk_profile *profile_of(uint8_t which)
{
    static const char *const names[DEVICES] = {"spwf04s", "nodemcu", "netcontrol", "zentrios",
                                               "wiced"};
    static struct fk_profile *profiles[DEVICES];
    struct fk_profile **p = &profiles[which % DEVICES];
    if (*p == NULL && fk_profile_load(names[which % DEVICES], p, NULL) != FK_OK) {
        abort();
    }
    return *p;
}

static bool is_of(const struct fk_error_table *t, const struct fk_error_code *c)
{
    return c >= t->codes && c < t->codes + t->n_codes;
}

static void check(const struct fk_explained *e)
{
    if (!is_of(e->table, e->code) || e->n_causes == 0 || e->n_causes > FK_EXPLAINED_CAUSES_MAX ||
        e->code->code + e->low_number != e->number ||
        (e->low != NULL && e->low->code != e->low_number)) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char line[LINE_MAX + 1];
    struct fk_error err = FK_ERROR_INIT;
    struct fk_explanation e = {.n = 0};
    if (size == 0 || size > LINE_MAX) {
        return 0;
    }
    memcpy(line, data + 1, size - 1); /* a NUL ends it, as it ends an argument */
    line[size - 1] = '\0';
    enum fk_status st = fk_explain(profile_of(data[0]), line, &e, &err);
    if (st != FK_OK) {
        if (e.n != 0 || err.msg[0] == '\0' || fk_status_class(st) != FK_CLASS_REJECTED) {
            abort();
        }
        return 0;
    }
    if (e.n == 0 || e.n > FK_EXPLAINED_MAX) {
        abort();
    }
    for (size_t i = 0; i < e.n; i++) {
        check(&e.at[i]);
    }
    return 0;
}
