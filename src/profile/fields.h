/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_PROFILE_FIELDS_H
#define FK_PROFILE_FIELDS_H

#include "fotakit/error.h"
#include "fotakit/profile.h"
#include "fotakit_fw/slice.h"
#include "profile/arena.h"
#include "profile/yaml.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Typed access to a map of a profile. A section reads like its schema:
 *
 *     struct fk_fields flash = fk_field_map(&top, "flash");
 *     map->base = fk_field_size(&flash, "base", 0, UINT32_MAX);
 *     if (fk_fields_has(&flash, "program_size")) {                       (an optional key)
 *         map->prog_size = fk_field_size(&flash, "program_size", 1, 32);
 *     }
 *     fk_fields_end(&flash);                                             (refuses what is left)
 *
 * Each call takes its key. The first failure is kept in the loader and every later call returns
 * zero, "" or an empty list, so a section needs no error paths: ask fk_fields_ok() only before a
 * value steers a loop or is compared with another one. The final status is fk_loader.st.
 *
 * Sources. Each value that is read is a fact and needs a source: its own, when it is written
 * {value: X, source: NAME where}, or that of the nearest map around it with a `source:` key. NAME
 * stands in the table `sources:` of the file. `verified: false`, with a `note:`, marks a fact or a
 * map with all that it holds; what is marked so is collected for fk_profile.unverified. These keys
 * are handled here; a section never sees them.
 *
 * Texts live as long as the profile. */

struct fk_unverified_item {
    struct fk_unverified_item *next;
    struct fk_unverified fact;
};

struct fk_loader {
    const char *path; /* of the file, for messages */
    struct fk_arena *arena;
    struct fk_error *err;
    enum fk_status st; /* the first failure */
    const struct fk_yaml_node *sources;
    const struct fk_yaml_node *missing_in; /* map in which a required key was not found */
    const char *missing_key;
    struct fk_unverified_item *unverified; /* newest first */
    size_t n_unverified;
};

/* One map being read. A section asks for at most this many different keys. */
#define FK_FIELDS_ASKED_MAX 48

struct fk_fields {
    struct fk_loader *ld;
    struct fk_yaml_node *map; /* NULL after a failure: nothing can be read */
    struct fk_yaml_node *next_free;
    const char *asked[FK_FIELDS_ASKED_MAX]; /* for "did you mean" */
    size_t n_asked;
};

/* A list being read. */
struct fk_items {
    struct fk_loader *ld;
    struct fk_yaml_node *next;
    size_t n; /* items in the list */
};

/* A word and what it stands for: use the words of the field. */
struct fk_word {
    const char *word;
    int value;
};
#define FK_WORDS(table) (table), sizeof(table) / sizeof(table)[0]

/* The root of the file; no sources are expected here. */
struct fk_fields fk_fields_root(struct fk_loader *ld, struct fk_yaml_node *root);
/* False from the first failure on. */
bool fk_fields_ok(const struct fk_fields *f);
/* Refuses keys that nobody took, with the nearest known name. */
void fk_fields_end(struct fk_fields *f);
/* Whether an optional key is there. */
bool fk_fields_has(struct fk_fields *f, const char *key);
/* The next key that nobody took, for maps with free keys; take it before asking again. NULL at
 * the end. */
const char *fk_fields_next(struct fk_fields *f);
/* Fails at the value of key, or at the map when key is NULL or absent. */
void fk_fields_refuse(struct fk_fields *f, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

struct fk_fields fk_field_map(struct fk_fields *f, const char *key);
/* A map that was read before, once more: for checks across sections. */
struct fk_fields fk_fields_child(const struct fk_fields *f, const char *key);
/* min to max items. */
struct fk_items fk_field_list(struct fk_fields *f, const char *key, size_t min, size_t max);
/* 1 to max bytes of UTF-8 without control characters. */
const char *fk_field_text(struct fk_fields *f, const char *key, size_t max);
bool fk_field_bool(struct fk_fields *f, const char *key); /* true, false */
/* One of the words, for example fk_field_word(f, "install", FK_WORDS(install_words)). */
int fk_field_word(struct fk_fields *f, const char *key, const struct fk_word *words, size_t n);
/* Decimal or 0x…; no unit, no sign, no leading zero. */
uint32_t fk_field_number(struct fk_fields *f, const char *key, uint32_t min, uint32_t max);
/* Bytes or an address: also with K (1024) or M (1024 * 1024). */
uint32_t fk_field_size(struct fk_fields *f, const char *key, uint32_t min, uint32_t max);
/* The same for the end of a 32-bit address range, which may be 4 GiB. */
uint64_t fk_field_address(struct fk_fields *f, const char *key, uint64_t max);
/* Milliseconds, written with ms or s. */
uint32_t fk_field_time_ms(struct fk_fields *f, const char *key, uint32_t min, uint32_t max);
/* Hexadecimal digits: min to max bytes. */
struct fk_slice fk_field_hex(struct fk_fields *f, const char *key, size_t min, size_t max);
/* "full citation, where in it" of a key that was taken, for tools that cite; "" on failure. */
const char *fk_field_source(struct fk_fields *f, const char *key);

/* Items in their order. Each returns false at the end of the list and after a failure. */
bool fk_items_map(struct fk_items *it, struct fk_fields *ret);
bool fk_items_text(struct fk_items *it, size_t max, const char **ret);
bool fk_items_word(struct fk_items *it, const struct fk_word *words, size_t n, int *ret);

/* ---- used by fields.c, values.c and sources.c -------------------------------------------- */

/* Fails at a position with "path:line:column: dotted.key: …"; keeps an earlier failure. */
void fk_loader_refuse(struct fk_loader *ld, struct fk_yaml_pos at, const struct fk_yaml_node *n,
                      const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void fk_loader_no_memory(struct fk_loader *ld);
/* Dotted path of a node, such as "fota.header.1.size", cut to fit. */
void fk_node_path(const struct fk_yaml_node *n, char *text, size_t size);

/* Takes the keys source, verified and note of a map and checks them. */
void fk_origin_take(struct fk_loader *ld, struct fk_yaml_node *map);
/* Refuses a fact without a source. */
void fk_origin_require(struct fk_loader *ld, const struct fk_yaml_node *fact);
/* Takes the table `sources:`. */
void fk_sources_take(struct fk_loader *ld, struct fk_yaml_node *root);
const char *fk_origin_citation(struct fk_loader *ld, const struct fk_yaml_node *fact);

/* Fails with what was expected and what was found. */
void fk_value_expected(struct fk_loader *ld, const struct fk_yaml_node *n, const char *what);
/* Conversions of one scalar; they fail in the same words. */
const char *fk_value_text(struct fk_loader *ld, const struct fk_yaml_node *n, size_t max);
bool fk_value_bool(struct fk_loader *ld, const struct fk_yaml_node *n);
int fk_value_word(struct fk_loader *ld, const struct fk_yaml_node *n, const struct fk_word *words,
                  size_t n_words);
enum fk_unit { FK_UNIT_NONE, FK_UNIT_BYTES, FK_UNIT_MS };
uint64_t fk_value_number(struct fk_loader *ld, const struct fk_yaml_node *n, enum fk_unit unit,
                         uint64_t min, uint64_t max);
struct fk_slice fk_value_hex(struct fk_loader *ld, const struct fk_yaml_node *n, size_t min,
                             size_t max);

/* The nearest of the names, or NULL when none is near enough to be a misspelling. */
const char *fk_nearest(const char *name, const char *const *names, size_t n);

#endif
