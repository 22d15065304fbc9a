/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/fields.h"

#include <stdio.h>
#include <string.h>

enum { CITATION_MAX = 400, NOTE_MAX = 600, NAME_LEN_MAX = 32 };

/* source = NAME [" " where]. Length of NAME. */
static size_t name_len(const char *source)
{
    return strcspn(source, " ");
}

static const struct fk_yaml_node *find_source(const struct fk_loader *ld, const char *source)
{
    size_t len = name_len(source);
    char name[NAME_LEN_MAX + 1];
    if (ld->sources == NULL || len == 0 || len > NAME_LEN_MAX) {
        return NULL;
    }
    memcpy(name, source, len);
    name[len] = '\0';
    return fk_yaml_child(ld->sources, name);
}

void fk_sources_take(struct fk_loader *ld, struct fk_yaml_node *root)
{
    struct fk_yaml_node *table = fk_yaml_child(root, "sources");
    if (table == NULL) {
        return; /* the first fact that names a source will tell */
    }
    table->taken = true;
    if (table->kind != FK_YAML_MAP) {
        fk_value_expected(ld, table, "a map of names to citations");
        return;
    }
    for (struct fk_yaml_node *n = table->first; n != NULL; n = n->next) {
        n->taken = true;
        if (strlen(n->key) > NAME_LEN_MAX) {
            fk_loader_refuse(ld, n->key_at, n, "a source name has at most %d bytes", NAME_LEN_MAX);
        }
        (void)fk_value_text(ld, n, CITATION_MAX);
    }
    ld->sources = table;
}

static struct fk_yaml_node *take_mark(struct fk_yaml_node *map, const char *key)
{
    struct fk_yaml_node *n = fk_yaml_child(map, key);
    if (n != NULL) {
        n->taken = true;
    }
    return n;
}

static void check_source(struct fk_loader *ld, const struct fk_yaml_node *source)
{
    const char *text = fk_value_text(ld, source, CITATION_MAX);
    if (ld->st != FK_OK || find_source(ld, text) != NULL) {
        return;
    }
    char name[NAME_LEN_MAX + 1];
    snprintf(name, sizeof name, "%.*s", (int)name_len(text), text);
    const char *names[FK_YAML_KEYS_MAX];
    size_t n = 0;
    for (struct fk_yaml_node *s = ld->sources != NULL ? ld->sources->first : NULL; s != NULL;
         s = s->next) {
        names[n++] = s->key;
    }
    const char *near = fk_nearest(name, names, n);
    fk_loader_refuse(ld, source->at, source, "'%s' is not in the table 'sources'%s%s%s", name,
                     near != NULL ? ", did you mean '" : "; add its citation there",
                     near != NULL ? near : "", near != NULL ? "'?" : "");
}

/* The nearest `source:` at or above a fact. */
static const struct fk_yaml_node *source_of(const struct fk_yaml_node *fact)
{
    for (const struct fk_yaml_node *n = fact; n != NULL && n->parent != NULL; n = n->parent) {
        const struct fk_yaml_node *s = n->kind == FK_YAML_MAP ? fk_yaml_child(n, "source") : NULL;
        if (s != NULL) {
            return s;
        }
    }
    return NULL;
}

const char *fk_origin_citation(struct fk_loader *ld, const struct fk_yaml_node *fact)
{
    const struct fk_yaml_node *source = source_of(fact);
    const struct fk_yaml_node *citation = source != NULL ? find_source(ld, source->text) : NULL;
    if (citation == NULL) {
        return "";
    }
    const char *where = source->text + name_len(source->text);
    char text[2 * CITATION_MAX + 2];
    snprintf(text, sizeof text, "%s%s%s", citation->text, where[0] != '\0' ? "," : "", where);
    const char *copy = fk_arena_text(ld->arena, text, strlen(text));
    if (copy == NULL) {
        fk_loader_no_memory(ld);
        return "";
    }
    return copy;
}

void fk_origin_require(struct fk_loader *ld, const struct fk_yaml_node *fact)
{
    if (ld->st == FK_OK && source_of(fact) == NULL) {
        fk_loader_refuse(ld, fact->key_at, fact,
                         "no source; add 'source:' to the section, or write {value: ..., source: "
                         "...}");
    }
}

static void note_unverified(struct fk_loader *ld, const struct fk_yaml_node *fact, const char *note)
{
    char path[256];
    fk_node_path(fact, path, sizeof path);
    struct fk_unverified_item *item = fk_arena_take(ld->arena, sizeof *item);
    const char *key = fk_arena_text(ld->arena, path, strlen(path));
    if (item == NULL || key == NULL) {
        fk_loader_no_memory(ld);
        return;
    }
    item->fact = (struct fk_unverified){
        .key = key,
        .source = fk_origin_citation(ld, fact),
        .note = note,
        .line = fact->key_at.line,
    };
    item->next = ld->unverified;
    ld->unverified = item;
    ld->n_unverified++;
}

void fk_origin_take(struct fk_loader *ld, struct fk_yaml_node *map)
{
    const struct fk_yaml_node *source = take_mark(map, "source");
    const struct fk_yaml_node *verified = take_mark(map, "verified");
    const struct fk_yaml_node *note = take_mark(map, "note");
    if (ld->st != FK_OK) {
        return;
    }
    if (source != NULL) {
        check_source(ld, source);
    }
    const char *why = note != NULL ? fk_value_text(ld, note, NOTE_MAX) : NULL;
    if (verified == NULL || fk_value_bool(ld, verified) || ld->st != FK_OK) {
        return;
    }
    if (why == NULL) {
        fk_loader_refuse(ld, verified->key_at, map,
                         "'verified: false' needs a 'note:' that says what is not known");
        return;
    }
    note_unverified(ld, map, why);
}
