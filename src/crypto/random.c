/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/random.h"

#include "crypto/ossl.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <limits.h>

enum fk_status fk_random_bytes(void *p, size_t len, struct fk_error *err)
{
    if (len <= INT_MAX && RAND_bytes(p, (int)len) == 1) {
        return FK_OK;
    }
    OPENSSL_cleanse(p, len);
    return fk_fail(err, FK_E_RANDOM, "random number generator failed: %s", fk_ossl_reason());
}

void fk_cleanse(void *p, size_t len)
{
    OPENSSL_cleanse(p, len);
}
