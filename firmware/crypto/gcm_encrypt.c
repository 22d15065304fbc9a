/* SPDX-License-Identifier: Apache-2.0 */
/* AES-128-GCM the other way round: a boot stage does not need it. */
#include "crypto/crypto.h"
#include "crypto/psa_aead.h"
#include "crypto/psa_status.h"

enum fk_status fk_gcm_encrypt_begin(struct fk_gcm *g, const uint8_t key[FK_AES_KEY_SIZE],
                                    const uint8_t nonce[FK_GCM_NONCE])
{
    *fk_psa_aead(g) = psa_aead_operation_init();
    g->key_id = 0;
    psa_key_id_t id = 0;
    enum fk_status st = fk_psa_import_aes(key, PSA_ALG_GCM, PSA_KEY_USAGE_ENCRYPT, &id);
    g->key_id = id;
    if (st == FK_OK) {
        st = fk_from_psa(psa_aead_encrypt_setup(fk_psa_aead(g), id, PSA_ALG_GCM));
    }
    if (st == FK_OK) {
        st = fk_from_psa(psa_aead_set_nonce(fk_psa_aead(g), nonce, FK_GCM_NONCE));
    }
    if (st != FK_OK) {
        fk_gcm_abort(g);
    }
    return st;
}

enum fk_status fk_gcm_encrypt_finish(struct fk_gcm *g, uint8_t ret_tag[FK_GCM_TAG_MAX])
{
    uint8_t rest[FK_AES_BLOCK];
    size_t n = 0;
    size_t tag_len = 0;
    enum fk_status st = fk_from_psa(
        psa_aead_finish(fk_psa_aead(g), rest, sizeof rest, &n, ret_tag, FK_GCM_TAG_MAX, &tag_len));
    if (st == FK_OK && (n != 0 || tag_len != FK_GCM_TAG_MAX)) {
        st = FK_E_CRYPTO;
    }
    fk_gcm_abort(g);
    return st;
}
