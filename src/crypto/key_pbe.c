/* SPDX-License-Identifier: Apache-2.0 */
/* Password-based encryption of private keys: PKCS#5 PBES1 and PBES2, PKCS#12 PBE, and the
 * traditional encryption of PEM blocks. */
#include "crypto/ossl.h"
#include "fotakit/hex.h"

#include <openssl/asn1t.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pkcs12.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_SIZE = 96, NAME_SIZE = 40 };
#define SCRYPT_WORK_MAX (1u << 24) /* N * r * p; some seconds */

static void object_name(const ASN1_OBJECT *o, char name[NAME_SIZE])
{
    if (OBJ_obj2txt(name, NAME_SIZE, o, 0) <= 0) {
        snprintf(name, NAME_SIZE, "?");
    }
}

/* A positive INTEGER of the file; 0 when absent, negative or too large for the type. */
static uint64_t positive(const ASN1_INTEGER *i)
{
    uint64_t v = 0;
    return i != NULL && ASN1_INTEGER_get_uint64(&v, i) == 1 ? v : 0;
}

static enum fk_status check_iterations(uint64_t n, struct fk_error *err)
{
    if (n == 0) {
        return fk_fail(err, FK_E_FORMAT, "the key derivation has no valid iteration count");
    }
    if (n > FK_PBE_ITERATIONS_MAX) {
        return fk_fail(err, FK_E_LIMIT,
                       "the key derivation asks for %llu iterations; the limit is %d",
                       (unsigned long long)n, FK_PBE_ITERATIONS_MAX);
    }
    return FK_OK;
}

static enum fk_status check_pbkdf2(const X509_ALGOR *kdf, char *text, size_t size,
                                   struct fk_error *err)
{
    PBKDF2PARAM *p = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBKDF2PARAM), kdf->parameter);
    if (p == NULL) {
        return fk_fail(err, FK_E_FORMAT, "malformed PBKDF2 parameters");
    }
    char prf[NAME_SIZE] = "hmacWithSHA1";
    if (p->prf != NULL) {
        object_name(p->prf->algorithm, prf);
    }
    uint64_t n = positive(p->iter);
    PBKDF2PARAM_free(p);
    snprintf(text, size, "PBKDF2 (%s, %llu iterations)", prf, (unsigned long long)n);
    return check_iterations(n, err);
}

static enum fk_status check_scrypt(const X509_ALGOR *kdf, char *text, size_t size,
                                   struct fk_error *err)
{
    SCRYPT_PARAMS *p = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(SCRYPT_PARAMS), kdf->parameter);
    if (p == NULL) {
        return fk_fail(err, FK_E_FORMAT, "malformed scrypt parameters");
    }
    uint64_t n = positive(p->costParameter);
    uint64_t r = positive(p->blockSize);
    uint64_t q = positive(p->parallelizationParameter);
    SCRYPT_PARAMS_free(p);
    snprintf(text, size, "scrypt (N=%llu, r=%llu, p=%llu)", (unsigned long long)n,
             (unsigned long long)r, (unsigned long long)q);
    if (n == 0 || r == 0 || q == 0) {
        return fk_fail(err, FK_E_FORMAT, "malformed scrypt parameters");
    }
    if (n > SCRYPT_WORK_MAX || r > SCRYPT_WORK_MAX / n || q > SCRYPT_WORK_MAX / (n * r)) {
        return fk_fail(err, FK_E_LIMIT, "%s asks for more work than the limit, N * r * p = %u",
                       text, SCRYPT_WORK_MAX);
    }
    return FK_OK;
}

static enum fk_status check_pbes2(const X509_ALGOR *alg, char text[TEXT_SIZE], struct fk_error *err)
{
    PBE2PARAM *p = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM), alg->parameter);
    if (p == NULL) {
        return fk_fail(err, FK_E_FORMAT, "malformed PBES2 parameters");
    }
    char kdf[TEXT_SIZE] = "";
    char cipher[NAME_SIZE];
    enum fk_status st = FK_E_UNSUPPORTED;
    int nid = OBJ_obj2nid(p->keyfunc->algorithm);
    if (nid == NID_id_pbkdf2) {
        st = check_pbkdf2(p->keyfunc, kdf, sizeof kdf, err);
    } else if (nid == NID_id_scrypt) {
        st = check_scrypt(p->keyfunc, kdf, sizeof kdf, err);
    } else {
        object_name(p->keyfunc->algorithm, kdf);
        st = fk_fail(err, FK_E_UNSUPPORTED, "key derivation %s is not supported", kdf);
    }
    object_name(p->encryption->algorithm, cipher);
    snprintf(text, TEXT_SIZE, "PBES2, %.54s, %.30s", kdf, cipher);
    PBE2PARAM_free(p);
    return st;
}

