/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_CRYPTO_DIRECT_POOL_H
#define FK_CRYPTO_DIRECT_POOL_H

#include <stddef.h>

/* Memory for contexts that mbedTLS insists on allocating: the two of an HMAC, or the one of an AES
 * key. Two blocks, no heap: a third, or a larger one, is refused. Blocks are wiped when freed. */

#define FK_POOL_BLOCKS     2u
#define FK_POOL_BLOCK_SIZE 288u

void *fk_pool_calloc(size_t n, size_t size);
void fk_pool_free(void *p);

#endif
