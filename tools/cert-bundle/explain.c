/* SPDX-License-Identifier: Apache-2.0 */
#include "cert-bundle/cert_bundle.h"
#include "cert-bundle/folder.h"

#include "fotakit/explain.h"
#include "fotakit/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char tool[] = TOOL " explain";

/* cert-bundle explain: what a code in the device's log means, and which of its causes the files at
 * hand prove. */

enum { TEXT_MAX = 2048, LINE_WIDTH = 96 };

struct explain_options {
    const char *profile, *bundle, *use, *host, *server_chain;
    bool json, list, errata;
    struct fk_texts operands;
};

/* Lints the files of the folder and lets the findings sort the causes. findings is used by the
 * explanation and released by the caller. */
static enum fk_status narrow(const struct explain_options *o, const struct fk_profile *profile,
                             struct fk_explanation *e, struct fk_findings *findings,
                             struct fk_error *err)
{
    struct paths paths = {.n = 0};
    struct fk_bundle bundle = {.profile = NULL};
    struct fk_bundle_inputs in = {.profile = profile,
                                  .server_chain = o->server_chain,
                                  .host = o->host,
                                  .at = (int64_t)time(NULL)};
    enum fk_status st = fk_use_find(profile, o->use, &in.use, err);
    st = st == FK_OK ? paths_add_folder(&paths, o->bundle, err) : st;
    if (st == FK_OK) {
        in.files = (const char *const *)paths.at;
        in.n_files = paths.n;
        st = fk_bundle_load(&in, &bundle, err);
    }
    st = st == FK_OK ? fk_bundle_lint(&bundle, findings, err) : st;
    if (st == FK_OK) {
        fk_explain_narrow(e, findings);
    }
    fk_bundle_release(&bundle);
    paths_release(&paths);
    return st;
}

/* Words of a text in lines of LINE_WIDTH bytes, all but the first indented. column: where the
 * first line is already. */
static void print_wrapped(const char *text, size_t column, size_t indent)
{
    bool first = true;
    for (text += strspn(text, " "); *text != '\0'; text += strspn(text, " ")) {
        size_t word = strcspn(text, " ");
        if (!first && column + 1 + word > LINE_WIDTH) {
            printf("\n%*s", (int)indent, "");
            column = indent;
        } else if (!first) {
            putchar(' ');
            column++;
        }
        printf("%.*s", (int)word, text);
        column += word;
        text += word;
        first = false;
    }
    putchar('\n');
}

static void print_cause(const struct fk_explained_cause *c, size_t number)
{
    static const char *const says[] = {
        [FK_EVIDENCE_PROVEN] = "proven: ",
        [FK_EVIDENCE_SUSPECT] = "suspect: ",
        [FK_EVIDENCE_NONE] = "",
        [FK_EVIDENCE_EXCLUDED] = "not with these files: ",
    };
    int n = printf("  %2zu. %s", number, says[c->evidence]);
    print_wrapped(c->cause->text, n > 0 ? (size_t)n : 0, 6);
    if (c->finding != NULL) {
        printf("      %s: %s%s%s\n", c->finding->rule, c->finding->subject,
               c->finding->subject[0] != '\0' ? ": " : "", c->finding->measured);
        if (c->finding->remedy[0] != '\0') {
            printf("      -> %s\n", c->finding->remedy);
        }
    }
}

/* The mark of a table that could not be verified; NULL for one that was. */
static const struct fk_unverified *table_mark(const struct fk_profile *profile,
                                              const struct fk_error_table *table)
{
    char key[128];
    snprintf(key, sizeof key, "errors.tables.%s", table->name);
    return fk_profile_unverified(profile, key);
}

static void print_text(const struct fk_profile *profile, const struct fk_explanation *all)
{
    char number[FK_CODE_TEXT_SIZE];
    for (size_t i = 0; i < all->n; i++) {
        const struct fk_explained *e = &all->at[i];
        fk_explain_number(e->table, e->number, number);
        printf("%s%s  %s%s%s\n", i > 0 ? "\n" : "", number, e->code->name,
               e->low != NULL ? " + " : "", e->low != NULL ? e->low->name : "");
        printf("  ");
        print_wrapped(e->code->meaning, 2, 2);
        if (e->low != NULL) {
            printf("  ");
            print_wrapped(e->low->meaning, 2, 2);
        } else if (e->low_number != 0) {
            printf("  a detail, 0x%02x, that is in no table\n", (unsigned)e->low_number);
        }
        printf("  (%s; %s)\n", e->table->title, e->code->source);
        const struct fk_unverified *mark = table_mark(profile, e->table);
        if (mark != NULL) {
            printf("  unverified: ");
            print_wrapped(mark->note, 14, 2);
        }
        printf("  causes, the likeliest first:\n");
        for (size_t k = 0; k < e->n_causes; k++) {
            print_cause(&e->causes[k], k + 1);
        }
    }
}

