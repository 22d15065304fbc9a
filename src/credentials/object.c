/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/object.h"

#include "credentials/classify.h"
#include "crypto/der.h"

#include <stdlib.h>
#include <string.h>

struct kind_row {
    const char *word;
    const char *text;
};

static const struct kind_row kinds[] = {
    [FK_OBJECT_UNKNOWN] = {"unknown", "something unknown"},
    [FK_OBJECT_PKCS1] = {"pkcs1", "an RSA private key (PKCS#1)"},
    [FK_OBJECT_SEC1] = {"sec1", "an EC private key (SEC1)"},
    [FK_OBJECT_PKCS8] = {"pkcs8", "a private key (PKCS#8)"},
    [FK_OBJECT_PKCS8_ENCRYPTED] = {"pkcs8-encrypted", "an encrypted private key (PKCS#8)"},
    [FK_OBJECT_PKCS1_ENCRYPTED] = {"pkcs1-encrypted", "an encrypted RSA private key (PKCS#1)"},
    [FK_OBJECT_SEC1_ENCRYPTED] = {"sec1-encrypted", "an encrypted EC private key (SEC1)"},
    [FK_OBJECT_EC_PARAMETERS] = {"ec-parameters", "EC parameters"},
    [FK_OBJECT_PUBLIC_KEY] = {"public-key", "a public key"},
    [FK_OBJECT_CERTIFICATE] = {"certificate", "a certificate"},
    [FK_OBJECT_REQUEST] = {"request", "a certificate request"},
    [FK_OBJECT_CRL] = {"crl", "a revocation list"},
    [FK_OBJECT_PKCS12] = {"pkcs12", "a PKCS#12 file"},
    [FK_OBJECT_PKCS7] = {"pkcs7", "a PKCS#7 bundle"},
    [FK_OBJECT_OPENSSH_KEY] = {"openssh-key", "an OpenSSH private key"},
};

const char *fk_object_kind_text(enum fk_object_kind kind)
{
    return kinds[kind].text;
}

const char *fk_object_name(const struct fk_object *o)
{
    return o->kind == FK_OBJECT_UNKNOWN && o->label != NULL ? o->label
                                                            : fk_object_kind_text(o->kind);
}

const char *fk_object_kind_word(enum fk_object_kind kind)
{
    return kinds[kind].word;
}

bool fk_object_is_encrypted(const struct fk_object *o)
{
    return o->kind == FK_OBJECT_PKCS8_ENCRYPTED || o->kind == FK_OBJECT_PKCS1_ENCRYPTED ||
           o->kind == FK_OBJECT_SEC1_ENCRYPTED;
}

bool fk_object_is_key(const struct fk_object *o)
{
    return o->kind == FK_OBJECT_PKCS1 || o->kind == FK_OBJECT_SEC1 || o->kind == FK_OBJECT_PKCS8 ||
           fk_object_is_encrypted(o);
}

size_t fk_objects_count_keys(const struct fk_objects *o)
{
    size_t n = 0;
    for (size_t i = 0; i < o->n; i++) {
        n += fk_object_is_key(&o->at[i]) ? 1 : 0;
    }
    return n;
}

size_t fk_objects_count(const struct fk_objects *o, enum fk_object_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < o->n; i++) {
        n += o->at[i].kind == kind ? 1 : 0;
    }
    return n;
}

