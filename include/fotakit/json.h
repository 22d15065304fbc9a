/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_JSON_H
#define FOTAKIT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Writes one JSON document (RFC 8259) to a stream, indented by two spaces. Commas and nesting are
 * kept by the writer; key is NULL inside arrays. Strings that are not valid UTF-8 have their bad
 * bytes replaced by U+FFFD. At most FK_JSON_DEPTH levels. */
#define FK_JSON_DEPTH 16

struct fk_json {
    FILE *to;
    unsigned depth;
    bool has_items[FK_JSON_DEPTH];
};

void fk_json_init(struct fk_json *j, FILE *to);
void fk_json_object(struct fk_json *j, const char *key);
void fk_json_array(struct fk_json *j, const char *key);
/* Closes the innermost object or array; after the outermost one a newline ends the document. */
void fk_json_object_end(struct fk_json *j);
void fk_json_array_end(struct fk_json *j);
void fk_json_string(struct fk_json *j, const char *key, const char *value);
void fk_json_hex(struct fk_json *j, const char *key, const uint8_t *p, size_t len);
void fk_json_u64(struct fk_json *j, const char *key, uint64_t value);
void fk_json_i64(struct fk_json *j, const char *key, int64_t value);
void fk_json_bool(struct fk_json *j, const char *key, bool value);
void fk_json_null(struct fk_json *j, const char *key);

#endif