enum fk_status fk_pbe_check(const X509_ALGOR *alg, char text[TEXT_SIZE], struct fk_error *err)
{
    char name[NAME_SIZE];
    object_name(alg->algorithm, name);
    snprintf(text, TEXT_SIZE, "%s", name);
    enum fk_status st = FK_OK;
    if (OBJ_obj2nid(alg->algorithm) == NID_pbes2) {
        st = check_pbes2(alg, text, err);
    } else {
        PBEPARAM *p = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBEPARAM), alg->parameter);
        if (p == NULL) {
            st = fk_fail(err, FK_E_UNSUPPORTED, "encryption %s is not supported", name);
        } else {
            uint64_t n = positive(p->iter);
            PBEPARAM_free(p);
            snprintf(text, TEXT_SIZE, "%s, %llu iterations", name, (unsigned long long)n);
            st = check_iterations(n, err);
        }
    }
    ERR_clear_error();
    return st;
}

/* Wrong pass phrases and damaged files look alike; a missing algorithm does not. */
static enum fk_status fail_decrypt(const char *text, const struct fk_ossl_legacy *l,
                                   struct fk_error *err)
{
    bool unsupported = false;
    bool memory = false;
    for (unsigned long e = ERR_get_error(); e != 0; e = ERR_get_error()) {
        int reason = ERR_GET_REASON(e);
        bool evp = ERR_GET_LIB(e) == ERR_LIB_EVP;
        unsupported |=
            reason == ERR_R_UNSUPPORTED ||
            (evp && (reason == EVP_R_UNSUPPORTED_CIPHER || reason == EVP_R_UNSUPPORTED_ALGORITHM ||
                     reason == EVP_R_UNSUPPORTED_PRF ||
                     reason == EVP_R_UNSUPPORTED_KEY_DERIVATION_FUNCTION ||
                     reason == EVP_R_UNKNOWN_PBE_ALGORITHM || reason == EVP_R_UNKNOWN_CIPHER));
        memory |= evp && reason == EVP_R_MEMORY_LIMIT_EXCEEDED;
    }
    if (memory) {
        return fk_fail(err, FK_E_LIMIT, "the key derivation needs more than 32 MiB (%s)", text);
    }
    if (unsupported && l->legacy == NULL) {
        return fk_fail(err, FK_E_UNSUPPORTED,
                       "encryption not supported (%s); it may need OpenSSL's legacy provider, a "
                       "module that is not installed (Debian 12 has it in libssl3, newer ones in "
                       "openssl-provider-legacy)",
                       text);
    }
    if (unsupported) {
        return fk_fail(err, FK_E_UNSUPPORTED, "encryption not supported (%s)", text);
    }
    return fk_fail(err, FK_E_PASSPHRASE, "wrong pass phrase, or the file is damaged (%s)", text);
}

enum fk_status fk_pbe_decrypt(const X509_ALGOR *alg, struct fk_slice data,
                              const struct fk_buffer *passphrase, const char *text,
                              struct fk_buffer *ret, struct fk_error *err)
{
    struct fk_ossl_legacy l = {.ctx = NULL};
    unsigned char *clear = NULL;
    int clear_len = 0;
    enum fk_status st = fk_ossl_legacy_open(&l, err);
    if (st != FK_OK) {
        goto out;
    }
    /* OpenSSL takes NULL and "" for different pass phrases in PKCS#12: the caller decides. */
    if (PKCS12_pbe_crypt_ex(alg, (const char *)passphrase->ptr, (int)passphrase->len, data.ptr,
                            (int)data.len, &clear, &clear_len, 0, l.ctx, NULL) == NULL) {
        st = fail_decrypt(text, &l, err);
        goto out;
    }
    struct fk_buffer b = {.ptr = malloc((size_t)clear_len + 1), .len = (size_t)clear_len};
    if (b.ptr == NULL) {
        st = fk_fail(err, FK_E_MEMORY, "out of memory");
        goto out;
    }
    memcpy(b.ptr, clear, b.len);
    *ret = b;
out:
    OPENSSL_clear_free(clear, clear_len > 0 ? (size_t)clear_len : 0);
    fk_ossl_legacy_close(&l);
    return st;
}

enum fk_status fk_pbe_decrypt_pkcs8(struct fk_slice der, const struct fk_buffer *passphrase,
                                    char text[TEXT_SIZE], struct fk_buffer *ret,
                                    struct fk_error *err)
{
    const unsigned char *p = der.ptr;
    const X509_ALGOR *alg = NULL;
    const ASN1_OCTET_STRING *data = NULL;
    X509_SIG *sig = d2i_X509_SIG(NULL, &p, (long)der.len);
    if (sig == NULL) {
        return fk_fail(err, FK_E_FORMAT, "not an encrypted PKCS#8 key: %s", fk_ossl_reason());
    }
    X509_SIG_get0(sig, &alg, &data);
    enum fk_status st = fk_pbe_check(alg, text, err);
    if (st == FK_OK) {
        struct fk_slice bytes = {ASN1_STRING_get0_data(data), (size_t)ASN1_STRING_length(data)};
        st = fk_pbe_decrypt(alg, bytes, passphrase, text, ret, err);
    }
    X509_SIG_free(sig);
    return st;
}

