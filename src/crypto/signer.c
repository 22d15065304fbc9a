/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/signer.h"

#include "crypto/ossl.h"
#include "fotakit/object.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>

#include <stdlib.h>
#include <string.h>

struct fk_signer {
    EVP_PKEY *pkey;
    struct fk_public_key public_key;
};

static enum fk_status find_key(const char *path, const struct fk_objects *objects,
                               const struct fk_object **ret, struct fk_error *err)
{
    const struct fk_object *found = NULL;
    for (size_t i = 0; i < objects->n; i++) {
        if (fk_object_is_key(&objects->at[i])) {
            if (found != NULL) {
                return fk_fail(err, FK_E_AMBIGUOUS, "'%s' holds several private keys, expected one",
                               path);
            }
            found = &objects->at[i];
        }
    }
    if (found == NULL) {
        return fk_fail(err, FK_E_WRONG_KIND, "'%s': expected a private key, found %s", path,
                       objects->n > 0 ? fk_object_name(&objects->at[0]) : "nothing");
    }
    *ret = found;
    return FK_OK;
}

static enum fk_status open_file(const char *path, const struct fk_buffer *passphrase,
                                EVP_PKEY **ret, struct fk_error *err)
{
    struct fk_objects objects = {.at = NULL};
    const struct fk_object *o = NULL;
    struct fk_key *key = NULL;
    enum fk_status st = fk_objects_read(path, &objects, err);
    if (st == FK_OK) {
        st = find_key(path, &objects, &o, err);
    }
    if (st == FK_OK) {
        st = fk_wrap(err, fk_key_open(o, passphrase, &key, err), "'%s'", path);
    }
    if (st == FK_OK) {
        *ret = key->pkey;
        if (EVP_PKEY_up_ref(key->pkey) != 1) {
            *ret = NULL;
            st = fk_fail(err, FK_E_INTERNAL, "cannot keep the key");
        }
    }
    fk_key_free(key);
    fk_objects_release(&objects);
    return st;
}

enum fk_status fk_signer_open(const char *name, const struct fk_buffer *secret,
                              struct fk_signer **ret, struct fk_error *err)
{
    enum fk_status st = FK_OK;
    struct fk_signer *s = calloc(1, sizeof *s);
    if (s == NULL) {
        return fk_fail(err, FK_E_MEMORY, "out of memory");
    }
    if (strncmp(name, "pkcs11:", 7) == 0) {
        st = fk_token_open(name, secret, &s->pkey, err);
    } else {
        st = open_file(name, secret, &s->pkey, err);
    }
    if (st == FK_OK) {
        st = fk_public_key_of(s->pkey, name, &s->public_key, err);
    }
    if (st != FK_OK) {
        fk_signer_free(s);
        return st;
    }
    *ret = s;
    return FK_OK;
}

void fk_signer_free(struct fk_signer *signer)
{
    if (signer != NULL) {
        EVP_PKEY_free(signer->pkey);
        free(signer);
    }
}

const struct fk_public_key *fk_signer_public(const struct fk_signer *signer)
{
    return &signer->public_key;
}

enum fk_status fk_signer_sign(const struct fk_signer *signer, struct fk_slice message,
                              uint8_t ret[FK_SIGNATURE_SIZE], struct fk_error *err)
{
    bool ec = signer->public_key.kind == FK_PUBLIC_P256;
    uint8_t bytes[128];
    size_t len = sizeof bytes;
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    enum fk_status st = FK_OK;
    if (md == NULL ||
        EVP_DigestSignInit(md, NULL, ec ? EVP_sha256() : NULL, NULL, signer->pkey) != 1 ||
        EVP_DigestSign(md, bytes, &len, message.ptr, message.len) != 1) {
        st = fk_fail(err, FK_E_CRYPTO, "cannot sign: %s", fk_ossl_reason());
    }
    EVP_MD_CTX_free(md);
    if (st == FK_OK) {
        st = fk_signature_read((struct fk_slice){bytes, len}, signer->public_key.kind, ret, err);
    }
    /* A token may hold another key than its public object says: never give out what is wrong. */
    if (st == FK_OK) {
        st = fk_wrap(err, fk_public_key_verify(&signer->public_key, message, ret, err),
                     "the signature that was just made");
    }
    return st;
}

enum fk_status fk_secret_p256_read(const char *path, const struct fk_buffer *passphrase,
                                   uint8_t ret[32], struct fk_public_key *ret_public,
                                   struct fk_error *err)
{
    EVP_PKEY *pkey = NULL;
    BIGNUM *secret = NULL;
    enum fk_status st = open_file(path, passphrase, &pkey, err);
    if (st == FK_OK) {
        st = fk_public_key_of(pkey, path, ret_public, err);
    }
    if (st == FK_OK && ret_public->kind != FK_PUBLIC_P256) {
        st = fk_fail(err, FK_E_UNSUPPORTED, "'%s': expected a P-256 key, found Ed25519", path);
    }
    if (st == FK_OK && (EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_PRIV_KEY, &secret) != 1 ||
                        BN_bn2binpad(secret, ret, 32) != 32)) {
        st = fk_fail(err, FK_E_CRYPTO, "'%s': cannot take the secret number out: %s", path,
                     fk_ossl_reason());
    }
    BN_clear_free(secret);
    EVP_PKEY_free(pkey);
    return st;
}
