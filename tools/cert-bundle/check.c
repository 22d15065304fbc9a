/* SPDX-License-Identifier: Apache-2.0 */
#include "cert-bundle/cert_bundle.h"
#include "cert-bundle/folder.h"

#include "fotakit/json.h"

#include <stdio.h>
#include <string.h>

static const char tool[] = TOOL " check";

struct options {
    struct bundle_options b;
    bool json, strict, all, repaired, each;
    struct fk_texts files;
};

/* What was judged. */
struct judged {
    struct fk_bundle bundle;
    struct fk_repaired repaired; /* with --repaired */
    struct fk_bundle again;
    struct fk_findings found;
};

static void judged_release(struct judged *j)
{
    fk_findings_release(&j->found);
    fk_bundle_release(&j->again);
    fk_repaired_release(&j->repaired);
    fk_bundle_release(&j->bundle);
}

static enum fk_status judge(const struct fk_bundle_inputs *in, bool repaired, struct judged *ret,
                            struct fk_error *err)
{
    struct judged j = {.found = {.n = 0}};
    enum fk_status st = fk_bundle_load(in, &j.bundle, err);
    if (st == FK_OK && repaired) {
        st = fk_bundle_repair(&j.bundle, &j.repaired, err);
    }
    if (st == FK_OK && repaired) {
        st = fk_bundle_reread(&j.bundle, &j.repaired, &j.again, err);
    }
    if (st == FK_OK) {
        st = fk_bundle_lint(repaired ? &j.again : &j.bundle, &j.found, err);
    }
    if (st == FK_OK) {
        *ret = j;
    } else {
        judged_release(&j);
    }
    return st;
}

static bool is_refused(const struct options *o, const struct fk_findings *f)
{
    return f->count[FK_VERDICT_REFUSED] > 0 || (o->strict && f->count[FK_VERDICT_WARNING] > 0);
}

/* ---- text -------------------------------------------------------------------------------------
 */

/* Sources are long: lines carry their numbers, and a list stands at the end. */
#define NOTES_MAX 64

struct notes {
    const char *text[NOTES_MAX];
    size_t n;
};

/* From 1; 0 when the list is full. */
static size_t note(struct notes *notes, const char *text)
{
    size_t i = 0;
    while (i < notes->n && strcmp(notes->text[i], text) != 0) {
        i++;
    }
    if (i == notes->n) {
        if (i == NOTES_MAX) {
            return 0;
        }
        notes->text[notes->n++] = text;
    }
    return i + 1;
}

static void print_finding(const struct fk_finding *f, struct notes *notes)
{
    printf("%-8s %-21s %s%s%s", fk_verdict_text(f->verdict), f->rule, f->subject,
           f->subject[0] != '\0' ? ": " : "", f->measured);
    if (f->limit[0] != '\0') {
        printf(" (%s%s)", f->limit, f->unverified ? "; unverified" : "");
    } else if (f->unverified) {
        printf(" (unverified)");
    }
    if (f->source[0] != '\0') {
        printf(" [%zu]", note(notes, f->source));
    }
    if (f->remedy[0] != '\0') {
        printf("\n%30s do: %s", "", f->remedy);
    }
    printf("\n");
}

static const char *verdict(const struct options *o, const struct fk_findings *f)
{
    return f->count[FK_VERDICT_REFUSED] > 0 ? "the device would refuse this"
           : is_refused(o, f)               ? "refused for its warnings"
                                            : "the device takes this";
}

static void print_text(const struct options *o, const struct fk_bundle_inputs *in,
                       const struct judged *j)
{
    const size_t *count = j->found.count;
    struct notes notes = {.n = 0};
    for (size_t i = 0; i < j->repaired.n_changes; i++) {
        printf("%-8s %s\n", "repair", j->repaired.changes[i].text);
    }
    for (size_t i = 0; i < j->found.n; i++) {
        if (o->all || j->found.at[i].verdict != FK_VERDICT_NONE) {
            print_finding(&j->found.at[i], &notes);
        }
    }
    for (size_t i = 0; i < notes.n; i++) {
        printf("[%zu] %s\n", i + 1, notes.text[i]);
    }
    printf("%s %s: %s (%zu refused, %zu %s, %zu ok, %zu unknown)\n", in->profile->name,
           in->use->name, verdict(o, &j->found), count[FK_VERDICT_REFUSED],
           count[FK_VERDICT_WARNING], count[FK_VERDICT_WARNING] == 1 ? "warning" : "warnings",
           count[FK_VERDICT_OK], count[FK_VERDICT_UNKNOWN]);
}

