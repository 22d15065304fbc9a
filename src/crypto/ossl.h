/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_CRYPTO_OSSL_H
#define FK_CRYPTO_OSSL_H

#include "fotakit/cert.h"
#include "fotakit/key.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/x509.h>

/* Shared by the key, certificate and PKCS#12 adapters; private to src/crypto. */

struct fk_key {
    EVP_PKEY *pkey;
    struct fk_public_info info;
    struct fk_key_found found;
};

struct fk_cert {
    X509 *x509;
    struct fk_cert_info info;
    uint8_t *der;
    uint8_t *spki;
    char *subject, *issuer, *serial;
    uint8_t *ski, *aki;
};

/* Reason of the last failure as OpenSSL words it ("bad decrypt"), never NULL; empties the error
 * queue. Static text of the library. */
const char *fk_ossl_reason(void);
/* The same of the first failure in the queue: of a token, whose words come from below ("PIN
 * incorrect"), the last one only says that it failed. */
const char *fk_ossl_first_reason(void);

/* OpenSSL with the legacy provider beside the default one, in a context of its own, so that RC2,
 * single DES and their like are available for reading old files and nowhere else. The provider is
 * a module file; without it everything but those ciphers works. */
struct fk_ossl_legacy {
    OSSL_LIB_CTX *ctx;
    OSSL_PROVIDER *standard, *legacy;
};
enum fk_status fk_ossl_legacy_open(struct fk_ossl_legacy *l, struct fk_error *err) FK_MUST_USE;
void fk_ossl_legacy_close(struct fk_ossl_legacy *l);

/* Type, size, curve; spki_sha256 is left alone. FK_KEY_OTHER for what is not known. */
void fk_ossl_describe(EVP_PKEY *pkey, struct fk_public_info *ret);
/* pkey becomes the key's, also on failure. */
enum fk_status fk_ossl_adopt_key(EVP_PKEY *pkey, struct fk_key **ret, struct fk_error *err);

/* Open clear keys, one structure each (key_open.c). */
enum fk_status fk_ossl_open_pkcs1(struct fk_slice der, struct fk_key **ret, struct fk_error *err);
enum fk_status fk_ossl_open_sec1(struct fk_slice der, struct fk_slice parameters,
                                 struct fk_key **ret, struct fk_error *err);
enum fk_status fk_ossl_open_pkcs8(struct fk_slice der, struct fk_key **ret, struct fk_error *err);

/* Password-based encryption (key_pbe.c). check bounds the work it asks for, and names it. */
enum fk_status fk_pbe_check(const X509_ALGOR *alg, char text[96], struct fk_error *err);
/* OpenSSL's decryption with everything that old files need; the caller has called check. */
enum fk_status fk_pbe_decrypt(const X509_ALGOR *alg, struct fk_slice data,
                              const struct fk_buffer *passphrase, const char *text,
                              struct fk_buffer *ret, struct fk_error *err);
/* Decrypts EncryptedPrivateKeyInfo, and a PEM block with a DEK-Info line. */
enum fk_status fk_pbe_decrypt_pkcs8(struct fk_slice der, const struct fk_buffer *passphrase,
                                    char text[96], struct fk_buffer *ret, struct fk_error *err);
enum fk_status fk_pbe_decrypt_traditional(struct fk_slice data, const char *dek_info,
                                          const struct fk_buffer *passphrase, struct fk_buffer *ret,
                                          struct fk_error *err);

#endif
