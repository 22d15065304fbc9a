/* SPDX-License-Identifier: Apache-2.0 */
/* AES-128-GCM the other way round: a boot stage does not need it. */
#include "crypto/crypto.h"

#include <mbedtls/gcm.h>

static mbedtls_gcm_context *gcm_of(struct fk_gcm *g)
{
    return (mbedtls_gcm_context *)(void *)g->opaque;
}

enum fk_status fk_gcm_encrypt_begin(struct fk_gcm *g, const uint8_t key[FK_AES_KEY_SIZE],
                                    const uint8_t nonce[FK_GCM_NONCE])
{
    mbedtls_gcm_context *gcm = gcm_of(g);
    mbedtls_gcm_init(gcm);
    int rc = mbedtls_gcm_setkey(gcm, MBEDTLS_CIPHER_ID_AES, key, 8 * FK_AES_KEY_SIZE);
    if (rc == 0) {
        rc = mbedtls_gcm_starts(gcm, MBEDTLS_GCM_ENCRYPT, nonce, FK_GCM_NONCE);
    }
    if (rc != 0) {
        fk_gcm_abort(g);
    }
    return rc == 0 ? FK_OK : FK_E_CRYPTO;
}

enum fk_status fk_gcm_encrypt_finish(struct fk_gcm *g, uint8_t ret_tag[FK_GCM_TAG_MAX])
{
    size_t n = 0;
    int rc = mbedtls_gcm_finish(gcm_of(g), NULL, 0, &n, ret_tag, FK_GCM_TAG_MAX);
    fk_gcm_abort(g);
    return rc == 0 ? FK_OK : FK_E_CRYPTO;
}
