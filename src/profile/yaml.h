/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_PROFILE_YAML_H
#define FK_PROFILE_YAML_H

#include "fotakit/error.h"
#include "profile/arena.h"

#include <stdbool.h>
#include <stddef.h>

/* Text of a small, strict part of YAML to a tree that remembers where everything stood.
 *
 * One document whose root is a map; maps, lists and scalars, in block or flow style. Refused, with
 * line and column: anchors, aliases, tags, directives, several documents, keys that are repeated or
 * not plain names, bytes that are not UTF-8, control characters and line breaks inside a value,
 * more than the limits below. What a scalar means is decided by the reader of the field
 * (profile/fields.h), never by how it looks: `no` is a word like any other.
 *
 * Nodes and texts live in the arena. Lines and columns count from 1, columns in characters. */

#define FK_YAML_BYTES_MAX (1u << 20)
#define FK_YAML_DEPTH_MAX 16
#define FK_YAML_NODES_MAX 20000
#define FK_YAML_KEYS_MAX  512 /* in one map */
#define FK_YAML_KEY_MAX   64  /* bytes of one key */

enum fk_yaml_kind { FK_YAML_SCALAR, FK_YAML_LIST, FK_YAML_MAP };

struct fk_yaml_pos {
    unsigned line, column;
};

struct fk_yaml_node {
    enum fk_yaml_kind kind;
    bool quoted; /* scalar in quotes or a text block: a text, never a number */
    bool taken;  /* set by the reader of the field */
    struct fk_yaml_pos at;
    struct fk_yaml_pos key_at; /* of the key in front; of the node itself where there is none */
    const char *key;           /* NULL in a list and at the root */
    const char *text;          /* of a scalar; holds no NUL */
    unsigned index;            /* position in the parent, from 0 */
    unsigned n;                /* children */
    struct fk_yaml_node *parent, *first, *next;
};

/* path is only for messages: "path:line:column: what". */
enum fk_status fk_yaml_parse(const char *path, const void *text, size_t len, struct fk_arena *arena,
                             struct fk_yaml_node **ret, struct fk_error *err) FK_MUST_USE;

/* The child of a map with this key; NULL when there is none. */
struct fk_yaml_node *fk_yaml_child(const struct fk_yaml_node *map, const char *key);

#endif
