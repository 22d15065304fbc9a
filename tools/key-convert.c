/* SPDX-License-Identifier: Apache-2.0 */
#include "key-convert/key_convert.h"

#include "fotakit/passphrase.h"
#include "fotakit/profile.h"

#include <stdlib.h>
#include <string.h>

enum fk_status usage(struct fk_error *err, const char *text)
{
    return fk_fail(err, FK_E_USAGE, "%s (see %s --help)", text, TOOL);
}

const struct fk_buffer *passphrase(const struct wish *w)
{
    return w->has_passphrase ? &w->passphrase : NULL;
}

static enum fk_status check_operands(const struct options *o, struct fk_error *err)
{
    size_t n = o->operands.n;
    bool outputs = o->out_key != NULL || o->out_cert != NULL || o->out_ca != NULL;
    if (o->info) {
        return n > 0 && o->p12 == NULL ? FK_OK : usage(err, "--info takes one or more files");
    }
    if (o->json) {
        return usage(err, "--json goes with --info");
    }
    if (o->p12 != NULL) {
        if (n > 0 || !outputs) {
            return usage(err, "--p12 FILE goes with --out-key, --out-cert or --out-ca, and no "
                              "other file");
        }
        const char *out[] = {o->out_key, o->out_cert, o->out_ca};
        for (size_t i = 0; i < 3; i++) {
            for (size_t k = 0; k < i; k++) {
                if (out[i] != NULL && out[k] != NULL && strcmp(out[i], out[k]) == 0) {
                    return usage(err, "two outputs of --p12 have the same name");
                }
            }
        }
        return FK_OK;
    }
    if (outputs) {
        return usage(err, "--out-key, --out-cert and --out-ca go with --p12");
    }
    if (n == 2 || (n == 1 && o->check != NULL)) {
        return FK_OK;
    }
    return usage(err, n == 1 ? "missing argument: OUT" : "missing argument: IN and OUT");
}

/* The target is a profile, or the options say it; never both. */
static enum fk_status load_target(const struct options *o, struct fk_profile **profile,
                                  struct wish *w, struct fk_error *err)
{
    if (o->profile == NULL) {
        return o->use == NULL ? FK_OK : usage(err, "--use goes with --profile");
    }
    if (o->to != NULL || o->ec_params || o->no_ec_params || o->crlf || o->lf) {
        return usage(err, "--profile decides about --to, --ec-params, --crlf and --lf; of the form "
                          "of the output only --form may be added");
    }
    enum fk_status st = fk_profile_load(o->profile, profile, err);
    w->profile = *profile;
    return st == FK_OK ? fk_use_find(*profile, o->use, &w->use, err) : st;
}

static enum fk_status read_wish(const struct options *o, struct wish *w, struct fk_error *err)
{
    static const char *const structures[] = {
        [FK_KEY_PKCS1] = "pkcs1", [FK_KEY_SEC1] = "sec1", [FK_KEY_PKCS8] = "pkcs8"};
    for (int i = FK_KEY_PKCS1; o->to != NULL && i <= FK_KEY_PKCS8; i++) {
        if (strcmp(o->to, structures[i]) == 0) {
            w->structure = (enum fk_key_structure)i;
            w->has_structure = true;
        }
    }
    if (o->to != NULL && !w->has_structure) {
        return usage(err, "--to takes pkcs1, sec1 or pkcs8");
    }
    if (o->form != NULL) {
        w->has_form = true;
        w->form = strcmp(o->form, "der") == 0 ? FK_FORM_DER : FK_FORM_PEM;
        if (w->form == FK_FORM_PEM && strcmp(o->form, "pem") != 0) {
            return usage(err, "--form takes pem or der");
        }
    }
    if ((o->crlf && o->lf) || (o->ec_params && o->no_ec_params)) {
        return usage(err, o->crlf && o->lf ? "--crlf and --lf exclude each other"
                                           : "--ec-params and --no-ec-params exclude each other");
    }
    bool der = w->has_form && w->form == FK_FORM_DER;
    if (der && (o->crlf || o->lf)) {
        return usage(err, "--crlf and --lf go with PEM, DER has no lines");
    }
    if (o->ec_params && (der || (w->has_structure && w->structure != FK_KEY_SEC1))) {
        return usage(err, "--ec-params goes with --to sec1 in PEM");
    }
    if (o->p12 != NULL && (o->check != NULL && o->out_key == NULL)) {
        return usage(err, "--check with --p12 needs --out-key");
    }
    if (o->certs && (w->has_structure || o->ec_params || o->check != NULL || o->pick != NULL)) {
        return usage(err, "--certs takes certificates; --to, --ec-params, --check and --pick are "
                          "for keys");
    }
    if (o->pick != NULL && o->p12 == NULL) {
        w->pick = strspn(o->pick, "0123456789") == strlen(o->pick) ? strtoul(o->pick, NULL, 10) : 0;
        if (w->pick == 0) {
            return usage(err, "--pick takes the number of a key, from 1");
        }
    }
    if (o->passin != NULL) {
        w->has_passphrase = true;
        return fk_passphrase_read(o->passin, &w->passphrase, err);
    }
    return FK_OK;
}