/* ---- JSON -------------------------------------------------------------------------------------
 */

static void json_findings(struct fk_json *j, const struct fk_findings *found)
{
    fk_json_array(j, "findings");
    for (size_t i = 0; i < found->n; i++) {
        const struct fk_finding *f = &found->at[i];
        fk_json_object(j, NULL);
        fk_json_string(j, "rule", f->rule);
        fk_json_string(j, "title", f->title);
        fk_json_string(j, "verdict", fk_verdict_word(f->verdict));
        fk_json_string(j, "subject", f->subject);
        fk_json_string(j, "measured", f->measured);
        fk_json_string(j, "limit", f->limit);
        fk_json_string(j, "source", f->source);
        fk_json_bool(j, "verified", !f->unverified);
        fk_json_string(j, "remedy", f->remedy);
        fk_json_object_end(j);
    }
    fk_json_array_end(j);
}

static void print_json(const struct options *o, const struct fk_bundle_inputs *in,
                       const struct judged *judged)
{
    struct fk_json j;
    char at[32];
    fk_time_text(in->at, at);
    fk_json_init(&j, stdout);
    fk_json_object(&j, NULL);
    fk_json_string(&j, "profile", in->profile->name);
    fk_json_string(&j, "use", in->use->name);
    fk_json_string(&j, "at", at);
    fk_json_bool(&j, "refused", is_refused(o, &judged->found));
    fk_json_object(&j, "count");
    for (int v = 0; v < FK_VERDICTS; v++) {
        fk_json_u64(&j, fk_verdict_word((enum fk_verdict)v), judged->found.count[v]);
    }
    fk_json_object_end(&j);
    if (o->repaired) {
        fk_json_array(&j, "repairs");
        for (size_t i = 0; i < judged->repaired.n_changes; i++) {
            fk_json_string(&j, NULL, judged->repaired.changes[i].text);
        }
        fk_json_array_end(&j);
    }
    json_findings(&j, &judged->found);
    fk_json_object_end(&j);
}

/* ---- one file at a time -----------------------------------------------------------------------
 */

/* What one root alone cannot decide. */
static bool is_about_the_whole(const struct fk_finding *f)
{
    return strcmp(f->rule, "parts") == 0 || strcmp(f->rule, "slots") == 0 ||
           strcmp(f->rule, "verification") == 0;
}

static const struct fk_finding *worst(const struct fk_findings *found)
{
    const struct fk_finding *bad = NULL;
    for (size_t i = 0; i < found->n; i++) {
        const struct fk_finding *f = &found->at[i];
        if (f->verdict >= FK_VERDICT_WARNING && !is_about_the_whole(f) &&
            (bad == NULL || f->verdict > bad->verdict)) {
            bad = f;
        }
    }
    return bad;
}

struct totals {
    size_t n[FK_VERDICTS];
    enum fk_status broken; /* of the first file that could not be judged at all */
};

static void judge_each(const struct fk_bundle_inputs *base, const char *file, struct totals *t)
{
    struct fk_bundle_inputs in = *base;
    struct judged j;
    struct fk_error err = FK_ERROR_INIT;
    in.ca = &file;
    in.n_ca = 1;
    in.files = NULL;
    in.n_files = 0;
    enum fk_status st = judge(&in, true, &j, &err);
    if (st != FK_OK && fk_status_class(st) == FK_CLASS_REJECTED) {
        t->n[FK_VERDICT_REFUSED]++;
        printf("%-8s '%s': %s\n", fk_verdict_text(FK_VERDICT_REFUSED), file, err.msg);
        return;
    }
    if (st != FK_OK) {
        t->broken = t->broken == FK_OK ? st : t->broken;
        (void)fk_cli_done(tool, st, &err);
        return;
    }
    const struct fk_finding *bad = worst(&j.found);
    enum fk_verdict v = bad != NULL ? bad->verdict : FK_VERDICT_OK;
    t->n[v]++;
    printf("%-8s '%s'", fk_verdict_text(v), file);
    if (bad != NULL) {
        printf(": %s: %s", bad->rule, bad->measured);
    }
    if (j.repaired.n_changes > 0) { /* the place in front of the change is the file again */
        const char *what = strstr(j.repaired.changes[0].text, ": ");
        printf("; repaired%s", what != NULL ? what : "");
    }
    printf("\n");
    judged_release(&j);
}

