/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/fields.h"

#include <stdio.h>
#include <string.h>

void fk_node_path(const struct fk_yaml_node *n, char *text, size_t size)
{
    const struct fk_yaml_node *way[FK_YAML_DEPTH_MAX + 1];
    size_t depth = 0;
    for (; n != NULL && n->parent != NULL && depth <= FK_YAML_DEPTH_MAX; n = n->parent) {
        way[depth++] = n;
    }
    size_t used = 0;
    text[0] = '\0';
    while (depth-- > 0 && used < size) {
        const char *dot = used > 0 ? "." : "";
        int len = way[depth]->key != NULL
                      ? snprintf(text + used, size - used, "%s%s", dot, way[depth]->key)
                      : snprintf(text + used, size - used, "%s%u", dot, way[depth]->index + 1);
        used += len > 0 ? (size_t)len : 0;
    }
}

static void __attribute__((format(printf, 4, 0)))
refuse_v(struct fk_loader *ld, struct fk_yaml_pos at, const struct fk_yaml_node *n, const char *fmt,
         va_list ap)
{
    if (ld->st != FK_OK) {
        return;
    }
    char path[256], what[640];
    fk_node_path(n, path, sizeof path);
    vsnprintf(what, sizeof what, fmt, ap);
    ld->st = fk_fail(ld->err, FK_E_PROFILE, "%s:%u:%u: %s%s%s", ld->path, at.line, at.column, path,
                     path[0] != '\0' ? ": " : "", what);
}

void fk_loader_refuse(struct fk_loader *ld, struct fk_yaml_pos at, const struct fk_yaml_node *n,
                      const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    refuse_v(ld, at, n, fmt, ap);
    va_end(ap);
}

void fk_loader_no_memory(struct fk_loader *ld)
{
    if (ld->st == FK_OK) {
        ld->st = fk_fail(ld->err, FK_E_MEMORY, "%s: out of memory", ld->path);
    }
}

struct fk_fields fk_fields_root(struct fk_loader *ld, struct fk_yaml_node *root)
{
    return (struct fk_fields){.ld = ld, .map = root, .next_free = root->first};
}

bool fk_fields_ok(const struct fk_fields *f)
{
    return f->ld->st == FK_OK;
}

void fk_fields_refuse(struct fk_fields *f, const char *key, const char *fmt, ...)
{
    const struct fk_yaml_node *at =
        f->map != NULL && key != NULL ? fk_yaml_child(f->map, key) : NULL;
    const struct fk_yaml_node *n = at != NULL ? at : f->map;
    if (n == NULL) {
        return; /* the map is missing: already failed */
    }
    va_list ap;
    va_start(ap, fmt);
    refuse_v(f->ld, at != NULL ? at->at : n->key_at, n, fmt, ap);
    va_end(ap);
}

static struct fk_yaml_node *look(struct fk_fields *f, const char *key)
{
    if (f->n_asked < FK_FIELDS_ASKED_MAX) {
        f->asked[f->n_asked++] = key;
    }
    return f->map != NULL ? fk_yaml_child(f->map, key) : NULL;
}

bool fk_fields_has(struct fk_fields *f, const char *key)
{
    return look(f, key) != NULL;
}

const char *fk_fields_next(struct fk_fields *f)
{
    while (f->next_free != NULL && f->next_free->taken) {
        f->next_free = f->next_free->next;
    }
    return f->next_free != NULL && f->ld->st == FK_OK ? f->next_free->key : NULL;
}

/* A misspelled key leaves two traces: a required key that is missing and one that nobody takes.
 * The second is what its author has to see, so a missing key is reported first but replaced when
 * the end of the same map finds its misspelling. */
void fk_fields_end(struct fk_fields *f)
{
    struct fk_loader *ld = f->ld;
    bool missing_here = f->map != NULL && ld->missing_in == f->map;
    if (f->map == NULL || (ld->st != FK_OK && !missing_here)) {
        return;
    }
    for (const struct fk_yaml_node *n = f->map->first; n != NULL; n = n->next) {
        if (n->taken) {
            continue;
        }
        const char *near = missing_here ? fk_nearest(n->key, &ld->missing_key, 1)
                                        : fk_nearest(n->key, f->asked, f->n_asked);
        if (missing_here && near == NULL) {
            continue;
        }
        ld->st = FK_OK;
        fk_loader_refuse(ld, n->key_at, f->map, "unknown key '%s'%s%s%s", n->key,
                         near != NULL ? ", did you mean '" : "", near != NULL ? near : "",
                         near != NULL ? "'?" : "");
        break;
    }
    if (missing_here) {
        ld->missing_in = NULL;
    }
}

/* The value of a required key, which is taken. */
static struct fk_yaml_node *take(struct fk_fields *f, const char *key)
{
    struct fk_yaml_node *n = look(f, key);
    if (n != NULL) {
        n->taken = true;
    } else if (f->map != NULL && f->ld->st == FK_OK) {
        fk_loader_refuse(f->ld, f->map->key_at, f->map, "missing key '%s'", key);
        f->ld->missing_in = f->map;
        f->ld->missing_key = key;
    }
    return f->ld->st == FK_OK ? n : NULL;
}

static struct fk_fields open_map(struct fk_loader *ld, struct fk_yaml_node *n)
{
    struct fk_fields f = {.ld = ld};
    if (n == NULL) {
        return f;
    }
    if (n->kind != FK_YAML_MAP) {
        fk_value_expected(ld, n, "a map of keys and values");
        return f;
    }
    fk_origin_take(ld, n);
    f.map = n;
    f.next_free = n->first;
    static const char *const marks[] = {"source", "verified", "note"};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        f.asked[f.n_asked++] = marks[i];
    }
    return f;
}

