/* SPDX-License-Identifier: Apache-2.0 */
/* mbedTLS 3.6 for the images of a board, without PSA: only what verifying and decrypting an update
 * needs, called directly. What PSA would cost, and why not: firmware/DESIGN.md, "Size". */
#define MBEDTLS_SHA256_C
#define MBEDTLS_SHA256_SMALLER
#define MBEDTLS_AES_C
#define MBEDTLS_AES_ROM_TABLES
#define MBEDTLS_AES_FEWER_TABLES
#define MBEDTLS_AES_ONLY_128_BIT_KEY_LENGTH
#define MBEDTLS_CIPHER_MODE_CTR
#define MBEDTLS_HAVE_ASM
/* HMAC and HKDF. */
#define MBEDTLS_MD_C
#define MBEDTLS_HKDF_C
/* Key wrap wants the cipher layer, which makes GCM larger and lets it allocate. So the files of key
 * wrap are compiled with it and the others without; they share AES. */
#ifdef FK_MBEDTLS_KEYWRAP
#define MBEDTLS_NIST_KW_C
#define MBEDTLS_CIPHER_C
#else
#define MBEDTLS_GCM_C
#endif
/* P-256: the library's own small implementation, which needs no memory. The macro makes its file
 * compile; no driver is involved. */
#define MBEDTLS_PSA_P256M_DRIVER_ENABLED
/* What MD and the cipher layer allocate comes from two fixed blocks (pool.c). */
#define MBEDTLS_PLATFORM_C
#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_PLATFORM_NO_STD_FUNCTIONS
#define MBEDTLS_PLATFORM_STD_EXIT_SUCCESS 0
#include "crypto/direct/pool.h"
#define MBEDTLS_PLATFORM_CALLOC_MACRO fk_pool_calloc
#define MBEDTLS_PLATFORM_FREE_MACRO   fk_pool_free
