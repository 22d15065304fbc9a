/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_CORE_INSTALL_H
#define FK_CORE_INSTALL_H

#include "core/plan.h"
#include "fotakit_fw/update.h"

/* The install engine: what the boot stage does with a staged packet.
 *
 * Swap (policy FK_INSTALL_SWAP). Staging holds the payload shifted by one sector. For each sector
 * i of the new image: (save) staging[i] <- primary[i], then (place) primary[i] <- staging[i + 1],
 * decrypted. The source of a step is intact until the next step is recorded, so a step that was
 * cut is done again, torn writes and erases included. Each sector is erased once. What the new
 * image does not cover stays where it is. Going back copies staging[i] to primary[i].
 *
 * Overwrite (policy FK_INSTALL_OVERWRITE). primary[i] <- staging[i], decrypted. Any step can be
 * repeated, since staging is not changed. The old image is lost; the packet is kept until the new
 * image has been verified in place.
 *
 * All functions may be cut anywhere and called again after the next reset. */

/* Where the payload begins in the staging region, in bytes. */
uint32_t fk_install_payload_off(const struct fk_device *device);

/* STAGED: judges the packet. FK_OK: the state is INSTALLING. A refusal, as of fk_plan_open() and
 * fk_plan_check(): the packet is erased, the state is IDLE again and remembers the reason. */
enum fk_status fk_install_begin(struct fk_core *core,
                                struct fk_plan_report *ret_report) FK_MUST_USE;

/* INSTALLING: goes on to the end and checks the result. FK_OK: the state is TRIAL or IDLE with the
 * new image, or REVERTING when the new image could not be written. FK_E_FLASH: neither. */
enum fk_status fk_install_run(struct fk_core *core) FK_MUST_USE;

/* TRIAL, or IDLE with a damaged image: decides to go back to the previous image.
 * FK_E_NO_IMAGE when there is none, or it is damaged as well. */
enum fk_status fk_revert_begin(struct fk_core *core, enum fk_status why) FK_MUST_USE;

/* REVERTING: goes on to the end. FK_OK: the state is IDLE with the previous image. FK_E_NO_IMAGE:
 * the image does not verify after copying; the state stays and the device stays in the boot
 * stage. */
enum fk_status fk_revert_run(struct fk_core *core) FK_MUST_USE;

#endif
