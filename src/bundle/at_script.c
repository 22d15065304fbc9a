/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE /* explicit_bzero */
#include "fotakit/at_script.h"

#include "bundle/emit_text.h"
#include "fotakit/hex.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool has_control(const char *s)
{
    for (; *s != '\0'; s++) {
        if ((unsigned char)*s < 0x20 || *s == 0x7f) {
            return true;
        }
    }
    return false;
}

/* see fotakit/at_script.h */
enum fk_status fk_at_script_add(struct fk_at_script *s, const char *title, const char *line,
                                struct fk_slice data, const char *expect, struct fk_error *err)
{
    expect = expect != NULL ? expect : "";
    if (s->n == FK_AT_STEPS_MAX || strlen(title) > FK_AT_TITLE_MAX ||
        strlen(line) > FK_AT_LINE_MAX || strlen(expect) > FK_AT_EXPECT_MAX ||
        data.len > FK_AT_DATA_MAX) {
        return fk_fail(err, FK_E_LIMIT,
                       "'%s' does not fit a script: at most %d steps, lines of %d "
                       "characters, %d bytes of data",
                       title, FK_AT_STEPS_MAX, FK_AT_LINE_MAX, FK_AT_DATA_MAX);
    }
    if (line[0] == '\0' || title[0] == '\0' || has_control(line) || has_control(title) ||
        has_control(expect)) {
        return fk_fail(err, FK_E_FORMAT, "'%s': a command line is empty or has a control character",
                       title);
    }
    /* Steps hold passwords: a grown list is a new one, and the old one is wiped. */
    struct fk_at_step *steps = calloc(s->n + 1, sizeof *steps);
    uint8_t *copy = data.ptr != NULL ? malloc(data.len + 1) : NULL;
    if (steps == NULL || (data.ptr != NULL && copy == NULL)) {
        free(steps);
        free(copy);
        return fk_fail(err, FK_E_MEMORY, "out of memory");
    }
    if (s->n > 0) {
        memcpy(steps, s->steps, s->n * sizeof *steps);
        explicit_bzero(s->steps, s->n * sizeof *steps);
        free(s->steps);
    }
    struct fk_at_step *step = &steps[s->n];
    snprintf(step->title, sizeof step->title, "%s", title);
    snprintf(step->line, sizeof step->line, "%s", line);
    snprintf(step->expect, sizeof step->expect, "%s", expect);
    if (copy != NULL) {
        memcpy(copy, data.ptr, data.len);
        copy[data.len] = '\0';
        step->data = (struct fk_buffer){.ptr = copy, .len = data.len};
    }
    s->steps = steps;
    s->n++;
    return FK_OK;
}

/* see fotakit/at_script.h */
void fk_at_script_release(struct fk_at_script *s)
{
    for (size_t i = 0; i < s->n; i++) {
        fk_buffer_release(&s->steps[i].data);
    }
    if (s->steps != NULL) {
        explicit_bzero(s->steps, s->n * sizeof *s->steps);
        free(s->steps);
    }
    *s = (struct fk_at_script){.n = 0};
}

static void put_data(struct fk_text *t, const struct fk_buffer *data)
{
    enum { PER_LINE = 32 };
    char hex[2 * PER_LINE + 1];
    fk_text_fmt(t, "data %zu\n", data->len);
    for (size_t at = 0; at < data->len; at += PER_LINE) {
        size_t n = data->len - at < PER_LINE ? data->len - at : PER_LINE;
        fk_hex_encode(data->ptr + at, n, hex);
        fk_text_str(t, "  ");
        fk_text_str(t, hex);
        fk_text_str(t, "\n");
    }
    explicit_bzero(hex, sizeof hex);
}

/* see fotakit/at_script.h */
enum fk_status fk_at_script_write(const struct fk_at_script *s, struct fk_buffer *ret,
                                  struct fk_error *err)
{
    static const char *const ends[] = {[FK_AT_CR] = "cr", [FK_AT_LF] = "lf", [FK_AT_CRLF] = "crlf"};
    struct fk_text t = {.cap = 0};
    fk_text_fmt(&t, "fotakit-at 1\nprofile %s\nok %s\nerror %s\nprobe %s\nline-end %s\n",
                s->profile, s->ok, s->error, s->probe, ends[s->line_end]);
    for (size_t i = 0; i < s->n; i++) {
        const struct fk_at_step *step = &s->steps[i];
        fk_text_fmt(&t, "\nstep %s\nsend ", step->title);
        fk_text_str(&t, step->line);
        fk_text_str(&t, "\n");
        if (step->expect[0] != '\0') {
            fk_text_fmt(&t, "expect %s\n", step->expect);
        }
        if (step->timeout_ms != 0) {
            fk_text_fmt(&t, "timeout %" PRIu32 "\n", step->timeout_ms);
        }
        fk_text_str(&t, step->may_fail ? "may-fail\n" : "");
        fk_text_str(&t, step->restarts ? "restarts\n" : "");
        if (step->data.ptr != NULL) {
            put_data(&t, &step->data);
        }
    }
    return fk_text_end(&t, ret, err);
}

static void put_line(struct fk_text *t, const struct fk_at_script *s, const struct fk_at_step *step,
                     int64_t now)
{
    const char *mark = strstr(step->line, FK_AT_TIME_MARK);
    if (mark != NULL) {
        fk_text_add(t, step->line, (size_t)(mark - step->line));
        fk_text_fmt(t, "%" PRId64, now);
        fk_text_str(t, mark + strlen(FK_AT_TIME_MARK));
    } else {
        fk_text_str(t, step->line);
    }
    fk_text_str(t, s->line_end == FK_AT_CR ? "\r" : s->line_end == FK_AT_LF ? "\n" : "\r\n");
}

/* see fotakit/at_script.h */
enum fk_status fk_at_step_line(const struct fk_at_script *s, const struct fk_at_step *step,
                               int64_t now, struct fk_buffer *ret, struct fk_error *err)
{
    struct fk_text t = {.cap = 0};
    put_line(&t, s, step, now);
    return fk_text_end(&t, ret, err);
}

/* see fotakit/at_script.h */
enum fk_status fk_at_script_stream(const struct fk_at_script *s, int64_t now, struct fk_buffer *ret,
                                   struct fk_error *err)
{
    struct fk_text t = {.cap = 0};
    for (size_t i = 0; i < s->n; i++) {
        put_line(&t, s, &s->steps[i], now);
        fk_text_add(&t, s->steps[i].data.ptr, s->steps[i].data.len);
    }
    return fk_text_end(&t, ret, err);
}
