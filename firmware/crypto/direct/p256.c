/* SPDX-License-Identifier: Apache-2.0 */
/* P-256 over p256-m, which comes with mbedTLS: small, constant time, no memory of its own. It does
 * not blind; whoever can measure a device's power while it unwraps a key is outside the threats of
 * firmware/DESIGN.md. */
#include "crypto/crypto.h"

#include <p256-m.h>

/* Both take coordinates without the 0x04 in front. */
enum fk_status fk_p256_verify(const uint8_t key[FK_P256_POINT],
                              const uint8_t digest[FK_SHA256_SIZE],
                              const uint8_t signature[FK_P256_SIGNATURE])
{
    /* First: the library would look at the signature before the key. */
    if (key[0] != 0x04 || p256_validate_pubkey(key + 1) != P256_SUCCESS) {
        return FK_E_POINT;
    }
    switch (p256_ecdsa_verify(signature, key + 1, digest, FK_SHA256_SIZE)) {
    case P256_SUCCESS:
        return FK_OK;
    case P256_INVALID_SIGNATURE:
        return FK_E_SIGNATURE;
    default:
        return FK_E_CRYPTO;
    }
}

enum fk_status fk_ecdh_p256(const uint8_t key[FK_P256_SCALAR], const uint8_t peer[FK_P256_POINT],
                            uint8_t ret[FK_P256_SCALAR])
{
    if (peer[0] != 0x04) {
        return FK_E_POINT;
    }
    switch (p256_ecdh_shared_secret(ret, key, peer + 1)) {
    case P256_SUCCESS:
        return FK_OK;
    case P256_INVALID_PUBKEY:
        return FK_E_POINT;
    default:
        return FK_E_CRYPTO;
    }
}