/* Takes {value: X, source: S, verified: V, note: T} down to X. */
static struct fk_yaml_node *unwrap(struct fk_loader *ld, struct fk_yaml_node *n)
{
    if (n == NULL || n->kind != FK_YAML_MAP || fk_yaml_child(n, "value") == NULL) {
        return n;
    }
    struct fk_fields wrapped = open_map(ld, n);
    struct fk_yaml_node *value = take(&wrapped, "value");
    fk_fields_end(&wrapped);
    return ld->st == FK_OK ? value : NULL;
}

/* A value that needs a source; NULL after a failure. */
static struct fk_yaml_node *take_fact(struct fk_fields *f, const char *key)
{
    struct fk_yaml_node *n = unwrap(f->ld, take(f, key));
    if (n != NULL) {
        fk_origin_require(f->ld, n);
    }
    return f->ld->st == FK_OK ? n : NULL;
}

struct fk_fields fk_field_map(struct fk_fields *f, const char *key)
{
    return open_map(f->ld, take(f, key));
}

struct fk_fields fk_fields_child(const struct fk_fields *f, const char *key)
{
    struct fk_yaml_node *n = f->map != NULL ? fk_yaml_child(f->map, key) : NULL;
    return (struct fk_fields){.ld = f->ld, .map = n, .next_free = n != NULL ? n->first : NULL};
}

struct fk_items fk_field_list(struct fk_fields *f, const char *key, size_t min, size_t max)
{
    struct fk_items it = {.ld = f->ld};
    struct fk_yaml_node *n = take_fact(f, key);
    if (n == NULL) {
        return it;
    }
    if (n->kind != FK_YAML_LIST) {
        fk_value_expected(f->ld, n, "a list");
    } else if (min == max && n->n != min) {
        fk_loader_refuse(f->ld, n->at, n, "expected %zu items, found %u", min, n->n);
    } else if (n->n < min || n->n > max) {
        fk_loader_refuse(f->ld, n->at, n, "expected %zu to %zu items, found %u", min, max, n->n);
    } else {
        it.next = n->first;
        it.n = n->n;
    }
    return it;
}

const char *fk_field_text(struct fk_fields *f, const char *key, size_t max)
{
    const struct fk_yaml_node *n = take_fact(f, key);
    return n != NULL ? fk_value_text(f->ld, n, max) : "";
}

bool fk_field_bool(struct fk_fields *f, const char *key)
{
    const struct fk_yaml_node *n = take_fact(f, key);
    return n != NULL && fk_value_bool(f->ld, n);
}

int fk_field_word(struct fk_fields *f, const char *key, const struct fk_word *words, size_t n_words)
{
    const struct fk_yaml_node *n = take_fact(f, key);
    return n != NULL ? fk_value_word(f->ld, n, words, n_words) : 0;
}

static uint64_t take_number(struct fk_fields *f, const char *key, enum fk_unit unit, uint64_t min,
                            uint64_t max)
{
    const struct fk_yaml_node *n = take_fact(f, key);
    return n != NULL ? fk_value_number(f->ld, n, unit, min, max) : 0;
}

uint32_t fk_field_number(struct fk_fields *f, const char *key, uint32_t min, uint32_t max)
{
    return (uint32_t)take_number(f, key, FK_UNIT_NONE, min, max);
}

uint32_t fk_field_size(struct fk_fields *f, const char *key, uint32_t min, uint32_t max)
{
    return (uint32_t)take_number(f, key, FK_UNIT_BYTES, min, max);
}

uint64_t fk_field_address(struct fk_fields *f, const char *key, uint64_t max)
{
    return take_number(f, key, FK_UNIT_BYTES, 0, max);
}

uint32_t fk_field_time_ms(struct fk_fields *f, const char *key, uint32_t min, uint32_t max)
{
    return (uint32_t)take_number(f, key, FK_UNIT_MS, min, max);
}

struct fk_slice fk_field_hex(struct fk_fields *f, const char *key, size_t min, size_t max)
{
    const struct fk_yaml_node *n = take_fact(f, key);
    return n != NULL ? fk_value_hex(f->ld, n, min, max) : (struct fk_slice){0};
}

const char *fk_field_source(struct fk_fields *f, const char *key)
{
    const struct fk_yaml_node *n = f->map != NULL ? fk_yaml_child(f->map, key) : NULL;
    return n != NULL && f->ld->st == FK_OK ? fk_origin_citation(f->ld, n) : "";
}

/* The next item, NULL at the end of the list and after a failure. */
static struct fk_yaml_node *next_item(struct fk_items *it)
{
    struct fk_yaml_node *n = it->ld->st == FK_OK ? it->next : NULL;
    if (n != NULL) {
        n->taken = true;
        it->next = n->next;
    }
    return n;
}

bool fk_items_map(struct fk_items *it, struct fk_fields *ret)
{
    struct fk_yaml_node *n = next_item(it);
    if (n != NULL) {
        *ret = open_map(it->ld, n);
    }
    return n != NULL && it->ld->st == FK_OK;
}

bool fk_items_text(struct fk_items *it, size_t max, const char **ret)
{
    struct fk_yaml_node *n = unwrap(it->ld, next_item(it));
    if (n != NULL) {
        *ret = fk_value_text(it->ld, n, max);
    }
    return n != NULL && it->ld->st == FK_OK;
}

bool fk_items_word(struct fk_items *it, const struct fk_word *words, size_t n_words, int *ret)
{
    struct fk_yaml_node *n = unwrap(it->ld, next_item(it));
    if (n != NULL) {
        *ret = fk_value_word(it->ld, n, words, n_words);
    }
    return n != NULL && it->ld->st == FK_OK;
}
