/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about dates and clocks. */
#include "bundle/lint.h"

#include <stdio.h>

static const int64_t time_2038 = 2147483648; /* first second that 32 bits with a sign lack */
static const int64_t time_1990 = 631152000;  /* older than any certificate that is in use */
static const int64_t day = 86400;

/* Who looks at the dates: the device itself at roots and server, the peer at the device's chain.
 * A device that checks no dates takes an expired root. */
static bool somebody_looks(const struct fk_lint *l, enum fk_list list)
{
    return list == FK_LIST_CHAIN || l->b->use->checks.dates != FK_DATES_NONE;
}

static void judge_dates(struct fk_lint *l, enum fk_list list, size_t i)
{
    const struct fk_cert_info *info = fk_cert_info(l->lists[list]->at[i].cert);
    const char *source = l->b->use->checks.dates_source;
    enum fk_verdict bad = somebody_looks(l, list) ? FK_VERDICT_REFUSED : FK_VERDICT_WARNING;
    const char *place = fk_lint_cert_place(l, list, i);
    char when[32];
    char at[32];
    struct fk_finding *f = NULL;
    fk_time_text(l->b->at, at);
    if (info->not_before > info->not_after) {
        f = fk_lint_add(l, bad, place, "ends before it begins");
    } else if (l->b->at < info->not_before) {
        fk_time_text(info->not_before, when);
        f = fk_lint_add(l, bad, place, "not valid before %s", when);
    } else if (l->b->at > info->not_after) {
        fk_time_text(info->not_after, when);
        f = fk_lint_add(l, bad, place, "expired on %s", when);
    } else {
        return;
    }
    fk_lint_limit(f, source, "%s%s", at,
                  bad == FK_VERDICT_WARNING ? "; this device checks no dates, others do" : "");
    const char *skip = l->b->use->checks.skip_dates;
    bool can_skip = skip != NULL && bad == FK_VERDICT_REFUSED && list != FK_LIST_CHAIN;
    fk_lint_remedy(f, "%s%s%s",
                   list == FK_LIST_SERVER ? "renew the server's certificate"
                   : list == FK_LIST_ROOTS
                       ? "take the root that replaced it; the server's operator knows which"
                       : "renew the device's certificate",
                   can_skip ? "; the check of all dates goes off with " : "", can_skip ? skip : "");
}

void fk_rule_validity(struct fk_lint *l)
{
    size_t before = l->found.n;
    int64_t first = INT64_MAX;
    char when[32];
    for (int list = 0; list < FK_LISTS; list++) {
        for (size_t i = 0; i < l->lists[list]->n; i++) {
            const struct fk_cert_info *info = fk_cert_info(l->lists[list]->at[i].cert);
            judge_dates(l, (enum fk_list)list, i);
            first = info->not_after < first ? info->not_after : first;
        }
    }
    if (first != INT64_MAX && l->found.n == before) {
        fk_time_text(first, when);
        fk_lint_add(l, FK_VERDICT_OK, "", "all are valid, the first one until %s", when);
    }
}

void fk_rule_service_life(struct fk_lint *l)
{
    const struct fk_bundle *b = l->b;
    size_t before = l->found.n;
    size_t n = 0;
    char when[32];
    char end[32];
    if (b->service_end == 0) {
        return;
    }
    fk_time_text(b->service_end, end);
    for (int list = 0; list < FK_LISTS; list++) {
        for (size_t i = 0; i < l->lists[list]->n; i++, n++) {
            int64_t not_after = fk_cert_info(l->lists[list]->at[i].cert)->not_after;
            bool said = not_after < b->at; /* by validity */
            if (said || not_after >= b->service_end || !somebody_looks(l, (enum fk_list)list)) {
                continue;
            }
            fk_time_text(not_after, when);
            struct fk_finding *f =
                fk_lint_add(l, FK_VERDICT_WARNING, fk_lint_cert_place(l, (enum fk_list)list, i),
                            "ends %s, %lld days too early", when,
                            (long long)((b->service_end - not_after + day - 1) / day));
            fk_lint_limit(f, "", "%s", end);
            fk_lint_remedy(f, list == FK_LIST_SERVER
                                  ? "see that the server renews it below the same root"
                                  : "take one that lasts longer, or plan the day it is replaced");
        }
    }
    if (n > 0 && l->found.n == before) {
        fk_lint_limit(fk_lint_add(l, FK_VERDICT_OK, "", "all last long enough"), "", "%s", end);
    }
}

/* A chain often brings its root along; to trust it is for the user to decide. */
static void tell_root(const struct fk_lint *l, struct fk_finding *f)
{
    for (size_t i = 0; i < l->b->chain.n; i++) {
        const struct fk_cert_info *info = fk_cert_info(l->b->chain.at[i].cert);
        if (info->self_issued && info->is_ca) {
            fk_lint_remedy(f, "give the root with --ca; '%.150s' in '%.150s' may be it",
                           info->subject, l->b->files[l->b->chain.at[i].file].path);
            return;
        }
    }
    fk_lint_remedy(f, "give the root with --ca");
}

