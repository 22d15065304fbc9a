/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/key.h"

#include "crypto/digest.h"
#include "crypto/ossl.h"

#include <openssl/core_names.h>
#include <openssl/err.h>

#include <stdlib.h>
#include <string.h>

void fk_key_free(struct fk_key *key)
{
    if (key != NULL) {
        EVP_PKEY_free(key->pkey); /* OpenSSL wipes the private numbers */
        free(key);
    }
}

const struct fk_public_info *fk_key_public(const struct fk_key *key)
{
    return &key->info;
}

const struct fk_key_found *fk_key_found(const struct fk_key *key)
{
    return &key->found;
}

/* One encoding per key: the curve by name, the point uncompressed (the form that every device
 * reads, RFC 5480 2.2), the public part present. */
static enum fk_status make_canonical(struct fk_key *key, struct fk_error *err)
{
    char encoding[32] = "";
    char point[32] = "";
    int include_public = 1;
    size_t n = 0;
    (void)EVP_PKEY_get_utf8_string_param(key->pkey, OSSL_PKEY_PARAM_EC_ENCODING, encoding,
                                         sizeof encoding, &n);
    (void)EVP_PKEY_get_utf8_string_param(key->pkey, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
                                         point, sizeof point, &n);
    (void)EVP_PKEY_get_int_param(key->pkey, OSSL_PKEY_PARAM_EC_INCLUDE_PUBLIC, &include_public);
    key->found.curve_explicit = strcmp(encoding, OSSL_PKEY_EC_ENCODING_EXPLICIT) == 0;
    key->found.point_compressed = strcmp(point, "compressed") == 0;
    key->found.public_missing = include_public == 0;
    if (key->info.curve[0] == '\0') {
        return fk_fail(err, FK_E_UNSUPPORTED,
                       "the EC key has explicit curve parameters that equal no named curve; no "
                       "device takes such a key, make a new one on a named curve");
    }
    if (EVP_PKEY_set_utf8_string_param(key->pkey, OSSL_PKEY_PARAM_EC_ENCODING,
                                       OSSL_PKEY_EC_ENCODING_GROUP) != 1 ||
        EVP_PKEY_set_utf8_string_param(key->pkey, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
                                       "uncompressed") != 1 ||
        EVP_PKEY_set_int_param(key->pkey, OSSL_PKEY_PARAM_EC_INCLUDE_PUBLIC, 1) != 1) {
        return fk_fail(err, FK_E_CRYPTO, "cannot set the encoding of the EC key: %s",
                       fk_ossl_reason());
    }
    return FK_OK;
}

static enum fk_status hash_public(struct fk_key *key, struct fk_error *err)
{
    unsigned char *spki = NULL;
    int n = i2d_PUBKEY(key->pkey, &spki);
    if (n <= 0) {
        return fk_fail(err, FK_E_KEY_INVALID, "the key has no usable public part: %s",
                       fk_ossl_reason());
    }
    enum fk_status st =
        fk_digest(FK_DIGEST_SHA256, (struct fk_slice){spki, (size_t)n}, key->info.spki_sha256, err);
    OPENSSL_free(spki);
    return st;
}

enum fk_status fk_ossl_adopt_key(EVP_PKEY *pkey, struct fk_key **ret, struct fk_error *err)
{
    enum fk_status st = FK_OK;
    struct fk_key *key = calloc(1, sizeof *key);
    if (key == NULL) {
        EVP_PKEY_free(pkey);
        return fk_fail(err, FK_E_MEMORY, "out of memory");
    }
    key->pkey = pkey;
    fk_ossl_describe(pkey, &key->info);
    if (key->info.type == FK_KEY_OTHER) {
        const char *name = EVP_PKEY_get0_type_name(pkey);
        st = fk_fail(err, FK_E_UNSUPPORTED, "keys of type %s are not supported",
                     name != NULL ? name : "unknown");
    } else if (key->info.bits > FK_RSA_BITS_MAX) {
        st = fk_fail(err, FK_E_LIMIT, "an RSA key of %u bits; the limit is %d", key->info.bits,
                     FK_RSA_BITS_MAX);
    } else if (key->info.type == FK_KEY_EC) {
        st = make_canonical(key, err);
    }
    if (st == FK_OK) {
        st = hash_public(key, err);
    }
    if (st != FK_OK) {
        fk_key_free(key);
        return st;
    }
    *ret = key;
    return FK_OK;
}

