/* SPDX-License-Identifier: Apache-2.0 */
/* mbedTLS 3.6 for the device core: PSA only, and only what verifying and decrypting an update
 * needs. Algorithms are chosen in fotakit_psa_config.h. */
#define MBEDTLS_PSA_CRYPTO_C
#define MBEDTLS_PSA_CRYPTO_CONFIG
/* No key is generated and no signature made here, so no random source is needed; psa.c refuses
 * every request until one is named. */
#define MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG
/* Our callers hand in buffers that nobody changes during a call: no copies to the heap. */
#define MBEDTLS_PSA_ASSUME_EXCLUSIVE_BUFFERS
#define MBEDTLS_PSA_KEY_SLOT_COUNT 8
#define MBEDTLS_HAVE_ASM
#define MBEDTLS_AES_ROM_TABLES
#define MBEDTLS_AES_FEWER_TABLES
#define MBEDTLS_AES_ONLY_128_BIT_KEY_LENGTH
/* Not in PSA: key wrap (RFC 3394), which needs AES decryption, and the DRBG that blinds ECDH. */
#define MBEDTLS_NIST_KW_C
#define MBEDTLS_CIPHER_C
#define MBEDTLS_AES_C
#define MBEDTLS_HMAC_DRBG_C
#define MBEDTLS_MD_C
/* Reduction for the shape of P-256's prime: a signature verifies several times faster. */
#define MBEDTLS_ECP_NIST_OPTIM