/* What each label promises; the names of RFC 7468 and the older ones that OpenSSL reads. */
static const struct label_row {
    const char *label;
    enum fk_object_kind kind;
} labels[] = {
    {"RSA PRIVATE KEY", FK_OBJECT_PKCS1},
    {"EC PRIVATE KEY", FK_OBJECT_SEC1},
    {"PRIVATE KEY", FK_OBJECT_PKCS8},
    {"ENCRYPTED PRIVATE KEY", FK_OBJECT_PKCS8_ENCRYPTED},
    {"EC PARAMETERS", FK_OBJECT_EC_PARAMETERS},
    {"PUBLIC KEY", FK_OBJECT_PUBLIC_KEY},
    {"RSA PUBLIC KEY", FK_OBJECT_PUBLIC_KEY},
    {"CERTIFICATE", FK_OBJECT_CERTIFICATE},
    {"X509 CERTIFICATE", FK_OBJECT_CERTIFICATE},
    {"TRUSTED CERTIFICATE", FK_OBJECT_CERTIFICATE},
    {"CERTIFICATE REQUEST", FK_OBJECT_REQUEST},
    {"NEW CERTIFICATE REQUEST", FK_OBJECT_REQUEST},
    {"X509 CRL", FK_OBJECT_CRL},
    {"PKCS12", FK_OBJECT_PKCS12},
    {"PKCS7", FK_OBJECT_PKCS7},
    {"CMS", FK_OBJECT_PKCS7},
    {"OPENSSH PRIVATE KEY", FK_OBJECT_OPENSSH_KEY},
};

static enum fk_object_kind promised(const char *label)
{
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
        if (strcmp(labels[i].label, label) == 0) {
            return labels[i].kind;
        }
    }
    return FK_OBJECT_UNKNOWN;
}

/* The object must fill the bytes it came in. */
static enum fk_status check_extent(struct fk_slice der, struct fk_error *err)
{
    uint64_t claim = 0;
    if (!fk_der_claim(der, &claim)) {
        return fk_fail(err, FK_E_FORMAT, "not DER: starts with byte 0x%02x",
                       der.len > 0 ? der.ptr[0] : 0);
    }
    if (claim > der.len) {
        return fk_fail(err, FK_E_TRUNCATED,
                       "cut off: the object claims %llu bytes, but only %zu are there",
                       (unsigned long long)claim, der.len);
    }
    if (claim < der.len) {
        return fk_fail(err, FK_E_TRAILING, "%llu bytes follow the object, which ends at byte %llu",
                       (unsigned long long)(der.len - claim), (unsigned long long)claim);
    }
    return FK_OK;
}

static enum fk_status traditional(const struct fk_pem_block *b, struct fk_object *o,
                                  struct fk_error *err)
{
    enum fk_object_kind clear = promised(b->label);
    if (clear != FK_OBJECT_PKCS1 && clear != FK_OBJECT_SEC1) {
        return fk_fail(
            err, FK_E_UNSUPPORTED,
            "line %u: encrypted block '%s' is not supported, only RSA and EC private keys", b->line,
            b->label);
    }
    o->kind = clear == FK_OBJECT_PKCS1 ? FK_OBJECT_PKCS1_ENCRYPTED : FK_OBJECT_SEC1_ENCRYPTED;
    o->dek_info = b->dek_info;
    return FK_OK;
}

static enum fk_status from_block(const struct fk_pem_block *b, struct fk_object *o,
                                 struct fk_error *err)
{
    *o = (struct fk_object){.der = b->data, .label = b->label, .line = b->line};
    if (b->dek_info[0] != '\0') {
        return traditional(b, o, err);
    }
    enum fk_object_kind label_says = promised(b->label);
    if (b->data.len == 0 || label_says == FK_OBJECT_UNKNOWN) {
        o->kind = label_says; /* OpenSSH keys, PGP, and labels we have nothing to do with */
        return FK_OK;
    }
    uint64_t claim = 0;
    if (strcmp(b->label, "TRUSTED CERTIFICATE") == 0 && fk_der_claim(o->der, &claim) &&
        claim < o->der.len) {
        o->der.len = (size_t)claim; /* OpenSSL's trust settings stand behind the certificate */
    }
    o->kind = fk_classify(o->der);
    if (o->kind == FK_OBJECT_PKCS12) {
        return FK_OK; /* may be BER */
    }
    enum fk_status st = check_extent(o->der, err);
    if (st == FK_OK && o->kind == FK_OBJECT_UNKNOWN) {
        st = fk_fail(err, FK_E_FORMAT, "not what its label says, nor anything else that is known");
    }
    o->mislabelled = o->kind != label_says;
    return fk_wrap(err, st, "line %u: block %s", b->line, b->label);
}

