/* SPDX-License-Identifier: Apache-2.0 */
/* mbedTLS 3.6 for an image with TLS 1.2 and no more, without PSA: what the image's own crypto needs
 * (fotakit_mbedtls_config.h, whose two views of the cipher layer fall together here), and a client
 * with ECDHE on P-256, AES-128-GCM, SHA-256, certificates with ECDSA or RSA. What it costs, and what
 * a build with TLS 1.3 has that this one has not: firmware/DESIGN.md, "TLS".
 *
 * FK_TLS_RECORD, the profile's: bytes of a record that comes. A server that is asked for such records
 * (RFC 6066) and sends larger ones is refused. FK_TLS_SEND: bytes of a record that goes, at most as
 * many; the device's certificate goes in one. */
#ifndef FK_TLS_SEND
#define FK_TLS_SEND FK_TLS_RECORD
#endif
#define MBEDTLS_HAVE_ASM
#define MBEDTLS_AES_C
#define MBEDTLS_AES_ROM_TABLES
#define MBEDTLS_AES_FEWER_TABLES
#define MBEDTLS_AES_ONLY_128_BIT_KEY_LENGTH
#define MBEDTLS_CIPHER_MODE_CTR
#define MBEDTLS_CIPHER_C
#define MBEDTLS_GCM_C
#define MBEDTLS_NIST_KW_C
#define MBEDTLS_SHA256_C
#define MBEDTLS_SHA256_SMALLER
#define MBEDTLS_MD_C
#define MBEDTLS_HKDF_C
#define MBEDTLS_HMAC_DRBG_C
/* P-256 of update packets: no memory, see direct/p256.c. The macro makes its file compile. */
#define MBEDTLS_PSA_P256M_DRIVER_ENABLED

/* Memory comes from one pool of fixed size, tls/pool.h. Nothing is printed. */
#define MBEDTLS_PLATFORM_C
#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_PLATFORM_NO_STD_FUNCTIONS
#define MBEDTLS_PLATFORM_STD_EXIT_SUCCESS 0
#define MBEDTLS_PLATFORM_SNPRINTF_MACRO(...) (-1)

#define MBEDTLS_SSL_TLS_C
#define MBEDTLS_SSL_CLI_C
#define MBEDTLS_SSL_PROTO_TLS1_2
#define MBEDTLS_KEY_EXCHANGE_ECDHE_ECDSA_ENABLED
#define MBEDTLS_KEY_EXCHANGE_ECDHE_RSA_ENABLED
#define MBEDTLS_SSL_EXTENDED_MASTER_SECRET
#define MBEDTLS_SSL_SERVER_NAME_INDICATION
#define MBEDTLS_SSL_MAX_FRAGMENT_LENGTH
#define MBEDTLS_SSL_IN_CONTENT_LEN  FK_TLS_RECORD
#define MBEDTLS_SSL_OUT_CONTENT_LEN FK_TLS_SEND

#define MBEDTLS_X509_USE_C
#define MBEDTLS_X509_CRT_PARSE_C
#define MBEDTLS_X509_TRUSTED_CERTIFICATE_CALLBACK
#define MBEDTLS_PEM_PARSE_C
#define MBEDTLS_BASE64_C
#define MBEDTLS_ASN1_PARSE_C
#define MBEDTLS_ASN1_WRITE_C
#define MBEDTLS_OID_C
#define MBEDTLS_PK_C
#define MBEDTLS_PK_PARSE_C
#define MBEDTLS_RSA_C
#define MBEDTLS_PKCS1_V15
#define MBEDTLS_BIGNUM_C
#define MBEDTLS_MPI_MAX_SIZE 512 /* RSA to 4096 bits */
#define MBEDTLS_MPI_WINDOW_SIZE 2
#define MBEDTLS_ECP_C
#define MBEDTLS_ECP_DP_SECP256R1_ENABLED
#define MBEDTLS_ECP_NIST_OPTIM
#define MBEDTLS_ECP_WINDOW_SIZE 2
#define MBEDTLS_ECP_FIXED_POINT_OPTIM 0
#define MBEDTLS_ECDH_C
#define MBEDTLS_ECDSA_C
#define MBEDTLS_ECDSA_DETERMINISTIC /* a weak random source must not give the key away */
