/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever one item is, it is read to its end or refused, never beyond; and a map that is read key
 * by key gives the same verdict. */
#include "wire/cbor.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fk_reader whole, parts;
    fk_reader_init(&whole, (struct fk_slice){data, size});
    fk_reader_init(&parts, (struct fk_slice){data, size});
    enum fk_cbor_type type = fk_cbor_peek(&whole);
    struct fk_slice item = fk_cbor_item(&whole);
    enum fk_status st = fk_reader_end(&whole);
    if (st == FK_OK && item.len != size) {
        abort();
    }
    if (type == FK_CBOR_MAP) {
        struct fk_cbor_map map = fk_cbor_map(&parts);
        struct fk_cbor_key key;
        while (fk_cbor_map_next(&map, &key)) {
            (void)fk_cbor_item(&parts);
        }
        if (fk_reader_end(&parts) == FK_OK && st != FK_OK && st != FK_E_LIMIT) {
            abort();
        }
    }
    return 0;
}
