/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/cbor.h"
#include "wire/suit.h"

/* True once the integrated payload begins: its head is the last thing of the front. */
static bool read_payload_head(struct fk_reader *r, const struct fk_cbor_map *map, uint64_t len,
                              size_t front_len, uint32_t *ret_total)
{
    size_t off = front_len - r->left; /* fits: the front is memory and checked below */
    if (map->left != 0) {
        fk_reader_fail(r, FK_E_SUIT_ELEMENT); /* a payload is the last element */
    } else if (off > UINT32_MAX || len > UINT32_MAX - off) {
        fk_reader_fail(r, FK_E_LIMIT);
    }
    if (!fk_reader_ok(r)) {
        return false;
    }
    *ret_total = (uint32_t)(off + len);
    return true;
}

enum fk_status fk_suit_front(struct fk_slice front, size_t *ret_need, uint32_t *ret_total)
{
    static const uint8_t tag[] = {0xd8, FK_SUIT_TAG};
    struct fk_cbor_key key = {0};
    struct fk_reader r;
    for (size_t i = 0; i < sizeof tag && i < front.len; i++) {
        if (front.ptr[i] != tag[i]) {
            return FK_E_SUIT_ENVELOPE;
        }
    }
    fk_reader_init(&r, front);
    fk_cbor_tag(&r, FK_SUIT_TAG);
    struct fk_cbor_map map = fk_cbor_map(&r);
    while (fk_cbor_map_next(&map, &key)) {
        uint64_t len = fk_cbor_bytes_head(&r);
        if (!fk_reader_ok(&r)) {
            break;
        }
        size_t at = front.len - r.left; /* of the contents */
        if (key.is_text) {
            if (read_payload_head(&r, &map, len, front.len, ret_total)) {
                *ret_need = at;
            }
            return r.st;
        }
        if (len > r.left) {
            if (len > UINT32_MAX - at) {
                return FK_E_LIMIT;
            }
            *ret_need = at + (size_t)len;
            return FK_OK;
        }
        fk_read_bytes(&r, (size_t)len);
    }
    if (r.st == FK_E_TRUNCATED) {
        *ret_need = front.len + 1; /* within a head, which is a few bytes */
        return FK_OK;
    }
    if (r.st == FK_OK) {
        *ret_need = front.len - r.left;
        *ret_total = (uint32_t)*ret_need;
    }
    return r.st;
}
