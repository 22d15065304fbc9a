/* SPDX-License-Identifier: Apache-2.0 */
#include "support/pki.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Not cmocka: fuzz targets link this file as well. */
static void must(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "cannot make a test certificate: %s\n", what);
        abort();
    }
}

static void extend(X509 *x, const X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, (X509 *)(uintptr_t)issuer, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    must(e != NULL && X509_add_ext(x, e, -1) == 1, value);
    X509_EXTENSION_free(e);
}

static void set_name(X509 *x, const struct pki_spec *spec)
{
    X509_NAME *name = X509_get_subject_name(x);
    const char *names[] = {spec->cn, spec->cn2};
    for (size_t i = 0; i < 2; i++) {
        if (names[i] != NULL) {
            /* "\0" in a name stands for a NUL */
            const char *nul = strstr(names[i], "\\0");
            unsigned char text[256];
            size_t n = strlen(names[i]);
            memcpy(text, names[i], n);
            if (nul != NULL) {
                size_t at = (size_t)(nul - names[i]);
                text[at] = 0;
                memmove(text + at + 1, text + at + 2, n - at - 2);
                n--;
            }
            must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, (int)n, -1, 0) == 1,
                 "name");
        }
    }
}

static void add_extensions(X509 *x, const X509 *issuer, const struct pki_spec *spec)
{
    if (!spec->no_ids) {
        extend(x, issuer, NID_subject_key_identifier, "hash");
    }
    if (!spec->no_ids || spec->aki != NULL) {
        extend(x, issuer, NID_authority_key_identifier,
               spec->aki != NULL ? spec->aki : "keyid:always");
    }
    extend(x, issuer, NID_basic_constraints, spec->ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
    extend(x, issuer, NID_key_usage,
           spec->ca ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature");
    if (spec->san != NULL) {
        extend(x, issuer, NID_subject_alt_name, spec->san);
    }
    if (spec->eku != NULL) {
        extend(x, issuer, NID_ext_key_usage, spec->eku);
    }
}

static EVP_PKEY *key_of(const struct pki_spec *spec)
{
    if (spec->key != NULL) {
        EVP_PKEY *key = (EVP_PKEY *)(uintptr_t)spec->key;
        must(EVP_PKEY_up_ref(key) == 1, "key");
        return key;
    }
    bool ed = spec->kind != NULL && strcmp(spec->kind, "ed25519") == 0;
    EVP_PKEY *key = spec->rsa_bits != 0 ? EVP_RSA_gen(spec->rsa_bits)
                    : ed                ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")
                                        : EVP_EC_gen(spec->kind != NULL ? spec->kind : "P-256");
    must(key != NULL, "key");
    return key;
}

void pki_make(struct pki_node *ret, const struct pki_spec *spec)
{
    static long serial;
    bool usual = spec->from == 0 && spec->to == 0;
    X509 *x = X509_new();
    must(x != NULL, "memory");
    ret->key = key_of(spec);
    ret->x = x;
    const struct pki_node *issuer = spec->issuer != NULL ? spec->issuer : ret;
    X509_set_version(x, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial);
    set_name(x, spec);
    X509_set_issuer_name(x, X509_get_subject_name(issuer->x));
    must(ASN1_TIME_set(X509_getm_notBefore(x), PKI_NOW + (usual ? -PKI_DAY : spec->from)) != NULL,
         "time");
    must(ASN1_TIME_set(X509_getm_notAfter(x), PKI_NOW + (usual ? 365 * PKI_DAY : spec->to)) != NULL,
         "time");
    X509_set_pubkey(x, ret->key);
    add_extensions(x, issuer->x, spec);
    const EVP_MD *md = spec->sha1 ? EVP_sha1() : EVP_sha256();
    bool ed = EVP_PKEY_is_a(issuer->key, "ED25519") == 1; /* brings its own */
    must(X509_sign(x, issuer->key, ed ? NULL : md) > 0, "signature");
}

void pki_free(struct pki_node *node)
{
    X509_free(node->x);
    EVP_PKEY_free(node->key);
    *node = (struct pki_node){NULL, NULL};
}

static struct fk_slice keep(BIO *from)
{
    static unsigned char kept[32][4096];
    static unsigned next;
    unsigned char *to = kept[next++ % 32];
    int n = BIO_read(from, to, sizeof kept[0]);
    must(n > 0 && n < (int)sizeof kept[0], "encoding");
    BIO_free(from);
    return (struct fk_slice){to, (size_t)n};
}

struct fk_slice pki_der(const struct pki_node *node)
{
    BIO *b = BIO_new(BIO_s_mem());
    must(b != NULL && i2d_X509_bio(b, node->x) == 1, "DER");
    return keep(b);
}

struct fk_slice pki_pem(const struct pki_node *node)
{
    BIO *b = BIO_new(BIO_s_mem());
    must(b != NULL && PEM_write_bio_X509(b, node->x) == 1, "PEM");
    return keep(b);
}

struct fk_slice pki_key(const struct pki_node *node)
{
    BIO *b = BIO_new(BIO_s_mem());
    unsigned char *der = NULL;
    int n = i2d_PrivateKey(node->key, &der);
    must(b != NULL && n > 0 && BIO_write(b, der, n) == n, "key");
    OPENSSL_free(der);
    return keep(b);
}

struct fk_slice pki_key_id(const struct pki_node *node)
{
    const ASN1_OCTET_STRING *id = X509_get0_subject_key_id(node->x);
    if (id == NULL) {
        return (struct fk_slice){NULL, 0};
    }
    return (struct fk_slice){ASN1_STRING_get0_data(id), (size_t)ASN1_STRING_length(id)};
}