static int run_each(const struct options *o, const struct bundle_job *job)
{
    struct totals t = {.broken = FK_OK};
    for (size_t i = 0; i < job->inputs.n_files; i++) {
        judge_each(&job->inputs, job->inputs.files[i], &t);
    }
    printf("%s %s: %zu files, %zu refused, %zu with warnings, %zu ok\n", job->profile->name,
           job->inputs.use->name, job->inputs.n_files, t.n[FK_VERDICT_REFUSED],
           t.n[FK_VERDICT_WARNING], t.n[FK_VERDICT_OK]);
    int code = fk_cli_done(tool, FK_OK, NULL);
    bool refused = t.n[FK_VERDICT_REFUSED] > 0 || (o->strict && t.n[FK_VERDICT_WARNING] > 0);
    return t.broken != FK_OK ? fk_cli_exit(t.broken) : code == 0 && refused ? 1 : code;
}

/* ---- the subcommand ---------------------------------------------------------------------------
 */

static enum fk_status check_options(const struct options *o, struct fk_error *err)
{
    const struct bundle_options *b = &o->b;
    bool named = b->ca.n > 0 || b->cert.n > 0 || b->key != NULL || b->p12 != NULL;
    if (o->each && (named || o->repaired || o->json || b->server_chain != NULL)) {
        return usage(err, "--each takes files of roots, and none of --ca, --cert, --key, --p12, "
                          "--server-chain, --repaired, --json");
    }
    if (!named && o->files.n == 0) {
        return usage(err, o->each ? "--each takes files of roots"
                                  : "nothing to check: give files, or --ca, --cert and --key");
    }
    return FK_OK;
}

static int run_whole(const struct options *o, const struct bundle_job *job)
{
    struct judged j;
    struct fk_error err = FK_ERROR_INIT;
    enum fk_status st = judge(&job->inputs, o->repaired, &j, &err);
    if (st != FK_OK) {
        return fk_cli_done(tool, st, &err);
    }
    if (o->json) {
        print_json(o, &job->inputs, &j);
    } else {
        print_text(o, &job->inputs, &j);
    }
    bool refused = is_refused(o, &j.found);
    judged_release(&j);
    int code = fk_cli_done(tool, FK_OK, NULL);
    return code == 0 && refused ? 1 : code;
}

int run_check(int argc, char **argv)
{
    struct options o = {.json = false};
    const struct fk_opt table[] = {
        BUNDLE_OPTIONS(o.b),
        {0, "repaired", FK_OPT_FLAG, &o.repaired, NULL,
         "judge what cert-bundle would make of the files, and say what it would change"},
        {0, "each", FK_OPT_FLAG, &o.each, NULL,
         "judge each FILE as a root of its own, repaired; one line each, and totals"},
        {0, "strict", FK_OPT_FLAG, &o.strict, NULL, "exit 1 for warnings, too"},
        {'a', "all", FK_OPT_FLAG, &o.all, NULL, "print rules that do not apply, too"},
        {0, "json", FK_OPT_FLAG, &o.json, NULL, "print JSON"},
    };
    const struct fk_cli cli = {
        .tool = tool,
        .usage = "cert-bundle check -p PROFILE [options] [FILE...]\n"
                 "cert-bundle check -p PROFILE --each FILE...",
        .about = "Tells whether the device would take these files, and use them with success: a\n"
                 "line for each rule, with what was measured, the limit, its source, and what to\n"
                 "do. FILEs are told apart by what they hold; of a folder, all that hold\n"
                 "credentials are taken.",
        .opts = table,
        .n_opts = sizeof table / sizeof table[0],
        .max_operands = FK_TEXTS_MAX,
    };
    int code = 0;
    usage_of(tool);
    if (!fk_cli_parse(&cli, argc, argv, &o.files, &code)) {
        return code;
    }
    struct fk_error err = FK_ERROR_INIT;
    struct bundle_job job = {.profile = NULL};
    struct paths paths = {.n = 0};
    enum fk_status st = check_options(&o, &err);
    if (st == FK_OK) {
        st = paths_add_operands(&paths, &o.files, &err);
    }
    if (st == FK_OK) {
        st = bundle_job_open(&o.b, &job, &err);
    }
    if (st == FK_OK) {
        job.inputs.files = (const char *const *)paths.at;
        job.inputs.n_files = paths.n;
        code = o.each ? run_each(&o, &job) : run_whole(&o, &job);
    } else {
        code = fk_cli_done(tool, st, &err);
    }
    bundle_job_release(&job);
    paths_release(&paths);
    return code;
}
