/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/yaml.h"

#include <stdint.h>
#include <string.h>
#include <yaml.h>

struct builder {
    const char *path;
    struct fk_arena *arena;
    struct fk_error *err;
    struct fk_yaml_node *root;
    struct fk_yaml_node *open;                    /* map or list that is being filled */
    struct fk_yaml_node *last[FK_YAML_DEPTH_MAX]; /* last child of each open map or list */
    unsigned depth;
    unsigned n_nodes;
    const char *key; /* of the open map, read and not used yet */
    struct fk_yaml_pos key_at;
    bool root_done;
};

static struct fk_yaml_pos pos_of(const yaml_mark_t *mark)
{
    /* The input is at most 1 MiB, so both fit. */
    return (struct fk_yaml_pos){(unsigned)mark->line + 1, (unsigned)mark->column + 1};
}

static enum fk_status refuse(const struct builder *b, struct fk_yaml_pos at, const char *what)
{
    return fk_fail(b->err, FK_E_PROFILE, "%s:%u:%u: %s", b->path, at.line, at.column, what);
}

static enum fk_status no_memory(const struct builder *b)
{
    return fk_fail(b->err, FK_E_MEMORY, "%s: out of memory", b->path);
}

struct fk_yaml_node *fk_yaml_child(const struct fk_yaml_node *map, const char *key)
{
    for (struct fk_yaml_node *n = map->first; n != NULL; n = n->next) {
        if (n->key != NULL && strcmp(n->key, key) == 0) {
            return n;
        }
    }
    return NULL;
}

static bool is_key(const char *s, size_t len)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
    return len >= 1 && len <= FK_YAML_KEY_MAX && strspn(s, allowed) == len;
}

/* Keeps the key until its value comes. Repeated keys would let one value hide another. */
static enum fk_status take_key(struct builder *b, const yaml_event_t *e, struct fk_yaml_pos at)
{
    const char *text = (const char *)e->data.scalar.value;
    if (!is_key(text, e->data.scalar.length)) {
        return refuse(b, at,
                      "a key is 1 to 64 letters, digits, '_', '-' or '.'; is a value missing its "
                      "quotes?");
    }
    const struct fk_yaml_node *before = fk_yaml_child(b->open, text);
    if (before != NULL) {
        return fk_fail(b->err, FK_E_PROFILE, "%s:%u:%u: key '%s' was already given on line %u",
                       b->path, at.line, at.column, text, before->key_at.line);
    }
    if (b->open->n == FK_YAML_KEYS_MAX) {
        return refuse(b, at, "more than 512 keys in one map");
    }
    b->key = fk_arena_text(b->arena, text, e->data.scalar.length);
    b->key_at = at;
    return b->key != NULL ? FK_OK : no_memory(b);
}

/* Values end up in messages and in generated C: a line break or an escape has no place there. */
static enum fk_status check_text(const struct builder *b, const yaml_event_t *e,
                                 struct fk_yaml_pos at)
{
    const unsigned char *s = e->data.scalar.value;
    for (size_t i = 0; i < e->data.scalar.length; i++) {
        if (s[i] == '\n') {
            return refuse(b, at, "line break in a value; write '>-' for a text over several lines");
        }
        if (s[i] < 0x20 || s[i] == 0x7f) {
            return refuse(b, at, "control character in a value");
        }
    }
    return FK_OK;
}

static enum fk_status add_node(struct builder *b, enum fk_yaml_kind kind, struct fk_yaml_pos at,
                               struct fk_yaml_node **ret)
{
    if (b->n_nodes == FK_YAML_NODES_MAX) {
        return refuse(b, at, "more than 20000 values in one file");
    }
    struct fk_yaml_node *n = fk_arena_take(b->arena, sizeof *n);
    if (n == NULL) {
        return no_memory(b);
    }
    n->kind = kind;
    n->at = at;
    n->key = b->key;
    n->key_at = b->key != NULL ? b->key_at : at;
    n->parent = b->open;
    b->key = NULL;
    b->n_nodes++;
    if (b->open == NULL) {
        b->root = n;
    } else {
        struct fk_yaml_node **last = &b->last[b->depth - 1];
        *(*last != NULL ? &(*last)->next : &b->open->first) = n;
        *last = n;
        n->index = b->open->n++;
    }
    *ret = n;
    return FK_OK;
}

static enum fk_status add_scalar(struct builder *b, const yaml_event_t *e, struct fk_yaml_pos at)
{
    if (e->data.scalar.tag != NULL) {
        return refuse(b, at, "tags are not supported");
    }
    if (b->open != NULL && b->open->kind == FK_YAML_MAP && b->key == NULL) {
        return take_key(b, e, at);
    }
    struct fk_yaml_node *n = NULL;
    enum fk_status st = check_text(b, e, at);
    if (st == FK_OK) {
        st = add_node(b, FK_YAML_SCALAR, at, &n);
    }
    if (st != FK_OK) {
        return st;
    }
    n->quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    n->text = fk_arena_text(b->arena, (const char *)e->data.scalar.value, e->data.scalar.length);
    return n->text != NULL ? FK_OK : no_memory(b);
}

