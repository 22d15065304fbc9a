/* SPDX-License-Identifier: Apache-2.0 */
/* The algorithms of the device core: ST packets are AES-128-GCM with SHA-256; the install step
 * decrypts sector by sector, which is CTR. */
#define PSA_WANT_KEY_TYPE_AES 1
#define PSA_WANT_ALG_GCM 1
#define PSA_WANT_ALG_CTR 1
#define PSA_WANT_ALG_SHA_256 1
