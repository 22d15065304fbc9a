/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include "fotakit/file.h"
#include "fotakit/json.h"
#include "fotakit/object.h"
#include "fotakit/root_set.h"
#include "fotakit/ski.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char tool[] = "ski-name";

struct options {
    const char *copy, *form, *on_collision, *output;
    bool binary, issuer, compute, list, force, json;
    struct fk_texts files;
};

struct plan {
    struct fk_root_copy copy;
    bool to_stdout;
};

static enum fk_status usage(struct fk_error *err, const char *text)
{
    return fk_fail(err, FK_E_USAGE, "%s (see %s --help)", text, tool);
}

static enum fk_status make_plan(const struct options *o, struct plan *p, struct fk_error *err)
{
    *p = (struct plan){.copy = {.dir = o->copy, .replace = o->force}};
    if (o->copy == NULL && (o->form != NULL || o->on_collision != NULL)) {
        return usage(err, "--form and --on-collision go with --copy");
    }
    if (o->copy != NULL && (o->issuer || o->binary)) {
        return usage(err, "--copy does not go with --issuer or --binary");
    }
    if (o->output != NULL && !o->binary) {
        return usage(err, "--output goes with --binary");
    }
    if (o->binary && (o->json || o->list)) {
        return usage(err, "--binary does not go with --json or --list");
    }
    if (o->issuer && o->compute) {
        return usage(err, "--compute does not go with --issuer: only the issuer's own certificate "
                          "has its key");
    }
    if (o->form != NULL) {
        p->copy.form = strcmp(o->form, "pem") == 0   ? FK_ROOT_PEM
                       : strcmp(o->form, "der") == 0 ? FK_ROOT_DER
                                                     : FK_ROOT_AS_FOUND;
        if (p->copy.form == FK_ROOT_AS_FOUND) {
            return usage(err, "--form takes pem or der");
        }
    }
    if (o->on_collision != NULL) {
        p->copy.policy = strcmp(o->on_collision, "keep-latest") == 0  ? FK_COLLISION_KEEP_LATEST
                         : strcmp(o->on_collision, "keep-first") == 0 ? FK_COLLISION_KEEP_FIRST
                                                                      : FK_COLLISION_REFUSE;
        if (p->copy.policy == FK_COLLISION_REFUSE && strcmp(o->on_collision, "refuse") != 0) {
            return usage(err, "--on-collision takes refuse, keep-latest or keep-first");
        }
    }
    p->to_stdout = o->binary && (o->output == NULL || strcmp(o->output, "-") == 0);
    if (p->to_stdout && isatty(STDOUT_FILENO)) {
        return usage(err, "--binary does not write to a terminal; use --output FILE");
    }
    return FK_OK;
}

static enum fk_status add_object(const struct options *o, const char *file,
                                 const struct fk_object *object, struct fk_root_set *set,
                                 struct fk_error *err)
{
    struct fk_root root = {.was_pem = object->line > 0};
    if (root.was_pem) {
        snprintf(root.source, sizeof root.source, "'%.150s' line %u", file, object->line);
    } else {
        snprintf(root.source, sizeof root.source, "'%.150s'", file);
    }
    enum fk_status st = fk_cert_open(object->der, &root.cert, err);
    if (st != FK_OK) {
        return fk_wrap(err, st, "%s", root.source);
    }
    st = o->issuer ? fk_key_id_of_issuer(root.cert, &root.id, err)
                   : fk_key_id_of(root.cert, o->compute, &root.id, err);
    if (st != FK_OK) {
        st = fk_wrap(err, st, "%s (%.200s)", root.source, fk_cert_info(root.cert)->subject);
        fk_cert_free(root.cert);
        return st;
    }
    return fk_root_set_add(set, &root, err);
}

static enum fk_status report(enum fk_status st, const struct fk_error *err)
{
    (void)fk_cli_done(tool, st, err);
    return st;
}

