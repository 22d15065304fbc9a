/* SPDX-License-Identifier: Apache-2.0 */
#include "support/crypto_make.h"

#include <mbedtls/ecdsa.h>
#include <mbedtls/gcm.h>
#include <mbedtls/md.h>
#include <mbedtls/sha256.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(bool ok, const char *what)
{
    if (!ok) {
        printf("crypto_make: %s\n", what);
        abort();
    }
}

/* The library's own function belongs to the images here and gives back to their fixed blocks. */
void make_zeroize_and_free(void *p, size_t len);
void make_zeroize_and_free(void *p, size_t len)
{
    if (p != NULL) {
        memset(p, 0, len);
    }
    free(p);
}

/* Good enough for keys that protect nothing, and the same in every run. */
static int random_bytes(void *ctx, unsigned char *p, size_t len)
{
    static uint32_t seed = 1;
    (void)ctx;
    for (size_t i = 0; i < len; i++) {
        seed = seed * 1664525u + 1013904223u;
        p[i] = (uint8_t)(seed >> 24);
    }
    return 0;
}

void suit_key_make(struct suit_key *k)
{
    size_t len = 0;
    mbedtls_ecp_keypair *pair = malloc(sizeof *pair);
    must(pair != NULL, "memory");
    mbedtls_ecp_keypair_init(pair);
    must(mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, pair, random_bytes, NULL) == 0, "key");
    must(mbedtls_ecp_write_public_key(pair, MBEDTLS_ECP_PF_UNCOMPRESSED, &len, k->point,
                                      sizeof k->point) == 0 &&
             len == sizeof k->point,
         "point");
    k->pkey = pair;
}

void suit_key_free(struct suit_key *k)
{
    mbedtls_ecp_keypair_free(k->pkey);
    free(k->pkey);
    k->pkey = NULL;
}

void suit_key_sign(const struct suit_key *k, const uint8_t *message, size_t len, uint8_t ret[64])
{
    mbedtls_ecp_keypair *pair = k->pkey;
    mbedtls_mpi r, s;
    uint8_t digest[32];
    make_sha256(message, len, digest);
    mbedtls_mpi_init(&r);
    mbedtls_mpi_init(&s);
    must(mbedtls_ecdsa_sign(&pair->MBEDTLS_PRIVATE(grp), &r, &s, &pair->MBEDTLS_PRIVATE(d), digest,
                            sizeof digest, random_bytes, NULL) == 0 &&
             mbedtls_mpi_write_binary(&r, ret, 32) == 0 &&
             mbedtls_mpi_write_binary(&s, ret + 32, 32) == 0,
         "sign");
    mbedtls_mpi_free(&r);
    mbedtls_mpi_free(&s);
}

void make_sha256(const void *p, size_t len, uint8_t ret[32])
{
    must(mbedtls_sha256(p, len, ret, 0) == 0, "digest");
}

void make_hmac_sha256(const void *key, size_t key_len, const void *p, size_t len, uint8_t ret[32])
{
    must(mbedtls_md_hmac(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), key, key_len, p, len, ret) ==
             0,
         "HMAC");
}

void make_gcm(const uint8_t key[16], const uint8_t nonce[12], const void *aad, size_t aad_len,
              const uint8_t *in, size_t len, uint8_t *out, uint8_t ret_tag[16])
{
    mbedtls_gcm_context gcm;
    mbedtls_gcm_init(&gcm);
    must(mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES, key, 128) == 0 &&
             mbedtls_gcm_crypt_and_tag(&gcm, MBEDTLS_GCM_ENCRYPT, len, nonce, 12, aad, aad_len, in,
                                       out, 16, ret_tag) == 0,
         "encrypt");
    mbedtls_gcm_free(&gcm);
}
