/* SPDX-License-Identifier: Apache-2.0 */
/* certificate and chain: what a device asks of the certificates that it holds and meets. */
#include "profile/section_credentials.h"

enum { PEER_SIZE_MAX = 64 * 1024, INTERMEDIATES_MAX = 16, DIGESTS = 7 };

static const struct fk_word types[] = {
    {"rsa", FK_KEY_RSA},
    {"ec", FK_KEY_EC},
    {"ed25519", FK_KEY_ED25519},
};
static const struct fk_word digests[DIGESTS] = {
    {"md5", FK_DIGEST_MD5},
    {"sha1", FK_DIGEST_SHA1},
    {"sha224", FK_DIGEST_SHA224},
    {"sha256", FK_DIGEST_SHA256},
    {"sha384", FK_DIGEST_SHA384},
    {"sha512", FK_DIGEST_SHA512},
    {"ripemd160", FK_DIGEST_RIPEMD160},
};
static const struct fk_word extensions[] = {
    {"subject-key-identifier", FK_EXT_SUBJECT_KEY_ID},
    {"authority-key-identifier", FK_EXT_AUTHORITY_KEY_ID},
    {"basic-constraints", FK_EXT_BASIC_CONSTRAINTS},
    {"key-usage", FK_EXT_KEY_USAGE},
    {"extended-key-usage", FK_EXT_EXTENDED_KEY_USAGE},
};
static const struct fk_word kinds[] = {
    {"root", FK_CERT_ROOT},
    {"intermediate", FK_CERT_INTERMEDIATE},
    {"server", FK_CERT_SERVER},
    {"device", FK_CERT_DEVICE},
};
static const struct {
    struct fk_word word;
    enum fk_extension of;
} values[] = {
    {{"ca", FK_EXT_CA}, FK_EXT_BASIC_CONSTRAINTS},
    {{"key-encipherment", FK_EXT_KEY_ENCIPHERMENT}, FK_EXT_KEY_USAGE},
    {{"server-auth", FK_EXT_SERVER_AUTH}, FK_EXT_EXTENDED_KEY_USAGE},
    {{"client-auth", FK_EXT_CLIENT_AUTH}, FK_EXT_EXTENDED_KEY_USAGE},
};
enum { VALUES = sizeof values / sizeof values[0] };

static void load_public(struct fk_fields *f, struct fk_public_rules *p)
{
    struct fk_items items = fk_field_list(f, "types", 1, 3);
    int type = 0;
    while (fk_items_word(&items, FK_WORDS(types), &type)) {
        bool *taken = type == FK_KEY_RSA ? &p->rsa : type == FK_KEY_EC ? &p->ec : &p->ed25519;
        if (*taken) {
            fk_fields_refuse(f, "types", "one type stands there twice");
        }
        *taken = true;
    }
    p->source = fk_field_source(f, "types");
    if (fk_fields_has(f, "rsa")) {
        struct fk_rsa_range r = fk_credentials_rsa(f);
        p->rsa_min_bits = r.min;
        p->rsa_max_bits = r.max;
        if (fk_fields_ok(f) && !p->rsa) {
            fk_fields_refuse(f, "rsa", "rsa is not among the types; drop it or add it there");
        }
    }
    if (fk_fields_has(f, "curves")) {
        p->n_curves = fk_credentials_curves(f, p->curves);
        if (fk_fields_ok(f) && !p->ec) {
            fk_fields_refuse(f, "curves", "ec is not among the types; drop it or add it there");
        }
    }
    p->published = true;
    fk_fields_end(f);
}

static enum fk_ext_value load_value(struct fk_fields *f, enum fk_extension extension)
{
    struct fk_word words[VALUES];
    size_t n = 0;
    for (size_t i = 0; i < VALUES; i++) {
        if (values[i].of == extension) {
            words[n++] = values[i].word;
        }
    }
    if (n == 0) {
        fk_fields_refuse(f, "value", "this extension has no values to ask for");
        return FK_EXT_ANY_VALUE;
    }
    return (enum fk_ext_value)fk_field_word(f, "value", words, n);
}

