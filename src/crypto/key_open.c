/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/der.h"
#include "crypto/ossl.h"

#include <openssl/objects.h>

#include <stdlib.h>
#include <string.h>

/* One element, SEQUENCE or OCTET STRING, around parts that are DER already. */
static enum fk_status wrap(int tag, const struct fk_slice *parts, size_t n, struct fk_buffer *ret,
                           struct fk_error *err)
{
    int constructed = tag == V_ASN1_SEQUENCE ? 1 : 0;
    size_t content = 0;
    for (size_t i = 0; i < n; i++) {
        content += parts[i].len; /* parts of one file: far below INT_MAX */
    }
    int whole = ASN1_object_size(constructed, (int)content, tag);
    struct fk_buffer b = {.ptr = whole > 0 ? malloc((size_t)whole) : NULL};
    if (b.ptr == NULL) {
        return fk_fail(err, FK_E_MEMORY, "out of memory");
    }
    b.len = (size_t)whole;
    unsigned char *at = b.ptr;
    ASN1_put_object(&at, constructed, (int)content, tag, V_ASN1_UNIVERSAL);
    for (size_t i = 0; i < n; i++) {
        memcpy(at, parts[i].ptr, parts[i].len);
        at += parts[i].len;
    }
    *ret = b;
    return FK_OK;
}

static const uint8_t version_0[] = {FK_DER_INTEGER, 1, 0};

/* OneAsymmetricKey (RFC 5958) of version 1 carries the public key behind the private one, which
 * OpenSSL 3.0 does not read: take the parts that version 0 has, and compare the public key after.
 */
struct pkcs8_parts {
    struct fk_slice algorithm, private_key; /* whole elements */
    struct fk_slice public_key;             /* bits, or empty */
};

static bool split_pkcs8(struct fk_slice der, struct pkcs8_parts *ret)
{
    struct fk_reader r;
    struct fk_der outer, version, e;
    *ret = (struct pkcs8_parts){.public_key = {NULL, 0}};
    fk_reader_init(&r, der);
    if (!fk_der_next(&r, &outer)) {
        return false;
    }
    r = fk_der_enter(&outer);
    if (!fk_der_next(&r, &version) || !fk_der_next(&r, &e)) {
        return false;
    }
    ret->algorithm = e.whole;
    if (!fk_der_next(&r, &e)) {
        return false;
    }
    ret->private_key = e.whole;
    while (fk_der_next(&r, &e)) {
        if (e.tag == 0x81 && e.content.len > 1 && e.content.ptr[0] == 0) {
            ret->public_key = (struct fk_slice){e.content.ptr + 1, e.content.len - 1};
        }
    }
    return fk_reader_ok(&r);
}

/* The bits stand at the end of a SubjectPublicKeyInfo. */
static bool has_public(EVP_PKEY *pkey, struct fk_slice bits)
{
    unsigned char *spki = NULL;
    int n = i2d_PUBKEY(pkey, &spki);
    bool same = n > 0 && bits.len <= (size_t)n &&
                memcmp(spki + ((size_t)n - bits.len), bits.ptr, bits.len) == 0;
    OPENSSL_free(spki);
    return same;
}

static enum fk_status open_info(struct fk_slice der, struct fk_key **ret, struct fk_error *err)
{
    const unsigned char *p = der.ptr;
    PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, (long)der.len);
    if (info == NULL) {
        return fk_fail(err, FK_E_FORMAT, "not a PKCS#8 private key: %s", fk_ossl_reason());
    }
    EVP_PKEY *pkey = EVP_PKCS82PKEY_ex(info, NULL, NULL);
    enum fk_status st = FK_OK;
    if (pkey == NULL) {
        const ASN1_OBJECT *algorithm = NULL;
        char name[80] = "?";
        PKCS8_pkey_get0(&algorithm, NULL, NULL, NULL, info);
        OBJ_obj2txt(name, sizeof name, algorithm, 0);
        st = fk_fail(err, FK_E_UNSUPPORTED,
                     "cannot read the %s private key (%s); damaged, or of a kind or curve that "
                     "OpenSSL does not have",
                     name, fk_ossl_reason());
    } else {
        st = fk_ossl_adopt_key(pkey, ret, err);
    }
    PKCS8_PRIV_KEY_INFO_free(info);
    return st;
}

