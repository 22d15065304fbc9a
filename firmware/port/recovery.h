/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_PORT_RECOVERY_H
#define FK_PORT_RECOVERY_H

#include "boot/boot.h"

/* What a boot stage that has nothing to start says: what is wrong with each slot, and what to do.
 * For whoever has a debugger on the board. Decides nothing. */

/* After fk_boot(): core is as it left it, and is not looked at when the report's verdict is to boot
 * and the image turned out to be no program. */
void fk_recovery_report(const struct fk_core *core, const struct fk_boot_report *report);

#endif
