/* SPDX-License-Identifier: Apache-2.0 */
#include "cert-bundle/cert_bundle.h"

#include "fotakit/passphrase.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *running = TOOL;

void usage_of(const char *subcommand)
{
    running = subcommand;
}

enum fk_status usage(struct fk_error *err, const char *text)
{
    return fk_fail(err, FK_E_USAGE, "%s (see %s --help)", text, running);
}

/* ---- times ------------------------------------------------------------------------------------
 */

enum { DAY = 86400, YEAR_MAX = 9999 };

/* Days from 1970-01-01 in the Gregorian calendar. */
static int64_t days_to(int year, int month, int day)
{
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    int last = year - 1;
    int64_t leap_days = last / 4 - last / 100 + last / 400 - 477; /* 477 of them before 1970 */
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return (int64_t)365 * (year - 1970) + leap_days + before[month - 1] + day - 1 +
           (month > 2 && leap ? 1 : 0);
}

static int days_in(int year, int month)
{
    return (int)(month == 12 ? 31 : days_to(year, month + 1, 1) - days_to(year, month, 1));
}

/* 2026-11-21, 2026-11-21T08:00:00Z, or seconds since 1970. */
static bool parse_time(const char *text, int64_t *ret)
{
    int year = 0;
    int month = 0;
    int day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    int end = 0;
    size_t len = strlen(text);
    size_t digits = strspn(text, "0123456789");
    if (digits == len && len > 0 && len <= 12) {
        *ret = strtoll(text, NULL, 10);
        return true;
    }
    if (strspn(text, "0123456789-T:Z") != len || digits != 4 || (len != 10 && len != 20) ||
        sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &end) != 3 || end != 10) {
        return false;
    }
    if (len == 20 &&
        (sscanf(text + 10, "T%2d:%2d:%2dZ%n", &hour, &minute, &second, &end) != 3 || end != 10)) {
        return false;
    }
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > days_in(year, month) ||
        hour > 23 || minute > 59 || second > 59 || hour < 0 || minute < 0 || second < 0) {
        return false;
    }
    *ret = days_to(year, month, day) * DAY + hour * 3600 + minute * 60 + second;
    return true;
}

/* 10y and 90d from start on, or a time. A year is 365.25 days. */
static bool parse_life(const char *text, int64_t start, int64_t *ret)
{
    size_t digits = strspn(text, "0123456789");
    char unit = text[digits];
    if (digits > 0 && digits <= 5 && (unit == 'y' || unit == 'd') && text[digits + 1] == '\0') {
        int64_t n = strtoll(text, NULL, 10);
        *ret = start + (unit == 'y' ? n * (DAY * 1461) / 4 : n * DAY);
        return n > 0 && *ret < days_to(YEAR_MAX, 1, 1) * DAY;
    }
    return parse_time(text, ret) && *ret > start;
}

static enum fk_status read_times(const struct bundle_options *o, struct fk_bundle_inputs *in,
                                 struct fk_error *err)
{
    in->at = (int64_t)time(NULL);
    if (o->at != NULL && !parse_time(o->at, &in->at)) {
        return fk_fail(err, FK_E_USAGE,
                       "--at '%s': expected 2026-11-21, 2026-11-21T08:00:00Z or seconds since 1970",
                       o->at);
    }
    if (o->service_life != NULL && !parse_life(o->service_life, in->at, &in->service_end)) {
        return fk_fail(err, FK_E_USAGE,
                       "--service-life '%s': expected years (10y), days (90d), or a date after the "
                       "first use",
                       o->service_life);
    }
    return FK_OK;
}

/* ---- profile and use --------------------------------------------------------------------------
 */

/* Where the command that fetches firmware has a place for TLS, it is the device's TLS client. */
static bool serves(const struct fk_profile *profile, const struct fk_credential_use *use,
                   enum fk_purpose purpose)
{
    bool fetches = purpose == FK_PURPOSE_FOTA && use->purpose == FK_PURPOSE_TLS && !use->server &&
                   profile->update_command != NULL &&
                   strstr(profile->update_command, "<TLS>") != NULL;
    return use->purpose == purpose || fetches;
}