void fk_rule_verification(struct fk_lint *l)
{
    const struct fk_check_rules *c = &l->b->use->checks;
    bool has_root = l->b->roots.n > 0;
    struct fk_finding *f = NULL;
    if (l->b->use->server) { /* a root is for the certificates of its clients */
        fk_lint_add(l, FK_VERDICT_OK, "",
                    has_root ? "clients have to show a certificate below the root"
                             : "clients are not asked for certificates");
        return;
    }
    switch (c->chain) {
    case FK_CHAIN_UNKNOWN:
        f = fk_lint_add(l, FK_VERDICT_UNKNOWN, "", "when it checks a server is not published");
        break;
    case FK_CHAIN_ALWAYS:
        f = fk_lint_add(l, FK_VERDICT_OK, "", "it always checks");
        break;
    case FK_CHAIN_WITH_ROOT:
        f = has_root ? fk_lint_add(l, FK_VERDICT_OK, "", "it checks, as a root is there")
                     : fk_lint_add(l, FK_VERDICT_WARNING, "",
                                   "it checks nothing without a root: anybody can pass as the "
                                   "server");
        if (!has_root) {
            tell_root(l, f);
        }
        break;
    case FK_CHAIN_ON_DEMAND:
        f = fk_lint_add(l, has_root ? FK_VERDICT_OK : FK_VERDICT_WARNING, "",
                        "off until it is switched on%s%s", c->verify_on != NULL ? ": " : "",
                        c->verify_on != NULL ? c->verify_on : "");
        if (!has_root) {
            tell_root(l, f);
        }
        break;
    }
    fk_lint_limit(f, c->chain_source, "%s", "");
    f->unverified = fk_lint_unverified(l, "checks.chain");
}

void fk_rule_clock(struct fk_lint *l)
{
    const struct fk_check_rules *c = &l->b->use->checks;
    struct fk_finding *f = NULL;
    switch (c->dates) {
    case FK_DATES_UNKNOWN:
        f = fk_lint_add(l, FK_VERDICT_UNKNOWN, "", "whether it checks dates is not published");
        break;
    case FK_DATES_NONE:
        f = fk_lint_add(l, FK_VERDICT_OK, "",
                        "it checks no dates: a certificate that was stolen never ends");
        break;
    case FK_DATES_CLOCK:
        f = fk_lint_add(l, FK_VERDICT_OK, "", "it checks dates: set the clock first%s%s%s%s%s",
                        c->clock_after_reset ? ", after each reset" : "",
                        c->clock_command != NULL ? ": " : "",
                        c->clock_command != NULL ? c->clock_command : "",
                        c->clock_read != NULL ? "; it is read with " : "",
                        c->clock_read != NULL ? c->clock_read : "");
        break;
    }
    fk_lint_limit(f, c->dates_source, "%s", "");
    f->unverified = fk_lint_unverified(l, "checks.dates");
}

/* One finding for all: they are common, and the reason is the same. */
void fk_rule_year_2038(struct fk_lint *l)
{
    size_t n = 0;
    size_t past = 0;
    char first[FK_BUNDLE_PLACE_SIZE] = "";
    char when[32] = "";
    for (int list = 0; list < FK_LISTS; list++) {
        for (size_t i = 0; i < l->lists[list]->n; i++, n++) {
            int64_t not_after = fk_cert_info(l->lists[list]->at[i].cert)->not_after;
            if (not_after < time_2038 || !somebody_looks(l, (enum fk_list)list)) {
                continue;
            }
            if (past++ == 0) {
                snprintf(first, sizeof first, "%s", fk_lint_cert_place(l, (enum fk_list)list, i));
                fk_time_text(not_after, when);
            }
        }
    }
    if (past > 0) {
        struct fk_finding *f = fk_lint_add(
            l, FK_VERDICT_WARNING, first,
            past == 1 ? "valid until %s" : "valid until %s, and %zu more", when, past - 1);
        fk_lint_limit(f, "", "2038-01-19T03:14:07Z, the last second of a 32-bit clock");
        fk_lint_remedy(f, "try it on the device: a reader that counts in 32 bits takes it for "
                          "expired");
    } else if (n > 0) {
        fk_lint_add(l, FK_VERDICT_OK, "", "none matters");
    }
}

void fk_rule_year_1970(struct fk_lint *l)
{
    size_t before = l->found.n;
    size_t n = 0;
    char when[32];
    for (int list = 0; list < FK_LISTS; list++) {
        for (size_t i = 0; i < l->lists[list]->n; i++, n++) {
            int64_t not_before = fk_cert_info(l->lists[list]->at[i].cert)->not_before;
            if (not_before >= time_1990) {
                continue;
            }
            fk_time_text(not_before, when);
            fk_lint_remedy(
                fk_lint_add(l, FK_VERDICT_WARNING, fk_lint_cert_place(l, (enum fk_list)list, i),
                            "valid from %s on: the clock of the station that issued it was not set",
                            when),
                "set that clock and issue it again");
        }
    }
    if (l->b->at < time_1990) {
        fk_lint_remedy(fk_lint_add(l, FK_VERDICT_WARNING, "",
                                   "the time of first use is before 1990: a clock that is not set"),
                       "give --at, or set the clock of this machine");
    }
    if (n > 0 && l->found.n == before) {
        fk_lint_add(l, FK_VERDICT_OK, "", "none");
    }
}

void fk_rule_time_encoding(struct fk_lint *l)
{
    size_t before = l->found.n;
    size_t n = 0;
    for (int list = 0; list < FK_LISTS; list++) {
        for (size_t i = 0; i < l->lists[list]->n; i++, n++) {
            if (l->details[list][i].times_as_rfc) {
                continue;
            }
            struct fk_finding *f =
                fk_lint_add(l, FK_VERDICT_WARNING, fk_lint_cert_place(l, (enum fk_list)list, i),
                            "a date is in the wrong type");
            fk_lint_limit(f, "RFC 5280 4.1.2.5", "UTCTime through 2049, GeneralizedTime later");
            fk_lint_remedy(f, "have it issued again; strict readers refuse it");
        }
    }
    if (n > 0 && l->found.n == before) {
        fk_lint_add(l, FK_VERDICT_OK, "", "as it should be");
    }
}
