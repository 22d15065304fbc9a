/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/emit.h"

#include <stdio.h>
#include <string.h>

/* NodeMCU: the two flash pages that app/modules/tls.c keeps, and the Lua that fills them or passes
 * certificates by function.
 *
 *     page   = record ..., rest 0xff
 *     record = name: 32 bytes, padded with 0 | length: 16 bits, little endian | DER
 *
 * The firmware writes a page only when its last record ends before the last byte, and searches the
 * client's page by name. The server's page has one record. */

enum { NAME_SIZE = 32 };

static void put_record(struct fk_text *t, const char *name, struct fk_slice der)
{
    fk_text_str(t, name);
    fk_text_byte(t, 0, NAME_SIZE - strlen(name));
    fk_text_byte(t, (uint8_t)der.len, 1);
    fk_text_byte(t, (uint8_t)(der.len >> 8), 1);
    fk_text_add(t, der.ptr, der.len);
}

static const struct fk_area *area_of(const struct fk_emit_job *job,
                                     const struct fk_bundle_item *item)
{
    const struct fk_slot *slot = fk_emit_slot(job, item);
    for (size_t i = 0; slot != NULL && slot->area != NULL && i < job->store->n_areas; i++) {
        if (strcmp(job->store->areas[i].name, slot->area) == 0) {
            return &job->store->areas[i];
        }
    }
    return NULL;
}

static enum fk_status put_item(struct fk_text *t, const struct fk_bundle_item *item,
                               struct fk_error *err)
{
    if (item->role != FK_BUNDLE_KEY) {
        if (item->n_certs != 1) {
            return fk_fail(err, FK_E_UNSUPPORTED,
                           "a record of the page holds one certificate; "
                           "found %zu in the %s",
                           item->n_certs, fk_bundle_role_text(item->role));
        }
        put_record(t, "certificate", fk_cert_info(item->certs[0])->der);
        return FK_OK;
    }
    struct fk_buffer der = {.ptr = NULL};
    enum fk_key_structure structure =
        fk_key_public(item->key)->type == FK_KEY_RSA ? FK_KEY_PKCS1 : FK_KEY_SEC1;
    enum fk_status st = fk_key_encode(item->key, structure, &der, err);
    if (st == FK_OK) {
        put_record(t, "private_key", (struct fk_slice){der.ptr, der.len});
    }
    fk_buffer_release(&der);
    return st;
}

/* The page of one area: its items in the order certificate, key. */
static enum fk_status add_page(const struct fk_emit_job *job, const struct fk_area *area,
                               struct fk_emitted *ret, struct fk_error *err)
{
    static const enum fk_bundle_role order[] = {FK_BUNDLE_CA, FK_BUNDLE_CERT, FK_BUNDLE_KEY};
    struct fk_text t = {.cap = 0};
    char name[FK_BUNDLE_NAME_SIZE], what[180];
    bool secret = false;
    enum fk_status st = FK_OK;
    for (size_t r = 0; r < sizeof order / sizeof order[0]; r++) {
        for (size_t i = 0; st == FK_OK && i < job->repaired->n_items; i++) {
            const struct fk_bundle_item *item = &job->repaired->items[i];
            if (item->role == order[r] && area_of(job, item) == area) {
                st = put_item(&t, item, err);
                secret |= item->secret;
            }
        }
    }
    size_t used = t.b.len;
    if (st == FK_OK && used >= area->size) {
        st = fk_fail(err, FK_E_LIMIT,
                     "the flash page '%s' has %u bytes, of which the last stays "
                     "free; its records take %zu: use a smaller key",
                     area->name, (unsigned)area->size, used);
    }
    if (st != FK_OK || used == 0) {
        fk_text_release(&t);
        return st;
    }
    fk_text_byte(&t, 0xff, area->size - used);
    snprintf(name, sizeof name, "%.100s-page.bin", area->name);
    snprintf(what, sizeof what, "flash page, %zu of %u bytes used%s%.100s", used,
             (unsigned)area->size, area->place != NULL ? ", for " : "",
             area->place != NULL ? area->place : "");
    return fk_emitted_add_text(ret, name, &t, secret, what, err);
}

enum fk_status fk_emit_nodemcu_page(const struct fk_emit_job *job, struct fk_emitted *ret,
                                    struct fk_error *err)
{
    enum fk_status st =
        job->store->n_areas > 0
            ? FK_OK
            : fk_fail(err, FK_E_UNSUPPORTED, "the store '%s' has no areas", job->store->name);
    for (size_t i = 0; st == FK_OK && i < job->store->n_areas; i++) {
        st = add_page(job, &job->store->areas[i], ret, err);
    }
    return st;
}

