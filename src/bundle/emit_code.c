/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/emit.h"

#include <stdio.h>
#include <string.h>

/* Source for the build of a device: C arrays for any of them, and the macros of WICED. */

static void put_array(struct fk_text *t, const char *name, const struct fk_bundle_item *item)
{
    size_t len = fk_emit_text_len(item);
    bool pem = fk_emit_is_pem(item);
    fk_text_fmt(t, "\n/* %s */\nconst unsigned char %s[] = {", item->what, name);
    for (size_t i = 0; i < len + (pem ? 1 : 0); i++) {
        fk_text_fmt(t, "%s0x%02x,", i % 12 == 0 ? "\n    " : " ", i < len ? item->bytes.ptr[i] : 0);
    }
    fk_text_fmt(t, "\n};\nconst size_t %s_len = %zu;\n", name, len);
}

static void array_name(const struct fk_emit_job *job, const struct fk_bundle_item *item,
                       char name[64])
{
    static const char *const names[] = {[FK_BUNDLE_CA] = "credential_ca",
                                        [FK_BUNDLE_CERT] = "credential_cert",
                                        [FK_BUNDLE_KEY] = "credential_key",
                                        [FK_BUNDLE_AUTH] = "credential_auth"};
    if (fk_emit_count(job, item->role) > 1) {
        snprintf(name, 64, "%s_%zu", names[item->role], fk_emit_number(job, item) + 1);
    } else {
        snprintf(name, 64, "%s", names[item->role]);
    }
}

enum fk_status fk_emit_c(const struct fk_emit_job *job, struct fk_emitted *ret,
                         struct fk_error *err)
{
    struct fk_text c = {.cap = 0}, h = {.cap = 0};
    char name[64];
    fk_text_str(&h, "#ifndef CREDENTIALS_H\n#define CREDENTIALS_H\n\n#include <stddef.h>\n\n"
                    "/* Lengths are in bytes. Behind PEM stands a NUL that is not counted; mbedTLS "
                    "wants it\n * counted: mbedtls_x509_crt_parse(&crt, x, x_len + 1). */\n\n");
    fk_text_str(&c, "#include \"credentials.h\"\n");
    for (size_t i = 0; i < job->repaired->n_items; i++) {
        const struct fk_bundle_item *item = &job->repaired->items[i];
        array_name(job, item, name);
        put_array(&c, name, item);
        fk_text_fmt(&h, "/* %s */\nextern const unsigned char %s[];\nextern const size_t %s_len;\n",
                    item->what, name, name);
    }
    fk_text_str(&h, "\n#endif\n");
    bool secret = fk_emit_count(job, FK_BUNDLE_KEY) > 0;
    enum fk_status st =
        fk_emitted_add_text(ret, "credentials.c", &c, secret, "arrays for any C compiler", err);
    if (st == FK_OK) {
        st = fk_emitted_add_text(ret, "credentials.h", &h, false, "their declarations", err);
    }
    fk_text_release(&h);
    return st;
}

/* ---- WICED ------------------------------------------------------------------------------------
 *
 * A field of the table is one C string, which its readers measure with strlen(): a chain, or a
 * certificate and the root beside it, must be one string. Too long a string would lose its end, and
 * with it the NUL, with no more than a warning of the compiler. */

/* A line of PEM in each line of source. Items have CR LF already, as the profile says. */
static void put_string(struct fk_text *t, const struct fk_bundle_item *item)
{
    size_t len = fk_emit_text_len(item);
    bool open = false;
    for (size_t i = 0; i < len; i++) {
        char c = (char)item->bytes.ptr[i];
        if (!open) {
            fk_text_str(t, " \\\n    \"");
            open = true;
        }
        if (c == '\r' || c == '\n') {
            fk_text_str(t, c == '\r' ? "\\r" : "\\n");
        } else {
            fk_text_add(t, &c, 1); /* PEM of ours has no quote and no backslash */
        }
        if (c == '\n' || i + 1 == len) {
            fk_text_str(t, "\"");
            open = false;
        }
    }
}

/* All items of one field; nothing when there are none. */
static enum fk_status put_field(struct fk_text *t, const struct fk_emit_job *job,
                                const struct fk_area *area, struct fk_error *err)
{
    static const enum fk_bundle_role order[] = {FK_BUNDLE_CERT, FK_BUNDLE_CA, FK_BUNDLE_KEY};
    const char *macro = NULL;
    size_t len = 0;
    for (size_t r = 0; r < sizeof order / sizeof order[0]; r++) {
        for (size_t i = 0; i < job->repaired->n_items; i++) {
            const struct fk_bundle_item *item = &job->repaired->items[i];
            const struct fk_slot *slot = fk_emit_slot(job, item);
            if (item->role != order[r] || slot == NULL || slot->area == NULL ||
                strcmp(slot->area, area->name) != 0) {
                continue;
            }
            if (slot->variable == NULL || !fk_emit_is_pem(item)) {
                return fk_fail(err, FK_E_UNSUPPORTED,
                               "the %s has no macro in the table, or is "
                               "not PEM",
                               fk_bundle_role_text(item->role));
            }
            if (macro == NULL) {
                macro = slot->variable;
                fk_text_fmt(t, "\n#define %s_STRING", macro);
            }
            put_string(t, item);
            len += fk_emit_text_len(item);
        }
    }
    if (macro == NULL) {
        return FK_OK;
    }
    if (len + 1 > area->size) {
        return fk_fail(err, FK_E_LIMIT,
                       "the field '%s' has %u bytes; its contents take %zu with "
                       "the NUL",
                       area->name, (unsigned)area->size, len + 1);
    }
    fk_text_fmt(t, "\ntypedef char fits_%s[sizeof(%s_STRING) <= %u ? 1 : -1]; /* %zu bytes */\n",
                area->name, macro, (unsigned)area->size, len + 1);
    return FK_OK;
}

enum fk_status fk_emit_wiced_dct(const struct fk_emit_job *job, struct fk_emitted *ret,
                                 struct fk_error *err)
{
    struct fk_text t = {.cap = 0};
    enum fk_status st = FK_OK;
    fk_text_str(&t,
                "/* Credentials of the device configuration table, one C string for each field. "
                "*/\n#ifndef GENERATED_SECURITY_DCT_H\n#define GENERATED_SECURITY_DCT_H\n");
    for (size_t i = 0; st == FK_OK && i < job->store->n_areas; i++) {
        st = put_field(&t, job, &job->store->areas[i], err);
    }
    fk_text_str(&t, "\n#endif\n");
    if (st != FK_OK) {
        fk_text_release(&t);
        return st;
    }
    return fk_emitted_add_text(ret, "generated_security_dct.h", &t,
                               fk_emit_count(job, FK_BUNDLE_KEY) > 0,
                               "macros for dct.c of a WICED build", err);
}
