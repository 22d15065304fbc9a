/* SPDX-License-Identifier: Apache-2.0 */
#include "cert-bundle/emit.h"

#include "crypto/hasher.h"
#include "fotakit/hex.h"
#include "fotakit/passphrase.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One device from its files to the bytes that will be written. */

/* ---- places ---------------------------------------------------------------------------------- */

/* A password in argv can be read by every user of the machine. */
static bool looks_secret(const char *name)
{
    return strstr(name, "pass") != NULL || strstr(name, "pwd") != NULL ||
           strstr(name, "secret") != NULL;
}

enum fk_status places_put(struct places *p, const char *name, const char *value, bool is_source,
                          struct fk_error *err)
{
    struct fk_buffer bytes = {.ptr = NULL};
    size_t len = strlen(name), i = 0;
    if (len == 0 || len > 32) {
        return fk_fail(err, FK_E_USAGE, "the name of a value has 1 to 32 characters");
    }
    if (!is_source && looks_secret(name)) {
        return fk_fail(err, FK_E_USAGE,
                       "'%s' is a secret: others could see it; give its source "
                       "with --secret %s=env:NAME, file:PATH or fd:N",
                       name, name);
    }
    if (is_source) {
        enum fk_status st = fk_passphrase_read(value, &bytes, err);
        if (st != FK_OK) {
            return fk_wrap(err, st, "value of '%s'", name);
        }
    } else {
        bytes.ptr = (uint8_t *)strdup(value);
        if (bytes.ptr == NULL) {
            return fk_fail(err, FK_E_MEMORY, "out of memory");
        }
        bytes.len = strlen(value);
    }
    if (memchr(bytes.ptr, '\0', bytes.len) != NULL) {
        fk_buffer_release(&bytes);
        return fk_fail(err, FK_E_FORMAT, "the value of '%s' holds a zero byte", name);
    }
    while (i < p->n && strcmp(p->names[i], name) != 0) {
        i++;
    }
    if (i == PLACES_MAX) {
        fk_buffer_release(&bytes);
        return fk_fail(err, FK_E_LIMIT, "more than %d values", PLACES_MAX);
    }
    p->n = i == p->n ? i + 1 : p->n;
    fk_buffer_release(&p->values[i]);
    memcpy(p->names[i], name, len + 1);
    p->values[i] = bytes;
    p->at[i] = (struct fk_emit_place){.name = p->names[i], .value = (const char *)bytes.ptr};
    return FK_OK;
}

enum fk_status places_set(struct places *p, const char *text, bool is_source, struct fk_error *err)
{
    const char *equals = strchr(text, '=');
    char name[34];
    if (equals == NULL || equals == text || equals - text > 32) {
        return usage(err, is_source ? "--secret takes NAME=SOURCE" : "--set takes NAME=VALUE");
    }
    snprintf(name, sizeof name, "%.*s", (int)(equals - text), text);
    return places_put(p, name, equals + 1, is_source, err);
}

void places_release(struct places *p)
{
    for (size_t i = 0; i < p->n; i++) {
        fk_buffer_release(&p->values[i]);
    }
    *p = (struct places){.n = 0};
}

/* ---- one device ------------------------------------------------------------------------------ */

void emit_result_release(struct emit_result *r)
{
    fk_emitted_release(&r->files);
    fk_findings_release(&r->findings);
    fk_repaired_release(&r->repaired);
    fk_bundle_release(&r->bundle);
    *r = (struct emit_result){.cert_sha256 = ""};
}

static enum fk_status refuse(const struct fk_findings *f, enum fk_verdict verdict,
                             struct fk_error *err)
{
    const struct fk_finding *first = f->at;
    while (first->verdict != verdict) {
        first++;
    }
    char more[80] = "";
    if (f->count[verdict] > 1) {
        snprintf(more, sizeof more, "; %zu more, see cert-bundle check", f->count[verdict] - 1);
    }
    return fk_fail(err, FK_E_UNSUPPORTED, "%s: %s%s%s%s: %s%s%s%s%s%s",
                   verdict == FK_VERDICT_REFUSED ? "the device would refuse this"
                                                 : "refused because of --strict",
                   first->title, first->subject[0] != '\0' ? " (" : "", first->subject,
                   first->subject[0] != '\0' ? ")" : "", first->measured,
                   first->limit[0] != '\0' ? ", expected " : "", first->limit,
                   first->remedy[0] != '\0' ? "; " : "", first->remedy, more);
}

/* What will be written is judged, not what was read. */
static enum fk_status judge(const struct emit_plan *plan, struct emit_result *r,
                            struct fk_error *err)
{
    struct fk_bundle again = {.n_files = 0};
    enum fk_status st = fk_bundle_reread(&r->bundle, &r->repaired, &again, err);
    if (st == FK_OK) {
        st = fk_bundle_lint(&again, &r->findings, err);
    }
    fk_bundle_release(&again);
    if (st == FK_OK && r->findings.count[FK_VERDICT_REFUSED] > 0) {
        st = refuse(&r->findings, FK_VERDICT_REFUSED, err);
    } else if (st == FK_OK && plan->strict && r->findings.count[FK_VERDICT_WARNING] > 0) {
        st = refuse(&r->findings, FK_VERDICT_WARNING, err);
    }
    return st;
}

enum fk_status sha256_hex(struct fk_slice bytes, char ret[65], struct fk_error *err)
{
    struct fk_hasher h = {.ctx = NULL};
    uint8_t digest[FK_HASHER_SIZE];
    enum fk_status st = fk_hasher_begin(&h, err);
    st = st == FK_OK ? fk_hasher_update(&h, bytes.ptr, bytes.len, err) : st;
    st = st == FK_OK ? fk_hasher_finish(&h, digest, err) : st;
    fk_hasher_release(&h);
    if (st == FK_OK) {
        fk_hex_encode(digest, sizeof digest, ret);
    }
    return st;
}

/* A value that no command uses was meant for something. */
static enum fk_status check_used(const struct places *places, struct fk_error *err)
{
    for (size_t i = 0; i < places->n; i++) {
        if (!places->at[i].used) {
            return fk_fail(err, FK_E_USAGE, "no command of the output has a place for '%s'",
                           places->names[i]);
        }
    }
    return FK_OK;
}

enum fk_status emit_one(const struct emit_plan *plan, const struct fk_bundle_inputs *in,
                        struct places *places, struct emit_result *ret, struct fk_error *err)
{
    enum fk_status st = fk_bundle_load(in, &ret->bundle, err);
    st = st == FK_OK ? fk_bundle_repair(&ret->bundle, &ret->repaired, err) : st;
    st = st == FK_OK ? judge(plan, ret, err) : st;
    const struct fk_cert *leaf = fk_bundle_leaf(&ret->bundle);
    if (st == FK_OK && leaf != NULL) {
        st = sha256_hex(fk_cert_info(leaf)->der, ret->cert_sha256, err);
    }
    if (st != FK_OK) {
        return st;
    }
    struct fk_emit_job job = {
        .profile = plan->profile,
        .use = plan->use,
        .store = plan->store,
        .repaired = &ret->repaired,
        .sequence = plan->sequence,
        .places = places->at,
        .n_places = places->n,
        .served = plan->serve->at,
        .n_served = plan->serve->n,
    };
    enum fk_emit_form standard = fk_emit_default(&job);
    for (size_t i = 0; st == FK_OK && i < (plan->n_forms > 0 ? plan->n_forms : 1); i++) {
        st = fk_emit(&job, plan->n_forms > 0 ? plan->forms[i] : standard, &ret->files, err);
    }
    return st == FK_OK ? check_used(places, err) : st;
}
