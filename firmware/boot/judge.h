/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_BOOT_JUDGE_H
#define FK_BOOT_JUDGE_H

#include "fotakit_fw/update.h"

/* Decides whether the image in the primary slot may run. *verdict becomes FK_VERDICT_BOOT only by
 * evidence, FK_VERDICT_STAY otherwise. FK_OK, FK_E_DIGEST (damaged), FK_E_NO_IMAGE (none is
 * recorded), or a failure of flash or crypto. */
enum fk_status fk_judge_primary(struct fk_core *core, uint32_t *verdict) FK_MUST_USE;

#endif
