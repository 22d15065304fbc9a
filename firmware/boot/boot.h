/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_BOOT_BOOT_H
#define FK_BOOT_BOOT_H

#include "core/plan.h"
#include "fotakit_fw/update.h"

/* The boot stage: finishes what an update has begun and decides what may run.
 *
 * Call fk_boot() once after every reset with a core that was opened just now, then start the image
 * in the primary slot if, and only if, the verdict is FK_VERDICT_BOOT. The verdict starts as
 * FK_VERDICT_STAY and is put together from two independent comparisons of the digest, so that one
 * skipped instruction cannot turn it. Otherwise the device stays in the boot stage and reports.
 *
 * Not checked here: who made the image. For bare ST packets nobody can tell; see
 * firmware/DESIGN.md. */

enum fk_verdict {
    FK_VERDICT_STAY = 0x00000000,
    FK_VERDICT_HALF_1 = 0x3ca50000,
    FK_VERDICT_HALF_2 = 0x00005a3c,
    FK_VERDICT_BOOT = 0x3ca55a3c
};

/* What the boot stage did, for people and tests. */
struct fk_boot_report {
    uint32_t verdict;           /* FK_VERDICT_BOOT, or stay */
    enum fk_status status;      /* FK_OK when booting, else why not */
    enum fk_status refused;     /* why a staged packet was refused in this boot, or FK_OK */
    enum fk_phase began;        /* phase found at start */
    uint32_t resumed_step;      /* steps that an interrupted install or revert had done already */
    bool installed;             /* a new image was put in place */
    bool reverted;              /* the previous image was put back */
    struct fk_plan_report packet; /* checks of the staged packet */
    struct fk_image_info image; /* what runs, or should */
};

/* FK_OK also when the device has to stay in the boot stage: the report has the verdict. Anything
 * else (flash, power, crypto) is a failure of the attempt: reset and try again. */
enum fk_status fk_boot(struct fk_core *core, struct fk_boot_report *ret_report) FK_MUST_USE;

#endif
