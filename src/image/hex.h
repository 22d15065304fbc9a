/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_IMAGE_HEX_H
#define FK_IMAGE_HEX_H

#include "image/hex_record.h"
#include "image/input.h"
#include "image/piece.h"

/* Intel HEX, line by line, as pieces of data at absolute addresses in the order of the file. The
 * end is reported only when an end-of-file record stood there and nothing but line ends behind it.
 * The input is borrowed. */
struct fk_hex {
    struct fk_input *in;
    uint64_t line;  /* of the record last read, from 1 */
    uint64_t print; /* fingerprint of all records so far: tells whether two passes agree */
    uint32_t base;  /* from the last record of type 02 or 04 */
    bool segmented; /* it was type 02: offsets wrap at 64 KiB */
    bool ended;     /* the end-of-file record was seen */
    uint64_t next;  /* address behind the last piece */
    bool has_start;
    uint32_t start;

    /* The part of a segmented record behind the wrap, given out by the next call. */
    struct fk_piece wrapped;
    uint8_t wrapped_data[FK_HEX_DATA_MAX];
};

void fk_hex_begin(struct fk_hex *h, struct fk_input *in);

/* The next piece into data, all of whose room may be overwritten. A piece of length 0 is the end.
 * room is at least FK_HEX_DATA_MAX: with exactly that a piece is one record, so that h->line tells
 * where it stands; with more, records that continue the last piece are joined. */
enum fk_status fk_hex_next(struct fk_hex *h, uint8_t *data, size_t room,
                           struct fk_piece *ret, struct fk_error *err) FK_MUST_USE;

#endif
