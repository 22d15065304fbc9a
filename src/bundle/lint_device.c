/* SPDX-License-Identifier: Apache-2.0 */
/* What is good to know about the device, whatever the files are like. */
#include "bundle/lint.h"

#include <stdio.h>

static bool store_unverified(const struct fk_lint *l, const char *fact)
{
    char key[128];
    snprintf(key, sizeof key, "stores.%s.%s", l->b->store->name, fact);
    return fk_lint_unverified(l, key);
}

void fk_rule_update(struct fk_lint *l)
{
    const struct fk_store *s = l->b->store;
    struct fk_finding *f = NULL;
    if (s == NULL || l->b->n_files == 0) {
        return;
    }
    switch (s->firmware_update) {
    case FK_UPDATE_KEEPS:
        f = fk_lint_add(l, FK_VERDICT_OK, "", "it keeps them");
        break;
    case FK_UPDATE_UNKNOWN:
        f = fk_lint_add(l, FK_VERDICT_UNKNOWN, "", "whether it keeps them is not published");
        break;
    case FK_UPDATE_ERASES:
        f = fk_lint_add(l, FK_VERDICT_OK, "", "it erases them: load them again after each update");
        break;
    }
    fk_lint_limit(f, s->update_source, "%s", "");
    f->unverified = store_unverified(l, "firmware_update");
    for (size_t i = 0; i < s->n_erased_by; i++) {
        fk_lint_limit(fk_lint_add(l, FK_VERDICT_OK, "", "erased as well by %s", s->erased_by[i]),
                      s->update_source, "%s", "");
    }
}

/* A server that has several names picks its certificate by the one that the client sends. */
void fk_rule_sni(struct fk_lint *l)
{
    const struct fk_tls_rules *tls = &l->b->use->tls;
    struct fk_finding *f = NULL;
    if (l->b->server.n == 0 || l->b->use->server || tls->sni == FK_UNKNOWN) {
        return;
    }
    f = fk_lint_add(l, FK_VERDICT_OK, "",
                    tls->sni == FK_YES ? "the device sends its name"
                                       : "the device sends no name: this must be the certificate "
                                         "that the server shows when it is asked for none");
    fk_lint_limit(f, tls->sni_source, "%s", "");
    f->unverified = fk_lint_unverified(l, "tls.sni");
}
