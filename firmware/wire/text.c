/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/text.h"

#include <string.h>

void fk_write_text(struct fk_writer *w, const char *text)
{
    fk_write_bytes(w, text, strlen(text));
}

void fk_write_decimal(struct fk_writer *w, uint64_t v)
{
    char digits[20]; /* UINT64_MAX has 20 */
    size_t n = sizeof digits;
    do {
        digits[--n] = (char)('0' + v % 10);
        v /= 10;
    } while (v > 0);
    fk_write_bytes(w, digits + n, sizeof digits - n);
}

void fk_write_hex(struct fk_writer *w, const uint8_t *p, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        fk_write_u8(w, (uint8_t)digits[p[i] >> 4]);
        fk_write_u8(w, (uint8_t)digits[p[i] & 15]);
    }
}