/* Every certificate of the file; each one that fails gets its own line, the first status stays. */
static enum fk_status add_file(const struct options *o, const char *file, struct fk_root_set *set)
{
    struct fk_error err = FK_ERROR_INIT;
    struct fk_objects objects = {.n = 0};
    enum fk_status first = fk_objects_read(file, &objects, &err);
    if (first != FK_OK) {
        return report(first, &err);
    }
    if (fk_objects_count(&objects, FK_OBJECT_CERTIFICATE) == 0) {
        first = report(fk_fail(&err, FK_E_WRONG_KIND, "'%s' holds %s, expected a certificate", file,
                               fk_object_name(&objects.at[0])),
                       &err);
        goto out;
    }
    for (size_t i = 0; i < objects.n; i++) {
        const struct fk_object *object = &objects.at[i];
        if (object->kind != FK_OBJECT_CERTIFICATE) {
            fk_cli_warn(tool, "'%s' line %u: %s is left out", file, object->line,
                        fk_object_name(object));
            continue;
        }
        enum fk_status st = add_object(o, file, object, set, &err);
        if (st != FK_OK) {
            (void)report(st, &err);
            first = first == FK_OK ? st : first;
        }
    }
out:
    fk_objects_release(&objects);
    return first;
}

static void warn_about(const struct fk_root_set *set, bool with_collisions)
{
    char text[FK_KEY_ID_DOUBT_SIZE];
    for (size_t i = 0; i < set->n; i++) {
        const struct fk_root *r = &set->at[i];
        const char *subject = fk_cert_info(r->cert)->subject;
        for (unsigned bit = 0; bit < FK_KEY_ID_DOUBTS; bit++) {
            if ((r->id.doubts & 1u << bit) != 0) {
                fk_key_id_doubt_text(&r->id, 1u << bit, text);
                fk_cli_warn(tool, "%s (%.200s): %s", r->source, subject, text);
            }
        }
        const struct fk_root *rival = with_collisions ? fk_root_set_rival(set, i) : NULL;
        if (rival != NULL) {
            fk_cli_warn(tool, "%s and %s are different certificates with the same name '%s'",
                        rival->source, r->source, r->id.name);
        }
    }
}

static void print_json(const struct fk_root_set *set, bool of_issuer)
{
    struct fk_json j;
    char text[FK_KEY_ID_DOUBT_SIZE];
    fk_json_init(&j, stdout);
    fk_json_array(&j, NULL);
    for (size_t i = 0; i < set->n; i++) {
        const struct fk_root *r = &set->at[i];
        fk_json_object(&j, NULL);
        fk_json_string(&j, "name", r->id.name);
        fk_json_hex(&j, "identifier", r->id.id, r->id.len);
        fk_json_string(&j, "source", r->source);
        fk_json_string(&j, "subject", fk_cert_info(r->cert)->subject);
        if (!of_issuer) {
            fk_json_bool(&j, "computed", (r->id.doubts & FK_KEY_ID_COMPUTED) != 0);
            fk_json_string(&j, "method", fk_key_id_method_text(r->id.method));
        }
        fk_json_array(&j, "warnings");
        for (unsigned bit = 0; bit < FK_KEY_ID_DOUBTS; bit++) {
            if ((r->id.doubts & 1u << bit) != 0) {
                fk_key_id_doubt_text(&r->id, 1u << bit, text);
                fk_json_string(&j, NULL, text);
            }
        }
        fk_json_array_end(&j);
        fk_json_object_end(&j);
    }
    fk_json_array_end(&j);
}

static void print_names(const struct fk_root_set *set, bool list)
{
    for (size_t i = 0; i < set->n; i++) {
        const struct fk_root *r = &set->at[i];
        if (r->dropped) {
            continue;
        }
        if (list) {
            printf("%s  %s  %s\n", r->id.name, r->source, fk_cert_info(r->cert)->subject);
        } else {
            printf("%s\n", r->id.name);
        }
    }
}

static enum fk_status write_binary(const struct options *o, const struct plan *p,
                                   const struct fk_root_set *set, struct fk_error *err)
{
    if (set->n != 1) {
        return fk_fail(err, FK_E_AMBIGUOUS,
                       "--binary takes exactly one certificate, but the input holds %zu", set->n);
    }
    const struct fk_key_id *id = &set->at[0].id;
    if (p->to_stdout) {
        return fwrite(id->id, 1, id->len, stdout) == id->len
                   ? FK_OK
                   : fk_fail(err, FK_E_IO, "cannot write to standard output");
    }
    struct fk_new_file file = {.path = o->output, .bytes = {id->id, id->len}, .mode = 0644};
    return fk_files_write(&file, 1, o->force, err);
}

