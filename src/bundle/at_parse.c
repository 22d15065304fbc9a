/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE /* explicit_bzero */
#include "fotakit/at_script.h"

#include "fotakit/hex.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Reads the text of fotakit/at_script.h. It may come from anywhere: each line is copied to a buffer
 * of fixed size before it is looked at, and each number is checked before it sizes anything. */

enum { TEXT_LINE_MAX = FK_AT_LINE_MAX + 16 };

struct parse {
    const char *name;
    struct fk_slice left;
    unsigned line;                /* number of the present one, from 1 */
    char text[TEXT_LINE_MAX + 1]; /* without its end */
    struct fk_at_script script;
    char title[FK_AT_TITLE_MAX + 1]; /* of the step that begins; "" when none is open */
    size_t data_left;                /* bytes of the last step that are still to come */
    unsigned seen;                   /* header words, by bit */
    struct fk_error *err;
};

static enum fk_status refuse(struct parse *p, enum fk_status st, const char *what)
{
    return fk_fail(p->err, st, "%s:%u: %s", p->name, p->line, what);
}

/* The next line, CR LF taken for LF; false at the end or when it is too long (*ret_st). */
static bool next_line(struct parse *p, enum fk_status *ret_st)
{
    if (p->left.len == 0) {
        return false;
    }
    p->line++;
    const uint8_t *end = memchr(p->left.ptr, '\n', p->left.len);
    size_t len = end != NULL ? (size_t)(end - p->left.ptr) : p->left.len;
    size_t used = end != NULL ? len + 1 : len;
    if (len > 0 && p->left.ptr[len - 1] == '\r') {
        len--;
    }
    if (len > TEXT_LINE_MAX) {
        *ret_st = refuse(p, FK_E_LIMIT, "line is too long");
        return false;
    }
    memcpy(p->text, p->left.ptr, len);
    p->text[len] = '\0';
    p->left.ptr += used;
    p->left.len -= used;
    for (size_t i = 0; i < len; i++) {
        if (((uint8_t)p->text[i] < 0x20 && p->text[i] != '\t') || p->text[i] == 0x7f) {
            *ret_st = refuse(p, FK_E_FORMAT, "control character; expected text");
            return false;
        }
    }
    return true;
}

static bool number(const char *text, uint32_t max, uint32_t *ret)
{
    uint64_t value = 0;
    if (*text == '\0') {
        return false;
    }
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9') {
            return false;
        }
        value = 10 * value + (uint64_t)(*text - '0');
        if (value > max) {
            return false;
        }
    }
    *ret = (uint32_t)value;
    return true;
}

static struct fk_at_step *last_step(struct parse *p)
{
    return p->script.n > 0 && p->title[0] == '\0' ? &p->script.steps[p->script.n - 1] : NULL;
}

static enum fk_status on_hex(struct parse *p)
{
    const char *hex = p->text + strspn(p->text, " \t");
    size_t len = strlen(hex);
    struct fk_at_step *step = last_step(p);
    if (*hex == '\0' && p->data_left == 0) {
        return FK_OK;
    }
    if (p->data_left == 0) {
        return refuse(p, FK_E_FORMAT, "more data than its 'data' line says");
    }
    size_t n = len / 2;
    if (n > p->data_left ||
        !fk_hex_decode(hex, len, step->data.ptr + (step->data.len - p->data_left), n)) {
        return refuse(p, FK_E_FORMAT,
                      n > p->data_left ? "more data than its 'data' line says"
                                       : "expected pairs of hexadecimal digits");
    }
    p->data_left -= n;
    return FK_OK;
}

static enum fk_status on_data(struct parse *p, const char *value)
{
    struct fk_at_step *step = last_step(p);
    uint32_t n = 0;
    if (step == NULL || step->data.ptr != NULL) {
        return refuse(p, FK_E_FORMAT, "'data' follows the one 'send' of its step");
    }
    if (!number(value, FK_AT_DATA_MAX, &n) || n == 0) {
        return refuse(p, FK_E_FORMAT, "'data' takes a number of bytes, 1 to 65536");
    }
    step->data.ptr = calloc(n + 1, 1);
    if (step->data.ptr == NULL) {
        return fk_fail(p->err, FK_E_MEMORY, "out of memory");
    }
    step->data.len = n;
    p->data_left = n;
    return FK_OK;
}

