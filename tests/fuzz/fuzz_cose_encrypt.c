/* SPDX-License-Identifier: Apache-2.0 */
/* Encryption information: what was accepted as a whole gives all its recipients one by one. */
#include "wire/cose.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fk_cose_encrypt enc;
    struct fk_cose_recipient rec;
    uint8_t buf[FK_COSE_KDF_CONTEXT_MAX];
    size_t len = 0, n = 0;
    if (fk_cose_encrypt_parse((struct fk_slice){data, size}, &enc) != FK_OK) {
        return 0;
    }
    if (fk_cose_enc_structure(enc.header, buf, &len) != FK_OK) {
        abort();
    }
    struct fk_reader at = fk_cose_recipients(&enc);
    while (fk_cose_recipient_next(&at, &rec)) {
        n++;
        if (rec.wrapped.len != FK_COSE_WRAPPED_SIZE ||
            (rec.alg == FK_COSE_ECDH_ES_A128KW && (rec.x.len != 32 || rec.y.len != 32)) ||
            fk_cose_kdf_context(rec.header, buf, &len) != FK_OK) {
            abort();
        }
    }
    if (n != enc.n_recipients || fk_reader_end(&at) != FK_OK) {
        abort();
    }
    return 0;
}
