/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/writer.h"

#include <string.h>

void fk_writer_init(struct fk_writer *w, void *buf, size_t cap)
{
    *w = (struct fk_writer){.buf = buf, .cap = cap, .len = 0, .st = FK_OK};
}

void fk_write_bytes(struct fk_writer *w, const void *p, size_t n)
{
    if (w->st == FK_OK && n > w->cap - w->len) {
        w->st = FK_E_LIMIT;
    }
    if (w->st == FK_OK && n > 0) {
        memcpy(w->buf + w->len, p, n);
        w->len += n;
    }
}

static void write_be(struct fk_writer *w, uint64_t v, size_t n)
{
    uint8_t b[8];
    for (size_t i = 0; i < n; i++) {
        b[i] = (uint8_t)(v >> (8 * (n - 1 - i)));
    }
    fk_write_bytes(w, b, n);
}

void fk_write_u8(struct fk_writer *w, uint8_t v)
{
    write_be(w, v, 1);
}

void fk_write_u16be(struct fk_writer *w, uint16_t v)
{
    write_be(w, v, 2);
}

void fk_write_u32be(struct fk_writer *w, uint32_t v)
{
    write_be(w, v, 4);
}

void fk_write_u64be(struct fk_writer *w, uint64_t v)
{
    write_be(w, v, 8);
}

enum fk_status fk_writer_end(const struct fk_writer *w, size_t *ret_len)
{
    if (w->st == FK_OK) {
        *ret_len = w->len;
    }
    return w->st;
}
