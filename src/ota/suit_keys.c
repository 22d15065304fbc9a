/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/suit.h"

#include "crypto/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIST_SIZE_MAX = 8 << 20, PATH_SIZE = 4096 };

enum fk_status fk_suit_recipient_read(const char *path, struct fk_suit_recipient *ret,
                                      struct fk_error *err)
{
    struct fk_suit_recipient r = {.shared = false};
    enum fk_status st = fk_public_key_read(path, &r.key, err);
    if (st == FK_OK && r.key.kind != FK_PUBLIC_P256) {
        st = fk_fail(err, FK_E_UNSUPPORTED,
                     "'%s': content keys are agreed on P-256, and this is an Ed25519 key", path);
    }
    if (st == FK_OK) {
        memcpy(r.kid, r.key.kid, sizeof r.kid);
        *ret = r;
    }
    return st;
}

enum fk_status fk_suit_kek_read(const char *path, struct fk_suit_recipient *ret,
                                struct fk_error *err)
{
    struct fk_suit_recipient r = {.shared = true};
    struct fk_packet_key key = {.exposed = false};
    enum fk_status st = fk_packet_key_load(path, &key, err);
    if (st == FK_OK) {
        memcpy(r.kek, key.bytes, sizeof r.kek);
        st = fk_kid_of_secret((struct fk_slice){r.kek, sizeof r.kek}, r.kid, err);
    }
    if (st == FK_OK) {
        *ret = r;
    }
    fk_packet_key_wipe(&key);
    return st;
}

/* ---- lists ---- */

struct growing {
    struct fk_suit_recipient **list;
    size_t *n, room;
};

/* Old memory may hold shared keys, so it is wiped when it is left. */
static enum fk_status append(struct growing *g, const struct fk_suit_recipient *r,
                             struct fk_error *err)
{
    if (*g->n == FK_SUIT_RECIPIENTS_MAX) {
        return fk_fail(err, FK_E_LIMIT, "more than %d recipients", FK_SUIT_RECIPIENTS_MAX);
    }
    if (*g->n >= g->room) {
        size_t room = g->room < 64 ? 64 : 2 * g->room;
        struct fk_suit_recipient *more = calloc(room, sizeof *more);
        if (more == NULL) {
            return fk_fail(err, FK_E_MEMORY, "out of memory");
        }
        if (*g->n > 0) {
            memcpy(more, *g->list, *g->n * sizeof *more);
            fk_cleanse(*g->list, *g->n * sizeof *more);
        }
        free(*g->list);
        *g->list = more;
        g->room = room;
    }
    (*g->list)[(*g->n)++] = *r;
    return FK_OK;
}

static enum fk_status take_line(struct growing *g, const char *list_path, const char *line,
                                size_t len, struct fk_error *err)
{
    char path[PATH_SIZE];
    struct fk_suit_recipient r;
    const char *slash = strrchr(list_path, '/');
    size_t folder = slash != NULL && line[0] != '/' ? (size_t)(slash - list_path) + 1 : 0;
    int n = snprintf(path, sizeof path, "%.*s%.*s", (int)folder, list_path, (int)len, line);
    if (n < 0 || (size_t)n >= sizeof path) {
        return fk_fail(err, FK_E_FORMAT, "the path is too long");
    }
    enum fk_status st = fk_suit_recipient_read(path, &r, err);
    return st == FK_OK ? append(g, &r, err) : st;
}

enum fk_status fk_suit_recipient_list(const char *path, struct fk_suit_recipient **list, size_t *n,
                                      struct fk_error *err)
{
    struct fk_buffer text = {.ptr = NULL};
    struct growing g = {list, n, *n};
    enum fk_status st = fk_file_read(path, LIST_SIZE_MAX, &text, err);
    size_t line = 0;
    for (size_t at = 0; st == FK_OK && at < text.len; line++) {
        const char *start = (const char *)text.ptr + at;
        const char *end = memchr(start, '\n', text.len - at);
        size_t len = end != NULL ? (size_t)(end - start) : text.len - at;
        at += len + 1;
        if (len > 0 && start[len - 1] == '\r') {
            len--;
        }
        if (memchr(start, '\0', len) != NULL) {
            st = fk_fail(err, FK_E_FORMAT, "not a text line");
        } else if (len > 0 && start[0] != '#') {
            st = take_line(&g, path, start, len, err);
        }
        if (st != FK_OK) {
            st = fk_wrap(err, st, "'%s' line %zu", path, line + 1);
        }
    }
    fk_buffer_release(&text);
    return st;
}

static int by_kid(const void *a, const void *b)
{
    const struct fk_suit_recipient *const *x = a, *const *y = b;
    return memcmp((*x)->kid, (*y)->kid, FK_KID_SIZE);
}

enum fk_status fk_suit_recipients_check(const struct fk_suit_recipient *list, size_t n,
                                        struct fk_error *err)
{
    const struct fk_suit_recipient **sorted = calloc(n > 0 ? n : 1, sizeof *sorted);
    enum fk_status st = sorted != NULL ? FK_OK : fk_fail(err, FK_E_MEMORY, "out of memory");
    for (size_t i = 0; st == FK_OK && i < n; i++) {
        sorted[i] = &list[i];
    }
    if (st == FK_OK) {
        qsort(sorted, n, sizeof *sorted, by_kid);
    }
    for (size_t i = 1; st == FK_OK && i < n; i++) {
        if (memcmp(sorted[i - 1]->kid, sorted[i]->kid, FK_KID_SIZE) == 0) {
            size_t a = (size_t)(sorted[i - 1] - list) + 1, b = (size_t)(sorted[i] - list) + 1;
            st = fk_fail(err, FK_E_USAGE, "recipient %zu and %zu are the same key", a < b ? a : b,
                         a < b ? b : a);
        }
    }
    free(sorted);
    return st;
}