int main(int argc, char **argv)
{
    struct options o = {.to = NULL};
    const struct fk_opt table[] = {
        {'p', "profile", FK_OPT_TEXT, &o.profile, "PROFILE",
         "device that takes the output; decides about all of --to to --lf"},
        {0, "use", FK_OPT_TEXT, &o.use, "NAME",
         "with --profile: which of its credentials (default: the first)"},
        {0, "to", FK_OPT_TEXT, &o.to, "pkcs1|sec1|pkcs8",
         "structure of the key (default: as found)"},
        {0, "form", FK_OPT_TEXT, &o.form, "pem|der", "form of the output (default: as found)"},
        {0, "ec-params", FK_OPT_FLAG, &o.ec_params, NULL,
         "put an EC PARAMETERS block in front of a SEC1 key"},
        {0, "no-ec-params", FK_OPT_FLAG, &o.no_ec_params, NULL, "leave it out (the default)"},
        {0, "crlf", FK_OPT_FLAG, &o.crlf, NULL, "end lines of PEM in CR LF"},
        {0, "lf", FK_OPT_FLAG, &o.lf, NULL, "end lines of PEM in LF (the default)"},
        {0, "passin", FK_OPT_TEXT, &o.passin, "SOURCE",
         "pass phrase of the input: env:NAME, file:PATH, fd:N"},
        {0, "check", FK_OPT_TEXT, &o.check, "CERT", "refuse when the key does not belong to CERT"},
        {0, "pick", FK_OPT_TEXT, &o.pick, "KEY", "which of several keys: number, or name in .p12"},
        {0, "certs", FK_OPT_FLAG, &o.certs, NULL, "take the certificates of IN and leave its key"},
        {0, "p12", FK_OPT_TEXT, &o.p12, "FILE", "split a PKCS#12 file"},
        {0, "out-key", FK_OPT_TEXT, &o.out_key, "FILE", "with --p12: the private key"},
        {0, "out-cert", FK_OPT_TEXT, &o.out_cert, "FILE", "with --p12: the key's certificate"},
        {0, "out-ca", FK_OPT_TEXT, &o.out_ca, "FILE", "with --p12: the other certificates"},
        {0, "info", FK_OPT_FLAG, &o.info, NULL, "describe the contents of files"},
        {0, "json", FK_OPT_FLAG, &o.json, NULL, "with --info: as JSON"},
        {'f', "force", FK_OPT_FLAG, &o.force, NULL, "replace files that exist"},
    };
    const struct fk_cli cli = {
        .tool = TOOL,
        .usage = "key-convert [options] IN OUT\n"
                 "key-convert [options] --p12 FILE [--out-key F] [--out-cert F] [--out-ca F]\n"
                 "key-convert --check CERT KEY\n"
                 "key-convert --info [--json] FILE...",
        .about =
            "Converts a private key, or certificates, to the form that a device takes: PEM or\n"
            "DER, PKCS#1, SEC1 or PKCS#8, without pass phrase and without the text around it.\n"
            "IN may be '-' for standard input, OUT '-' for standard output.",
        .opts = table,
        .n_opts = sizeof table / sizeof table[0],
        .max_operands = FK_TEXTS_MAX,
    };
    int code = 0;
    if (!fk_cli_parse(&cli, argc, argv, &o.operands, &code)) {
        return code;
    }
    struct fk_error err = FK_ERROR_INIT;
    struct wish w = {.pick = 0};
    struct fk_profile *profile = NULL;
    enum fk_status st = check_operands(&o, &err);
    if (st == FK_OK) {
        st = load_target(&o, &profile, &w, &err);
    }
    if (st == FK_OK) {
        st = read_wish(&o, &w, &err);
    }
    if (st == FK_OK) {
        st = o.info          ? print_info(&o, &w, &err)
             : o.p12 != NULL ? split_p12(&o, &w, &err)
                             : convert_file(&o, &w, &err);
    }
    fk_buffer_release(&w.passphrase);
    fk_profile_free(profile);
    return fk_cli_done(TOOL, st, &err);
}