static enum fk_status open_node(struct builder *b, enum fk_yaml_kind kind, const yaml_char_t *tag,
                                struct fk_yaml_pos at)
{
    if (tag != NULL) {
        return refuse(b, at, "tags are not supported");
    }
    if (b->open != NULL && b->open->kind == FK_YAML_MAP && b->key == NULL) {
        return refuse(b, at, "a key must be a plain name, not a map or a list");
    }
    if (b->depth == FK_YAML_DEPTH_MAX) {
        return refuse(b, at, "nested deeper than 16 levels");
    }
    struct fk_yaml_node *n = NULL;
    enum fk_status st = add_node(b, kind, at, &n);
    if (st == FK_OK) {
        b->open = n;
        b->last[b->depth++] = NULL;
    }
    return st;
}

static const char *anchor_of(const yaml_event_t *e)
{
    switch (e->type) {
    case YAML_ALIAS_EVENT:
        return (const char *)e->data.alias.anchor;
    case YAML_SCALAR_EVENT:
        return (const char *)e->data.scalar.anchor;
    case YAML_SEQUENCE_START_EVENT:
        return (const char *)e->data.sequence_start.anchor;
    case YAML_MAPPING_START_EVENT:
        return (const char *)e->data.mapping_start.anchor;
    default:
        return NULL;
    }
}

static enum fk_status take_event(struct builder *b, const yaml_event_t *e)
{
    struct fk_yaml_pos at = pos_of(&e->start_mark);
    if (anchor_of(e) != NULL) {
        return refuse(b, at, "anchors and aliases are not supported; write the value out");
    }
    switch (e->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (b->root_done) {
            return refuse(b, at, "a second document; a profile is one");
        }
        if (e->data.document_start.version_directive != NULL ||
            e->data.document_start.tag_directives.start !=
                e->data.document_start.tag_directives.end) {
            return refuse(b, at, "directives are not supported");
        }
        return FK_OK;
    case YAML_DOCUMENT_END_EVENT:
        b->root_done = true;
        if (b->root == NULL || b->root->kind != FK_YAML_MAP) {
            return refuse(b, b->root != NULL ? b->root->at : at,
                          "expected a map of sections, such as 'device:'");
        }
        return FK_OK;
    case YAML_SCALAR_EVENT:
        return add_scalar(b, e, at);
    case YAML_SEQUENCE_START_EVENT:
        return open_node(b, FK_YAML_LIST, e->data.sequence_start.tag, at);
    case YAML_MAPPING_START_EVENT:
        return open_node(b, FK_YAML_MAP, e->data.mapping_start.tag, at);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        b->open = b->open->parent;
        b->depth--;
        return FK_OK;
    default:
        return FK_OK;
    }
}

/* libyaml gives a byte offset, not a position, for bytes that it cannot decode. */
static struct fk_yaml_pos pos_of_offset(const unsigned char *text, size_t len, size_t offset)
{
    struct fk_yaml_pos at = {1, 1};
    for (size_t i = 0; i < len && i < offset; i++) {
        if (text[i] == '\n') {
            at.line++;
            at.column = 1;
        } else if ((text[i] & 0xc0) != 0x80) {
            at.column++;
        }
    }
    return at;
}

static enum fk_status translate_error(const struct builder *b, const yaml_parser_t *p,
                                      const void *text, size_t len)
{
    if (p->error == YAML_MEMORY_ERROR) {
        return no_memory(b);
    }
    struct fk_yaml_pos at = p->error == YAML_READER_ERROR
                                ? pos_of_offset(text, len, p->problem_offset)
                                : pos_of(&p->problem_mark);
    return fk_fail(b->err, FK_E_PROFILE, "%s:%u:%u: not valid YAML: %s", b->path, at.line,
                   at.column, p->problem != NULL ? p->problem : "unknown problem");
}

enum fk_status fk_yaml_parse(const char *path, const void *text, size_t len, struct fk_arena *arena,
                             struct fk_yaml_node **ret, struct fk_error *err)
{
    struct builder b = {.path = path, .arena = arena, .err = err};
    if (len > FK_YAML_BYTES_MAX) {
        return fk_fail(err, FK_E_LIMIT, "%s: longer than %u bytes", path, FK_YAML_BYTES_MAX);
    }
    /* The byte order mark of some editors; libyaml takes one only where it guesses the encoding,
     * and would then take UTF-16, too. */
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text = (const char *)text + 3;
        len -= 3;
    }
    yaml_parser_t parser;
    if (yaml_parser_initialize(&parser) == 0) {
        return no_memory(&b);
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, text, len);
    enum fk_status st = FK_OK;
    bool ended = false;
    while (st == FK_OK && !ended) {
        yaml_event_t e;
        if (yaml_parser_parse(&parser, &e) == 0) {
            st = translate_error(&b, &parser, text, len);
            break;
        }
        st = take_event(&b, &e);
        ended = e.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&e);
    }
    yaml_parser_delete(&parser);
    if (st == FK_OK && b.root == NULL) {
        st = refuse(&b, (struct fk_yaml_pos){1, 1}, "the file is empty; a profile is a YAML map");
    }
    if (st == FK_OK) {
        *ret = b.root;
    }
    return st;
}