static enum fk_status on_step_word(struct parse *p, const char *word, const char *value)
{
    struct fk_at_step *step = last_step(p);
    if (strcmp(word, "step") == 0) {
        if (p->title[0] != '\0') {
            return refuse(p, FK_E_FORMAT, "the step before has no 'send'");
        }
        if (*value == '\0' || strlen(value) > FK_AT_TITLE_MAX) {
            return refuse(p, FK_E_FORMAT, "'step' takes a title of 1 to 79 characters");
        }
        snprintf(p->title, sizeof p->title, "%s", value);
        return FK_OK;
    }
    if (strcmp(word, "send") == 0) {
        if (p->title[0] == '\0') {
            return refuse(p, FK_E_FORMAT, "'send' needs a 'step' of its own before it");
        }
        struct fk_error why = FK_ERROR_INIT;
        enum fk_status st =
            fk_at_script_add(&p->script, p->title, value, (struct fk_slice){0}, NULL, &why);
        p->title[0] = '\0';
        return st == FK_OK ? FK_OK : refuse(p, st, why.msg);
    }
    if (step == NULL) {
        return refuse(p, FK_E_FORMAT, "stands before the 'send' that it belongs to");
    }
    if (strcmp(word, "expect") == 0) {
        if (*value == '\0' || strlen(value) > FK_AT_EXPECT_MAX || step->expect[0] != '\0') {
            return refuse(p, FK_E_FORMAT, "'expect' takes 1 to 255 characters, once in a step");
        }
        snprintf(step->expect, sizeof step->expect, "%s", value);
        return FK_OK;
    }
    if (strcmp(word, "timeout") == 0) {
        if (step->timeout_ms != 0 || !number(value, 3600000, &step->timeout_ms) ||
            step->timeout_ms == 0) {
            return refuse(p, FK_E_FORMAT,
                          "'timeout' takes milliseconds, 1 to 3600000, once in a step");
        }
        return FK_OK;
    }
    if (strcmp(word, "data") == 0) {
        return on_data(p, value);
    }
    bool *flag = strcmp(word, "restarts") == 0 ? &step->restarts : &step->may_fail;
    if (*flag || *value != '\0') {
        return refuse(p, FK_E_FORMAT, "'restarts' and 'may-fail' stand alone, once in a step");
    }
    *flag = true;
    return FK_OK;
}

static enum fk_status on_header_word(struct parse *p, unsigned bit, const char *value)
{
    struct fk_at_script *s = &p->script;
    char *const words[] = {s->profile, s->ok, s->error, s->probe};
    if ((p->seen & 1u << bit) != 0 || s->n > 0 || p->title[0] != '\0') {
        return refuse(p, FK_E_FORMAT, "stands once, before the first step");
    }
    p->seen |= 1u << bit;
    if (bit == 4) {
        s->line_end = strcmp(value, "lf") == 0     ? FK_AT_LF
                      : strcmp(value, "crlf") == 0 ? FK_AT_CRLF
                                                   : FK_AT_CR;
        return s->line_end != FK_AT_CR || strcmp(value, "cr") == 0
                   ? FK_OK
                   : refuse(p, FK_E_FORMAT, "'line-end' takes cr, lf or crlf");
    }
    if (*value == '\0' || strlen(value) > FK_AT_WORD_MAX) {
        return refuse(p, FK_E_FORMAT, "takes 1 to 63 characters");
    }
    snprintf(words[bit], FK_AT_WORD_MAX + 1, "%s", value);
    return FK_OK;
}

static enum fk_status on_line(struct parse *p)
{
    static const char *const header[] = {"profile", "ok", "error", "probe", "line-end"};
    static const char *const in_step[] = {"step", "send",     "expect",  "timeout",
                                          "data", "may-fail", "restarts"};
    if (p->text[0] == ' ' || p->text[0] == '\t') {
        return on_hex(p);
    }
    if (p->data_left > 0) {
        return refuse(p, FK_E_FORMAT, "the data before is shorter than its 'data' line says");
    }
    if (p->text[0] == '\0' || p->text[0] == '#') {
        return FK_OK;
    }
    char *value = p->text + strcspn(p->text, " ");
    if (*value == ' ') {
        *value++ = '\0';
    }
    for (unsigned i = 0; i < sizeof header / sizeof header[0]; i++) {
        if (strcmp(p->text, header[i]) == 0) {
            return on_header_word(p, i, value);
        }
    }
    for (size_t i = 0; i < sizeof in_step / sizeof in_step[0]; i++) {
        if (strcmp(p->text, in_step[i]) == 0) {
            return p->seen == 0x1f ? on_step_word(p, in_step[i], value)
                                   : refuse(p, FK_E_FORMAT,
                                            "'profile', 'ok', 'error', 'probe' and "
                                            "'line-end' come before the first step");
        }
    }
    return refuse(p, FK_E_FORMAT, "unknown word; expected step, send, expect, timeout or data");
}

/* see fotakit/at_script.h */
enum fk_status fk_at_script_parse(const char *name, struct fk_slice text, struct fk_at_script *ret,
                                  struct fk_error *err)
{
    struct parse p = {.name = name, .left = text, .err = err};
    enum fk_status st = FK_OK;
    if (text.len > FK_AT_SCRIPT_MAX) {
        return fk_fail(err, FK_E_LIMIT, "%s: longer than %u bytes", name, FK_AT_SCRIPT_MAX);
    }
    if (!next_line(&p, &st) || strcmp(p.text, "fotakit-at 1") != 0) {
        p.line = 1;
        st = refuse(&p, st == FK_OK ? FK_E_FORMAT : st,
                    "not a script: the first line must be "
                    "'fotakit-at 1'");
        goto out;
    }
    while (st == FK_OK && next_line(&p, &st)) {
        st = on_line(&p);
    }
    if (st == FK_OK && (p.script.n == 0 || p.data_left > 0 || p.title[0] != '\0')) {
        st = refuse(&p, FK_E_TRUNCATED,
                    p.script.n == 0 && p.title[0] == '\0' ? "the script has no step"
                                                          : "the script ends inside a step");
    }
    if (st == FK_OK) {
        *ret = p.script;
        p.script = (struct fk_at_script){.n = 0};
    }
out:
    fk_at_script_release(&p.script);
    explicit_bzero(p.text, sizeof p.text);
    return st;
}
