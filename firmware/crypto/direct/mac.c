/* SPDX-License-Identifier: Apache-2.0 */
/* HMAC and HKDF over mbedTLS 3.6, called directly. */
#include "crypto/crypto.h"

#include <mbedtls/hkdf.h>
#include <mbedtls/md.h>

static const mbedtls_md_info_t *sha256(void)
{
    return mbedtls_md_info_from_type(MBEDTLS_MD_SHA256);
}

enum fk_status fk_hmac_sha256_verify(const void *key, size_t key_len, const void *msg, size_t len,
                                     const uint8_t mac[FK_SHA256_SIZE])
{
    uint8_t found[FK_SHA256_SIZE] = {0};
    int rc = mbedtls_md_hmac(sha256(), key, key_len, msg, len, found);
    enum fk_status st = rc != 0                                  ? FK_E_CRYPTO
                        : fk_equal(found, mac, FK_SHA256_SIZE) ? FK_OK
                                                                 : FK_E_SIGNATURE;
    fk_wipe(found, sizeof found);
    return st;
}

enum fk_status fk_hkdf_sha256(const void *secret, size_t secret_len, const void *salt,
                              size_t salt_len, const void *info, size_t info_len, void *ret,
                              size_t ret_len)
{
    int rc = mbedtls_hkdf(sha256(), salt, salt_len, secret, secret_len, info, info_len, ret,
                          ret_len);
    return rc == 0 ? FK_OK : FK_E_CRYPTO;
}