static void json_cause(struct fk_json *j, const struct fk_explained_cause *c, bool narrowed)
{
    fk_json_object(j, NULL);
    fk_json_string(j, "name", c->cause->name);
    fk_json_string(j, "text", c->cause->text);
    fk_json_array(j, "rules");
    for (size_t i = 0; i < c->cause->n_rules; i++) {
        fk_json_string(j, NULL, c->cause->rules[i]);
    }
    fk_json_array_end(j);
    if (narrowed) {
        fk_json_string(j, "evidence", fk_evidence_word(c->evidence));
    }
    if (c->finding != NULL) {
        fk_json_string(j, "subject", c->finding->subject);
        fk_json_string(j, "measured", c->finding->measured);
        fk_json_string(j, "remedy", c->finding->remedy);
    }
    fk_json_object_end(j);
}

static void print_json(const struct fk_profile *profile, const struct fk_explanation *all,
                       bool narrowed)
{
    struct fk_json j;
    char number[FK_CODE_TEXT_SIZE];
    fk_json_init(&j, stdout);
    fk_json_array(&j, NULL);
    for (size_t i = 0; i < all->n; i++) {
        const struct fk_explained *e = &all->at[i];
        fk_explain_number(e->table, e->number, number);
        fk_json_object(&j, NULL);
        fk_json_string(&j, "code", number);
        fk_json_string(&j, "table", e->table->name);
        fk_json_string(&j, "title", e->table->title);
        fk_json_string(&j, "name", e->code->name);
        fk_json_string(&j, "meaning", e->code->meaning);
        fk_json_string(&j, "source", e->code->source);
        fk_json_bool(&j, "verified", table_mark(profile, e->table) == NULL);
        if (e->low != NULL) {
            fk_json_string(&j, "detail_name", e->low->name);
            fk_json_string(&j, "detail_meaning", e->low->meaning);
        }
        fk_json_array(&j, "causes");
        for (size_t k = 0; k < e->n_causes; k++) {
            json_cause(&j, &e->causes[k], narrowed);
        }
        fk_json_array_end(&j);
        fk_json_object_end(&j);
    }
    fk_json_array_end(&j);
}

/* A line that was pasted without quotes arrives as several words. */
static enum fk_status join(const struct fk_texts *words, char text[TEXT_MAX], struct fk_error *err)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < words->n; i++) {
        int n = snprintf(text + used, TEXT_MAX - used, "%s%s", i > 0 ? " " : "", words->at[i]);
        if (n < 0 || (size_t)n >= TEXT_MAX - used) {
            return fk_fail(err, FK_E_LIMIT, "the line is longer than %d bytes", TEXT_MAX - 1);
        }
        used += (size_t)n;
    }
    return FK_OK;
}

static enum fk_status check_usage(const struct explain_options *o, struct fk_error *err)
{
    bool alone = o->list || o->errata;
    if (o->bundle == NULL && (o->use != NULL || o->host != NULL || o->server_chain != NULL)) {
        return usage(err, "--use, --host and --server-chain go with --bundle");
    }
    if (alone && (o->operands.n > 0 || o->bundle != NULL || (o->list && o->errata))) {
        return usage(err, "--list and --errata go alone");
    }
    return !alone && o->operands.n == 0 ? usage(err, "missing argument: an error code") : FK_OK;
}

static enum fk_status explain_code(const struct explain_options *o,
                                   const struct fk_profile *profile, const char *text,
                                   struct fk_error *err)
{
    struct fk_explanation e = {.n = 0};
    struct fk_findings findings = {.n = 0};
    enum fk_status st = fk_explain(profile, text, &e, err);
    if (st == FK_OK && o->bundle != NULL) {
        st = narrow(o, profile, &e, &findings, err);
    }
    if (st == FK_OK && o->json) {
        print_json(profile, &e, o->bundle != NULL);
    } else if (st == FK_OK) {
        print_text(profile, &e);
    }
    fk_findings_release(&findings);
    return st;
}

