/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/explain.h"

#include <string.h>

const char *fk_evidence_word(enum fk_evidence e)
{
    static const char *const words[] = {
        [FK_EVIDENCE_PROVEN] = "proven",
        [FK_EVIDENCE_SUSPECT] = "suspect",
        [FK_EVIDENCE_NONE] = "none",
        [FK_EVIDENCE_EXCLUDED] = "excluded",
    };
    return words[e];
}

/* What the lint says by one of its rules. */
static enum fk_evidence by_rule(const char *rule, const struct fk_findings *findings,
                                const struct fk_finding **ret)
{
    size_t count[FK_VERDICTS] = {0};
    const struct fk_finding *worst = NULL;
    for (size_t i = 0; i < findings->n; i++) {
        const struct fk_finding *f = &findings->at[i];
        if (strcmp(f->rule, rule) == 0) {
            count[f->verdict]++;
            worst = worst == NULL || f->verdict > worst->verdict ? f : worst;
        }
    }
    *ret = worst;
    if (count[FK_VERDICT_REFUSED] > 0) {
        return FK_EVIDENCE_PROVEN;
    }
    if (count[FK_VERDICT_WARNING] > 0) {
        return FK_EVIDENCE_SUSPECT;
    }
    bool judged = count[FK_VERDICT_OK] > 0 && count[FK_VERDICT_UNKNOWN] == 0;
    return judged ? FK_EVIDENCE_EXCLUDED : FK_EVIDENCE_NONE;
}

/* One bad rule proves a cause; it takes all of its rules, each with something to judge, to exclude
 * it. */
static void weigh(struct fk_explained_cause *c, const struct fk_findings *findings)
{
    c->finding = NULL;
    c->evidence = c->cause->n_rules > 0 ? FK_EVIDENCE_EXCLUDED : FK_EVIDENCE_NONE;
    for (size_t i = 0; i < c->cause->n_rules; i++) {
        const struct fk_finding *worst = NULL;
        enum fk_evidence now = by_rule(c->cause->rules[i], findings, &worst);
        if (now < c->evidence) {
            c->evidence = now;
            c->finding = now <= FK_EVIDENCE_SUSPECT ? worst : NULL;
        }
    }
}

/* Stable: causes of equal evidence stay in the order of the profile. */
static void sort(struct fk_explained *e)
{
    for (size_t i = 1; i < e->n_causes; i++) {
        struct fk_explained_cause c = e->causes[i];
        size_t k = i;
        for (; k > 0 && e->causes[k - 1].evidence > c.evidence; k--) {
            e->causes[k] = e->causes[k - 1];
        }
        e->causes[k] = c;
    }
}

void fk_explain_narrow(struct fk_explanation *e, const struct fk_findings *findings)
{
    for (size_t i = 0; i < e->n; i++) {
        for (size_t k = 0; k < e->at[i].n_causes; k++) {
            weigh(&e->at[i].causes[k], findings);
        }
        sort(&e->at[i]);
    }
}
