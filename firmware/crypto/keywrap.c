/* SPDX-License-Identifier: Apache-2.0 */
/* AES key wrap. PSA has none in mbedTLS 3.6, so this is the library's own interface. */
#include "crypto/crypto.h"

#include <mbedtls/nist_kw.h>

enum fk_status fk_aes_kw_unwrap(const uint8_t kek[FK_AES_KEY_SIZE],
                                const uint8_t wrapped[FK_WRAPPED_KEY_SIZE],
                                uint8_t ret[FK_AES_KEY_SIZE])
{
    mbedtls_nist_kw_context kw;
    uint8_t key[FK_AES_KEY_SIZE + 8]; /* the library asks for room for the check value */
    size_t len = 0;
    mbedtls_nist_kw_init(&kw);
    int rc = mbedtls_nist_kw_setkey(&kw, MBEDTLS_CIPHER_ID_AES, kek, 8 * FK_AES_KEY_SIZE, 0);
    enum fk_status st = rc == 0 ? FK_OK : FK_E_CRYPTO;
    if (st == FK_OK) {
        rc = mbedtls_nist_kw_unwrap(&kw, MBEDTLS_KW_MODE_KW, wrapped, FK_WRAPPED_KEY_SIZE, key,
                                    &len, sizeof key);
        st = rc == 0 ? FK_OK : rc == MBEDTLS_ERR_CIPHER_AUTH_FAILED ? FK_E_UNWRAP : FK_E_CRYPTO;
    }
    if (st == FK_OK && len != FK_AES_KEY_SIZE) {
        st = FK_E_CRYPTO;
    }
    for (size_t i = 0; st == FK_OK && i < FK_AES_KEY_SIZE; i++) {
        ret[i] = key[i];
    }
    mbedtls_nist_kw_free(&kw);
    fk_wipe(key, sizeof key);
    return st;
}
