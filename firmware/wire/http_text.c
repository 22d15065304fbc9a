/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/http_text.h"

#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool fk_http_is_alnum(char c)
{
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z');
}

bool fk_http_is_control(char c)
{
    return (uint8_t)c < 0x20 || c == 0x7f;
}

bool fk_http_is_token(char c)
{
    return c != '\0' && (fk_http_is_alnum(c) || strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

int fk_http_hex_digit(char c)
{
    if (is_digit(c)) {
        return c - '0';
    }
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool fk_http_same_word(struct fk_slice s, const char *word)
{
    if (s.len != strlen(word)) {
        return false;
    }
    for (size_t i = 0; i < s.len; i++) {
        if (lower((char)s.ptr[i]) != lower(word[i])) {
            return false;
        }
    }
    return true;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

struct fk_slice fk_http_trim(struct fk_slice s)
{
    while (s.len > 0 && is_blank(s.ptr[0])) {
        s.ptr++;
        s.len--;
    }
    while (s.len > 0 && is_blank(s.ptr[s.len - 1])) {
        s.len--;
    }
    return s;
}

bool fk_http_take_number(struct fk_slice *s, uint64_t *ret)
{
    uint64_t v = 0;
    size_t n = 0;
    for (; n < s->len && is_digit((char)s->ptr[n]); n++) {
        uint64_t digit = (uint64_t)(s->ptr[n] - '0');
        if (v > (UINT64_MAX - digit) / 10) {
            return false;
        }
        v = v * 10 + digit;
    }
    if (n == 0) {
        return false;
    }
    s->ptr += n;
    s->len -= n;
    *ret = v;
    return true;
}

bool fk_http_take(struct fk_slice *s, const char *text)
{
    size_t n = strlen(text);
    if (n > s->len || memcmp(s->ptr, text, n) != 0) {
        return false;
    }
    s->ptr += n;
    s->len -= n;
    return true;
}
