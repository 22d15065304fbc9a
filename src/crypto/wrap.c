/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/wrap.h"

#include "crypto/ossl.h"
#include "crypto/signer.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>

#include <string.h>

enum { SHARED_SIZE = 32, POINT_SIZE = 65 };

enum fk_status fk_wrap_key(const uint8_t kek[FK_WRAP_KEY_SIZE], const uint8_t key[FK_WRAP_KEY_SIZE],
                           uint8_t ret[FK_WRAPPED_SIZE], struct fk_error *err)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    uint8_t out[FK_WRAPPED_SIZE + 8];
    int len = 0, rest = 0;
    bool ok = false;
    if (ctx != NULL) {
        EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
        ok = EVP_EncryptInit_ex(ctx, EVP_aes_128_wrap(), NULL, kek, NULL) == 1 &&
             EVP_EncryptUpdate(ctx, out, &len, key, FK_WRAP_KEY_SIZE) == 1 &&
             EVP_EncryptFinal_ex(ctx, out + len, &rest) == 1 && len + rest == FK_WRAPPED_SIZE;
    }
    EVP_CIPHER_CTX_free(ctx);
    if (!ok) {
        return fk_fail(err, FK_E_CRYPTO, "cannot wrap the content key: %s", fk_ossl_reason());
    }
    memcpy(ret, out, FK_WRAPPED_SIZE);
    return FK_OK;
}

static bool derive_shared(EVP_PKEY *own, EVP_PKEY *peer, uint8_t ret[SHARED_SIZE])
{
    size_t len = SHARED_SIZE;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(own, NULL);
    bool ok = ctx != NULL && EVP_PKEY_derive_init(ctx) == 1 &&
              EVP_PKEY_derive_set_peer(ctx, peer) == 1 && EVP_PKEY_derive(ctx, ret, &len) == 1 &&
              len == SHARED_SIZE;
    EVP_PKEY_CTX_free(ctx);
    return ok;
}

static bool hkdf(uint8_t secret[SHARED_SIZE], struct fk_slice info, uint8_t ret[FK_WRAP_KEY_SIZE])
{
    char sha256[] = "SHA256";
    uint8_t context[256];
    if (info.len > sizeof context) {
        return false;
    }
    memcpy(context, info.ptr, info.len);
    OSSL_PARAM params[] = {OSSL_PARAM_utf8_string(OSSL_KDF_PARAM_DIGEST, sha256, sizeof sha256 - 1),
                           OSSL_PARAM_octet_string(OSSL_KDF_PARAM_KEY, secret, SHARED_SIZE),
                           OSSL_PARAM_octet_string(OSSL_KDF_PARAM_INFO, context, info.len),
                           OSSL_PARAM_END};
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *ctx = kdf != NULL ? EVP_KDF_CTX_new(kdf) : NULL;
    bool ok = ctx != NULL && EVP_KDF_derive(ctx, ret, FK_WRAP_KEY_SIZE, params) == 1;
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
    return ok;
}

enum fk_status fk_wrap_agree(const struct fk_public_key *peer, struct fk_slice info,
                             uint8_t ret_kek[FK_WRAP_KEY_SIZE], uint8_t ret_point[65],
                             struct fk_error *err)
{
    uint8_t shared[SHARED_SIZE], kek[FK_WRAP_KEY_SIZE];
    unsigned char *point = NULL;
    size_t point_len = 0;
    EVP_PKEY *own = EVP_EC_gen("P-256");
    EVP_PKEY *their = fk_public_key_load(peer);
    bool ok = own != NULL && their != NULL && peer->kind == FK_PUBLIC_P256 &&
              derive_shared(own, their, shared) && hkdf(shared, info, kek);
    if (ok) {
        point_len = EVP_PKEY_get1_encoded_public_key(own, &point);
        ok = point_len == POINT_SIZE;
    }
    if (ok) {
        memcpy(ret_kek, kek, sizeof kek);
        memcpy(ret_point, point, POINT_SIZE);
    }
    OPENSSL_cleanse(shared, sizeof shared);
    OPENSSL_cleanse(kek, sizeof kek);
    OPENSSL_free(point);
    EVP_PKEY_free(own);
    EVP_PKEY_free(their);
    return ok ? FK_OK
              : fk_fail(err, FK_E_CRYPTO, "cannot agree on a key with a recipient: %s",
                        fk_ossl_reason());
}
