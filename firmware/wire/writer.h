/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_WIRE_WRITER_H
#define FK_WIRE_WRITER_H

#include "fotakit_fw/slice.h"
#include "fotakit_fw/status.h"

#include <stddef.h>
#include <stdint.h>

/* Writes a format into a caller's buffer; the mirror of the reader. The first overflow sticks as
 * FK_E_LIMIT and nothing is written past the buffer. Finish with fk_writer_end(). */
struct fk_writer {
    uint8_t *buf;
    size_t cap;
    size_t len;
    enum fk_status st;
};

void fk_writer_init(struct fk_writer *w, void *buf, size_t cap);
void fk_write_bytes(struct fk_writer *w, const void *p, size_t n);
void fk_write_u8(struct fk_writer *w, uint8_t v);
void fk_write_u16be(struct fk_writer *w, uint16_t v);
void fk_write_u32be(struct fk_writer *w, uint32_t v);
void fk_write_u64be(struct fk_writer *w, uint64_t v);
/* FK_OK and the length written, or FK_E_LIMIT. */
enum fk_status fk_writer_end(const struct fk_writer *w, size_t *ret_len) FK_MUST_USE;

#endif
