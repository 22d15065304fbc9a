/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/der.h"
#include "crypto/ossl.h"

#include <openssl/encoder.h>

#include <stdlib.h>
#include <string.h>

static enum fk_status encode(const struct fk_key *key, int selection, const char *structure,
                             struct fk_buffer *ret, struct fk_error *err)
{
    unsigned char *bytes = NULL;
    size_t len = 0;
    enum fk_status st = FK_E_CRYPTO;
    OSSL_ENCODER_CTX *ctx =
        OSSL_ENCODER_CTX_new_for_pkey(key->pkey, selection, "DER", structure, NULL);
    if (ctx == NULL || OSSL_ENCODER_to_data(ctx, &bytes, &len) != 1) {
        st = fk_fail(err, st, "cannot encode the key: %s", fk_ossl_reason());
        goto out;
    }
    struct fk_buffer b = {.ptr = malloc(len), .len = len};
    if (b.ptr == NULL) {
        st = fk_fail(err, FK_E_MEMORY, "out of memory");
        goto out;
    }
    memcpy(b.ptr, bytes, len);
    *ret = b;
    st = FK_OK;
out:
    OPENSSL_clear_free(bytes, len);
    OSSL_ENCODER_CTX_free(ctx);
    return st;
}

static enum fk_status refuse_structure(const struct fk_key *key, enum fk_key_structure structure,
                                       struct fk_error *err)
{
    const char *type = fk_key_type_text(key->info.type);
    bool ec = key->info.type == FK_KEY_EC;
    if (structure == FK_KEY_PKCS1 && key->info.type == FK_KEY_RSA_PSS) {
        return fk_fail(
            err, FK_E_UNSUPPORTED,
            "PKCS#1 cannot say that an RSA key is restricted to PSS; use PKCS#8, or make "
            "a plain RSA key");
    }
    return fk_fail(err, FK_E_UNSUPPORTED, "%s is for %s keys only and has no form for %s keys; %s",
                   fk_key_structure_text(structure), structure == FK_KEY_PKCS1 ? "RSA" : "EC", type,
                   ec || key->info.type == FK_KEY_RSA
                       ? (ec ? "use sec1 or pkcs8" : "use pkcs1 or pkcs8")
                       : "use pkcs8, or a key of a type that the target takes");
}

/* RSAPrivateKey of version 1 has more than two primes, which device libraries do not read. */
static bool has_two_primes(struct fk_slice pkcs1)
{
    struct fk_reader r;
    struct fk_der e;
    fk_reader_init(&r, pkcs1);
    if (!fk_der_next(&r, &e)) {
        return false;
    }
    r = fk_der_enter(&e);
    return fk_der_next(&r, &e) && e.tag == FK_DER_INTEGER && e.content.len == 1 &&
           e.content.ptr[0] == 0;
}

enum fk_status fk_key_encode(const struct fk_key *key, enum fk_key_structure structure,
                             struct fk_buffer *ret, struct fk_error *err)
{
    bool fits = structure == FK_KEY_PKCS8 ||
                (structure == FK_KEY_PKCS1 && key->info.type == FK_KEY_RSA) ||
                (structure == FK_KEY_SEC1 && key->info.type == FK_KEY_EC);
    if (!fits) {
        return refuse_structure(key, structure, err);
    }
    const char *name = structure == FK_KEY_PKCS8 ? "PrivateKeyInfo" : "type-specific";
    struct fk_buffer b = {.ptr = NULL};
    enum fk_status st = encode(key, EVP_PKEY_KEYPAIR, name, &b, err);
    if (st == FK_OK && structure == FK_KEY_PKCS1 &&
        !has_two_primes((struct fk_slice){b.ptr, b.len})) {
        st = fk_fail(err, FK_E_UNSUPPORTED,
                     "the RSA key has more than two primes, which devices do not take");
    }
    if (st == FK_OK) {
        *ret = b;
    } else {
        fk_buffer_release(&b);
    }
    return st;
}

enum fk_status fk_key_encode_curve(const struct fk_key *key, struct fk_buffer *ret,
                                   struct fk_error *err)
{
    if (key->info.type != FK_KEY_EC) {
        return fk_fail(err, FK_E_UNSUPPORTED,
                       "an EC PARAMETERS block goes with EC keys only; this key is %s",
                       fk_key_type_text(key->info.type));
    }
    return encode(key, EVP_PKEY_KEY_PARAMETERS, "type-specific", ret, err);
}
