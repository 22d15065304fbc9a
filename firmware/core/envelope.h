/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_CORE_ENVELOPE_H
#define FK_CORE_ENVELOPE_H

#include "fotakit_fw/slice.h"
#include "fotakit_fw/update.h"

/* Signed envelopes in flash: two slots, one for the running image, one for the update (and then
 * for the previous image). A slot is written completely before a state record names it, and only
 * while none does. What is read back is judged anew every time: its signature is its checksum.
 *
 * Stored is the envelope up to its integrated payload, which goes to staging. */

struct fk_stored_envelope {
    struct fk_slice head;
    uint32_t total_len; /* of the envelope with its integrated payload */
};

/* The slot that the running image does not need. */
enum fk_origin fk_envelope_free_slot(const struct fk_core *core);

/* FK_E_LIMIT when it does not fit a slot. */
enum fk_status fk_envelope_store(struct fk_core *core, enum fk_origin slot, struct fk_slice head,
                                 uint32_t total_len) FK_MUST_USE;

/* Reads into buf, or leaves it alone where the flash has a view; ret->head points there. FK_E_FORMAT when the slot holds nothing sensible,
 * FK_E_LIMIT when it does not fit buf. */
enum fk_status fk_envelope_load(const struct fk_core *core, enum fk_origin slot, uint8_t *buf,
                                size_t cap, struct fk_stored_envelope *ret) FK_MUST_USE;

/* FK_OK when exactly these bytes are stored there, FK_E_DIGEST when not. */
enum fk_status fk_envelope_same(const struct fk_core *core, enum fk_origin slot,
                                struct fk_slice head, uint32_t total_len) FK_MUST_USE;

#endif
