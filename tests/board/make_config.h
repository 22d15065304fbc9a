/* SPDX-License-Identifier: Apache-2.0 */
/* mbedTLS for crypto_make.c: beside what the images have, the general curve arithmetic, which signs
 * for the tests; an image verifies with p256-m, which shares no code with it. */
#include "fotakit_mbedtls_config.h"

#define MBEDTLS_BIGNUM_C
#define MBEDTLS_ECP_C
#define MBEDTLS_ECP_DP_SECP256R1_ENABLED
#define MBEDTLS_ECDSA_C
#define MBEDTLS_ASN1_PARSE_C
#define MBEDTLS_ASN1_WRITE_C

#include <stdlib.h>
#undef MBEDTLS_PLATFORM_CALLOC_MACRO
#undef MBEDTLS_PLATFORM_FREE_MACRO
#define MBEDTLS_PLATFORM_CALLOC_MACRO calloc
#define MBEDTLS_PLATFORM_FREE_MACRO   free
#define mbedtls_zeroize_and_free      make_zeroize_and_free
