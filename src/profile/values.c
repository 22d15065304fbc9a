/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/fields.h"

#include "fotakit/hex.h"

#include <stdio.h>
#include <string.h>

/* What stands there, for "found …". */
static void describe(const struct fk_yaml_node *n, char *text, size_t size)
{
    if (n->kind == FK_YAML_MAP) {
        snprintf(text, size, "a map");
    } else if (n->kind == FK_YAML_LIST) {
        snprintf(text, size, "a list");
    } else if (n->text[0] == '\0') {
        snprintf(text, size, n->quoted ? "an empty text" : "nothing");
    } else {
        snprintf(text, size, n->quoted ? "the text \"%.60s\"" : "'%.60s'", n->text);
    }
}

void fk_value_expected(struct fk_loader *ld, const struct fk_yaml_node *n, const char *what)
{
    char found[80];
    describe(n, found, sizeof found);
    fk_loader_refuse(ld, n->at, n, "expected %s, found %s", what, found);
}

const char *fk_value_text(struct fk_loader *ld, const struct fk_yaml_node *n, size_t max)
{
    if (n->kind != FK_YAML_SCALAR || n->text[0] == '\0') {
        fk_value_expected(ld, n, "a text");
        return "";
    }
    if (strlen(n->text) > max) {
        fk_loader_refuse(ld, n->at, n, "expected at most %zu bytes of text, found %zu", max,
                         strlen(n->text));
        return "";
    }
    return n->text;
}

static bool is_plain(const struct fk_yaml_node *n)
{
    return n->kind == FK_YAML_SCALAR && !n->quoted;
}

bool fk_value_bool(struct fk_loader *ld, const struct fk_yaml_node *n)
{
    if (is_plain(n) && strcmp(n->text, "true") == 0) {
        return true;
    }
    if (!is_plain(n) || strcmp(n->text, "false") != 0) {
        fk_value_expected(ld, n, "true or false");
    }
    return false;
}

int fk_value_word(struct fk_loader *ld, const struct fk_yaml_node *n, const struct fk_word *words,
                  size_t n_words)
{
    char list[256] = "";
    size_t used = 0;
    for (size_t i = 0; i < n_words; i++) {
        if (n->kind == FK_YAML_SCALAR && strcmp(n->text, words[i].word) == 0) {
            return words[i].value;
        }
        int len = snprintf(list + used, sizeof list - used, "%s%s",
                           i == 0 ? "" : (i + 1 == n_words ? " or " : ", "), words[i].word);
        if (len < 0 || (size_t)len >= sizeof list - used) {
            memcpy(list + sizeof list - 4, "...", 4);
            used = sizeof list - 1;
        } else {
            used += (size_t)len;
        }
    }
    fk_value_expected(ld, n, list);
    return 0;
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
}

/* number = "0x" 1*HEXDIG / "0" / NONZERO *DIGIT. Returns the first character behind it, or NULL
 * when there is no number or it does not fit. */
static const char *read_number(const char *s, uint64_t *ret)
{
    unsigned base = 10;
    if (s[0] == '0' && s[1] == 'x') {
        base = 16;
        s += 2;
    }
    const char *start = s;
    uint64_t v = 0;
    for (; (unsigned)digit_value(*s) < base; s++) {
        unsigned d = (unsigned)digit_value(*s);
        if (v > (UINT64_MAX - d) / base) {
            return NULL;
        }
        v = v * base + d;
    }
    bool leading_zero = base == 10 && start[0] == '0' && s - start > 1; /* octal to other readers */
    if (s == start || leading_zero) {
        return NULL;
    }
    *ret = v;
    return s;
}

/* The factor of a unit, or 0 when it is none of this kind. */
static uint64_t unit_factor(enum fk_unit kind, const char *unit)
{
    static const struct {
        enum fk_unit kind;
        const char *unit;
        uint64_t factor;
    } units[] = {
        {FK_UNIT_NONE, "", 1},          {FK_UNIT_BYTES, "", 1}, {FK_UNIT_BYTES, "K", 1024},
        {FK_UNIT_BYTES, "M", 1u << 20}, {FK_UNIT_MS, "ms", 1},  {FK_UNIT_MS, "s", 1000},
    };
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (units[i].kind == kind && strcmp(units[i].unit, unit) == 0) {
            return units[i].factor;
        }
    }
    return 0;
}

uint64_t fk_value_number(struct fk_loader *ld, const struct fk_yaml_node *n, enum fk_unit unit,
                         uint64_t min, uint64_t max)
{
    static const char *const what[] = {
        [FK_UNIT_NONE] = "a number such as 12 or 0x0c",
        [FK_UNIT_BYTES] = "bytes such as 4096, 512K, 2M or 0x08000000",
        [FK_UNIT_MS] = "a time such as 500ms or 10s",
    };
    uint64_t v = 0;
    const char *rest = is_plain(n) ? read_number(n->text, &v) : NULL;
    uint64_t factor = rest != NULL ? unit_factor(unit, rest) : 0;
    if (factor == 0) {
        fk_value_expected(ld, n, what[unit]);
        return 0;
    }
    if (v > max / factor || v * factor < min) {
        const char *of = unit == FK_UNIT_MS ? " ms" : unit == FK_UNIT_BYTES ? " bytes" : "";
        if (min == max) {
            fk_loader_refuse(ld, n->at, n, "expected %llu%s, found '%s'", (unsigned long long)min,
                             of, n->text);
        } else {
            fk_loader_refuse(ld, n->at, n, "expected %llu to %llu%s, found '%.60s'",
                             (unsigned long long)min, (unsigned long long)max, of, n->text);
        }
        return 0;
    }
    return v * factor;
}

struct fk_slice fk_value_hex(struct fk_loader *ld, const struct fk_yaml_node *n, size_t min,
                             size_t max)
{
    struct fk_slice none = {0};
    size_t len = n->kind == FK_YAML_SCALAR ? strlen(n->text) / 2 : 0;
    uint8_t *bytes = fk_arena_take(ld->arena, len + 1);
    if (bytes == NULL) {
        fk_loader_no_memory(ld);
        return none;
    }
    if (n->kind != FK_YAML_SCALAR || !fk_hex_decode(n->text, strlen(n->text), bytes, len)) {
        fk_value_expected(ld, n, "pairs of hexadecimal digits");
        return none;
    }
    if (len < min || len > max) {
        fk_loader_refuse(ld, n->at, n, "expected %zu to %zu bytes in hexadecimal, found %zu", min,
                         max, len);
        return none;
    }
    return (struct fk_slice){bytes, len};
}
