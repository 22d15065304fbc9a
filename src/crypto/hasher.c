/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/hasher.h"

#include "crypto/ossl.h"

#include <openssl/evp.h>

#include <stdbool.h>

static enum fk_status failed(struct fk_error *err)
{
    return fk_fail(err, FK_E_CRYPTO, "SHA-256 failed: %s", fk_ossl_reason());
}

enum fk_status fk_hasher_begin(struct fk_hasher *d, struct fk_error *err)
{
    d->ctx = EVP_MD_CTX_new();
    if (d->ctx == NULL || EVP_DigestInit_ex(d->ctx, EVP_sha256(), NULL) != 1) {
        return failed(err);
    }
    return FK_OK;
}

enum fk_status fk_hasher_update(struct fk_hasher *d, const void *p, size_t len,
                                struct fk_error *err)
{
    return EVP_DigestUpdate(d->ctx, p, len) == 1 ? FK_OK : failed(err);
}

enum fk_status fk_hasher_finish(struct fk_hasher *d, uint8_t ret[FK_HASHER_SIZE],
                                struct fk_error *err)
{
    unsigned len = 0;
    bool done = EVP_DigestFinal_ex(d->ctx, ret, &len) == 1 && len == FK_HASHER_SIZE;
    return done ? FK_OK : failed(err);
}

void fk_hasher_release(struct fk_hasher *d)
{
    EVP_MD_CTX_free(d->ctx);
    d->ctx = NULL;
}
