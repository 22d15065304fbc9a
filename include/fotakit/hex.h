/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_HEX_H
#define FOTAKIT_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Lower-case hexadecimal of len bytes; text needs 2 * len + 1 bytes. */
void fk_hex_encode(const uint8_t *p, size_t len, char *text);

/* A UUID as people write it, with hyphens (RFC 4122, 3). */
#define FK_UUID_TEXT 37 /* characters with the end */
void fk_uuid_text(const uint8_t id[16], char ret[FK_UUID_TEXT]);

/* Exactly len bytes from exactly 2 * len digits of either case; false leaves *ret undefined. */
bool fk_hex_decode(const char *text, size_t text_len, uint8_t *ret, size_t len);

#endif
