/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/cert.h"

#include "crypto/der.h"
#include "crypto/digest.h"
#include "crypto/ossl.h"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void fk_cert_free(struct fk_cert *c)
{
    if (c == NULL) {
        return;
    }
    X509_free(c->x509);
    free(c->der);
    OPENSSL_free(c->spki);
    free(c->subject);
    free(c->issuer);
    OPENSSL_free(c->serial);
    free(c->ski);
    free(c->aki);
    free(c);
}

const struct fk_cert_info *fk_cert_info(const struct fk_cert *cert)
{
    return &cert->info;
}

static enum fk_status fail_memory(struct fk_error *err)
{
    return fk_fail(err, FK_E_MEMORY, "out of memory");
}

/* An extension decoded; *ret stays NULL when it is absent. Repeated ones are refused (RFC 5280
 * 4.2): readers would differ on which one counts. */
static enum fk_status get_extension(const X509 *x, int nid, const char *name, void **ret,
                                    bool *ret_critical, struct fk_error *err)
{
    int critical = -1;
    int at = X509_get_ext_by_NID(x, nid, -1);
    *ret = NULL;
    if (at >= 0) { /* the decoder ignores bytes behind the value; other readers do not */
        const ASN1_OCTET_STRING *data = X509_EXTENSION_get_data(X509_get_ext(x, at));
        struct fk_slice value = {ASN1_STRING_get0_data(data), (size_t)ASN1_STRING_length(data)};
        uint64_t claim = 0;
        if (!fk_der_claim(value, &claim) || claim != value.len) {
            return fk_fail(err, FK_E_FORMAT, "the %s extension is malformed: wrong length", name);
        }
    }
    *ret = X509_get_ext_d2i(x, nid, &critical, NULL);
    if (*ret == NULL && critical == -2) {
        return fk_fail(err, FK_E_FORMAT, "the certificate has more than one %s extension", name);
    }
    if (*ret == NULL && critical >= 0) {
        return fk_fail(err, FK_E_FORMAT, "the %s extension is malformed: %s", name,
                       fk_ossl_reason());
    }
    if (ret_critical != NULL) {
        *ret_critical = critical == 1;
    }
    return FK_OK;
}

/* A copy; one byte more, so that an empty identifier has an address, too. */
static enum fk_status keep_octets(const ASN1_OCTET_STRING *from, uint8_t **mem,
                                  struct fk_slice *ret, struct fk_error *err)
{
    size_t len = (size_t)ASN1_STRING_length(from);
    *mem = malloc(len + 1);
    if (*mem == NULL) {
        return fail_memory(err);
    }
    if (len > 0) {
        memcpy(*mem, ASN1_STRING_get0_data(from), len);
    }
    *ret = (struct fk_slice){*mem, len};
    return FK_OK;
}

static enum fk_status read_key_ids(struct fk_cert *c, struct fk_error *err)
{
    struct fk_cert_info *i = &c->info;
    ASN1_OCTET_STRING *ski = NULL;
    AUTHORITY_KEYID *aki = NULL;
    void *p = NULL;
    enum fk_status st =
        get_extension(c->x509, NID_subject_key_identifier, "Subject Key Identifier", &p, NULL, err);
    ski = p;
    if (st == FK_OK && ski != NULL) {
        i->has_ski = true;
        st = keep_octets(ski, &c->ski, &i->ski, err);
    }
    if (st == FK_OK) {
        st = get_extension(c->x509, NID_authority_key_identifier, "Authority Key Identifier", &p,
                           NULL, err);
        aki = p;
    }
    if (st == FK_OK && aki != NULL) {
        i->has_aki = true;
        i->has_aki_issuer = aki->issuer != NULL || aki->serial != NULL;
        i->has_aki_keyid = aki->keyid != NULL;
        if (aki->keyid != NULL) {
            st = keep_octets(aki->keyid, &c->aki, &i->aki_keyid, err);
        }
    }
    ASN1_OCTET_STRING_free(ski);
    AUTHORITY_KEYID_free(aki);
    return st;
}

static enum fk_status read_constraints(struct fk_cert *c, struct fk_error *err)
{
    struct fk_cert_info *i = &c->info;
    void *p = NULL;
    enum fk_status st = get_extension(c->x509, NID_basic_constraints, "Basic Constraints", &p,
                                      &i->basic_constraints_critical, err);
    BASIC_CONSTRAINTS *bc = p;
    if (bc != NULL) {
        i->has_basic_constraints = true;
        i->is_ca = bc->ca != 0;
        i->path_len = bc->pathlen != NULL ? ASN1_INTEGER_get(bc->pathlen) : -1;
    }
    BASIC_CONSTRAINTS_free(bc);
    if (st == FK_OK) {
        st = get_extension(c->x509, NID_key_usage, "Key Usage", &p, NULL, err);
        ASN1_BIT_STRING *usage = st == FK_OK ? p : NULL;
        i->has_key_usage = usage != NULL;
        for (int bit = 0; usage != NULL && bit < 7; bit++) {
            i->key_usage |= ASN1_BIT_STRING_get_bit(usage, bit) != 0 ? 1u << bit : 0;
        }
        ASN1_BIT_STRING_free(usage);
    }
    return st;
}

