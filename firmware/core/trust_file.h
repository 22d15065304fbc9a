/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_CORE_TRUST_FILE_H
#define FK_CORE_TRUST_FILE_H

#include "core/trust.h"

/* Key files in flash, for core/trust.c and core/trust_update.c. */

/* Start of a copy (0 or 1) in a slot (1 or 2), from the start of the flash. */
uint32_t fk_trust_copy_off(const struct fk_core *core, uint8_t slot, unsigned copy);

/* What the state keeps of a key file. */
enum fk_status fk_trust_mark(struct fk_slice file, uint8_t ret[FK_KEY_MARK_SIZE]) FK_MUST_USE;

/* box->bytes holds a key file of len bytes: makes policy and keys of it. FK_E_KEYS, FK_E_PROFILE;
 * box->trust is not to be used then. */
enum fk_status fk_trust_adopt(const struct fk_core *core, struct fk_trust_box *box,
                              size_t len) FK_MUST_USE;

#endif