static enum fk_status from_pem(struct fk_slice text, struct fk_objects *o, struct fk_error *err)
{
    enum fk_status st = fk_pem_parse(text, &o->pem, err);
    if (st != FK_OK) {
        return st;
    }
    o->is_pem = true;
    o->marks = o->pem.marks;
    o->at = calloc(o->pem.n, sizeof *o->at);
    if (o->at == NULL) {
        return fk_fail(err, FK_E_MEMORY, "out of memory");
    }
    for (; o->n < o->pem.n; o->n++) {
        struct fk_object *now = &o->at[o->n];
        st = from_block(&o->pem.blocks[o->n], now, err);
        if (st != FK_OK) {
            return st;
        }
        const struct fk_object *before = o->n > 0 ? now - 1 : NULL;
        if (now->kind == FK_OBJECT_SEC1 && before != NULL &&
            before->kind == FK_OBJECT_EC_PARAMETERS) {
            now->parameters = before->der;
        }
    }
    return FK_OK;
}

static enum fk_status from_der(struct fk_slice bytes, struct fk_objects *o, struct fk_error *err)
{
    enum fk_object_kind kind = fk_classify(bytes);
    if (kind != FK_OBJECT_PKCS12) { /* which may be BER; its decoder checks the length */
        enum fk_status st = check_extent(bytes, err);
        if (st != FK_OK) {
            return st;
        }
    }
    if (kind == FK_OBJECT_UNKNOWN) {
        return fk_fail(err, FK_E_FORMAT, "DER, but neither a key nor a certificate");
    }
    o->at = calloc(1, sizeof *o->at);
    if (o->at == NULL) {
        return fk_fail(err, FK_E_MEMORY, "out of memory");
    }
    o->at[0] = (struct fk_object){.kind = kind, .der = bytes};
    o->n = 1;
    return FK_OK;
}

enum fk_status fk_objects_parse(struct fk_slice bytes, struct fk_objects *ret, struct fk_error *err)
{
    struct fk_objects o = {.n = 0};
    enum fk_status st = fk_classify_file(bytes, &o.is_pem, err);
    if (st != FK_OK) {
        return st;
    }
    if (o.is_pem) {
        st = from_pem(bytes, &o, err);
    } else {
        o.file.ptr = malloc(bytes.len);
        if (o.file.ptr == NULL) {
            return fk_fail(err, FK_E_MEMORY, "out of memory");
        }
        memcpy(o.file.ptr, bytes.ptr, bytes.len);
        o.file.len = bytes.len;
        st = from_der((struct fk_slice){o.file.ptr, o.file.len}, &o, err);
    }
    if (st == FK_OK) {
        *ret = o;
    } else {
        fk_objects_release(&o);
    }
    return st;
}

enum fk_status fk_objects_read(const char *path, struct fk_objects *ret, struct fk_error *err)
{
    bool is_stdin = strcmp(path, "-") == 0;
    struct fk_buffer file = {.ptr = NULL};
    enum fk_status st =
        fk_file_read(is_stdin ? "/dev/stdin" : path, FK_OBJECT_FILE_MAX, &file, err);
    if (st != FK_OK) {
        return st;
    }
    st = fk_objects_parse((struct fk_slice){file.ptr, file.len}, ret, err);
    fk_buffer_release(&file);
    return is_stdin ? fk_wrap(err, st, "standard input") : fk_wrap(err, st, "'%s'", path);
}

void fk_objects_release(struct fk_objects *o)
{
    fk_pem_release(&o->pem);
    fk_buffer_release(&o->file);
    free(o->at);
    *o = (struct fk_objects){.n = 0};
}