/* ---- Lua --------------------------------------------------------------------------------------
 */

/* PEM in long brackets: no PEM holds "]]". A newline behind the brackets is not part of it. */
static enum fk_status put_long_string(struct fk_text *t, const struct fk_bundle_item *item,
                                      struct fk_error *err)
{
    if (!fk_emit_is_pem(item)) {
        return fk_fail(err, FK_E_UNSUPPORTED, "the string form takes PEM; the %s is DER",
                       fk_bundle_role_text(item->role));
    }
    fk_text_str(t, "[[\n");
    fk_text_add(t, item->bytes.ptr, fk_emit_text_len(item));
    fk_text_str(t, "]]");
    return FK_OK;
}

static const struct fk_bundle_item *first_of(const struct fk_emit_job *job,
                                             enum fk_bundle_role role)
{
    for (size_t i = 0; i < job->repaired->n_items; i++) {
        if (job->repaired->items[i].role == role) {
            return &job->repaired->items[i];
        }
    }
    return NULL;
}

enum fk_status fk_emit_lua_strings(const struct fk_emit_job *job, struct fk_emitted *ret,
                                   struct fk_error *err)
{
    struct fk_text t = {.cap = 0};
    const struct fk_bundle_item *ca = first_of(job, FK_BUNDLE_CA);
    const struct fk_bundle_item *cert = first_of(job, FK_BUNDLE_CERT);
    const struct fk_bundle_item *key = first_of(job, FK_BUNDLE_KEY);
    enum fk_status st = FK_OK;
    fk_text_str(&t, "-- Run once: each call writes a flash page, which survives a restart. Later\n"
                    "-- tls.cert.verify(true) and tls.cert.auth(true) switch it on again.\n");
    if (ca != NULL) {
        fk_text_str(&t, "tls.cert.verify(");
        st = put_long_string(&t, ca, err);
        fk_text_str(&t, ")\n");
    }
    if (st == FK_OK && cert != NULL && key != NULL) {
        fk_text_str(&t, "tls.cert.auth(");
        st = put_long_string(&t, cert, err);
        fk_text_str(&t, ", ");
        st = st == FK_OK ? put_long_string(&t, key, err) : st;
        fk_text_str(&t, ")\n");
    }
    if (st != FK_OK) {
        fk_text_release(&t);
        return st;
    }
    return fk_emitted_add_text(ret, "tls-credentials.lua", &t, key != NULL,
                               "fills the flash pages of NodeMCU", err);
}

static enum fk_status put_names(struct fk_text *t, const struct fk_emit_job *job,
                                enum fk_bundle_role role, struct fk_error *err)
{
    char name[FK_BUNDLE_NAME_SIZE];
    enum fk_status st = FK_OK;
    for (size_t i = 0; st == FK_OK && i < job->repaired->n_items; i++) {
        const struct fk_bundle_item *item = &job->repaired->items[i];
        if (item->role == role) {
            st = fk_emit_item_name(job->store, item, fk_emit_number(job, item), name, err);
            fk_text_fmt(t, role == FK_BUNDLE_KEY ? "[0] = \"%s\", " : "\"%s\", ", name);
        }
    }
    return st;
}

enum fk_status fk_emit_lua_callback(const struct fk_emit_job *job, struct fk_emitted *ret,
                                    struct fk_error *err)
{
    struct fk_text t = {.cap = 0};
    bool own = fk_emit_count(job, FK_BUNDLE_KEY) > 0;
    fk_text_str(&t, "-- Run at each start. Files are read when a connection is made, so that they "
                    "take no\n-- memory in between.\n"
                    "local function reader(names)\n"
                    "  return function(k)\n"
                    "    return names[k] and file.getcontents(names[k])\n"
                    "  end\n"
                    "end\n\n");
    enum fk_status st = FK_OK;
    if (fk_emit_count(job, FK_BUNDLE_CA) > 0) {
        fk_text_str(&t, "tls.cert.verify(reader({ ");
        st = put_names(&t, job, FK_BUNDLE_CA, err);
        fk_text_str(&t, "}))\n");
    }
    if (st == FK_OK && own) {
        fk_text_str(&t, "tls.cert.auth(reader({ ");
        st = put_names(&t, job, FK_BUNDLE_KEY, err);
        st = st == FK_OK ? put_names(&t, job, FK_BUNDLE_CERT, err) : st;
        fk_text_str(&t, "}))\n");
    }
    if (st != FK_OK) {
        fk_text_release(&t);
        return st;
    }
    st = fk_emitted_add_text(ret, "tls-credentials.lua", &t, false,
                             "passes the files to NodeMCU's TLS module", err);
    return st == FK_OK ? fk_emit_files(job, ret, err) : st;
}
