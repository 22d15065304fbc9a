/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_WIRE_HTTP_TEXT_H
#define FK_WIRE_HTTP_TEXT_H

#include "fotakit_fw/slice.h"

#include <stdbool.h>
#include <stdint.h>

/* Characters and numbers as HTTP has them: ASCII, whatever the locale of the host is. */

bool fk_http_is_alnum(char c);
/* 0x00 to 0x1f and 0x7f; the tab is one of them. */
bool fk_http_is_control(char c);
/* A character of a field name: "token" of RFC 9110 5.6.2. */
bool fk_http_is_token(char c);
/* 0 to 15, or -1. */
int fk_http_hex_digit(char c);
/* Equal but for the case of letters. */
bool fk_http_same_word(struct fk_slice s, const char *word);
/* The slice without spaces and tabs at both ends. */
struct fk_slice fk_http_trim(struct fk_slice s);
/* Takes 1 or more decimal digits off the front. False when there are none, or when the number
 * does not fit 64 bits. */
bool fk_http_take_number(struct fk_slice *s, uint64_t *ret);
/* Takes this text off the front. */
bool fk_http_take(struct fk_slice *s, const char *text);

#endif