static char *name_text(const X509_NAME *name)
{
    char *text = NULL;
    char *bytes = NULL;
    BIO *bio = BIO_new(BIO_s_mem());
    if (bio != NULL &&
        X509_NAME_print_ex(bio, name, 0, XN_FLAG_ONELINE & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >=
            0) {
        long n = BIO_get_mem_data(bio, &bytes);
        text = malloc((size_t)n + 1);
        if (text != NULL) {
            memcpy(text, bytes, (size_t)n);
            text[n] = '\0';
        }
    }
    BIO_free(bio);
    return text;
}

static char *serial_text(const X509 *x)
{
    char *text = NULL;
    BIGNUM *n = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x), NULL);
    if (n != NULL) {
        text = BN_bn2hex(n);
    }
    for (char *c = text; c != NULL && *c != '\0'; c++) {
        *c = *c >= 'A' && *c <= 'F' ? (char)(*c | 0x20) : *c;
    }
    BN_free(n);
    return text;
}

static enum fk_status read_time(const ASN1_TIME *t, const char *name, int64_t *ret,
                                struct fk_error *err)
{
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    int days = 0;
    int seconds = 0;
    int ok = epoch != NULL && ASN1_TIME_diff(&days, &seconds, epoch, t) == 1;
    ASN1_TIME_free(epoch);
    if (!ok) {
        return fk_fail(err, FK_E_FORMAT, "the certificate's %s is not a valid time", name);
    }
    *ret = (int64_t)days * 86400 + seconds;
    return FK_OK;
}

void fk_time_text(int64_t seconds, char text[32])
{
    time_t t = (time_t)seconds;
    struct tm tm;
    if (gmtime_r(&t, &tm) == NULL || strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0) {
        snprintf(text, 32, "%lld", (long long)seconds);
    }
}

static enum fk_status read_public(struct fk_cert *c, struct fk_error *err)
{
    struct fk_cert_info *i = &c->info;
    int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(c->x509), &c->spki);
    if (n <= 0) {
        return fk_fail(err, FK_E_FORMAT, "the certificate's public key is malformed: %s",
                       fk_ossl_reason());
    }
    i->spki = (struct fk_slice){c->spki, (size_t)n};
    const ASN1_BIT_STRING *bits = X509_get0_pubkey_bitstr(c->x509);
    i->key_bits = (struct fk_slice){ASN1_STRING_get0_data(bits), (size_t)ASN1_STRING_length(bits)};
    EVP_PKEY *pkey = X509_get0_pubkey(c->x509);
    if (pkey != NULL) { /* else a type or curve that OpenSSL does not have: the name still works */
        fk_ossl_describe(pkey, &i->key);
    }
    ERR_clear_error();
    return fk_digest(FK_DIGEST_SHA256, i->spki, i->key.spki_sha256, err);
}

static enum fk_status read_facts(struct fk_cert *c, struct fk_error *err)
{
    struct fk_cert_info *i = &c->info;
    X509_NAME *subject = X509_get_subject_name(c->x509);
    X509_NAME *issuer = X509_get_issuer_name(c->x509);
    c->subject = name_text(subject);
    c->issuer = name_text(issuer);
    c->serial = serial_text(c->x509);
    if (c->subject == NULL || c->issuer == NULL || c->serial == NULL) {
        return fail_memory(err);
    }
    i->subject = c->subject;
    i->issuer = c->issuer;
    i->serial = c->serial;
    i->self_issued = X509_NAME_cmp(subject, issuer) == 0;
    i->version = (unsigned)(X509_get_version(c->x509) + 1);
    i->path_len = -1;
    i->signature = OBJ_nid2ln(X509_get_signature_nid(c->x509));
    enum fk_status st = read_time(X509_get0_notBefore(c->x509), "notBefore", &i->not_before, err);
    if (st == FK_OK) {
        st = read_time(X509_get0_notAfter(c->x509), "notAfter", &i->not_after, err);
    }
    if (st == FK_OK) {
        st = read_public(c, err);
    }
    if (st == FK_OK) {
        st = read_key_ids(c, err);
    }
    if (st == FK_OK) {
        st = read_constraints(c, err);
    }
    return st;
}

enum fk_status fk_cert_open(struct fk_slice der, struct fk_cert **ret, struct fk_error *err)
{
    enum fk_status st = FK_E_INTERNAL;
    struct fk_cert *c = calloc(1, sizeof *c);
    if (c == NULL) {
        return fail_memory(err);
    }
    c->der = malloc(der.len + 1);
    if (c->der == NULL) {
        st = fail_memory(err);
        goto out;
    }
    memcpy(c->der, der.ptr, der.len);
    c->info.der = (struct fk_slice){c->der, der.len};
    const unsigned char *p = c->der;
    c->x509 = d2i_X509(NULL, &p, (long)der.len);
    if (c->x509 == NULL || p != c->der + der.len) {
        st = fk_fail(err, FK_E_FORMAT, "not a certificate: %s", fk_ossl_reason());
        goto out;
    }
    st = read_facts(c, err);
out:
    if (st == FK_OK) {
        *ret = c;
    } else {
        fk_cert_free(c);
    }
    return st;
}

bool fk_cert_has_key(const struct fk_cert *cert, const struct fk_key *key)
{
    EVP_PKEY *pkey = X509_get0_pubkey(cert->x509);
    bool same = pkey != NULL && EVP_PKEY_eq(pkey, key->pkey) == 1;
    ERR_clear_error();
    return same;
}

bool fk_cert_signed_by(const struct fk_cert *cert, const struct fk_cert *issuer)
{
    EVP_PKEY *pkey = X509_get0_pubkey(issuer->x509);
    bool verified = pkey != NULL && X509_verify(cert->x509, pkey) == 1;
    ERR_clear_error();
    return verified;
}
