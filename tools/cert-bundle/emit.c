/* SPDX-License-Identifier: Apache-2.0 */
#include "cert-bundle/emit.h"

#include <stdio.h>
#include <string.h>

static enum fk_status find_sequence(const struct emit_options *o, struct emit_plan *plan,
                                    struct fk_error *err)
{
    const struct fk_credential_use *use = plan->use;
    if (o->sequence == NULL) {
        return FK_OK;
    }
    plan->sequence = fk_use_sequence(use, o->sequence);
    if (plan->sequence != NULL) {
        return FK_OK;
    }
    char list[300] = "";
    for (size_t i = 0; i < use->n_sequences; i++) {
        size_t len = strlen(list);
        snprintf(list + len, sizeof list - len, "%s%s", i > 0 ? ", " : "", use->sequences[i].name);
    }
    return fk_fail(err, FK_E_UNSUPPORTED, "%s has no sequence '%s'; there is %s", use->title,
                   o->sequence, list[0] != '\0' ? list : "none in the profile");
}

static enum fk_status find_forms(const struct emit_options *o, struct emit_plan *plan,
                                 struct fk_error *err)
{
    bool scripted = o->as.n == 0;
    for (size_t i = 0; i < o->as.n; i++) {
        enum fk_emit_form form = FK_EMIT_FILES;
        if (!fk_emit_form_find(o->as.at[i], &form)) {
            char text[200] = "--as takes";
            for (int f = 0; f < FK_EMIT_FORMS; f++) {
                size_t len = strlen(text);
                snprintf(text + len, sizeof text - len, "%s %s", f > 0 ? "," : "",
                         fk_emit_form_word((enum fk_emit_form)f));
            }
            return usage(err, text);
        }
        for (size_t k = 0; k < plan->n_forms; k++) {
            if (plan->forms[k] == form) {
                return usage(err, "--as: a form is given twice");
            }
        }
        scripted |= form == FK_EMIT_AT;
        plan->forms[plan->n_forms++] = form;
    }
    if (plan->sequence != NULL && !scripted) {
        return usage(err, "--sequence goes with --as at-script");
    }
    return FK_OK;
}

static enum fk_status check_usage(const struct emit_options *o, struct fk_error *err)
{
    if (o->out == NULL) {
        return usage(err, "missing option: --output says into which folder");
    }
    if (o->batch == NULL && (o->jobs != NULL || o->json)) {
        return usage(err, "--jobs and --json go with --batch");
    }
    if (o->batch != NULL && (o->bundle.cert.n > 0 || o->bundle.key != NULL ||
                             o->bundle.p12 != NULL || o->files.n > 0)) {
        return usage(err, "with --batch, certificates and keys stand in the table");
    }
    if (o->sequence == NULL && (o->set.n > 0 || o->secret.n > 0)) {
        return usage(err, "--set and --secret go with --sequence");
    }
    return FK_OK;
}

/* What nobody could verify about the place that this was made for: in full in check. */
static void tell_unverified(const struct emit_plan *plan)
{
    char prefix[100];
    const struct fk_unverified *first = NULL;
    size_t n = 0;
    snprintf(prefix, sizeof prefix, "credentials.%s.", plan->use->name);
    for (size_t i = 0; i < plan->profile->n_unverified; i++) {
        const struct fk_unverified *u = &plan->profile->unverified[i];
        if (strncmp(u->key, prefix, strlen(prefix)) == 0) {
            first = first == NULL ? u : first;
            n++;
        }
    }
    if (n > 0) {
        fk_cli_warn(TOOL, "%zu fact%s about %s %s not verified, such as %s: %s", n,
                    n > 1 ? "s" : "", plan->use->title, n > 1 ? "are" : "is", first->key,
                    first->note != NULL ? first->note : first->source);
    }
}

static void tell(const struct emit_options *o, const struct emit_plan *plan,
                 const struct emit_result *r)
{
    if (!o->quiet) {
        tell_unverified(plan);
    }
    for (size_t i = 0; i < r->findings.n; i++) {
        const struct fk_finding *f = &r->findings.at[i];
        if (f->verdict == FK_VERDICT_WARNING) {
            fk_cli_warn(TOOL, "%s%s%s%s: %s%s%s", f->title, f->subject[0] != '\0' ? " (" : "",
                        f->subject, f->subject[0] != '\0' ? ")" : "", f->measured,
                        f->remedy[0] != '\0' ? "; " : "", f->remedy);
        }
    }
    if (o->quiet) {
        return;
    }
    for (size_t i = 0; i < r->repaired.n_changes; i++) {
        printf("changed  %s\n", r->repaired.changes[i].text);
    }
    for (size_t i = 0; i < r->files.n; i++) {
        const struct fk_emit_file *f = &r->files.files[i];
        printf("wrote    %s/%s  %zu bytes%s  %s\n", o->out, f->name, f->bytes.len,
               f->secret ? ", secret" : "", f->what);
    }
}

