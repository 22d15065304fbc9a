/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/reader.h"

#include <string.h>

/* An empty slice still points somewhere: NULL + 0 is undefined. */
static const uint8_t nothing;

void fk_reader_init(struct fk_reader *r, struct fk_slice bytes)
{
    r->at = bytes.len > 0 ? bytes.ptr : &nothing;
    r->left = bytes.len;
    r->st = FK_OK;
}

bool fk_reader_more(const struct fk_reader *r)
{
    return r->st == FK_OK && r->left > 0;
}

void fk_reader_fail(struct fk_reader *r, enum fk_status st)
{
    if (r->st == FK_OK) {
        r->st = st;
        r->left = 0;
    }
}

void fk_reader_require(struct fk_reader *r, bool good, enum fk_status st)
{
    if (!good) {
        fk_reader_fail(r, st);
    }
}

enum fk_status fk_reader_end(struct fk_reader *r)
{
    if (r->left > 0) {
        fk_reader_fail(r, FK_E_TRAILING);
    }
    return r->st;
}

/* Code reviewers: the only pointer arithmetic on untrusted input is here. */
const uint8_t *fk_read_bytes(struct fk_reader *r, size_t n)
{
    if (n > r->left) { /* n is theirs, left is ours: compare, never add */
        fk_reader_fail(r, FK_E_TRUNCATED);
    }
    if (r->st != FK_OK) {
        return NULL;
    }
    const uint8_t *p = r->at;
    r->at += n;
    r->left -= n;
    return p;
}

void fk_read_copy(struct fk_reader *r, void *out, size_t n)
{
    const uint8_t *p = fk_read_bytes(r, n);
    if (p != NULL) {
        memcpy(out, p, n);
    } else {
        memset(out, 0, n);
    }
}

struct fk_reader fk_read_sub(struct fk_reader *r, size_t n)
{
    struct fk_reader sub;
    const uint8_t *p = fk_read_bytes(r, n);
    fk_reader_init(&sub, (struct fk_slice){p, p != NULL ? n : 0});
    sub.st = r->st;
    return sub;
}

uint64_t fk_read_be(struct fk_reader *r, size_t n)
{
    const uint8_t *p = fk_read_bytes(r, n);
    uint64_t v = 0;
    for (size_t i = 0; p != NULL && i < n; i++) {
        v = v << 8 | p[i];
    }
    return v;
}

uint8_t fk_read_u8(struct fk_reader *r)
{
    return (uint8_t)fk_read_be(r, 1);
}

uint16_t fk_read_u16be(struct fk_reader *r)
{
    return (uint16_t)fk_read_be(r, 2);
}

uint32_t fk_read_u32be(struct fk_reader *r)
{
    return (uint32_t)fk_read_be(r, 4);
}

uint64_t fk_read_u64be(struct fk_reader *r)
{
    return fk_read_be(r, 8);
}

bool fk_slice_same(struct fk_slice a, struct fk_slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}
