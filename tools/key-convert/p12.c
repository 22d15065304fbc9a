/* SPDX-License-Identifier: Apache-2.0 */
#include "key-convert/key_convert.h"

#include "fotakit/file.h"
#include "fotakit/object.h"

#include <stdio.h>

/* The outputs that were asked for: path, bytes, in one order. */
struct split {
    struct fk_converted c[3];
    const char *path[3];
    size_t n;
};

static enum fk_status make_parts(const struct options *o, const struct wish *w,
                                 const struct fk_p12_parts *parts, struct split *s,
                                 struct fk_error *err)
{
    enum fk_status st = FK_OK;
    if (o->out_key != NULL) {
        if (parts->key == NULL) {
            return fk_fail(err, FK_E_WRONG_KIND, "holds no private key");
        }
        s->path[s->n] = o->out_key;
        st = make_key(o, w, parts->key, FK_KEY_PKCS8, FK_FORM_PEM, &s->c[s->n++], err);
    }
    if (st == FK_OK && o->out_cert != NULL) {
        if (parts->cert == NULL) {
            return fk_fail(err, FK_E_WRONG_KIND, "holds no certificate for %s",
                           parts->key != NULL ? "the private key" : "a private key");
        }
        s->path[s->n] = o->out_cert;
        st = make_certs(o, w, &parts->cert, 1, FK_FORM_PEM, &s->c[s->n++], err);
    }
    if (st == FK_OK && o->out_ca != NULL) {
        if (parts->n_ca == 0) {
            return fk_fail(err, FK_E_WRONG_KIND, "holds no other certificates for --out-ca");
        }
        s->path[s->n] = o->out_ca;
        st = make_certs(o, w, parts->ca, parts->n_ca, FK_FORM_PEM, &s->c[s->n++], err);
    }
    if (st == FK_OK && o->check != NULL && parts->key != NULL) {
        st = fk_check_pair(o->p12, parts->key, o->check, err);
    }
    return st;
}

static enum fk_status write_split(const struct options *o, const struct wish *w,
                                  const struct split *s, struct fk_error *err)
{
    struct fk_new_file files[3];
    for (size_t i = 0; i < s->n; i++) {
        files[i] = (struct fk_new_file){.path = s->path[i],
                                        .bytes = {s->c[i].bytes.ptr, s->c[i].bytes.len},
                                        .mode = s->c[i].secret ? 0600 : 0644};
    }
    enum fk_status st = fk_files_write(files, s->n, o->force, err);
    for (size_t i = 0; i < s->n && st == FK_OK; i++) {
        tell_converted(w, s->path[i], &s->c[i]);
    }
    return st;
}

static void warn_p12(const struct options *o, const struct fk_p12 *p12,
                     const struct fk_p12_parts *parts)
{
    if (!p12->has_mac) {
        fk_cli_warn(TOOL, "'%s' has no MAC: nothing proves that it is complete and unchanged",
                    o->p12);
    }
    if (parts->n_left > 0) {
        fk_cli_warn(TOOL, "'%s': %zu other keys and their certificates are left out", o->p12,
                    parts->n_left);
    }
    if (p12->n_other > 0) {
        fk_cli_warn(TOOL, "'%s': %zu entries of other kinds are left out", o->p12, p12->n_other);
    }
    if (o->out_ca == NULL && parts->n_ca > 0) {
        fk_cli_warn(TOOL, "'%s': %zu more certificates are left out; take them with --out-ca",
                    o->p12, parts->n_ca);
    }
}

enum fk_status split_p12(const struct options *o, const struct wish *w, struct fk_error *err)
{
    struct fk_objects objects = {.n = 0};
    struct fk_p12 p12 = {.n = 0};
    struct fk_p12_parts parts;
    struct split s = {.n = 0};
    enum fk_status st = fk_objects_read(o->p12, &objects, err);
    if (st != FK_OK) {
        return st;
    }
    if (objects.at[0].kind != FK_OBJECT_PKCS12) {
        st = fk_fail(err, FK_E_WRONG_KIND, "holds %s, expected a PKCS#12 file",
                     fk_object_name(&objects.at[0]));
    } else {
        st = fk_p12_open(objects.at[0].der, passphrase(w), &p12, err);
    }
    if (st == FK_OK) {
        st = fk_p12_split(&p12, o->pick, &parts, err);
    }
    if (st == FK_OK) {
        st = make_parts(o, w, &parts, &s, err);
    }
    st = st == FK_E_USAGE || st == FK_E_KEY_MISMATCH ? st : fk_wrap(err, st, "'%s'", o->p12);
    if (st == FK_OK) {
        st = write_split(o, w, &s, err);
    }
    if (st == FK_OK) {
        warn_p12(o, &p12, &parts);
    }
    for (size_t i = 0; i < s.n; i++) {
        fk_converted_release(&s.c[i]);
    }
    fk_p12_release(&p12);
    fk_objects_release(&objects);
    return st;
}
