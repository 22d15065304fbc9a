/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/digest.h"
#include "crypto/ossl.h"
#include "crypto/signer.h"
#include "wire/cbor.h"

#include "fotakit/object.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>

#include <string.h>

enum { COORDINATE = 32, KEY_KTY = 1, KEY_CRV = -1, KEY_X = -2, KEY_Y = -3 };
enum { KTY_OKP = 1, KTY_EC2 = 2, KTY_SYMMETRIC = 4, CRV_P256 = 1, CRV_ED25519 = 6 };

/* RFC 9679: SHA-256 of the COSE_Key with its required members only, in deterministic CBOR. */
static enum fk_status finish_kid(const struct fk_writer *w, uint8_t ret[FK_KID_SIZE],
                                 struct fk_error *err)
{
    uint8_t digest[FK_DIGEST_MAX];
    size_t len = 0;
    enum fk_status st = fk_writer_end(w, &len);
    if (st == FK_OK) {
        st = fk_digest(FK_DIGEST_SHA256, (struct fk_slice){w->buf, len}, digest, err);
    }
    if (st == FK_OK) {
        memcpy(ret, digest, FK_KID_SIZE);
    }
    return st;
}

static enum fk_status make_kid(struct fk_public_key *k, struct fk_error *err)
{
    uint8_t buf[128];
    struct fk_writer w;
    bool ec = k->kind == FK_PUBLIC_P256;
    fk_writer_init(&w, buf, sizeof buf);
    fk_cbor_put_map(&w, ec ? 4 : 3);
    fk_cbor_put_int(&w, KEY_KTY);
    fk_cbor_put_int(&w, ec ? KTY_EC2 : KTY_OKP);
    fk_cbor_put_int(&w, KEY_CRV);
    fk_cbor_put_int(&w, ec ? CRV_P256 : CRV_ED25519);
    fk_cbor_put_int(&w, KEY_X);
    fk_cbor_put_bytes(&w, (struct fk_slice){k->bytes + (ec ? 1 : 0), COORDINATE});
    if (ec) {
        fk_cbor_put_int(&w, KEY_Y);
        fk_cbor_put_bytes(&w, (struct fk_slice){k->bytes + 1 + COORDINATE, COORDINATE});
    }
    return finish_kid(&w, k->kid, err);
}

enum fk_status fk_kid_of_secret(struct fk_slice key, uint8_t ret[FK_KID_SIZE], struct fk_error *err)
{
    uint8_t buf[96];
    struct fk_writer w;
    fk_writer_init(&w, buf, sizeof buf);
    fk_cbor_put_map(&w, 2);
    fk_cbor_put_int(&w, KEY_KTY);
    fk_cbor_put_int(&w, KTY_SYMMETRIC);
    fk_cbor_put_int(&w, KEY_CRV); /* -1 is the key itself here */
    fk_cbor_put_bytes(&w, key);
    enum fk_status st = finish_kid(&w, ret, err);
    OPENSSL_cleanse(buf, sizeof buf);
    return st;
}

enum fk_status fk_public_key_of(EVP_PKEY *pkey, const char *name, struct fk_public_key *ret,
                                struct fk_error *err)
{
    struct fk_public_key k = {.kind = FK_PUBLIC_P256};
    struct fk_public_info info;
    char text[FK_KEY_TEXT_SIZE];
    fk_ossl_describe(pkey, &info);
    if (info.type == FK_KEY_ED25519) {
        k.kind = FK_PUBLIC_ED25519;
        k.len = COORDINATE;
        if (EVP_PKEY_get_raw_public_key(pkey, k.bytes, &k.len) != 1) {
            return fk_fail(err, FK_E_KEY_INVALID, "'%s': no public part: %s", name,
                           fk_ossl_reason());
        }
    } else if (info.type == FK_KEY_EC && strcmp(info.curve, "secp256r1") == 0) {
        unsigned char *point = NULL;
        k.len = EVP_PKEY_get1_encoded_public_key(pkey, &point);
        if (k.len == sizeof k.bytes && point[0] == POINT_CONVERSION_UNCOMPRESSED) {
            memcpy(k.bytes, point, k.len);
        } else {
            k.len = 0;
        }
        OPENSSL_free(point);
        if (k.len == 0) {
            return fk_fail(err, FK_E_KEY_INVALID,
                           "'%s': the public point is missing or compressed; write the key anew "
                           "with key-convert",
                           name);
        }
    } else {
        fk_key_describe(&info, text);
        return fk_fail(err, FK_E_UNSUPPORTED, "'%s': expected a P-256 or Ed25519 key, found %s",
                       name, text);
    }
    enum fk_status st = make_kid(&k, err);
    if (st == FK_OK) {
        *ret = k;
    }
    return st;
}

/* The public half of whatever the object is; NULL when it is none of the three. */
static EVP_PKEY *open_public(const struct fk_object *o)
{
    const unsigned char *at = o->der.ptr;
    EVP_PKEY *pkey = NULL;
    X509 *x509 = NULL;
    if (o->kind == FK_OBJECT_PUBLIC_KEY) {
        pkey = d2i_PUBKEY(NULL, &at, (long)o->der.len);
    } else if (o->kind == FK_OBJECT_CERTIFICATE) {
        x509 = d2i_X509(NULL, &at, (long)o->der.len);
        pkey = x509 != NULL ? X509_get_pubkey(x509) : NULL;
        X509_free(x509);
    } else if (o->kind == FK_OBJECT_PKCS8 || o->kind == FK_OBJECT_SEC1) {
        pkey = d2i_AutoPrivateKey(NULL, &at, (long)o->der.len);
    }
    return pkey;
}

