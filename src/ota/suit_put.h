/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_OTA_SUIT_PUT_H
#define FK_OTA_SUIT_PUT_H

#include "fotakit/error.h"
#include "fotakit/file.h"
#include "wire/cbor.h"

/* Shared by the files that write parts of envelopes. */

/* Room for a writer; released with the buffer, or given to the caller by close. */
enum fk_status fk_suit_writer_open(struct fk_writer *w, size_t cap, struct fk_buffer *b,
                                   struct fk_error *err) FK_MUST_USE;
enum fk_status fk_suit_writer_close(const struct fk_writer *w, struct fk_buffer *b,
                                    struct fk_buffer *ret, struct fk_error *err) FK_MUST_USE;
/* SUIT_Digest with SHA-256. */
void fk_suit_put_digest(struct fk_writer *w, struct fk_slice digest);
/* Label and byte string. */
void fk_suit_put_bytes(struct fk_writer *w, uint64_t label, struct fk_slice bytes);
/* Label and a byte string whose contents were written into inner. */
void fk_suit_put_inner(struct fk_writer *w, uint64_t label, const struct fk_writer *inner);

#endif
