/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/facts.h"

#include "fotakit/hex.h"

#include <stdio.h>
#include <string.h>

/* The lists below are shorter than FK_FACTS_MAX; a longer one would lose its last facts. */
static struct fk_fact *add(struct fk_facts *f, const char *name, enum fk_fact_kind kind)
{
    f->n -= f->n == FK_FACTS_MAX ? 1 : 0;
    struct fk_fact *fact = &f->at[f->n++];
    *fact = (struct fk_fact){.name = name, .kind = kind};
    return fact;
}

static void add_text(struct fk_facts *f, const char *name, const char *text)
{
    struct fk_fact *fact = add(f, name, FK_FACT_TEXT);
    snprintf(fact->text, sizeof fact->text, "%s", text);
}

static void add_number(struct fk_facts *f, const char *name, int64_t number)
{
    struct fk_fact *fact = add(f, name, FK_FACT_NUMBER);
    fact->number = number;
    snprintf(fact->text, sizeof fact->text, "%lld", (long long)number);
}

static void add_bool(struct fk_facts *f, const char *name, bool value)
{
    struct fk_fact *fact = add(f, name, FK_FACT_BOOL);
    fact->number = value ? 1 : 0;
    snprintf(fact->text, sizeof fact->text, "%s", value ? "yes" : "no");
}

static void add_hex(struct fk_facts *f, const char *name, struct fk_slice bytes)
{
    struct fk_fact *fact = add(f, name, FK_FACT_TEXT);
    if (bytes.len <= FK_FACT_TEXT_MAX / 2) {
        fk_hex_encode(bytes.ptr, bytes.len, fact->text);
    } else {
        snprintf(fact->text, sizeof fact->text, "(%zu bytes)", bytes.len);
    }
}

static void add_time(struct fk_facts *f, const char *name, int64_t seconds)
{
    char text[32];
    fk_time_text(seconds, text);
    add_text(f, name, text);
}

static void add_public(struct fk_facts *f, const struct fk_public_info *info)
{
    char text[FK_KEY_TEXT_SIZE];
    fk_key_describe(info, text);
    add_text(f, "key", text);
    add_text(f, "type", fk_key_type_text(info->type));
    add_number(f, "bits", info->bits);
    if (info->curve[0] != '\0') {
        add_text(f, "curve", info->curve);
    }
    add_hex(f, "spki_sha256", (struct fk_slice){info->spki_sha256, sizeof info->spki_sha256});
}

void fk_facts_add_key(struct fk_facts *f, const struct fk_key *key)
{
    const struct fk_key_found *found = fk_key_found(key);
    add_public(f, fk_key_public(key));
    if (fk_key_public(key)->type == FK_KEY_EC) {
        add_bool(f, "public_part", !found->public_missing);
        add_bool(f, "explicit_curve", found->curve_explicit);
    }
}

void fk_facts_add_cert(struct fk_facts *f, const struct fk_cert *cert)
{
    const struct fk_cert_info *i = fk_cert_info(cert);
    add_text(f, "subject", i->subject);
    add_text(f, "issuer", i->issuer);
    add_text(f, "serial", i->serial);
    add_time(f, "not_before", i->not_before);
    add_time(f, "not_after", i->not_after);
    add_text(f, "signature", i->signature);
    add_bool(f, "ca", i->is_ca);
    if (i->has_ski) {
        add_hex(f, "ski", i->ski);
    }
    if (i->has_aki_keyid) {
        add_hex(f, "aki", i->aki_keyid);
    }
    add_number(f, "der_bytes", (int64_t)i->der.len);
    add_public(f, &i->key);
}

enum fk_status fk_facts_add_object(struct fk_facts *f, const struct fk_object *o,
                                   const struct fk_buffer *passphrase, struct fk_error *err)
{
    bool encrypted = fk_object_is_encrypted(o);
    enum fk_status st = FK_OK;
    add_text(f, "kind", fk_object_kind_word(o->kind));
    add_text(f, "form", o->label != NULL ? "pem" : "der");
    if (o->label != NULL) {
        add_text(f, "label", o->label);
    }
    if (fk_object_is_key(o)) {
        add_bool(f, "encrypted", encrypted);
    }
    if (encrypted) {
        char text[96];
        fk_key_encryption(o, text);
        add_text(f, "encryption", text);
    }
    if (fk_object_is_key(o) && (!encrypted || passphrase != NULL)) {
        struct fk_key *key = NULL;
        st = fk_key_open(o, passphrase, &key, err);
        if (st == FK_OK) {
            fk_facts_add_key(f, key);
        }
        fk_key_free(key);
    } else if (o->kind == FK_OBJECT_CERTIFICATE) {
        struct fk_cert *cert = NULL;
        st = fk_cert_open(o->der, &cert, err);
        if (st == FK_OK) {
            fk_facts_add_cert(f, cert);
        }
        fk_cert_free(cert);
    }
    return st;
}
