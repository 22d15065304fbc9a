/* SPDX-License-Identifier: Apache-2.0 */
/* The algorithms of the device core: ST packets are AES-128-GCM with SHA-256; the install step
 * decrypts sector by sector, which is CTR. Signed envelopes add ECDSA on P-256, HMAC, ECDH and HKDF;
 * key wrap and ECDH are used past PSA, see fotakit_mbedtls_config.h. */
#define PSA_WANT_KEY_TYPE_AES 1
#define PSA_WANT_ALG_GCM 1
#define PSA_WANT_ALG_CTR 1
#define PSA_WANT_ALG_SHA_256 1
#define PSA_WANT_ALG_ECDSA 1
#define PSA_WANT_ECC_SECP_R1_256 1
#define PSA_WANT_KEY_TYPE_ECC_PUBLIC_KEY 1
#define PSA_WANT_KEY_TYPE_HMAC 1
#define PSA_WANT_KEY_TYPE_DERIVE 1
#define PSA_WANT_ALG_HMAC 1
#define PSA_WANT_ALG_HKDF 1