/* What a rule about collisions leaves out is said; the same certificate twice is no loss. */
static void tell_left_out(const struct fk_root_set *set)
{
    for (size_t i = 0; i < set->n; i++) {
        const struct fk_root *out = &set->at[i];
        for (size_t k = 0; out->dropped && k < set->n; k++) {
            const struct fk_root *kept = &set->at[k];
            struct fk_slice a = fk_cert_info(out->cert)->der;
            struct fk_slice b = fk_cert_info(kept->cert)->der;
            if (!kept->dropped && strcmp(kept->id.name, out->id.name) == 0 &&
                (a.len != b.len || memcmp(a.ptr, b.ptr, a.len) != 0)) {
                fk_cli_warn(tool, "%s is left out: %s has the same name '%s'", out->source,
                            kept->source, kept->id.name);
            }
        }
    }
}

static enum fk_status deliver(const struct options *o, const struct plan *p,
                              struct fk_root_set *set, struct fk_error *err)
{
    if (o->binary) {
        return write_binary(o, p, set, err);
    }
    if (o->copy != NULL) {
        size_t written = 0;
        enum fk_status st = fk_root_set_resolve(set, p->copy.policy, err);
        if (st == FK_OK) {
            tell_left_out(set);
            st = fk_root_set_copy(set, &p->copy, &written, err);
        }
        if (st != FK_OK) {
            return st;
        }
    }
    if (o->json) {
        print_json(set, o->issuer);
    } else {
        print_names(set, o->list);
    }
    return FK_OK;
}

int main(int argc, char **argv)
{
    struct options o = {.copy = NULL};
    const struct fk_opt table[] = {
        {0, "copy", FK_OPT_TEXT, &o.copy, "DIR", "copy each certificate into DIR under its name"},
        {0, "form", FK_OPT_TEXT, &o.form, "pem|der", "form of the copies (default: as found)"},
        {0, "on-collision", FK_OPT_TEXT, &o.on_collision, "RULE",
         "different certificates, one name: refuse (default), keep-latest, keep-first"},
        {0, "issuer", FK_OPT_FLAG, &o.issuer, NULL, "the name that the issuer's file must have"},
        {0, "compute", FK_OPT_FLAG, &o.compute, NULL,
         "compute the identifier of a certificate that has none"},
        {0, "binary", FK_OPT_FLAG, &o.binary, NULL,
         "write the identifier of one certificate as bytes (for the auth slot)"},
        {'o', "output", FK_OPT_TEXT, &o.output, "FILE", "with --binary: write to FILE"},
        {'l', "list", FK_OPT_FLAG, &o.list, NULL, "print source and subject behind each name"},
        {0, "json", FK_OPT_FLAG, &o.json, NULL, "print JSON"},
        {'f', "force", FK_OPT_FLAG, &o.force, NULL, "replace files that exist"},
    };
    const struct fk_cli cli = {
        .tool = tool,
        .usage = "ski-name FILE... [--issuer | --compute] [--list | --json]\n"
                 "ski-name FILE... --copy DIR [--form pem|der] [--on-collision RULE] [--compute]\n"
                 "ski-name FILE --binary [-o FILE]",
        .about =
            "Prints the name under which a module looks for a root certificate: the Subject Key\n"
            "Identifier in lower-case hexadecimal, and '.ca'. The identifier in the certificate\n"
            "is used, whatever its making.",
        .opts = table,
        .n_opts = sizeof table / sizeof table[0],
        .min_operands = 1,
        .max_operands = FK_TEXTS_MAX,
    };
    int code = 0;
    if (!fk_cli_parse(&cli, argc, argv, &o.files, &code)) {
        return code;
    }
    struct fk_error err = FK_ERROR_INIT;
    struct plan plan;
    struct fk_root_set set = {.n = 0};
    enum fk_status st = make_plan(&o, &plan, &err);
    if (st != FK_OK) {
        return fk_cli_done(tool, st, &err);
    }
    for (size_t i = 0; i < o.files.n; i++) {
        enum fk_status now = add_file(&o, o.files.at[i], &set);
        st = st == FK_OK ? now : st;
    }
    if (st != FK_OK) { /* already reported, certificate by certificate */
        code = fk_cli_exit(st);
    } else {
        warn_about(&set, o.copy == NULL && !o.issuer);
        code = fk_cli_done(tool, deliver(&o, &plan, &set, &err), &err);
    }
    fk_root_set_release(&set);
    return code;
}
