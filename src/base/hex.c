/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/hex.h"

void fk_hex_encode(const uint8_t *p, size_t len, char *text)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        text[2 * i] = digits[p[i] >> 4];
        text[2 * i + 1] = digits[p[i] & 15];
    }
    text[2 * len] = '\0';
}

void fk_uuid_text(const uint8_t id[16], char ret[FK_UUID_TEXT])
{
    static const size_t groups[] = {4, 2, 2, 2, 6};
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        fk_hex_encode(id, groups[i], ret);
        id += groups[i];
        ret += 2 * groups[i];
        *ret++ = '-';
    }
    ret[-1] = '\0';
}

static int digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool fk_hex_decode(const char *text, size_t text_len, uint8_t *ret, size_t len)
{
    if (text_len / 2 != len || text_len % 2 != 0) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        int hi = digit(text[2 * i]);
        int lo = digit(text[2 * i + 1]);
        if (hi < 0 || lo < 0) {
            return false;
        }
        ret[i] = (uint8_t)(hi << 4 | lo);
    }
    return true;
}