static enum fk_status emit_single(const struct emit_options *o, const struct emit_plan *plan,
                                  const struct bundle_job *job, struct fk_error *err)
{
    struct places places = {.n = 0};
    struct emit_result result = {.cert_sha256 = ""};
    enum fk_status st = FK_OK;
    for (size_t i = 0; st == FK_OK && i < o->set.n; i++) {
        st = places_set(&places, o->set.at[i], false, err);
    }
    for (size_t i = 0; st == FK_OK && i < o->secret.n; i++) {
        st = places_set(&places, o->secret.at[i], true, err);
    }
    st = st == FK_OK ? emit_one(plan, &job->inputs, &places, &result, err) : st;
    if (st == FK_OK && result.files.n == 0) {
        st = fk_fail(err, FK_E_EMPTY, "nothing to write: give --ca, --cert, --key or --p12");
    }
    st = st == FK_OK ? fk_emitted_write(&result.files, o->out, o->force, true, err) : st;
    if (st == FK_OK) {
        tell(o, plan, &result);
    }
    emit_result_release(&result);
    places_release(&places);
    return st;
}

int run_emit(int argc, char **argv)
{
    struct emit_options o = {.out = NULL};
    const struct fk_opt table[] = {
        BUNDLE_OPTIONS(o.bundle),
        {'o', "output", FK_OPT_TEXT, &o.out, "DIR", "write into this folder"},
        {0, "as", FK_OPT_TEXTS, &o.as, "FORM",
         "files, at-script, c-array...; may be given many times (default: what it takes)"},
        {0, "sequence", FK_OPT_TEXT, &o.sequence, "NAME",
         "configuration to be sent after the upload, such as eap-tls"},
        {0, "set", FK_OPT_TEXTS, &o.set, "NAME=VALUE", "value for <NAME> of the sequence"},
        {0, "secret", FK_OPT_TEXTS, &o.secret, "NAME=SOURCE",
         "the same from env:NAME, file:PATH, fd:N"},
        {0, "serve", FK_OPT_TEXTS, &o.serve, "PATH",
         "path that the device's web server may serve; * at its end: all that begin so"},
        {0, "strict", FK_OPT_FLAG, &o.strict, NULL, "refuse what the lint warns of"},
        {0, "batch", FK_OPT_TEXT, &o.batch, "FILE", "many devices: a table in CSV, a row each"},
        {'j', "jobs", FK_OPT_TEXT, &o.jobs, "N", "devices at a time (default: processors)"},
        {0, "json", FK_OPT_FLAG, &o.json, NULL, "with --batch: the manifest in JSON, too"},
        {'q', "quiet", FK_OPT_FLAG, &o.quiet, NULL, "show problems only"},
        {'f', "force", FK_OPT_FLAG, &o.force, NULL, "replace files that exist"},
    };
    const struct fk_cli cli = {
        .tool = TOOL,
        .usage =
            "cert-bundle -p PROFILE [--ca FILE]... [--cert FILE --key FILE | --p12 FILE] -o DIR\n"
            "cert-bundle -p PROFILE [--ca FILE]... --batch FILE -o DIR [--jobs N]\n"
            "cert-bundle check -p PROFILE [options] [FILE...]\n"
            "cert-bundle explain [-p PROFILE] CODE [--bundle DIR]\n"
            "cert-bundle replay --port TTY | --exec COMMAND | --tcp HOST:PORT SCRIPT",
        .about =
            "Makes what a device trusts and shows, in the form in which it takes it: roots, its\n"
            "certificate, its private key. Everything is judged before it is written; what had\n"
            "to be changed is said. Each subcommand has its own --help.",
        .opts = table,
        .n_opts = sizeof table / sizeof table[0],
        .max_operands = FK_TEXTS_MAX,
    };
    int code = 0;
    if (!fk_cli_parse(&cli, argc, argv, &o.files, &code)) {
        return code;
    }
    struct fk_error err = FK_ERROR_INIT;
    struct bundle_job job = {.profile = NULL};
    struct emit_plan plan = {.serve = &o.serve, .replace = o.force, .strict = o.strict};
    enum fk_status st = check_usage(&o, &err);
    st = st == FK_OK ? bundle_job_open(&o.bundle, &job, &err) : st;
    if (st == FK_OK) {
        job.inputs.files = o.files.at;
        job.inputs.n_files = o.files.n;
        plan.profile = job.profile;
        plan.use = job.inputs.use;
        plan.store = job.inputs.store != NULL ? job.inputs.store
                     : plan.use->n_stores > 0 ? &plan.use->stores[0]
                                              : NULL;
        st = find_sequence(&o, &plan, &err);
        st = st == FK_OK ? find_forms(&o, &plan, &err) : st;
    }
    if (st == FK_OK && o.batch != NULL) {
        code = run_batch(&o, &plan, &job);
    } else {
        st = st == FK_OK ? emit_single(&o, &plan, &job, &err) : st;
        code = fk_cli_done(TOOL, st, &err);
    }
    bundle_job_release(&job);
    return code;
}
