/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/explain.h"

#include <string.h>

/* A log line is anybody's text: every step below stays inside it, and a number that does not fit
 * 32 bits is no number. Comparison ignores the case of ASCII letters, as logs differ in it. */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '_';
}

static bool starts(const char *text, const char *prefix)
{
    while (*prefix != '\0' && lower(*text) == lower(*prefix)) {
        text++;
        prefix++;
    }
    return *prefix == '\0';
}

static unsigned digit(char c)
{
    char l = lower(c);
    return is_digit(c) ? (unsigned)(c - '0') : l >= 'a' && l <= 'f' ? (unsigned)(l - 'a' + 10) : 99;
}

/* number = ["-"] ("0x" 1*HEXDIG / 1*DIGIT), not followed by a letter. Returns what follows it, or
 * NULL when there is no number. */
static const char *read_number(const char *s, struct fk_seen_code *ret)
{
    struct fk_seen_code c = {.negative = s[0] == '-'};
    s += c.negative ? 1 : 0;
    c.hex = s[0] == '0' && lower(s[1]) == 'x';
    s += c.hex ? 2 : 0;
    unsigned base = c.hex ? 16 : 10;
    const char *start = s;
    uint64_t v = 0;
    for (; digit(*s) < base; s++) {
        v = v * base + digit(*s);
        if (v > UINT32_MAX) {
            return NULL;
        }
    }
    if (s == start || is_word(*s)) {
        return NULL;
    }
    c.number = (uint32_t)v;
    *ret = c;
    return s;
}

struct seen {
    struct fk_seen_code *at;
    const char *place[FK_SEEN_CODES_MAX]; /* where the number stands */
    size_t prefix_len[FK_SEEN_CODES_MAX]; /* of what stands in front of it */
    size_t n;
};

static void add(struct seen *s, struct fk_seen_code c)
{
    for (size_t i = 0; i < s->n; i++) {
        if (s->at[i].table == c.table && s->at[i].number == c.number) {
            return;
        }
    }
    if (s->n < FK_SEEN_CODES_MAX) {
        s->place[s->n] = NULL;
        s->at[s->n++] = c;
    }
}

/* "Certificate error:23" also ends in "error:23": of the prefixes of one number the longest
 * counts. */
static void add_prefixed(struct seen *s, struct fk_seen_code c, const char *place, size_t len)
{
    for (size_t i = 0; i < s->n; i++) {
        if (s->place[i] == place) {
            if (len > s->prefix_len[i]) {
                s->at[i] = c;
                s->prefix_len[i] = len;
            }
            return;
        }
    }
    size_t before = s->n;
    add(s, c);
    if (s->n > before) {
        s->place[before] = place;
        s->prefix_len[before] = len;
    }
}

/* "AT-S.ERROR:74", "code: 5035", "err = -0x2700". */
static void after_prefix(struct seen *s, const struct fk_error_table *t, const char *prefix,
                         const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        struct fk_seen_code c;
        if (!starts(at, prefix) || (at > text && is_word(at[-1]) && is_word(prefix[0]))) {
            continue;
        }
        const char *number = at + strlen(prefix);
        number += strspn(number, " \t:=(");
        if (read_number(number, &c) != NULL) {
            c.table = t;
            add_prefixed(s, c, number, strlen(prefix));
        }
    }
}

/* "UNTRUSTED_CERTIFICATE", also with what a library puts in front: "MBEDTLS_ERR_…". */
static bool is_name(const char *text, size_t len, const char *name)
{
    size_t n = strlen(name);
    if (n == 0 || len < n || !starts(text + len - n, name)) {
        return false;
    }
    return len == n || text[len - n - 1] == '_';
}

static void by_name(struct seen *s, const struct fk_error_tables *tables, const char *text,
                    size_t len)
{
    for (size_t i = 0; i < tables->n; i++) {
        const struct fk_error_table *t = &tables->at[i];
        for (size_t k = 0; k < t->n_codes; k++) {
            if (is_name(text, len, t->codes[k].name)) {
                add(s,
                    (struct fk_seen_code){.table = t, .number = t->codes[k].code, .certain = true});
            }
        }
    }
}

/* Any -0x2700 or 0x2700 in the text. */
static void anywhere(struct seen *s, const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        struct fk_seen_code c;
        if ((at == text || (!is_word(at[-1]) && at[-1] != '-')) && read_number(at, &c) != NULL &&
            c.hex) {
            add(s, c);
        }
    }
}

size_t fk_seen_codes(const struct fk_error_tables *tables, const char *text,
                     struct fk_seen_code ret[FK_SEEN_CODES_MAX])
{
    struct seen s = {.at = ret};
    struct fk_seen_code c;
    text += strspn(text, " \t\r\n");
    size_t len = strlen(text);
    while (len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL) {
        len--;
    }
    const char *end = read_number(text, &c);
    if (end != NULL && end == text + len) {
        add(&s, c);
        return s.n;
    }
    for (size_t i = 0; i < tables->n; i++) {
        const struct fk_error_table *t = &tables->at[i];
        for (size_t k = 0; k < t->n_prefixes; k++) {
            after_prefix(&s, t, t->prefixes[k], text);
        }
    }
    if (s.n == 0) {
        by_name(&s, tables, text, len);
    }
    if (s.n == 0) {
        anywhere(&s, text);
    }
    return s.n;
}
