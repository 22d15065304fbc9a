/* SPDX-License-Identifier: Apache-2.0 */
/* A file of credentials through load, lint and repair. Its first byte chooses the device. What a
 * repair has made can be read again, needs no further repair of its forms, and is what it was. */
#include "bundle/load.h"
#include "fotakit/bundle.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct fk_profile *profile_for(uint8_t choice)
{
    static const char *const names[] = {"spwf04s", "nodemcu", "netcontrol", "zentrios", "wiced"};
    enum { N = sizeof names / sizeof names[0] };
    static struct fk_profile *loaded[N];
    struct fk_profile **p = &loaded[choice % N];
    if (*p == NULL && fk_profile_load(names[choice % N], p, NULL) != FK_OK) {
        abort();
    }
    return *p;
}

/* Their key derivations may take seconds by right. */
static bool is_p12(struct fk_slice bytes)
{
    struct fk_objects objects;
    if (fk_objects_parse(bytes, &objects, NULL) != FK_OK) {
        return false;
    }
    bool yes = objects.at[0].kind == FK_OBJECT_PKCS12;
    fk_objects_release(&objects);
    return yes;
}

static void repair_and_compare(const struct fk_bundle *b)
{
    struct fk_repaired first;
    struct fk_repaired second;
    struct fk_bundle again;
    struct fk_findings found;
    if (fk_bundle_repair(b, &first, NULL) != FK_OK) {
        return;
    }
    if (fk_bundle_reread(b, &first, &again, NULL) != FK_OK ||
        fk_bundle_lint(&again, &found, NULL) != FK_OK ||
        fk_bundle_repair(&again, &second, NULL) != FK_OK || first.n_items != second.n_items) {
        abort();
    }
    for (size_t i = 0; i < first.n_items; i++) {
        if (first.items[i].bytes.len != second.items[i].bytes.len ||
            memcmp(first.items[i].bytes.ptr, second.items[i].bytes.ptr, first.items[i].bytes.len) !=
                0) {
            abort();
        }
    }
    fk_findings_release(&found);
    fk_repaired_release(&second);
    fk_bundle_release(&again);
    fk_repaired_release(&first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || is_p12((struct fk_slice){data + 1, size - 1})) {
        return 0;
    }
    const struct fk_profile *p = profile_for(data[0]);
    const struct fk_credential_use *use = &p->uses[data[0] / 16 % p->n_uses];
    struct fk_loading ld = {
        .b = {.profile = p, .use = use, .store = use->n_stores > 0 ? &use->stores[0] : NULL},
        .host = "host.example",
    };
    struct fk_error err = FK_ERROR_INIT;
    struct fk_bundle b;
    struct fk_findings found;
    enum fk_status st =
        fk_loading_bytes(&ld, "fuzz", FK_BUNDLE_ANY, (struct fk_slice){data + 1, size - 1}, &err);
    if (fk_loading_finish(&ld, st, &b, &err) != FK_OK) {
        if (err.msg[0] == '\0') {
            abort(); /* refused without a word */
        }
        return 0;
    }
    if (fk_bundle_lint(&b, &found, &err) != FK_OK) {
        abort();
    }
    fk_findings_release(&found);
    repair_and_compare(&b);
    fk_bundle_release(&b);
    return 0;
}
