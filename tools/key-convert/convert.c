/* SPDX-License-Identifier: Apache-2.0 */
#include "key-convert/key_convert.h"

#include "fotakit/object.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Writes to a file, or to standard output as "-". A key never goes to a terminal: it would stay in
 * the scroll-back. */
static enum fk_status deliver(const struct options *o, const char *out,
                              const struct fk_converted *c, struct fk_error *err)
{
    struct fk_slice bytes = {c->bytes.ptr, c->bytes.len};
    if (strcmp(out, "-") != 0) {
        struct fk_new_file file = {.path = out, .bytes = bytes, .mode = c->secret ? 0600 : 0644};
        return fk_files_write(&file, 1, o->force, err);
    }
    if ((c->secret || c->form == FK_FORM_DER) && isatty(STDOUT_FILENO)) {
        return usage(err, "keys and DER are not written to a terminal; name a file");
    }
    return fwrite(bytes.ptr, 1, bytes.len, stdout) == bytes.len && fflush(stdout) == 0
               ? FK_OK
               : fk_fail(err, FK_E_IO, "cannot write to standard output");
}

/* The form always counts; the size only when the output was near it. */
static void warn_unverified(const struct wish *w, const struct fk_converted *c)
{
    char prefix[128];
    int n = snprintf(prefix, sizeof prefix, "credentials.%.60s.%s.", w->use->name,
                     c->secret ? "private_key" : "certificate");
    for (size_t i = 0; i < w->profile->n_unverified; i++) {
        const struct fk_unverified *u = &w->profile->unverified[i];
        const char *fact = strncmp(u->key, prefix, (size_t)n) == 0 ? u->key + n : "";
        if (strcmp(fact, "forms") == 0 ||
            (strcmp(fact, "max_size") == 0 && c->passed_over[0] != '\0')) {
            fk_cli_warn(TOOL, "profile '%s' could not verify '%s': %s (%s)", w->profile->name,
                        u->key, u->note, u->source);
        }
    }
}

void tell_converted(const struct wish *w, const char *out, const struct fk_converted *c)
{
    if (w->use != NULL) {
        warn_unverified(w, c);
    }
    if (strcmp(out, "-") == 0) {
        return;
    }
    printf("'%s': %s, %zu bytes\n", out, c->what, c->bytes.len);
    if (c->passed_over[0] != '\0') {
        printf("  %s\n", c->passed_over);
    }
}

static void print_changes(const struct fk_key_found *f, bool mislabelled)
{
    const struct {
        bool happened;
        const char *text;
    } changes[] = {
        {f->public_missing, "the public part was missing and has been computed"},
        {f->point_compressed, "the public part was compressed and is now uncompressed"},
        {f->curve_explicit, "the curve was given by its parameters and is now given by name"},
        {f->curve_from_block, "the curve was taken from the EC PARAMETERS block"},
        {mislabelled, "the PEM label was not the one of the contents"},
    };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        if (changes[i].happened) {
            printf("  %s\n", changes[i].text);
        }
    }
    if (f->encryption[0] != '\0') {
        printf("  the pass phrase has been removed (was %s)\n", f->encryption);
    }
}

static const enum fk_form *only_form(const struct wish *w)
{
    return w->has_form ? &w->form : NULL;
}

enum fk_status make_key(const struct options *o, const struct wish *w, const struct fk_key *key,
                        enum fk_key_structure found, enum fk_form found_form,
                        struct fk_converted *ret, struct fk_error *err)
{
    if (w->use != NULL) {
        enum fk_status checked = fk_key_check(key, err);
        return checked == FK_OK ? fk_use_convert_key(w->use, key, only_form(w), ret, err) : checked;
    }
    const struct fk_key_form form = {
        .structure = w->has_structure ? w->structure : found,
        .form = w->has_form ? w->form : found_form,
        .curve_block = o->ec_params,
        .crlf = o->crlf,
    };
    if (form.form == FK_FORM_DER && (o->crlf || o->ec_params)) {
        return usage(err, "the input is DER: --crlf and --ec-params need --form pem");
    }
    enum fk_status st = fk_key_check(key, err);
    if (st == FK_OK && o->ec_params &&
        (fk_key_public(key)->type != FK_KEY_EC || form.structure != FK_KEY_SEC1)) {
        st = fk_fail(err, FK_E_UNSUPPORTED,
                     "an EC PARAMETERS block goes with SEC1 keys only; this would be a %s key of "
                     "type %s",
                     fk_key_structure_text(form.structure),
                     fk_key_type_text(fk_key_public(key)->type));
    }
    return st == FK_OK ? fk_convert_key(key, &form, 1, 0, ret, err) : st;
}

enum fk_status make_certs(const struct options *o, const struct wish *w,
                          const struct fk_cert *const *certs, size_t n, enum fk_form found_form,
                          struct fk_converted *ret, struct fk_error *err)
{
    if (w->use != NULL) {
        return fk_use_convert_certs(w->use, certs, n, only_form(w), ret, err);
    }
    const struct fk_cert_form form = {.form = w->has_form ? w->form : found_form, .crlf = o->crlf};
    if (form.form == FK_FORM_DER && o->crlf) {
        return usage(err, "the input is DER: --crlf needs --form pem");
    }
    return fk_convert_certs(certs, n, &form, 1, 0, ret, err);
}

