/* SPDX-License-Identifier: Apache-2.0 */
#include "support/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { SLOTS = 64, SLOT_SIZE = 1024 };

static int digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c != '\0' ? strchr(digits, c) : NULL;
    return at != NULL ? (int)(at - digits) : -1;
}

struct fk_slice fk_hex(const char *text)
{
    static uint8_t pool[SLOTS][SLOT_SIZE];
    static unsigned next;
    uint8_t *to = pool[next++ % SLOTS];
    size_t n = 0;
    for (; *text != '\0'; text++) {
        if (*text == ' ') {
            continue;
        }
        int high = digit(text[0]), low = digit(text[1]);
        if (high < 0 || low < 0 || n == SLOT_SIZE) {
            fail_msg("not hexadecimal, or too long: '%s'", text);
        }
        to[n++] = (uint8_t)(high << 4 | low);
        text++;
    }
    return (struct fk_slice){to, n};
}

bool test_holds(const void *p, size_t len, const char *text)
{
    size_t n = strlen(text);
    for (size_t i = 0; i + n <= len; i++) {
        if (memcmp((const uint8_t *)p + i, text, n) == 0) {
            return true;
        }
    }
    return false;
}
