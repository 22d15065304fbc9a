/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_CRYPTO_PSA_AEAD_H
#define FK_CRYPTO_PSA_AEAD_H

#include "crypto/crypto.h"

#include <psa/crypto.h>

/* What the two directions of AES-GCM share; only for this folder. */

static inline psa_aead_operation_t *fk_psa_aead(struct fk_gcm *g)
{
    return (psa_aead_operation_t *)(void *)g->opaque;
}

enum fk_status fk_psa_import_aes(const uint8_t key[FK_AES_KEY_SIZE], psa_algorithm_t alg,
                                 psa_key_usage_t usage, psa_key_id_t *ret) FK_MUST_USE;

#endif
