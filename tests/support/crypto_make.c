/* SPDX-License-Identifier: Apache-2.0 */
#include "support/crypto_make.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static void must(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "crypto_make: %s\n", what);
        abort();
    }
}

void suit_key_make(struct suit_key *k)
{
    size_t len = 0;
    EVP_PKEY *pkey = EVP_EC_gen("P-256");
    must(pkey != NULL && EVP_PKEY_get_octet_string_param(pkey, OSSL_PKEY_PARAM_PUB_KEY, k->point,
                                                         sizeof k->point, &len) == 1,
         "key");
    must(len == sizeof k->point, "point");
    k->pkey = pkey;
}

void suit_key_free(struct suit_key *k)
{
    EVP_PKEY_free(k->pkey);
    k->pkey = NULL;
}

void suit_key_sign(const struct suit_key *k, const uint8_t *message, size_t len, uint8_t ret[64])
{
    uint8_t der[80];
    const uint8_t *at = der;
    size_t der_len = sizeof der;
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    must(md != NULL && EVP_DigestSignInit(md, NULL, EVP_sha256(), NULL, k->pkey) == 1 &&
             EVP_DigestSign(md, der, &der_len, message, len) == 1,
         "sign");
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)der_len);
    must(sig != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(sig), ret, 32) == 32 &&
             BN_bn2binpad(ECDSA_SIG_get0_s(sig), ret + 32, 32) == 32,
         "signature");
    ECDSA_SIG_free(sig);
    EVP_MD_CTX_free(md);
}

void make_sha256(const void *p, size_t len, uint8_t ret[32])
{
    must(EVP_Digest(p, len, ret, NULL, EVP_sha256(), NULL) == 1, "digest");
}

void make_hmac_sha256(const void *key, size_t key_len, const void *p, size_t len, uint8_t ret[32])
{
    unsigned n = 0;
    must(HMAC(EVP_sha256(), key, (int)key_len, p, len, ret, &n) != NULL && n == 32, "HMAC");
}

void make_gcm(const uint8_t key[16], const uint8_t nonce[12], const void *aad, size_t aad_len,
              const uint8_t *in, size_t len, uint8_t *out, uint8_t ret_tag[16])
{
    int n = 0;
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    must(c != NULL && EVP_EncryptInit_ex(c, EVP_aes_128_gcm(), NULL, key, nonce) == 1, "begin");
    must(aad_len == 0 || EVP_EncryptUpdate(c, NULL, &n, aad, (int)aad_len) == 1, "aad");
    must(EVP_EncryptUpdate(c, out, &n, in, (int)len) == 1, "encrypt");
    must(EVP_EncryptFinal_ex(c, out + n, &n) == 1, "end");
    must(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, 16, ret_tag) == 1, "tag");
    EVP_CIPHER_CTX_free(c);
}
