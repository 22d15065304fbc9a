/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/convert.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *fk_form_text(enum fk_form form, bool crlf)
{
    return form == FK_FORM_DER ? "DER" : crlf ? "PEM, CRLF" : "PEM";
}

void fk_key_form_text(const struct fk_key_form *f, char text[FK_KEY_FORM_TEXT_SIZE])
{
    bool pem = f->form == FK_FORM_PEM;
    bool block = pem && f->curve_block && f->structure == FK_KEY_SEC1;
    snprintf(text, FK_KEY_FORM_TEXT_SIZE, "%s, %s%s%s", fk_key_structure_text(f->structure),
             pem ? "PEM" : "DER", block ? " with EC PARAMETERS" : "",
             pem && f->crlf ? ", CRLF" : "");
}

void fk_converted_release(struct fk_converted *c)
{
    fk_buffer_release(&c->bytes);
    *c = (struct fk_converted){.secret = false};
}

static enum fk_status write_pem(const struct fk_key *key, const struct fk_key_form *f,
                                struct fk_slice der, struct fk_buffer *ret, struct fk_error *err)
{
    static const char *const labels[] = {[FK_KEY_PKCS1] = "RSA PRIVATE KEY",
                                         [FK_KEY_SEC1] = "EC PRIVATE KEY",
                                         [FK_KEY_PKCS8] = "PRIVATE KEY"};
    struct fk_buffer curve = {.ptr = NULL};
    struct fk_buffer text = {.ptr = NULL};
    enum fk_status st = FK_OK;
    if (f->curve_block && f->structure == FK_KEY_SEC1) {
        st = fk_key_encode_curve(key, &curve, err);
        if (st == FK_OK) {
            st = fk_pem_append(&text, "EC PARAMETERS", (struct fk_slice){curve.ptr, curve.len},
                               f->crlf, err);
        }
    }
    if (st == FK_OK) {
        st = fk_pem_append(&text, labels[f->structure], der, f->crlf, err);
    }
    fk_buffer_release(&curve);
    if (st == FK_OK) {
        *ret = text;
    } else {
        fk_buffer_release(&text);
    }
    return st;
}

enum fk_status fk_key_write(const struct fk_key *key, const struct fk_key_form *f,
                            struct fk_buffer *ret, struct fk_error *err)
{
    struct fk_buffer der = {.ptr = NULL};
    enum fk_status st = fk_key_encode(key, f->structure, &der, err);
    if (st != FK_OK) {
        return st;
    }
    if (f->form == FK_FORM_DER) {
        *ret = der;
        return FK_OK;
    }
    st = write_pem(key, f, (struct fk_slice){der.ptr, der.len}, ret, err);
    fk_buffer_release(&der);
    return st;
}

/* Takes the first form that fits; what was too large is remembered. */
struct fitting {
    size_t max_size;
    char too_large[200];
};

static bool fits(struct fitting *f, const char *form, size_t len)
{
    if (f->max_size == 0 || len <= f->max_size) {
        return true;
    }
    size_t used = strlen(f->too_large);
    snprintf(f->too_large + used, sizeof f->too_large - used, "%s%s has %zu bytes",
             used > 0 ? "; " : "", form, len);
    return false;
}

static enum fk_status fail_fit(const struct fitting *f, struct fk_error *err)
{
    return fk_fail(err, FK_E_LIMIT, "does not fit the %zu bytes of the target: %s", f->max_size,
                   f->too_large);
}

/* Why the form that was taken is not the first one. */
static void explain(const struct fitting *f, struct fk_converted *c)
{
    if (f->too_large[0] != '\0') {
        snprintf(c->passed_over, sizeof c->passed_over, "%.150s, more than %zu", f->too_large,
                 f->max_size);
    }
}

enum fk_status fk_convert_key(const struct fk_key *key, const struct fk_key_form *forms, size_t n,
                              size_t max_size, struct fk_converted *ret, struct fk_error *err)
{
    struct fitting fitting = {.max_size = max_size};
    struct fk_error first = FK_ERROR_INIT;
    char text[FK_KEY_FORM_TEXT_SIZE];
    char type[FK_KEY_TEXT_SIZE];
    for (size_t i = 0; i < n; i++) {
        struct fk_converted c = {.secret = true, .form = forms[i].form};
        struct fk_error why = FK_ERROR_INIT;
        enum fk_status st = fk_key_write(key, &forms[i], &c.bytes, &why);
        fk_key_form_text(&forms[i], text);
        if (st == FK_E_UNSUPPORTED) {
            first = first.msg[0] == '\0' ? why : first;
        } else if (st != FK_OK) {
            return fk_fail(err, st, "%s", why.msg);
        } else if (fits(&fitting, text, c.bytes.len)) {
            fk_key_describe(fk_key_public(key), type);
            snprintf(c.what, sizeof c.what, "%s, %s", type, text);
            explain(&fitting, &c);
            *ret = c;
            return FK_OK;
        }
        fk_converted_release(&c);
    }
    return fitting.too_large[0] != '\0' ? fail_fit(&fitting, err)
                                        : fk_fail(err, FK_E_UNSUPPORTED, "%s", first.msg);
}

static enum fk_status write_certs(const struct fk_cert *const *certs, size_t n,
                                  const struct fk_cert_form *form, struct fk_buffer *ret,
                                  struct fk_error *err)
{
    struct fk_buffer out = {.ptr = NULL};
    enum fk_status st = FK_OK;
    if (form->form == FK_FORM_DER) { /* one, as the caller has checked */
        struct fk_slice der = fk_cert_info(certs[0])->der;
        out.ptr = malloc(der.len);
        if (out.ptr == NULL) {
            return fk_fail(err, FK_E_MEMORY, "out of memory");
        }
        memcpy(out.ptr, der.ptr, der.len);
        out.len = der.len;
    }
    for (size_t i = 0; i < n && st == FK_OK && form->form == FK_FORM_PEM; i++) {
        st = fk_pem_append(&out, "CERTIFICATE", fk_cert_info(certs[i])->der, form->crlf, err);
    }
    if (st == FK_OK) {
        *ret = out;
    } else {
        fk_buffer_release(&out);
    }
    return st;
}

enum fk_status fk_convert_certs(const struct fk_cert *const *certs, size_t n_certs,
                                const struct fk_cert_form *forms, size_t n, size_t max_size,
                                struct fk_converted *ret, struct fk_error *err)
{
    struct fitting fitting = {.max_size = max_size};
    for (size_t i = 0; i < n; i++) {
        struct fk_converted c = {.form = forms[i].form};
        if (n_certs == 0 || (forms[i].form == FK_FORM_DER && n_certs != 1)) {
            continue;
        }
        enum fk_status st = write_certs(certs, n_certs, &forms[i], &c.bytes, err);
        if (st != FK_OK) {
            return st;
        }
        const char *text = fk_form_text(forms[i].form, forms[i].crlf);
        if (fits(&fitting, text, c.bytes.len)) {
            if (n_certs == 1) {
                snprintf(c.what, sizeof c.what, "a certificate, %s", text);
            } else {
                snprintf(c.what, sizeof c.what, "%zu certificates, %s", n_certs, text);
            }
            explain(&fitting, &c);
            *ret = c;
            return FK_OK;
        }
        fk_converted_release(&c);
    }
    return fitting.too_large[0] != '\0'
               ? fail_fit(&fitting, err)
               : fk_fail(err, FK_E_AMBIGUOUS,
                         "a DER file holds one certificate, but there are %zu; use --form pem, or "
                         "split them",
                         n_certs);
}
