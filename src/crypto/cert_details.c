/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/cert.h"

#include "crypto/ossl.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool fk_cert_names_issuer(const struct fk_cert *cert, const struct fk_cert *issuer)
{
    return X509_NAME_cmp(X509_get_issuer_name(cert->x509), X509_get_subject_name(issuer->x509)) ==
           0;
}

void fk_cert_details_release(struct fk_cert_details *d)
{
    for (size_t i = 0; i < d->n_names; i++) {
        free(d->names[i].text);
    }
    free(d->names);
    *d = (struct fk_cert_details){.n_names = 0};
}

/* ---- names --------------------------------------------------------------------------------- */

/* A copy of text, with each NUL as "\0": a reader that stops there sees another name. */
static char *copy_name(const unsigned char *text, size_t len)
{
    char *copy = malloc(2 * len + 1);
    size_t used = 0;
    for (size_t i = 0; copy != NULL && i < len; i++) {
        if (text[i] == '\0') {
            copy[used++] = '\\';
        }
        copy[used++] = text[i] == '\0' ? '0' : (char)text[i];
    }
    if (copy != NULL) {
        copy[used] = '\0';
    }
    return copy;
}

static enum fk_status add_name(struct fk_cert_details *d, enum fk_cert_name_kind kind, char *text,
                               struct fk_error *err)
{
    void *grown = NULL;
    if (d->n_names == FK_CERT_NAMES_MAX) {
        free(text);
        return fk_fail(err, FK_E_LIMIT, "the certificate has more than %d names",
                       FK_CERT_NAMES_MAX);
    }
    if (text != NULL) {
        grown = realloc(d->names, (d->n_names + 1) * sizeof *d->names);
    }
    if (grown == NULL) {
        free(text);
        return fk_fail(err, FK_E_MEMORY, "out of memory");
    }
    d->names = grown;
    d->names[d->n_names++] = (struct fk_cert_name){.kind = kind, .text = text};
    return FK_OK;
}

static enum fk_status read_common_names(const X509 *x, struct fk_cert_details *d,
                                        struct fk_error *err)
{
    const X509_NAME *subject = X509_get_subject_name(x);
    enum fk_status st = FK_OK;
    for (int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1); at >= 0 && st == FK_OK;
         at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) {
        unsigned char *utf8 = NULL;
        int n =
            ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
        if (n < 0) {
            return fk_fail(err, FK_E_FORMAT, "the common name is malformed: %s", fk_ossl_reason());
        }
        st = add_name(d, FK_CERT_NAME_CN, copy_name(utf8, (size_t)n), err);
        OPENSSL_free(utf8);
    }
    return st;
}

static enum fk_status add_alt_name(struct fk_cert_details *d, const GENERAL_NAME *name,
                                   struct fk_error *err)
{
    int type = 0;
    const ASN1_STRING *value = GENERAL_NAME_get0_value(name, &type);
    if (type == GEN_DNS) {
        return add_name(d, FK_CERT_NAME_DNS,
                        copy_name(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value)),
                        err);
    }
    if (type == GEN_IPADD) {
        char text[INET6_ADDRSTRLEN] = "";
        int len = ASN1_STRING_length(value);
        int family = len == 4 ? AF_INET : AF_INET6;
        if ((len != 4 && len != 16) ||
            inet_ntop(family, ASN1_STRING_get0_data(value), text, sizeof text) == NULL) {
            return fk_fail(err, FK_E_FORMAT,
                           "the Subject Alternative Name extension is malformed: an IP address of "
                           "%d bytes",
                           len);
        }
        return add_name(d, FK_CERT_NAME_IP, strdup(text), err);
    }
    return FK_OK;
}

static enum fk_status read_alt_names(const X509 *x, struct fk_cert_details *d, struct fk_error *err)
{
    int critical = -1;
    GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, &critical, NULL);
    if (names == NULL && critical != -1) {
        return fk_fail(err, FK_E_FORMAT,
                       "the Subject Alternative Name extension is malformed or there twice");
    }
    d->has_alt_names = names != NULL;
    enum fk_status st = FK_OK;
    for (int i = 0; i < sk_GENERAL_NAME_num(names) && st == FK_OK; i++) {
        st = add_alt_name(d, sk_GENERAL_NAME_value(names, i), err);
    }
    GENERAL_NAMES_free(names);
    return st;
}

/* ---- the rest ------------------------------------------------------------------------------ */

