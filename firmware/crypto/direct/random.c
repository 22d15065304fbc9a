/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/crypto.h"

/* One for the whole program, as in the other adapter; the library itself asks for none here. */
static const struct fk_random *random_source;

void fk_crypto_use_random(const struct fk_random *source)
{
    random_source = source;
}

enum fk_status fk_crypto_random(void *p, size_t len)
{
    return random_source != NULL ? random_source->fill(random_source->ctx, p, len) : FK_E_RANDOM;
}