void fk_key_encryption(const struct fk_object *o, char text[TEXT_SIZE])
{
    text[0] = '\0';
    if (o->dek_info != NULL) {
        snprintf(text, TEXT_SIZE, "traditional PEM, %.*s", (int)strcspn(o->dek_info, ","),
                 o->dek_info);
    } else if (o->kind == FK_OBJECT_PKCS8_ENCRYPTED) {
        const unsigned char *p = o->der.ptr;
        const X509_ALGOR *alg = NULL;
        X509_SIG *sig = d2i_X509_SIG(NULL, &p, (long)o->der.len);
        if (sig != NULL) {
            X509_SIG_get0(sig, &alg, NULL);
            (void)fk_pbe_check(alg, text, NULL);
        }
        X509_SIG_free(sig);
        ERR_clear_error();
    }
}

/* ---- traditional ---------------------------------------------------------------------------- */

struct dek {
    EVP_CIPHER *cipher;
    uint8_t iv[EVP_MAX_IV_LENGTH];
};

/* "AES-256-CBC,0123..."; the first 8 bytes of the IV are the salt as well. */
static enum fk_status parse_dek(const char *info, const struct fk_ossl_legacy *l, struct dek *ret,
                                struct fk_error *err)
{
    char name[NAME_SIZE];
    size_t n = strcspn(info, ",");
    if (n == 0 || n >= sizeof name || info[n] != ',') {
        return fk_fail(err, FK_E_FORMAT, "malformed DEK-Info '%s'", info);
    }
    memcpy(name, info, n);
    name[n] = '\0';
    ret->cipher = EVP_CIPHER_fetch(l->ctx, name, NULL);
    int mode = ret->cipher != NULL ? EVP_CIPHER_get_mode(ret->cipher) : 0;
    if (mode != EVP_CIPH_CBC_MODE && mode != EVP_CIPH_CFB_MODE && mode != EVP_CIPH_OFB_MODE) {
        return fail_decrypt(name, l, err) == FK_E_UNSUPPORTED
                   ? FK_E_UNSUPPORTED
                   : fk_fail(err, FK_E_UNSUPPORTED, "encryption %s is not supported", name);
    }
    const char *hex = info + n + 1;
    size_t iv_len = (size_t)EVP_CIPHER_get_iv_length(ret->cipher);
    if (iv_len < PKCS5_SALT_LEN || !fk_hex_decode(hex, strlen(hex), ret->iv, iv_len)) {
        return fk_fail(err, FK_E_FORMAT, "malformed DEK-Info '%s': expected %zu hexadecimal digits",
                       info, 2 * iv_len);
    }
    return FK_OK;
}

/* Code reviewers: out has room for data and one block more, as EVP_DecryptFinal may write. */
static bool decrypt_block(const struct dek *dek, const uint8_t *key, struct fk_slice data,
                          struct fk_buffer *out)
{
    int n = 0;
    int last = 0;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool done = ctx != NULL && EVP_DecryptInit_ex2(ctx, dek->cipher, key, dek->iv, NULL) == 1 &&
                EVP_DecryptUpdate(ctx, out->ptr, &n, data.ptr, (int)data.len) == 1 &&
                EVP_DecryptFinal_ex(ctx, out->ptr + n, &last) == 1;
    EVP_CIPHER_CTX_free(ctx);
    out->len = done ? (size_t)n + (size_t)last : data.len;
    return done;
}

enum fk_status fk_pbe_decrypt_traditional(struct fk_slice data, const char *dek_info,
                                          const struct fk_buffer *passphrase, struct fk_buffer *ret,
                                          struct fk_error *err)
{
    struct fk_ossl_legacy l = {.ctx = NULL};
    struct dek dek = {.cipher = NULL};
    struct fk_buffer out = {.ptr = NULL};
    uint8_t key[EVP_MAX_KEY_LENGTH];
    enum fk_status st = fk_ossl_legacy_open(&l, err);
    if (st == FK_OK) {
        st = parse_dek(dek_info, &l, &dek, err);
    }
    if (st != FK_OK) {
        goto out;
    }
    out.ptr = malloc(data.len + EVP_MAX_BLOCK_LENGTH);
    if (out.ptr == NULL) {
        st = fk_fail(err, FK_E_MEMORY, "out of memory");
        goto out;
    }
    if (EVP_BytesToKey(dek.cipher, EVP_md5(), dek.iv, passphrase->ptr, (int)passphrase->len, 1, key,
                       NULL) <= 0 ||
        !decrypt_block(&dek, key, data, &out)) {
        st = fail_decrypt(dek_info, &l, err);
        goto out;
    }
    *ret = out;
    out = (struct fk_buffer){.ptr = NULL};
out:
    OPENSSL_cleanse(key, sizeof key);
    fk_buffer_release(&out);
    EVP_CIPHER_free(dek.cipher);
    fk_ossl_legacy_close(&l);
    return st;
}
