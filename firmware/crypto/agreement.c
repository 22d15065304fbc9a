/* SPDX-License-Identifier: Apache-2.0 */
/* ECDH and HKDF.
 *
 * ECDH goes around PSA: psa_raw_key_agreement() wants random numbers for blinding, and a device
 * need not have a random source to receive an update. The library's own interface lets us hand in
 * the source: a DRBG seeded with the secret key and the peer's point, as mbedTLS 2 did by itself.
 * Its values are unknown to whoever does not know the key, which is what blinding needs. */
#include "crypto/crypto.h"
#include "crypto/psa_status.h"

#include <mbedtls/ecp.h>
#include <mbedtls/hmac_drbg.h>
#include <mbedtls/md.h>

#include <string.h>

/* A lack of memory says nothing about the key. */
static enum fk_status from_ecp(int rc)
{
    switch (rc) {
    case 0:
        return FK_OK;
    case MBEDTLS_ERR_MPI_ALLOC_FAILED:
    case MBEDTLS_ERR_ECP_ALLOC_FAILED:
        return FK_E_MEMORY;
    case MBEDTLS_ERR_ECP_BAD_INPUT_DATA:
    case MBEDTLS_ERR_ECP_INVALID_KEY:
        return FK_E_POINT;
    default:
        return FK_E_CRYPTO;
    }
}

/* FK_E_POINT for what is not on the curve; the point at infinity has no such encoding. */
static enum fk_status read_point(mbedtls_ecp_group *group, const uint8_t bytes[FK_P256_POINT],
                                 mbedtls_ecp_point *ret)
{
    if (bytes[0] != 0x04) {
        return FK_E_POINT;
    }
    int rc = mbedtls_ecp_point_read_binary(group, ret, bytes, FK_P256_POINT);
    return from_ecp(rc == 0 ? mbedtls_ecp_check_pubkey(group, ret) : rc);
}

static int seed_blinding(mbedtls_hmac_drbg_context *drbg, const uint8_t *key, const uint8_t *peer)
{
    uint8_t seed[FK_P256_SCALAR + FK_P256_POINT];
    memcpy(seed, key, FK_P256_SCALAR);
    memcpy(seed + FK_P256_SCALAR, peer, FK_P256_POINT);
    int rc = mbedtls_hmac_drbg_seed_buf(drbg, mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), seed,
                                        sizeof seed);
    fk_wipe(seed, sizeof seed);
    return rc;
}

enum fk_status fk_ecdh_p256(const uint8_t key[FK_P256_SCALAR], const uint8_t peer[FK_P256_POINT],
                            uint8_t ret[FK_P256_SCALAR])
{
    mbedtls_hmac_drbg_context drbg;
    mbedtls_ecp_group group;
    mbedtls_ecp_point point, shared;
    mbedtls_mpi secret;
    uint8_t out[FK_P256_POINT];
    size_t len = 0;
    mbedtls_hmac_drbg_init(&drbg);
    mbedtls_ecp_group_init(&group);
    mbedtls_ecp_point_init(&point);
    mbedtls_ecp_point_init(&shared);
    mbedtls_mpi_init(&secret);

    enum fk_status st = from_ecp(mbedtls_ecp_group_load(&group, MBEDTLS_ECP_DP_SECP256R1));
    if (st == FK_OK) {
        st = read_point(&group, peer, &point);
    }
    if (st != FK_OK) {
        goto out;
    }
    int rc = mbedtls_mpi_read_binary(&secret, key, FK_P256_SCALAR);
    if (rc == 0 && mbedtls_ecp_check_privkey(&group, &secret) != 0) {
        rc = MBEDTLS_ERR_ECP_RANDOM_FAILED; /* ours, not the peer's: no refusal */
    }
    if (rc == 0) {
        rc = seed_blinding(&drbg, key, peer);
    }
    if (rc == 0) {
        rc = mbedtls_ecp_mul(&group, &shared, &secret, &point, mbedtls_hmac_drbg_random, &drbg);
    }
    if (rc == 0) {
        rc = mbedtls_ecp_point_write_binary(&group, &shared, MBEDTLS_ECP_PF_UNCOMPRESSED, &len, out,
                                            sizeof out);
    }
    st = from_ecp(rc);
    if (st == FK_OK && len == sizeof out) {
        memcpy(ret, out + 1, FK_P256_SCALAR);
    } else if (st == FK_OK || st == FK_E_POINT) {
        st = FK_E_CRYPTO; /* the peer's point was good */
    }
out:
    mbedtls_mpi_free(&secret);
    mbedtls_ecp_point_free(&shared);
    mbedtls_ecp_point_free(&point);
    mbedtls_ecp_group_free(&group);
    mbedtls_hmac_drbg_free(&drbg);
    fk_wipe(out, sizeof out);
    return st;
}

enum fk_status fk_hkdf_sha256(const void *secret, size_t secret_len, const void *salt,
                              size_t salt_len, const void *info, size_t info_len, void *ret,
                              size_t ret_len)
{
    psa_key_derivation_operation_t op = PSA_KEY_DERIVATION_OPERATION_INIT;
    psa_status_t rc = psa_key_derivation_setup(&op, PSA_ALG_HKDF(PSA_ALG_SHA_256));
    if (rc == PSA_SUCCESS) {
        rc = psa_key_derivation_input_bytes(&op, PSA_KEY_DERIVATION_INPUT_SALT, salt, salt_len);
    }
    if (rc == PSA_SUCCESS) {
        rc = psa_key_derivation_input_bytes(&op, PSA_KEY_DERIVATION_INPUT_SECRET, secret,
                                            secret_len);
    }
    if (rc == PSA_SUCCESS) {
        rc = psa_key_derivation_input_bytes(&op, PSA_KEY_DERIVATION_INPUT_INFO, info, info_len);
    }
    if (rc == PSA_SUCCESS) {
        rc = psa_key_derivation_output_bytes(&op, ret, ret_len);
    }
    (void)psa_key_derivation_abort(&op);
    return fk_from_psa(rc);
}