static enum fk_status read_usage(const X509 *x, struct fk_cert_details *d, struct fk_error *err)
{
    int critical = -1;
    EXTENDED_KEY_USAGE *usage = X509_get_ext_d2i(x, NID_ext_key_usage, &critical, NULL);
    if (usage == NULL && critical != -1) {
        return fk_fail(err, FK_E_FORMAT,
                       "the Extended Key Usage extension is malformed or there twice");
    }
    d->has_eku = usage != NULL;
    for (int i = 0; i < sk_ASN1_OBJECT_num(usage); i++) {
        switch (OBJ_obj2nid(sk_ASN1_OBJECT_value(usage, i))) {
        case NID_server_auth:
            d->eku |= FK_EKU_SERVER_AUTH;
            break;
        case NID_client_auth:
            d->eku |= FK_EKU_CLIENT_AUTH;
            break;
        case NID_code_sign:
            d->eku |= FK_EKU_CODE_SIGNING;
            break;
        case NID_anyExtendedKeyUsage:
            d->eku |= FK_EKU_ANY;
            break;
        default:
            d->eku |= FK_EKU_OTHER;
        }
    }
    EXTENDED_KEY_USAGE_free(usage);
    return FK_OK;
}

static enum fk_key_type signer_type(int nid)
{
    switch (nid) {
    case EVP_PKEY_RSA:
        return FK_KEY_RSA;
    case EVP_PKEY_RSA_PSS:
        return FK_KEY_RSA_PSS;
    case EVP_PKEY_EC:
        return FK_KEY_EC;
    case EVP_PKEY_ED25519:
        return FK_KEY_ED25519;
    case EVP_PKEY_ED448:
        return FK_KEY_ED448;
    default:
        return FK_KEY_OTHER;
    }
}

static void read_signature(X509 *x, struct fk_cert_details *d)
{
    int digest = NID_undef;
    int signer = NID_undef;
    (void)X509_get_signature_info(x, &digest, &signer, NULL, NULL);
    d->signer = signer_type(signer);
    if (digest == NID_undef) { /* not one that OpenSSL rates; the plain table may have its name */
        int type = NID_undef;
        if (OBJ_find_sigid_algs(X509_get_signature_nid(x), &digest, &type) == 1) {
            d->signer = signer_type(type);
        }
    }
    if (digest != NID_undef) {
        snprintf(d->digest, sizeof d->digest, "%s", OBJ_nid2sn(digest));
    }
    ERR_clear_error();
}

static void read_exponent(const X509 *x, struct fk_cert_details *d)
{
    BIGNUM *e = NULL;
    EVP_PKEY *pkey = X509_get0_pubkey(x);
    if (pkey != NULL && EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &e) == 1) {
        BN_ULONG word = BN_get_word(e);
        d->rsa_exponent = BN_num_bits(e) > 63 ? UINT64_MAX : (uint64_t)word;
    }
    BN_free(e);
    ERR_clear_error();
}

/* RFC 5280 4.1.2.5: dates through 2049 in UTCTime, from 2050 on in GeneralizedTime. */
static bool time_as_rfc(const ASN1_TIME *t, int64_t seconds)
{
    static const int64_t year_2050 = 2524608000;
    return ASN1_STRING_type(t) == (seconds < year_2050 ? V_ASN1_UTCTIME : V_ASN1_GENERALIZEDTIME);
}

/* Those that RFC 5280 readers decide by; a small device knows no more. */
static bool is_handled(int nid)
{
    static const int handled[] = {
        NID_basic_constraints,        NID_key_usage,        NID_ext_key_usage,
        NID_subject_key_identifier,   NID_subject_alt_name, NID_netscape_cert_type,
        NID_authority_key_identifier,
    };
    for (size_t i = 0; i < sizeof handled / sizeof handled[0]; i++) {
        if (handled[i] == nid) {
            return true;
        }
    }
    return false;
}

static void read_critical(const X509 *x, struct fk_cert_details *d)
{
    for (int i = 0; i < X509_get_ext_count(x); i++) {
        X509_EXTENSION *ext = X509_get_ext(x, i);
        const ASN1_OBJECT *object = X509_EXTENSION_get_object(ext);
        if (X509_EXTENSION_get_critical(ext) != 0 && !is_handled(OBJ_obj2nid(object))) {
            OBJ_obj2txt(d->critical_unknown, sizeof d->critical_unknown, object, 0);
            return;
        }
    }
}

enum fk_status fk_cert_details(const struct fk_cert *cert, struct fk_cert_details *ret,
                               struct fk_error *err)
{
    struct fk_cert_details d = {.n_names = 0};
    enum fk_status st = read_common_names(cert->x509, &d, err);
    if (st == FK_OK) {
        st = read_alt_names(cert->x509, &d, err);
    }
    if (st == FK_OK) {
        st = read_usage(cert->x509, &d, err);
    }
    read_signature(cert->x509, &d);
    read_exponent(cert->x509, &d);
    read_critical(cert->x509, &d);
    d.times_as_rfc = time_as_rfc(X509_get0_notBefore(cert->x509), cert->info.not_before) &&
                     time_as_rfc(X509_get0_notAfter(cert->x509), cert->info.not_after);
    ERR_clear_error();
    if (st == FK_OK) {
        *ret = d;
    } else {
        fk_cert_details_release(&d);
    }
    return st;
}