static void load_extension(struct fk_fields *f, struct fk_cert_rules *cert)
{
    struct fk_extension_rule r = {.on = 0};
    r.extension = (enum fk_extension)fk_field_word(f, "extension", FK_WORDS(extensions));
    struct fk_items items = fk_field_list(f, "on", 1, sizeof kinds / sizeof kinds[0]);
    int kind = 0;
    while (fk_items_word(&items, FK_WORDS(kinds), &kind)) {
        if ((r.on & (unsigned)kind) != 0) {
            fk_fields_refuse(f, "on", "one kind of certificate stands there twice");
        }
        r.on |= (unsigned)kind;
    }
    if (fk_fields_has(f, "value")) {
        r.value = load_value(f, r.extension);
    }
    r.source = fk_field_source(f, "extension");
    fk_fields_end(f);
    if (fk_fields_ok(f)) {
        cert->extensions[cert->n_extensions++] = r;
    }
}

static void load_digests(struct fk_fields *f, struct fk_cert_rules *cert)
{
    struct fk_items items = fk_field_list(f, "digests", 1, DIGESTS);
    int digest = 0;
    while (fk_items_word(&items, FK_WORDS(digests), &digest)) {
        if ((cert->digests & (unsigned)digest) != 0) {
            fk_fields_refuse(f, "digests", "one digest stands there twice");
        }
        cert->digests |= (unsigned)digest;
    }
    cert->digests_source = fk_field_source(f, "digests");
}

static void load_forms(struct fk_fields *f, struct fk_cert_rules *cert)
{
    struct fk_items items = fk_field_list(f, "forms", 1, 2);
    int form = 0;
    while (fk_items_word(&items, fk_form_words, 2, &form)) {
        if (cert->n_forms == 1 && (int)cert->forms[0] == form) {
            fk_fields_refuse(f, "forms", "one form stands there twice");
            return;
        }
        cert->forms[cert->n_forms++] = (enum fk_form)form;
    }
}

void fk_credentials_cert(struct fk_fields *f, struct fk_cert_rules *cert)
{
    cert->public_key.source = "";
    cert->digests_source = "";
    cert->peer_source = "";
    fk_credentials_file(f, &cert->file);
    load_forms(f, cert);
    if (fk_fields_has(f, "public_key")) {
        struct fk_fields key = fk_field_map(f, "public_key");
        load_public(&key, &cert->public_key);
    }
    if (fk_fields_has(f, "digests")) {
        load_digests(f, cert);
    }
    if (fk_fields_has(f, "peer_max_size")) {
        cert->peer_max_size = fk_field_size(f, "peer_max_size", 1, PEER_SIZE_MAX);
        cert->peer_source = fk_field_source(f, "peer_max_size");
    }
    if (fk_fields_has(f, "extensions")) {
        struct fk_items items = fk_field_list(f, "extensions", 1, FK_EXTENSION_RULES_MAX);
        struct fk_fields one;
        while (fk_items_map(&items, &one)) {
            load_extension(&one, cert);
        }
    }
}

void fk_credentials_chain(struct fk_fields *f, struct fk_chain_rules *chain)
{
    static const struct fk_word lookups[] = {{"subject", FK_LOOKUP_SUBJECT},
                                             {"key-identifier", FK_LOOKUP_KEY_ID}};
    chain->source = "";
    if (fk_fields_has(f, "root_found_by")) {
        chain->root_found_by =
            (enum fk_root_lookup)fk_field_word(f, "root_found_by", FK_WORDS(lookups));
        chain->source = fk_field_source(f, "root_found_by");
    }
    if (fk_fields_has(f, "intermediates_max")) {
        chain->has_intermediates_max = true;
        chain->intermediates_max = fk_field_number(f, "intermediates_max", 0, INTERMEDIATES_MAX);
        chain->source = fk_field_source(f, "intermediates_max");
    }
    chain->intermediates_loaded = fk_credentials_answer(f, "intermediates_loaded");
}
