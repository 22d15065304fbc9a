/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_WIRE_READER_H
#define FK_WIRE_READER_H

#include "fotakit_fw/slice.h"
#include "fotakit_fw/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads untrusted bytes front to back.
 *
 * The first failure sticks: later reads return zero or NULL and do not move. Finish with
 * fk_reader_end(), which refuses left-over bytes. Ask fk_reader_ok() before a value that was read
 * steers a loop, an index, a copy or an allocation; a length given back to the reader is checked
 * there. Borrows the bytes; nothing is copied unless the call says so. */
struct fk_reader {
    const uint8_t *at;
    size_t left;
    enum fk_status st;
};

void fk_reader_init(struct fk_reader *r, struct fk_slice bytes);

static inline bool fk_reader_ok(const struct fk_reader *r)
{
    return r->st == FK_OK;
}
/* True while the reader is good and has bytes left. */
bool fk_reader_more(const struct fk_reader *r);
/* Records the first failure and makes all later reads empty. */
void fk_reader_fail(struct fk_reader *r, enum fk_status st);
/* The same unless good. A condition on values that were read needs no fk_reader_ok() before it:
 * what is read after a failure is zero, and the first failure stays. */
void fk_reader_require(struct fk_reader *r, bool good, enum fk_status st);
/* FK_OK, the first failure, or FK_E_TRAILING when bytes are left. */
enum fk_status fk_reader_end(struct fk_reader *r) FK_MUST_USE;

/* n bytes in place, or NULL on failure. */
const uint8_t *fk_read_bytes(struct fk_reader *r, size_t n);
/* n bytes copied to out, which is zeroed on failure. */
void fk_read_copy(struct fk_reader *r, void *out, size_t n);
/* A child that sees only the next n bytes; a failed parent makes a failed child. */
struct fk_reader fk_read_sub(struct fk_reader *r, size_t n);

uint8_t fk_read_u8(struct fk_reader *r);
uint16_t fk_read_u16be(struct fk_reader *r);
uint32_t fk_read_u32be(struct fk_reader *r);
uint64_t fk_read_u64be(struct fk_reader *r);
/* A number of n bytes, at most 8. */
uint64_t fk_read_be(struct fk_reader *r, size_t n);

/* Same length and bytes; not for secrets. */
bool fk_slice_same(struct fk_slice a, struct fk_slice b);

#endif