static enum fk_status find_purpose(const struct fk_profile *profile, const char *word,
                                   const struct fk_credential_use **ret, struct fk_error *err)
{
    static const char *const words[] = {[FK_PURPOSE_TLS] = "tls",
                                        [FK_PURPOSE_WPA_ENTERPRISE] = "wpa-enterprise",
                                        [FK_PURPOSE_FOTA] = "fota"};
    size_t purpose = 0;
    while (purpose < sizeof words / sizeof words[0] && strcmp(words[purpose], word) != 0) {
        purpose++;
    }
    if (purpose == sizeof words / sizeof words[0]) {
        return usage(err, "--purpose takes tls, wpa-enterprise or fota");
    }
    char there[200] = "";
    for (size_t i = 0; i < profile->n_uses; i++) {
        const struct fk_credential_use *use = &profile->uses[i];
        if (serves(profile, use, (enum fk_purpose)purpose)) {
            *ret = use;
            return FK_OK;
        }
        size_t used = strlen(there);
        snprintf(there + used, sizeof there - used, "%s%s (--use %s)", i > 0 ? ", " : "",
                 words[use->purpose], use->name);
    }
    return fk_fail(err, FK_E_UNSUPPORTED,
                   "profile '%s' has no credentials for the purpose %s; it has: %s", profile->name,
                   word, there[0] != '\0' ? there : "none");
}

static enum fk_status find_store(const struct fk_credential_use *use, const char *name,
                                 const struct fk_store **ret, struct fk_error *err)
{
    char list[300] = "";
    size_t used = 0;
    *ret = name != NULL ? fk_use_store(use, name) : NULL;
    if (name == NULL || *ret != NULL) {
        return FK_OK;
    }
    for (size_t i = 0; i < use->n_stores && used < sizeof list; i++) {
        int n = snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "",
                         use->stores[i].name);
        used += n > 0 ? (size_t)n : 0;
    }
    return fk_fail(err, FK_E_UNSUPPORTED, "%s has no store '%s'; it has: %s", use->title, name,
                   used > 0 ? list : "none");
}

/* Where Debian, Fedora and their children keep the roots. */
static const char *public_roots(const struct bundle_options *o)
{
    static const char *const usual[] = {"/etc/ssl/certs/ca-certificates.crt",
                                        "/etc/pki/tls/certs/ca-bundle.crt"};
    if (o->public_roots != NULL) {
        return o->public_roots;
    }
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++) {
        if (access(usual[i], R_OK) == 0) {
            return usual[i];
        }
    }
    return NULL;
}

/* Read once for all devices of a batch, and only where the lint asks for them. */
static enum fk_status load_public_roots(const struct bundle_options *o,
                                        const struct fk_bundle_inputs *in, struct fk_bundle *ret,
                                        struct fk_error *err)
{
    const char *path = public_roots(o);
    const struct fk_check_rules *checks = &in->use->checks;
    const struct fk_bundle_inputs ca = {.use = in->use, .ca = &path, .n_ca = 1};
    bool asked_for = checks->name == FK_NAME_NONE || checks->dates == FK_DATES_NONE;
    return path != NULL && asked_for ? fk_bundle_load(&ca, ret, err) : FK_OK;
}

enum fk_status bundle_job_open(const struct bundle_options *o, struct bundle_job *ret,
                               struct fk_error *err)
{
    struct bundle_job job = {.profile = NULL};
    struct fk_bundle_inputs *in = &job.inputs;
    if (o->profile == NULL) {
        return usage(err, "missing option: --profile says which device it is for");
    }
    if (o->use != NULL && o->purpose != NULL) {
        return usage(err, "--use and --purpose exclude each other");
    }
    *in = (struct fk_bundle_inputs){.ca = o->ca.at,
                                    .n_ca = o->ca.n,
                                    .cert = o->cert.n > 0 ? o->cert.at[0] : NULL,
                                    .chain = o->cert.at + 1,
                                    .n_chain = o->cert.n > 0 ? o->cert.n - 1 : 0,
                                    .key = o->key,
                                    .p12 = o->p12,
                                    .server_chain = o->server_chain,
                                    .pick = o->pick,
                                    .host = o->host};
    enum fk_status st = read_times(o, in, err);
    if (st == FK_OK) {
        st = fk_profile_load(o->profile, &job.profile, err);
        in->profile = job.profile;
    }
    if (st == FK_OK) {
        st = o->purpose != NULL ? find_purpose(job.profile, o->purpose, &in->use, err)
                                : fk_use_find(job.profile, o->use, &in->use, err);
    }
    if (st == FK_OK) {
        st = find_store(in->use, o->store, &in->store, err);
    }
    if (st == FK_OK) {
        st = load_public_roots(o, in, &job.public_roots, err);
    }
    if (st == FK_OK && o->passin != NULL) {
        st = fk_passphrase_read(o->passin, &job.passphrase, err);
    }
    if (st != FK_OK) {
        bundle_job_release(&job);
        return st;
    }
    *ret = job;
    ret->inputs.known = job.public_roots.roots.n > 0 ? &ret->public_roots.roots : NULL;
    ret->inputs.passphrase = o->passin != NULL ? &ret->passphrase : NULL;
    return FK_OK;
}

void bundle_job_release(struct bundle_job *job)
{
    fk_buffer_release(&job->passphrase);
    fk_bundle_release(&job->public_roots);
    fk_profile_free(job->profile);
    *job = (struct bundle_job){.profile = NULL};
}
