/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/json.h"

#include <inttypes.h>
#include <string.h>

void fk_json_init(struct fk_json *j, FILE *to)
{
    *j = (struct fk_json){.to = to};
}

static void indent(const struct fk_json *j)
{
    fprintf(j->to, "\n%*s", (int)(2 * j->depth), "");
}

/* Length of the UTF-8 sequence at s (RFC 3629), 0 when it is not one. */
static size_t utf8_length(const unsigned char *s)
{
    if (s[0] < 0x80) {
        return 1;
    }
    size_t n = s[0] >= 0xc2 && s[0] <= 0xdf ? 2
               : (s[0] & 0xf0) == 0xe0      ? 3
               : s[0] >= 0xf0 && s[0] <= 0xf4 ? 4
                                              : 0;
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f)) {
        return 0; /* overlong, surrogate, beyond U+10FFFF */
    }
    return n;
}

static void quoted(const struct fk_json *j, const char *value)
{
    fputc('"', j->to);
    for (const unsigned char *s = (const unsigned char *)value; *s != '\0';) {
        size_t n = utf8_length(s);
        if (n == 0) {
            fputs("\xef\xbf\xbd", j->to);
            n = 1;
        } else if (*s == '"' || *s == '\\') {
            fprintf(j->to, "\\%c", *s);
        } else if (*s < 0x20 || *s == 0x7f) {
            fprintf(j->to, "\\u%04x", *s);
        } else {
            fwrite(s, 1, n, j->to);
        }
        s += n;
    }
    fputc('"', j->to);
}

static void item(struct fk_json *j, const char *key)
{
    if (j->depth > 0) {
        if (j->has_items[j->depth - 1]) {
            fputc(',', j->to);
        }
        j->has_items[j->depth - 1] = true;
        indent(j);
    }
    if (key != NULL) {
        quoted(j, key);
        fputs(": ", j->to);
    }
}

static void begin(struct fk_json *j, const char *key, char open)
{
    item(j, key);
    fputc(open, j->to);
    if (j->depth < FK_JSON_DEPTH) {
        j->has_items[j->depth++] = false;
    }
}

static void end(struct fk_json *j, char close)
{
    j->depth--;
    if (j->has_items[j->depth]) {
        indent(j);
    }
    fputc(close, j->to);
    if (j->depth == 0) {
        fputc('\n', j->to);
    }
}

void fk_json_object(struct fk_json *j, const char *key)
{
    begin(j, key, '{');
}

void fk_json_array(struct fk_json *j, const char *key)
{
    begin(j, key, '[');
}

void fk_json_object_end(struct fk_json *j)
{
    end(j, '}');
}

void fk_json_array_end(struct fk_json *j)
{
    end(j, ']');
}

void fk_json_string(struct fk_json *j, const char *key, const char *value)
{
    item(j, key);
    quoted(j, value);
}

void fk_json_hex(struct fk_json *j, const char *key, const uint8_t *p, size_t len)
{
    item(j, key);
    fputc('"', j->to);
    for (size_t i = 0; i < len; i++) {
        fprintf(j->to, "%02x", p[i]);
    }
    fputc('"', j->to);
}

void fk_json_u64(struct fk_json *j, const char *key, uint64_t value)
{
    item(j, key);
    fprintf(j->to, "%" PRIu64, value);
}

void fk_json_i64(struct fk_json *j, const char *key, int64_t value)
{
    item(j, key);
    fprintf(j->to, "%" PRId64, value);
}

void fk_json_bool(struct fk_json *j, const char *key, bool value)
{
    item(j, key);
    fputs(value ? "true" : "false", j->to);
}

void fk_json_null(struct fk_json *j, const char *key)
{
    item(j, key);
    fputs("null", j->to);
}