enum fk_status fk_ossl_open_pkcs8(struct fk_slice der, struct fk_key **ret, struct fk_error *err)
{
    struct pkcs8_parts parts;
    if (!split_pkcs8(der, &parts) || parts.public_key.len == 0) {
        return open_info(der, ret, err);
    }
    struct fk_buffer v0 = {.ptr = NULL};
    const struct fk_slice in[] = {
        {version_0, sizeof version_0}, parts.algorithm, parts.private_key};
    struct fk_key *key = NULL;
    enum fk_status st = wrap(V_ASN1_SEQUENCE, in, 3, &v0, err);
    if (st == FK_OK) {
        st = open_info((struct fk_slice){v0.ptr, v0.len}, &key, err);
    }
    fk_buffer_release(&v0);
    if (st == FK_OK && !has_public(key->pkey, parts.public_key)) {
        st = fk_fail(err, FK_E_KEY_INVALID,
                     "the public key that comes with the private key is another one");
    }
    if (st == FK_OK) {
        *ret = key;
    } else {
        fk_key_free(key);
    }
    return st;
}

static enum fk_status open_type(int type, const char *name, struct fk_slice der,
                                struct fk_key **ret, struct fk_error *err)
{
    const unsigned char *p = der.ptr;
    EVP_PKEY *pkey = d2i_PrivateKey_ex(type, NULL, &p, (long)der.len, NULL, NULL);
    if (pkey == NULL) {
        return fk_fail(err, FK_E_FORMAT, "not %s private key: %s", name, fk_ossl_reason());
    }
    return fk_ossl_adopt_key(pkey, ret, err);
}

/* ECPrivateKey { version, privateKey, [0] parameters OPTIONAL, [1] publicKey OPTIONAL } */
static bool names_curve(struct fk_slice sec1)
{
    struct fk_reader r;
    struct fk_der e;
    fk_reader_init(&r, sec1);
    if (!fk_der_next(&r, &e)) {
        return true; /* let the decoder complain */
    }
    for (r = fk_der_enter(&e); fk_der_next(&r, &e);) {
        if (e.tag == FK_DER_CONTEXT(0)) {
            return true;
        }
    }
    return false;
}

/* A SEC1 key without a curve gets the one of the EC PARAMETERS block, as PKCS#8 would say it. */
static enum fk_status open_with_parameters(struct fk_slice sec1, struct fk_slice parameters,
                                           struct fk_key **ret, struct fk_error *err)
{
    static const uint8_t ec_public_key[] = {FK_DER_OID, 7,    0x2a, 0x86, 0x48,
                                            0xce,       0x3d, 0x02, 0x01};
    const struct fk_slice algorithm[] = {{ec_public_key, sizeof ec_public_key}, parameters};
    struct fk_buffer alg = {.ptr = NULL};
    struct fk_buffer octets = {.ptr = NULL};
    struct fk_buffer p8 = {.ptr = NULL};
    struct fk_key *key = NULL;
    enum fk_status st = wrap(V_ASN1_SEQUENCE, algorithm, 2, &alg, err);
    if (st == FK_OK) {
        st = wrap(V_ASN1_OCTET_STRING, &sec1, 1, &octets, err);
    }
    if (st == FK_OK) {
        const struct fk_slice in[] = {
            {version_0, sizeof version_0}, {alg.ptr, alg.len}, {octets.ptr, octets.len}};
        st = wrap(V_ASN1_SEQUENCE, in, 3, &p8, err);
    }
    if (st == FK_OK) {
        st = open_info((struct fk_slice){p8.ptr, p8.len}, &key, err);
    }
    if (st == FK_OK) {
        key->found.curve_from_block = true;
        *ret = key;
    }
    fk_buffer_release(&alg);
    fk_buffer_release(&octets);
    fk_buffer_release(&p8);
    return st;
}

enum fk_status fk_ossl_open_pkcs1(struct fk_slice der, struct fk_key **ret, struct fk_error *err)
{
    return open_type(EVP_PKEY_RSA, "an RSA", der, ret, err);
}

enum fk_status fk_ossl_open_sec1(struct fk_slice der, struct fk_slice parameters,
                                 struct fk_key **ret, struct fk_error *err)
{
    if (!names_curve(der)) {
        if (parameters.len == 0) {
            return fk_fail(err, FK_E_UNSUPPORTED,
                           "the EC key does not name its curve, and no EC PARAMETERS block stands "
                           "in front of it");
        }
        return open_with_parameters(der, parameters, ret, err);
    }
    return open_type(EVP_PKEY_EC, "an EC", der, ret, err);
}
