/* SPDX-License-Identifier: Apache-2.0 */
/* ECDSA and HMAC over PSA. */
#include "crypto/crypto.h"
#include "crypto/psa_status.h"

static enum fk_status verdict(psa_status_t rc)
{
    return rc == PSA_ERROR_INVALID_SIGNATURE ? FK_E_SIGNATURE : fk_from_psa(rc);
}

enum fk_status fk_p256_verify(const uint8_t key[FK_P256_POINT],
                              const uint8_t digest[FK_SHA256_SIZE],
                              const uint8_t signature[FK_P256_SIGNATURE])
{
    psa_key_attributes_t attr = PSA_KEY_ATTRIBUTES_INIT;
    psa_algorithm_t alg = PSA_ALG_ECDSA(PSA_ALG_SHA_256);
    psa_key_id_t id = 0;
    psa_set_key_type(&attr, PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1));
    psa_set_key_bits(&attr, 256);
    psa_set_key_algorithm(&attr, alg);
    psa_set_key_usage_flags(&attr, PSA_KEY_USAGE_VERIFY_HASH);
    psa_status_t rc = psa_import_key(&attr, key, FK_P256_POINT, &id);
    if (rc == PSA_ERROR_INVALID_ARGUMENT) {
        return FK_E_POINT; /* import checks the curve equation */
    }
    if (rc == PSA_SUCCESS) {
        rc = psa_verify_hash(id, alg, digest, FK_SHA256_SIZE, signature, FK_P256_SIGNATURE);
    }
    (void)psa_destroy_key(id); /* 0 is harmless */
    return verdict(rc);
}

enum fk_status fk_hmac_sha256_verify(const void *key, size_t key_len, const void *msg, size_t len,
                                     const uint8_t mac[FK_SHA256_SIZE])
{
    psa_key_attributes_t attr = PSA_KEY_ATTRIBUTES_INIT;
    psa_algorithm_t alg = PSA_ALG_HMAC(PSA_ALG_SHA_256);
    psa_key_id_t id = 0;
    psa_set_key_type(&attr, PSA_KEY_TYPE_HMAC);
    psa_set_key_algorithm(&attr, alg);
    psa_set_key_usage_flags(&attr, PSA_KEY_USAGE_VERIFY_MESSAGE);
    psa_status_t rc = psa_import_key(&attr, key, key_len, &id);
    if (rc == PSA_SUCCESS) {
        rc = psa_mac_verify(id, alg, msg, len, mac, FK_SHA256_SIZE);
    }
    (void)psa_destroy_key(id);
    return verdict(rc);
}
