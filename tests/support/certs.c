/* SPDX-License-Identifier: Apache-2.0 */
#include "support/certs.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <openssl/evp.h>
#include <openssl/x509v3.h>

enum { KEPT_MAX = 64 };
static unsigned char *kept[KEPT_MAX];
static size_t n_kept;
static EVP_PKEY *common_key;

/* Not cmocka: fuzz targets link this file as well. */
static void must(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "cannot make a test certificate: %s\n", what);
        abort();
    }
}

static void free_all(void)
{
    EVP_PKEY_free(common_key);
    for (size_t i = 0; i < n_kept; i++) {
        OPENSSL_free(kept[i]);
    }
}

static EVP_PKEY *key_for(const struct test_cert *spec)
{
    if (common_key == NULL) {
        common_key = EVP_EC_gen("P-256");
        must(atexit(free_all) == 0, "atexit");
    }
    EVP_PKEY *key = common_key;
    if (spec->new_key) {
        key = EVP_EC_gen("P-256");
    } else {
        EVP_PKEY_up_ref(key);
    }
    must(key != NULL, "key");
    return key;
}

static void set_dates(X509 *x, const struct test_cert *spec)
{
    time_t start = spec->not_before < 0    ? 0
                   : spec->not_before == 0 ? time(NULL)
                                           : (time_t)spec->not_before;
    time_t end = start + 86400 * (spec->days != 0 ? spec->days : 365);
    if (spec->generalized) {
        ASN1_GENERALIZEDTIME_set(X509_getm_notBefore(x), start);
        ASN1_GENERALIZEDTIME_set(X509_getm_notAfter(x), end);
    } else {
        ASN1_TIME_set(X509_getm_notBefore(x), start);
        ASN1_TIME_set(X509_getm_notAfter(x), end);
    }
}

struct fk_slice test_cert_der(const struct test_cert *spec)
{
    EVP_PKEY *key = key_for(spec);
    X509 *x = X509_new();
    must(x != NULL, "memory");
    X509_set_version(x, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x), (long)n_kept + 1);
    X509_NAME *name = X509_get_subject_name(x);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"test", -1, -1, 0);
    X509_set_issuer_name(x, name);
    set_dates(x, spec);
    X509_set_pubkey(x, key);
    for (size_t i = 0; i < TEST_EXTENSIONS; i++) {
        const struct test_extension *e = &spec->ext[i];
        if (e->value.ptr == NULL) {
            continue;
        }
        ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();
        ASN1_OCTET_STRING_set(octets, e->value.ptr, (int)e->value.len);
        X509_EXTENSION *ext = X509_EXTENSION_create_by_NID(NULL, e->nid, 0, octets);
        must(X509_add_ext(x, ext, -1) == 1, "extension");
        X509_EXTENSION_free(ext);
        ASN1_OCTET_STRING_free(octets);
    }
    must(X509_sign(x, key, EVP_sha256()) > 0, "signature");
    must(n_kept < KEPT_MAX, "too many");
    int n = i2d_X509(x, &kept[n_kept]);
    must(n > 0, "encoding");
    X509_free(x);
    EVP_PKEY_free(key);
    return (struct fk_slice){kept[n_kept++], (size_t)n};
}

struct fk_cert *test_cert_open(const struct test_cert *spec)
{
    struct fk_error err = FK_ERROR_INIT;
    struct fk_cert *cert = NULL;
    must(fk_cert_open(test_cert_der(spec), &cert, &err) == FK_OK, err.msg);
    return cert;
}
