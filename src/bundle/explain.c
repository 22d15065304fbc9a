/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/explain.h"

#include "bundle/explain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NEAREST_TEXT = 160 };

void fk_explain_number(const struct fk_error_table *table, uint32_t number,
                       char text[FK_CODE_TEXT_SIZE])
{
    snprintf(text, FK_CODE_TEXT_SIZE, table->hex ? "-0x%04x" : "%u", (unsigned)number);
}

static const struct fk_error_code *find(const struct fk_error_table *t, uint32_t number)
{
    for (size_t i = 0; i < t->n_codes; i++) {
        if (t->codes[i].code == number) {
            return &t->codes[i];
        }
    }
    return NULL;
}

/* The smaller part of a sum may stand in any table of the same notation. */
static const struct fk_error_code *find_low(const struct fk_error_tables *all, uint32_t number)
{
    for (size_t i = 0; i < all->n; i++) {
        const struct fk_error_code *c = all->at[i].hex ? find(&all->at[i], number) : NULL;
        if (c != NULL) {
            return c;
        }
    }
    return NULL;
}

static void add_causes(struct fk_explained *e, const struct fk_error_code *code)
{
    for (size_t i = 0; i < code->n_causes; i++) {
        size_t k = 0;
        while (k < e->n_causes && e->causes[k].cause != code->causes[i]) {
            k++;
        }
        if (k == e->n_causes && k < FK_EXPLAINED_CAUSES_MAX) {
            e->causes[e->n_causes++] =
                (struct fk_explained_cause){code->causes[i], FK_EVIDENCE_NONE, NULL};
        }
    }
}

static bool look_up(const struct fk_error_tables *all, const struct fk_error_table *t,
                    uint32_t number, struct fk_explained *ret)
{
    struct fk_explained e = {.number = number, .table = t, .code = find(t, number)};
    if (e.code == NULL && t->low_bits > 0) {
        e.low_number = number & ((1u << t->low_bits) - 1);
        e.code = number != e.low_number ? find(t, number - e.low_number) : NULL;
        e.low = find_low(all, e.low_number);
    }
    if (e.code == NULL) {
        return false;
    }
    add_causes(&e, e.code);
    if (e.low != NULL) {
        add_causes(&e, e.low);
    }
    *ret = e;
    return true;
}

/* Whether a number written so can be one of this table: decimal codes have no minus. */
static bool can_be(const struct fk_error_table *t, const struct fk_seen_code *c)
{
    return c->certain || (c->table == NULL ? t->hex || !c->negative : c->table == t);
}

static void explain_one(const struct fk_error_tables *all, const struct fk_seen_code *c,
                        struct fk_explanation *ret)
{
    for (size_t i = 0; i < all->n && ret->n < FK_EXPLAINED_MAX; i++) {
        const struct fk_error_table *t = &all->at[i];
        bool mine = c->table == NULL || c->table == t;
        if (mine && can_be(t, c) && look_up(all, t, c->number, &ret->at[ret->n])) {
            ret->n++;
        }
    }
}

/* "errors of the console: 23 (…) and 25 (…)": the neighbours of a number that is not there. */
static void nearest(const struct fk_error_table *t, uint32_t number, char *text, size_t size)
{
    const struct fk_error_code *below = NULL, *above = NULL;
    char a[FK_CODE_TEXT_SIZE], b[FK_CODE_TEXT_SIZE];
    for (size_t i = 0; i < t->n_codes; i++) {
        if (t->codes[i].code < number) {
            below = &t->codes[i];
        } else if (above == NULL) {
            above = &t->codes[i];
        }
    }
    const struct fk_error_code *one = below != NULL ? below : above;
    fk_explain_number(t, one != NULL ? one->code : 0, a);
    if (below != NULL && above != NULL) {
        fk_explain_number(t, above->code, b);
        snprintf(text, size, "between %s (%s) and %s (%s)", a, below->name, b, above->name);
    } else if (one != NULL) {
        snprintf(text, size, "%s %s (%s)",
                 below != NULL ? "behind the last one," : "before the first one,", a, one->name);
    } else {
        snprintf(text, size, "empty");
    }
}

/* 2700 was perhaps copied from 0x2700. */
static bool is_hex_code(const struct fk_error_tables *all, const struct fk_seen_code *c)
{
    struct fk_explained e;
    char digits[FK_CODE_TEXT_SIZE];
    snprintf(digits, sizeof digits, "%u", (unsigned)c->number);
    unsigned long number = strtoul(digits, NULL, 16);
    for (size_t i = 0; !c->hex && number <= UINT32_MAX && i < all->n; i++) {
        if (all->at[i].hex && look_up(all, &all->at[i], (uint32_t)number, &e)) {
            return true;
        }
    }
    return false;
}

static enum fk_status refuse(const struct fk_profile *profile, const struct fk_seen_code *c,
                             struct fk_error *err)
{
    char where[700] = "", near[NEAREST_TEXT * 2], number[FK_CODE_TEXT_SIZE];
    size_t used = 0;
    snprintf(number, sizeof number, c->hex ? "%s0x%x" : "%s%u", c->negative ? "-" : "",
             (unsigned)c->number);
    for (size_t i = 0; i < profile->errors->n && used < sizeof where; i++) {
        const struct fk_error_table *t = &profile->errors->at[i];
        if (c->table != NULL && c->table != t) {
            continue;
        }
        nearest(t, c->number, near, sizeof near);
        int n = snprintf(where + used, sizeof where - used, "%s%s: %s", used > 0 ? "; " : "",
                         t->title, near);
        used += n > 0 ? (size_t)n : 0;
    }
    char hint[32] = "";
    if (is_hex_code(profile->errors, c)) {
        snprintf(hint, sizeof hint, ", did you mean 0x%u?", (unsigned)c->number);
    }
    return fk_fail(err, FK_E_UNSUPPORTED, "profile '%s' has no code %s%s (%s)", profile->name,
                   number, hint, where);
}

enum fk_status fk_explain(const struct fk_profile *profile, const char *text,
                          struct fk_explanation *ret, struct fk_error *err)
{
    struct fk_seen_code seen[FK_SEEN_CODES_MAX];
    struct fk_explanation e = {.n = 0};
    if (profile->errors == NULL) {
        return fk_fail(err, FK_E_UNSUPPORTED, "profile '%s' says nothing about error codes",
                       profile->name);
    }
    size_t n = fk_seen_codes(profile->errors, text, seen);
    if (n == 0) {
        return fk_fail(err, FK_E_FORMAT,
                       "no error code in '%.80s'; expected a number such as %s, or a line of the "
                       "device's log with one",
                       text, profile->errors->at[0].hex ? "-0x2700" : "74");
    }
    for (size_t i = 0; i < n; i++) {
        explain_one(profile->errors, &seen[i], &e);
    }
    if (e.n == 0) {
        return refuse(profile, &seen[0], err);
    }
    *ret = e;
    return FK_OK;
}