static void warn_left_out(const char *file, const struct fk_objects *objects,
                          const struct fk_object *key)
{
    for (size_t i = 0; i < objects->n; i++) {
        const struct fk_object *o = &objects->at[i];
        bool block_of_key = o->kind == FK_OBJECT_EC_PARAMETERS && o + 1 == key;
        bool taken = key != NULL ? o == key || block_of_key : o->kind == FK_OBJECT_CERTIFICATE;
        if (!taken) {
            fk_cli_warn(TOOL, "'%s' line %u: %s is left out", file, o->line, fk_object_name(o));
        }
    }
}

static enum fk_status convert_key(const struct options *o, const struct wish *w,
                                  const struct fk_objects *objects, const struct fk_object *object,
                                  struct fk_error *err)
{
    const char *in = o->operands.at[0];
    const char *out = o->operands.n > 1 ? o->operands.at[1] : NULL;
    struct fk_key *key = NULL;
    struct fk_converted c = {.secret = true};
    enum fk_form found = objects->is_pem ? FK_FORM_PEM : FK_FORM_DER;
    enum fk_status st = fk_key_open(object, passphrase(w), &key, err);
    if (st == FK_OK) {
        st = make_key(o, w, key, fk_object_structure(object), found, &c, err);
    }
    if (st != FK_OK && st != FK_E_USAGE) {
        st = object->line > 0 ? fk_wrap(err, st, "'%s' line %u", in, object->line)
                              : fk_wrap(err, st, "'%s'", in);
    }
    if (st == FK_OK && o->check != NULL) {
        st = fk_check_pair(in, key, o->check, err);
    }
    if (st == FK_OK && out != NULL) {
        st = deliver(o, out, &c, err);
    }
    if (st != FK_OK) {
        goto out;
    }
    if (w->has_passphrase && !fk_object_is_encrypted(object)) {
        fk_cli_warn(TOOL, "'%s' is not encrypted; --passin was not needed", in);
    }
    warn_left_out(in, objects, object);
    if (out == NULL) {
        printf("'%s' belongs to '%s'\n", in, o->check);
    } else {
        tell_converted(w, out, &c);
        if (strcmp(out, "-") != 0) {
            print_changes(fk_key_found(key), object->mislabelled);
        }
    }
out:
    fk_converted_release(&c);
    fk_key_free(key);
    return st;
}

static enum fk_status convert_certs(const struct options *o, const struct wish *w,
                                    const struct fk_objects *objects, struct fk_error *err)
{
    const char *in = o->operands.at[0];
    if (w->has_structure || o->ec_params || o->check != NULL) {
        return fk_fail(err, FK_E_WRONG_KIND, "'%s' holds %s, expected a private key%s", in,
                       fk_object_name(&objects->at[0]),
                       o->check != NULL ? "; were key and certificate swapped?" : "");
    }
    const char *out = o->operands.at[1];
    struct fk_cert_list certs = {.n = 0};
    struct fk_converted c = {.secret = false};
    enum fk_status st = fk_cert_list_open(objects, &certs, err);
    if (st == FK_OK) {
        st = make_certs(o, w, (const struct fk_cert *const *)certs.at, certs.n,
                        objects->is_pem ? FK_FORM_PEM : FK_FORM_DER, &c, err);
    }
    st = st == FK_E_USAGE ? st : fk_wrap(err, st, "'%s'", in);
    if (st == FK_OK) {
        st = deliver(o, out, &c, err);
    }
    if (st == FK_OK) {
        warn_left_out(in, objects, NULL);
        tell_converted(w, out, &c);
    }
    fk_converted_release(&c);
    fk_cert_list_release(&certs);
    return st;
}

enum fk_status convert_file(const struct options *o, const struct wish *w, struct fk_error *err)
{
    const char *in = o->operands.at[0];
    struct fk_objects objects = {.n = 0};
    const struct fk_object *key = NULL;
    enum fk_status st = fk_objects_read(in, &objects, err);
    if (st != FK_OK) {
        return st;
    }
    if (fk_objects_count(&objects, FK_OBJECT_PKCS12) > 0) {
        st = fk_fail(err, FK_E_WRONG_KIND,
                     "'%s' holds a PKCS#12 file; split it with: %s --p12 FILE --out-key FILE "
                     "--out-cert FILE --out-ca FILE",
                     in, TOOL);
        goto out;
    }
    if (!o->certs) {
        st = fk_wrap(err, fk_objects_pick_key(&objects, w->pick, &key, err), "'%s' holds", in);
    }
    if (st != FK_OK) {
        goto out;
    }
    if (key != NULL) {
        st = convert_key(o, w, &objects, key, err);
    } else if (fk_objects_count(&objects, FK_OBJECT_CERTIFICATE) > 0) {
        st = convert_certs(o, w, &objects, err);
    } else {
        st = fk_fail(err, FK_E_WRONG_KIND, "'%s' holds %s, expected %s", in,
                     fk_object_name(&objects.at[0]),
                     o->certs ? "a certificate" : "a private key or a certificate");
    }
out:
    fk_objects_release(&objects);
    return st;
}
