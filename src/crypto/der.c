/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/der.h"

/* identifier octet, length octets: X.690 8.1.2, 8.1.3, 10.1 */
static void read_header(struct fk_reader *r, uint8_t *tag, uint32_t *len)
{
    *tag = fk_read_u8(r);
    uint8_t first = fk_read_u8(r);
    if ((*tag & 0x1f) == 0x1f) {
        fk_reader_fail(r, FK_E_FORMAT); /* tag numbers above 30: none in keys and certificates */
    }
    *len = first;
    if (first < 0x80) {
        return;
    }
    unsigned n = first & 0x7f;
    if (n == 0 || n > 4) {
        fk_reader_fail(r, FK_E_FORMAT); /* indefinite, or absurd */
    }
    *len = 0;
    for (unsigned i = 0; i < n && fk_reader_ok(r); i++) {
        *len = *len << 8 | fk_read_u8(r);
    }
    if (*len < 0x80 || (n > 1 && *len >> (8 * (n - 1)) == 0)) {
        fk_reader_fail(r, FK_E_FORMAT); /* a shorter length would do; keeps an earlier cause */
    }
}

bool fk_der_next(struct fk_reader *r, struct fk_der *ret)
{
    if (!fk_reader_more(r)) {
        return false;
    }
    const uint8_t *start = r->at;
    size_t before = r->left;
    uint8_t tag = 0;
    uint32_t len = 0;
    read_header(r, &tag, &len);
    const uint8_t *content = fk_read_bytes(r, len);
    if (!fk_reader_ok(r)) {
        return false;
    }
    *ret =
        (struct fk_der){.tag = tag, .whole = {start, before - r->left}, .content = {content, len}};
    return true;
}

struct fk_reader fk_der_enter(const struct fk_der *e)
{
    struct fk_reader r;
    fk_reader_init(&r, e->content);
    return r;
}

bool fk_der_claim(struct fk_slice bytes, uint64_t *ret)
{
    struct fk_reader r;
    fk_reader_init(&r, bytes);
    uint8_t tag = 0;
    uint32_t len = 0;
    read_header(&r, &tag, &len);
    if (!fk_reader_ok(&r)) {
        return false;
    }
    *ret = (uint64_t)(bytes.len - r.left) + len;
    return true;
}
