/* SPDX-License-Identifier: Apache-2.0 */
/* A key set before its signatures are checked, the set alone as a device keeps it, and the key file
 * around that. What parses is written back: one set has one encoding. */
#include "wire/key_file.h"
#include "wire/keyset.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_set(const struct fk_keyset *set, struct fk_slice bytes)
{
    static uint8_t again[FK_KEYSET_FILE_MAX];
    struct fk_writer w;
    size_t len = 0;
    if (set->n_keys > FK_KEYSET_KEYS_MAX) {
        abort();
    }
    for (size_t i = 0; i < set->n_keys; i++) {
        if (set->keys[i].point.len != 65 || set->keys[i].kid.len == 0 ||
            set->keys[i].kid.len > 32) {
            abort();
        }
    }
    fk_writer_init(&w, again, sizeof again);
    fk_keyset_put(&w, set);
    if (fk_writer_end(&w, &len) != FK_OK || len != bytes.len ||
        memcmp(again, bytes.ptr, len) != 0) {
        abort();
    }
}

static void check_file(const struct fk_key_file *file, const uint8_t *data)
{
    uint8_t head[FK_KEY_FILE_HEAD];
    struct fk_key_file again;
    struct fk_keyset set;
    uint32_t len = 0;
    if (fk_key_file_write_head(file, head) != FK_OK || fk_key_file_set_len(data, &len) != FK_OK ||
        len != file->set.len) {
        abort();
    }
    bool whole = fk_key_file_parse((struct fk_slice){head, sizeof head}, &again) == FK_OK;
    if (whole != (len == 0)) {
        abort(); /* a head without its set is no key file */
    }
    if (fk_keyset_read(file->set, &set) == FK_OK) {
        check_set(&set, file->set);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct fk_slice bytes = {data, size};
    struct fk_keyset set;
    struct fk_key_file file;
    if (fk_keyset_parse(bytes, &set) == FK_OK) {
        if (set.parts.digest.len != FK_SUIT_DIGEST_SIZE) {
            abort();
        }
        check_set(&set, set.parts.manifest);
    }
    if (fk_keyset_read(bytes, &set) == FK_OK) {
        check_set(&set, bytes);
    }
    if (fk_key_file_parse(bytes, &file) == FK_OK) {
        check_file(&file, data);
    }
    return 0;
}