static enum fk_status explain(const struct explain_options *o, struct fk_error *err)
{
    char text[TEXT_MAX];
    struct fk_profile *profile = NULL;
    enum fk_status st = check_usage(o, err);
    st = st == FK_OK ? join(&o->operands, text, err) : st;
    if (st == FK_OK) {
        st = fk_profile_load(o->profile != NULL ? o->profile : FK_PROFILE_DEFAULT, &profile, err);
    }
    if (st == FK_OK && o->list) {
        st = explain_list(profile, o->json, err);
    } else if (st == FK_OK && o->errata) {
        st = explain_errata(profile, o->json, err);
    } else if (st == FK_OK) {
        st = explain_code(o, profile, text, err);
    }
    fk_profile_free(profile);
    return st;
}

/* -0x2700 and -9984 are codes and no options: they go behind a "--" of their own. The vector holds
 * argc + 2 entries. */
static void move_codes_back(int argc, char **argv, char **moved, int *ret_argc)
{
    static char end[] = "--";
    int n = 0;
    bool ended = false;
    for (int pass = 0; pass < 2; pass++) {
        ended = false;
        if (pass == 1) {
            moved[n++] = end;
        }
        for (int i = 0; i < argc; i++) {
            bool code = argv[i][0] == '-' && argv[i][1] >= '0' && argv[i][1] <= '9';
            bool marker = !ended && strcmp(argv[i], "--") == 0;
            bool back = i > 0 && (ended || code);
            ended = ended || marker;
            if (!marker && back == (pass == 1)) {
                moved[n++] = argv[i];
            }
        }
    }
    moved[n] = NULL;
    *ret_argc = n;
}

int run_explain(int argc, char **argv)
{
    struct explain_options o = {.profile = NULL};
    const struct fk_opt table[] = {
        {'p', "profile", FK_OPT_TEXT, &o.profile, "PROFILE", "the device (default: spwf04s)"},
        {0, "bundle", FK_OPT_TEXT, &o.bundle, "DIR",
         "check the certificates and keys in DIR, and say which causes they prove"},
        {0, "use", FK_OPT_TEXT, &o.use, "NAME", "with --bundle: what they are for, as in check"},
        {0, "host", FK_OPT_TEXT, &o.host, "NAME", "with --bundle: the server's name"},
        {0, "server-chain", FK_OPT_TEXT, &o.server_chain, "FILE",
         "with --bundle: the certificates that the server sends"},
        {'l', "list", FK_OPT_FLAG, &o.list, NULL, "list all codes of the device"},
        {0, "errata", FK_OPT_FLAG, &o.errata, NULL,
         "list the known mistakes of the vendor's documents"},
        {0, "json", FK_OPT_FLAG, &o.json, NULL, "print JSON"},
    };
    const struct fk_cli cli = {
        .tool = tool,
        .usage = "cert-bundle explain [-p PROFILE] CODE [--json]\n"
                 "cert-bundle explain [-p PROFILE] CODE --bundle DIR [--use NAME] [--host NAME] "
                 "[--server-chain FILE]\n"
                 "cert-bundle explain [-p PROFILE] --list | --errata [--json]",
        .about =
            "Says what an error code of the device means and what causes it, the likeliest cause\n"
            "first. CODE is a number as it is seen in a log, a whole line of the log, or a name.",
        .opts = table,
        .n_opts = sizeof table / sizeof table[0],
        .max_operands = FK_TEXTS_MAX,
    };
    int code = 0;
    struct fk_error err = FK_ERROR_INIT;
    char **moved = malloc(((size_t)argc + 2) * sizeof *moved);
    if (moved == NULL) {
        return fk_cli_done(tool, fk_fail(&err, FK_E_MEMORY, "out of memory"), &err);
    }
    move_codes_back(argc, argv, moved, &argc);
    usage_of(tool);
    if (fk_cli_parse(&cli, argc, moved, &o.operands, &code)) {
        code = fk_cli_done(tool, explain(&o, &err), &err);
    }
    free(moved);
    return code;
}
