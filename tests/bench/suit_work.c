/* SPDX-License-Identifier: Apache-2.0 */
/* suit_work keys N FOLDER      N public keys of a fleet in FOLDER, and FOLDER/list
 * suit_work recipients N       the primitive work for N recipients, with OpenSSL and nothing else:
 *                              an ephemeral key, ECDH, HKDF and AES key wrap each */
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(int ok, const char *what)
{
    if (ok <= 0) {
        fprintf(stderr, "suit_work: %s\n", what);
        exit(3);
    }
}

static int write_keys(unsigned long n, const char *folder)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/list", folder);
    FILE *list = fopen(path, "w");
    must(list != NULL, path);
    for (unsigned long i = 0; i < n; i++) {
        EVP_PKEY *key = EVP_EC_gen("P-256");
        snprintf(path, sizeof path, "%s/%lu.pub", folder, i);
        FILE *f = fopen(path, "w");
        must(key != NULL && f != NULL && PEM_write_PUBKEY(f, key) == 1 && fclose(f) == 0, path);
        fprintf(list, "%lu.pub\n", i);
        EVP_PKEY_free(key);
    }
    must(fclose(list) == 0, "list");
    return 0;
}

static void agree(EVP_PKEY *own, EVP_PKEY *peer, unsigned char z[32])
{
    size_t len = 32;
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(own, NULL);
    must(c != NULL && EVP_PKEY_derive_init(c) == 1 && EVP_PKEY_derive_set_peer(c, peer) == 1 &&
             EVP_PKEY_derive(c, z, &len) == 1,
         "ECDH");
    EVP_PKEY_CTX_free(c);
}

static void derive(unsigned char z[32], unsigned char kek[16])
{
    static char sha256[] = "SHA256";
    static unsigned char info[] = "an info of about the length of the context";
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *c = EVP_KDF_CTX_new(kdf);
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, sha256, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, z, 32),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info, sizeof info - 1),
        OSSL_PARAM_construct_end(),
    };
    must(c != NULL && EVP_KDF_derive(c, kek, 16, params) == 1, "HKDF");
    EVP_KDF_CTX_free(c);
    EVP_KDF_free(kdf);
}

static void wrap(const unsigned char kek[16], const unsigned char key[16])
{
    unsigned char out[32];
    int n = 0;
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    must(c != NULL, "cipher");
    EVP_CIPHER_CTX_set_flags(c, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    must(EVP_EncryptInit_ex(c, EVP_aes_128_wrap(), NULL, kek, NULL) == 1 &&
             EVP_EncryptUpdate(c, out, &n, key, 16) == 1,
         "key wrap");
    EVP_CIPHER_CTX_free(c);
}

static int work(unsigned long n)
{
    unsigned char z[32], kek[16], key[16] = {1};
    EVP_PKEY *peer = EVP_EC_gen("P-256");
    for (unsigned long i = 0; i < n; i++) {
        EVP_PKEY *ephemeral = EVP_EC_gen("P-256");
        must(ephemeral != NULL, "key");
        agree(ephemeral, peer, z);
        derive(z, kek);
        wrap(kek, key);
        EVP_PKEY_free(ephemeral);
    }
    EVP_PKEY_free(peer);
    return 0;
}

int main(int argc, char **argv)
{
    unsigned long n = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
    if (argc == 4 && strcmp(argv[1], "keys") == 0) {
        return write_keys(n, argv[3]);
    }
    if (argc == 3 && strcmp(argv[1], "recipients") == 0) {
        return work(n);
    }
    fprintf(stderr, "usage: suit_work keys N FOLDER | suit_work recipients N\n");
    return 2;
}
