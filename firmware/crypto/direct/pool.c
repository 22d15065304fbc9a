/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/direct/pool.h"

#include "crypto/crypto.h"

#include <mbedtls/aes.h>
#include <mbedtls/sha256.h>

_Static_assert(sizeof(mbedtls_aes_context) <= FK_POOL_BLOCK_SIZE &&
                   sizeof(mbedtls_sha256_context) <= FK_POOL_BLOCK_SIZE,
               "the pool's blocks are too small");

static struct {
    _Alignas(8) unsigned char bytes[FK_POOL_BLOCK_SIZE];
    bool used;
} blocks[FK_POOL_BLOCKS];

void *fk_pool_calloc(size_t n, size_t size)
{
    if (n == 0 || size > FK_POOL_BLOCK_SIZE / n) {
        return NULL;
    }
    for (unsigned i = 0; i < FK_POOL_BLOCKS; i++) {
        if (!blocks[i].used) {
            blocks[i].used = true;
            return blocks[i].bytes; /* zero: at the start, and again since it was freed */
        }
    }
    return NULL;
}

void fk_pool_free(void *p)
{
    for (unsigned i = 0; i < FK_POOL_BLOCKS; i++) {
        if (p == blocks[i].bytes) {
            fk_wipe(blocks[i].bytes, sizeof blocks[i].bytes);
            blocks[i].used = false;
        }
    }
}