enum fk_status fk_key_check(const struct fk_key *key, struct fk_error *err)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
    if (ctx == NULL) {
        return fk_fail(err, FK_E_CRYPTO, "cannot check the key: %s", fk_ossl_reason());
    }
    bool ec = key->info.type == FK_KEY_EC;
    enum fk_status st = FK_OK;
    if ((ec && EVP_PKEY_public_check(ctx) != 1) || EVP_PKEY_pairwise_check(ctx) != 1) {
        st = fk_fail(err, FK_E_KEY_INVALID,
                     "the numbers of the key do not fit together (%s); it is damaged or was "
                     "tampered with",
                     fk_ossl_reason());
    }
    EVP_PKEY_CTX_free(ctx);
    ERR_clear_error();
    return st;
}

static enum fk_status open_clear(enum fk_object_kind kind, struct fk_slice der,
                                 struct fk_slice parameters, struct fk_key **ret,
                                 struct fk_error *err)
{
    switch (kind) {
    case FK_OBJECT_PKCS1:
    case FK_OBJECT_PKCS1_ENCRYPTED:
        return fk_ossl_open_pkcs1(der, ret, err);
    case FK_OBJECT_SEC1:
    case FK_OBJECT_SEC1_ENCRYPTED:
        return fk_ossl_open_sec1(der, parameters, ret, err);
    case FK_OBJECT_PKCS8:
    case FK_OBJECT_PKCS8_ENCRYPTED:
        return fk_ossl_open_pkcs8(der, ret, err);
    default:
        return fk_fail(err, FK_E_WRONG_KIND, "expected a private key, found %s",
                       fk_object_kind_text(kind));
    }
}

enum fk_status fk_key_open(const struct fk_object *o, const struct fk_buffer *passphrase,
                           struct fk_key **ret, struct fk_error *err)
{
    if (!fk_object_is_encrypted(o)) {
        return open_clear(o->kind, o->der, o->parameters, ret, err);
    }
    char encryption[96] = "";
    struct fk_buffer clear = {.ptr = NULL};
    struct fk_key *key = NULL;
    enum fk_status st = FK_OK;
    if (passphrase == NULL) {
        fk_key_encryption(o, encryption);
        return fk_fail(err, FK_E_PASSPHRASE_NEEDED,
                       "the private key is encrypted (%s); give its pass phrase with --passin "
                       "env:NAME, file:PATH or fd:N",
                       encryption);
    }
    if (o->kind == FK_OBJECT_PKCS8_ENCRYPTED) {
        st = fk_pbe_decrypt_pkcs8(o->der, passphrase, encryption, &clear, err);
    } else {
        fk_key_encryption(o, encryption);
        st = fk_pbe_decrypt_traditional(o->der, o->dek_info, passphrase, &clear, err);
    }
    if (st == FK_OK) {
        st = open_clear(o->kind, (struct fk_slice){clear.ptr, clear.len}, o->parameters, &key, err);
        if (st == FK_E_FORMAT) { /* CBC padding was right by chance: 1 in 256 */
            st = fk_fail(err, FK_E_PASSPHRASE, "wrong pass phrase, or the file is damaged (%s)",
                         encryption);
        }
    }
    fk_buffer_release(&clear);
    if (st == FK_OK) {
        memcpy(key->found.encryption, encryption, sizeof encryption);
        *ret = key;
    }
    return st;
}
