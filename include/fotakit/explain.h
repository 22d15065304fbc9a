/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_EXPLAIN_H
#define FOTAKIT_EXPLAIN_H

#include "fotakit/bundle.h"
#include "fotakit/error.h"
#include "fotakit/error_table.h"
#include "fotakit/profile.h"

#include <stddef.h>
#include <stdint.h>

/* What a code in a device's log means, and why it is there: from the tables of the profile, and
 * from a lint of the credentials that the device was given.
 *
 * Not known: whether the device really had those files, or which of several causes it was. */

#define FK_EXPLAINED_MAX        8 /* codes in one line of a log */
#define FK_EXPLAINED_CAUSES_MAX (2 * FK_ERROR_CAUSES_MAX)

/* In the order in which causes are told. */
enum fk_evidence {
    FK_EVIDENCE_PROVEN,   /* the lint says that the device would refuse the files for this reason */
    FK_EVIDENCE_SUSPECT,  /* the lint warns of it */
    FK_EVIDENCE_NONE,     /* nothing in the files tells, or there was no lint */
    FK_EVIDENCE_EXCLUDED, /* the lint looked, and it is not so */
};
const char *fk_evidence_word(enum fk_evidence e); /* "proven"... for JSON. Static. */

struct fk_explained_cause {
    const struct fk_error_cause *cause;
    enum fk_evidence evidence;
    const struct fk_finding *finding; /* PROVEN and SUSPECT: what shows it, borrowed; else NULL */
};

struct fk_explained {
    uint32_t number; /* without its sign */
    const struct fk_error_table *table;
    const struct fk_error_code *code;
    uint32_t low_number;             /* what is left of number when the code is a sum; else 0 */
    const struct fk_error_code *low; /* its meaning; NULL when it has none */
    struct fk_explained_cause causes[FK_EXPLAINED_CAUSES_MAX]; /* the likeliest first */
    size_t n_causes;
};

struct fk_explanation {
    struct fk_explained at[FK_EXPLAINED_MAX];
    size_t n;
};

/* text: a code as it is seen in a log, alone or in its line: "74", "AT-S.ERROR:74:Failed to open
 * socket", "-0x2700", "-9984", "(state: 3, code: 5035)"; or its name. A number without anything
 * around it is looked for in every table. FK_E_UNSUPPORTED when no table has it, with the nearest
 * codes; FK_E_FORMAT when there is no number. The result lives as long as the profile. */
enum fk_status fk_explain(const struct fk_profile *profile, const char *text,
                          struct fk_explanation *ret, struct fk_error *err) FK_MUST_USE;

/* Puts the causes that findings prove to the front and those that they exclude to the end.
 * findings must outlive e. */
void fk_explain_narrow(struct fk_explanation *e, const struct fk_findings *findings);

/* "74", "-0x2700": a number as its table writes it. */
#define FK_CODE_TEXT_SIZE 16
void fk_explain_number(const struct fk_error_table *table, uint32_t number,
                       char text[FK_CODE_TEXT_SIZE]);

#endif
