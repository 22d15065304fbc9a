/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_ERROR_TABLE_H
#define FOTAKIT_ERROR_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The codes that a device reports, from the section `errors` of its profile (profiles/README.md).
 * A device has several tables when one number means different things in different lines of its
 * log. Loaded with the profile and lives as long as it does. */

#define FK_ERROR_CAUSES_MAX   20 /* of one code */
#define FK_CAUSE_RULES_MAX    4
#define FK_ERROR_TABLES_MAX   8
#define FK_ERROR_PREFIXES_MAX 8

/* Why a code is seen, and what shows it. Causes are shared by codes and tables. */
struct fk_error_cause {
    const char *name;                      /* unique in the profile */
    const char *text;                      /* a sentence: what is wrong and what to do */
    const char *rules[FK_CAUSE_RULES_MAX]; /* of the lint; one of them shows the cause */
    size_t n_rules;                        /* 0: a lint of files cannot see it */
};

struct fk_error_code {
    uint32_t code;       /* without the sign of a negative table */
    const char *name;    /* as the vendor calls it */
    const char *meaning; /* a sentence */
    const struct fk_error_cause *causes[FK_ERROR_CAUSES_MAX]; /* the likeliest first */
    size_t n_causes;
    const char *source;
};

struct fk_error_table {
    const char *name; /* "console", "handshake-state" */
    const char *title;
    bool hex;          /* written -0x2700; the number is the absolute value */
    uint32_t low_bits; /* codes are sums of a multiple of 1 << low_bits and a smaller code; or 0 */
    const char *prefixes[FK_ERROR_PREFIXES_MAX]; /* what stands before the number in a log */
    size_t n_prefixes;
    const struct fk_error_code *codes; /* in ascending order */
    size_t n_codes;
};

struct fk_error_tables {
    struct fk_error_table at[FK_ERROR_TABLES_MAX];
    size_t n;
};

#endif
