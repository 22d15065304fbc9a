/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/ota.h"

#include "crypto/random.h"
#include "fotakit/hex.h"

#include <string.h>
#include <sys/stat.h>

#define FILE_MAX 65536u

/* 32 hexadecimal digits, with or without a line end: what people paste from a console. */
static bool is_hex_key(const struct fk_buffer *file)
{
    size_t len = file->len;
    while (len > 0 && (file->ptr[len - 1] == '\n' || file->ptr[len - 1] == '\r')) {
        len--;
    }
    uint8_t key[FK_PACKET_KEY_SIZE];
    bool is = fk_hex_decode((const char *)file->ptr, len, key, sizeof key);
    fk_cleanse(key, sizeof key);
    return is;
}

enum fk_status fk_packet_key_load(const char *path, struct fk_packet_key *ret,
                                  struct fk_error *err)
{
    struct fk_buffer file = {0};
    enum fk_status st = fk_file_read(path, FILE_MAX, &file, err);
    if (st == FK_E_LIMIT) {
        return fk_fail(err, FK_E_KEY_SIZE, "key file '%s' has more than %u bytes, expected %d",
                       path, FILE_MAX, FK_PACKET_KEY_SIZE);
    }
    if (st != FK_OK) {
        return fk_wrap(err, st, "key file");
    }
    if (is_hex_key(&file)) {
        st = fk_fail(err, FK_E_KEY_SIZE,
                     "key file '%s' holds %d hexadecimal digits, expected %d binary bytes; convert "
                     "it with: (umask 077; xxd -r -p '%s' > '%s.bin')",
                     path, 2 * FK_PACKET_KEY_SIZE, FK_PACKET_KEY_SIZE, path, path);
    } else if (file.len != FK_PACKET_KEY_SIZE) {
        st = fk_fail(err, FK_E_KEY_SIZE,
                     "key file '%s' has %zu byte%s, expected %d; make one with: "
                     "(umask 077; openssl rand -out key.bin %d)",
                     path, file.len, fk_plural(file.len), FK_PACKET_KEY_SIZE, FK_PACKET_KEY_SIZE);
    } else {
        struct stat s;
        memcpy(ret->bytes, file.ptr, sizeof ret->bytes);
        ret->exposed = stat(path, &s) == 0 && S_ISREG(s.st_mode) &&
                       (s.st_mode & (S_IRGRP | S_IROTH)) != 0;
    }
    fk_buffer_release(&file);
    return st;
}

void fk_packet_key_wipe(struct fk_packet_key *key)
{
    fk_cleanse(key, sizeof *key);
}
