/* SPDX-License-Identifier: Apache-2.0 */
/* A key set before its signatures are checked. */
#include "wire/keyset.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fk_keyset set;
    if (fk_keyset_parse((struct fk_slice){data, size}, &set) != FK_OK) {
        return 0;
    }
    if (set.n_keys > FK_KEYSET_KEYS_MAX || set.parts.digest.len != FK_SUIT_DIGEST_SIZE) {
        abort();
    }
    for (size_t i = 0; i < set.n_keys; i++) {
        if (set.keys[i].point.len != 65 || set.keys[i].kid.len == 0 || set.keys[i].kid.len > 32) {
            abort();
        }
    }
    return 0;
}
