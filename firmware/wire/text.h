/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_WIRE_TEXT_H
#define FK_WIRE_TEXT_H

#include "wire/writer.h"

/* Text through the writer, without stdio. */

void fk_write_text(struct fk_writer *w, const char *text);
void fk_write_decimal(struct fk_writer *w, uint64_t v);
/* Lower-case hexadecimal. */
void fk_write_hex(struct fk_writer *w, const uint8_t *p, size_t len);

#endif
