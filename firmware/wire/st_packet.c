/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/st_packet.h"

#include <string.h>

static bool field_fits(const struct fk_st_field *f, uint8_t header_size)
{
    return f->size <= header_size && f->off <= header_size - f->size;
}

static bool overlap(const struct fk_st_field *a, const struct fk_st_field *b)
{
    return a->off < b->off + b->size && b->off < a->off + a->size;
}

enum fk_status fk_st_layout_check(const struct fk_st_layout *l)
{
    bool sizes = l->nonce.size == FK_ST_NONCE_SIZE && l->tag.size >= 12 &&
                 l->tag.size <= FK_ST_TAG_SIZE && l->hash.size == FK_ST_HASH_SIZE &&
                 l->size <= FK_ST_HEADER_MAX &&
                 l->size == l->nonce.size + l->tag.size + l->hash.size;
    bool places = field_fits(&l->nonce, l->size) && field_fits(&l->tag, l->size) &&
                  field_fits(&l->hash, l->size) && !overlap(&l->nonce, &l->tag) &&
                  !overlap(&l->nonce, &l->hash) && !overlap(&l->tag, &l->hash);
    return sizes && places ? FK_OK : FK_E_GEOMETRY;
}

enum fk_status fk_st_header_parse(const struct fk_st_layout *layout, struct fk_slice bytes,
                                  struct fk_st_header *ret)
{
    enum fk_status st = fk_st_layout_check(layout);
    if (st != FK_OK) {
        return st;
    }
    if (bytes.len != layout->size) {
        return bytes.len < layout->size ? FK_E_TRUNCATED : FK_E_TRAILING;
    }
    struct fk_st_header h = {0};
    memcpy(h.nonce, bytes.ptr + layout->nonce.off, layout->nonce.size);
    memcpy(h.tag, bytes.ptr + layout->tag.off, layout->tag.size);
    memcpy(h.hash, bytes.ptr + layout->hash.off, layout->hash.size);
    *ret = h;
    return FK_OK;
}

enum fk_status fk_st_header_write(const struct fk_st_layout *layout,
                                  const struct fk_st_header *header, uint8_t *buf, size_t cap,
                                  size_t *ret_len)
{
    enum fk_status st = fk_st_layout_check(layout);
    if (st != FK_OK) {
        return st;
    }
    if (cap < layout->size) {
        return FK_E_LIMIT;
    }
    memcpy(buf + layout->nonce.off, header->nonce, layout->nonce.size);
    memcpy(buf + layout->tag.off, header->tag, layout->tag.size);
    memcpy(buf + layout->hash.off, header->hash, layout->hash.size);
    *ret_len = layout->size;
    return FK_OK;
}

static bool all_zero(const uint8_t *p, size_t n)
{
    uint8_t any = 0;
    for (size_t i = 0; i < n; i++) {
        any |= p[i];
    }
    return any == 0;
}

bool fk_st_header_is_plain(const struct fk_st_header *header)
{
    return all_zero(header->nonce, sizeof header->nonce) &&
           all_zero(header->tag, sizeof header->tag);
}
