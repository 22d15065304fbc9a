/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_WIRE_STATE_RECORD_H
#define FK_WIRE_STATE_RECORD_H

#include "fotakit_fw/update.h"

/* The update state as it lies in flash (firmware/FORMAT.md, "State record"): fixed size, big
 * endian, zero filled. The last 32 bytes are left for the SHA-256 over all the others, which the
 * caller computes and checks. */
#define FK_STATE_RECORD_SIZE 352
#define FK_STATE_RECORD_BODY (FK_STATE_RECORD_SIZE - 32)

enum fk_status fk_state_record_write(const struct fk_state *state,
                                     uint8_t buf[FK_STATE_RECORD_SIZE]) FK_MUST_USE;
/* FK_E_FORMAT when any field is out of range; then *ret is untouched. */
enum fk_status fk_state_record_parse(const uint8_t buf[FK_STATE_RECORD_SIZE],
                                     struct fk_state *ret) FK_MUST_USE;

#endif