enum fk_status fk_public_key_read(const char *path, struct fk_public_key *ret, struct fk_error *err)
{
    struct fk_objects objects = {.at = NULL};
    EVP_PKEY *pkey = NULL;
    const struct fk_object *o = NULL;
    enum fk_status st = fk_objects_read(path, &objects, err);
    if (st != FK_OK) {
        goto out;
    }
    for (size_t i = 0; i < objects.n; i++) {
        if (objects.at[i].kind == FK_OBJECT_EC_PARAMETERS) {
            continue;
        }
        if (o != NULL) {
            st = fk_fail(err, FK_E_AMBIGUOUS, "'%s' holds several objects, expected one public key",
                         path);
            goto out;
        }
        o = &objects.at[i];
    }
    pkey = o != NULL ? open_public(o) : NULL;
    if (pkey == NULL) {
        st = fk_fail(err, FK_E_WRONG_KIND, "'%s': expected a public key or certificate, found %s",
                     path, o != NULL ? fk_object_name(o) : "nothing");
        goto out;
    }
    st = fk_public_key_of(pkey, path, ret, err);
out:
    EVP_PKEY_free(pkey);
    fk_objects_release(&objects);
    return st;
}

EVP_PKEY *fk_public_key_load(const struct fk_public_key *key)
{
    EVP_PKEY *pkey = NULL;
    if (key->kind == FK_PUBLIC_ED25519) {
        return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key->bytes, key->len);
    }
    char group[] = "P-256";
    uint8_t point[sizeof key->bytes];
    memcpy(point, key->bytes, sizeof point);
    OSSL_PARAM params[] = {
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group - 1),
        OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point), OSSL_PARAM_END};
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1) {
        pkey = NULL;
    }
    EVP_PKEY_CTX_free(ctx);
    return pkey;
}

/* r and s as OpenSSL wants them. */
static int to_der(const uint8_t signature[FK_SIGNATURE_SIZE], unsigned char **ret)
{
    int len = -1;
    ECDSA_SIG *sig = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(signature, COORDINATE, NULL);
    BIGNUM *s = BN_bin2bn(signature + COORDINATE, COORDINATE, NULL);
    if (sig != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(sig, r, s) == 1) {
        r = s = NULL; /* now the signature's */
        len = i2d_ECDSA_SIG(sig, ret);
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(sig);
    return len;
}

enum fk_status fk_public_key_verify(const struct fk_public_key *key, struct fk_slice message,
                                    const uint8_t signature[FK_SIGNATURE_SIZE],
                                    struct fk_error *err)
{
    bool ec = key->kind == FK_PUBLIC_P256;
    unsigned char *der = NULL;
    EVP_PKEY *pkey = fk_public_key_load(key);
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    enum fk_status st = FK_E_CRYPTO;
    int len = ec ? to_der(signature, &der) : FK_SIGNATURE_SIZE;
    if (pkey != NULL && md != NULL && len > 0 &&
        EVP_DigestVerifyInit(md, NULL, ec ? EVP_sha256() : NULL, NULL, pkey) == 1) {
        st = EVP_DigestVerify(md, ec ? der : signature, (size_t)len, message.ptr, message.len) == 1
                 ? FK_OK
                 : FK_E_SIGNATURE;
    }
    if (st == FK_E_CRYPTO) {
        st = fk_fail(err, st, "cannot verify a signature: %s", fk_ossl_reason());
    } else if (st == FK_E_SIGNATURE) {
        (void)fk_ossl_reason();
        st = fk_fail(err, st, "the signature does not verify with this key");
    }
    OPENSSL_free(der);
    EVP_MD_CTX_free(md);
    EVP_PKEY_free(pkey);
    return st;
}

static bool split(const ECDSA_SIG *sig, uint8_t ret[FK_SIGNATURE_SIZE])
{
    return BN_bn2binpad(ECDSA_SIG_get0_r(sig), ret, COORDINATE) == COORDINATE &&
           BN_bn2binpad(ECDSA_SIG_get0_s(sig), ret + COORDINATE, COORDINATE) == COORDINATE;
}

enum fk_status fk_signature_read(struct fk_slice bytes, enum fk_public_kind kind,
                                 uint8_t ret[FK_SIGNATURE_SIZE], struct fk_error *err)
{
    uint8_t raw[FK_SIGNATURE_SIZE];
    const unsigned char *at = bytes.ptr;
    bool ok = false;
    ECDSA_SIG *sig = NULL;
    if (kind == FK_PUBLIC_P256 && bytes.len > 0 && bytes.len <= 80) {
        sig = d2i_ECDSA_SIG(NULL, &at, (long)bytes.len);
        ok = sig != NULL && at == bytes.ptr + bytes.len && split(sig, raw);
        ECDSA_SIG_free(sig);
        (void)fk_ossl_reason();
    }
    if (!ok && bytes.len == sizeof raw) {
        memcpy(raw, bytes.ptr, sizeof raw);
        ok = true;
    }
    if (!ok) {
        return fk_fail(err, FK_E_FORMAT, "expected a signature of 64 bytes%s, found %zu bytes",
                       kind == FK_PUBLIC_P256 ? " or in DER" : "", bytes.len);
    }
    memcpy(ret, raw, sizeof raw);
    return FK_OK;
}
