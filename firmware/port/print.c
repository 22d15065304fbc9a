/* SPDX-License-Identifier: Apache-2.0 */
#include "port/print.h"

#include "port/board.h"

#include <string.h>

void fk_print(const char *text)
{
    fk_board_write(text, strlen(text));
}

void fk_print_u32(uint32_t n)
{
    char digits[10]; /* 4294967295 */
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + n % 10);
        n /= 10;
    } while (n != 0);
    fk_board_write(digits + at, sizeof digits - at);
}

void fk_print_hex(const uint8_t *p, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        const char pair[2] = {"0123456789abcdef"[p[i] >> 4], "0123456789abcdef"[p[i] & 15]};
        fk_board_write(pair, sizeof pair);
    }
}
