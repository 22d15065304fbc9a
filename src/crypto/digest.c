/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/digest.h"

#include "crypto/ossl.h"

enum fk_status fk_digest(enum fk_digest d, struct fk_slice bytes, uint8_t *ret,
                         struct fk_error *err)
{
    static const char *const names[] = {[FK_DIGEST_SHA1] = "SHA1",
                                        [FK_DIGEST_SHA256] = "SHA256",
                                        [FK_DIGEST_SHA384] = "SHA384",
                                        [FK_DIGEST_SHA512] = "SHA512"};
    if (EVP_Q_digest(NULL, names[d], NULL, bytes.ptr, bytes.len, ret, NULL) != 1) {
        return fk_fail(err, FK_E_CRYPTO, "cannot compute %s: %s", names[d], fk_ossl_reason());
    }
    return FK_OK;
}
