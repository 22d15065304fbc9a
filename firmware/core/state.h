/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_CORE_STATE_H
#define FK_CORE_STATE_H

#include "fotakit_fw/update.h"

/* The update state in flash, safe against power cuts, torn writes and bits that read differently
 * from one time to the next. firmware/DESIGN.md, "State", has the argument; the rules are:
 *
 *   1. Two banks. A new record goes to one bank while the other stays whole.
 *   2. A record is written twice in its bank, then a marker says that it is complete. A marker is
 *      begun only by a session (one power-up) that wrote the record completely or that has read
 *      a valid marker there before. So a marker that reads valid, even weakly, is the truth.
 *   3. The other bank is erased only after a marker was written completely in this session. So
 *      when no marker reads valid, the other bank was not touched, and this one is replaced.
 *   4. Nothing outside the state region is changed on the strength of a record before its marker
 *      is complete in this session; an interrupted job therefore begins with a new record.
 *   5. Progress cells count finished steps behind the record. A cell is begun only after its step
 *      is complete, and the next step begins only after the cell is complete. Cells are added
 *      only in the session that wrote the record, so no cell is ever programmed twice.
 *   6. Cells and markers tolerate three damaged bytes of eight; a record tolerates the loss of
 *      one of its two copies. One byte of bit rot anywhere does no harm.
 *   7. Flash that only looks erased is never programmed: a bank is erased right before use. */

/* Bytes that one of the two state banks needs for this device. */
uint32_t fk_state_bank_need(const struct fk_device *device);

/* Reads core->state and finds the position. FK_E_NO_STATE when neither bank is valid. */
enum fk_status fk_state_read(struct fk_core *core) FK_MUST_USE;

/* Stores core->state as a new record; its seq is set here. One bank erase. */
enum fk_status fk_state_write(struct fk_core *core) FK_MUST_USE;

/* Makes sure that what was read cannot change its mind: when the marker is missing, or when the
 * other bank is not whole and might show a newer, torn record later, the state is written again.
 * Costs nothing otherwise. */
enum fk_status fk_state_settle(struct fk_core *core) FK_MUST_USE;

/* One more step is finished: core->state.step grows by one and a cell is written. Only after
 * fk_state_write() in this session. */
enum fk_status fk_state_step(struct fk_core *core) FK_MUST_USE;

/* Erases both banks and forgets: for provisioning only. */
enum fk_status fk_state_format(struct fk_core *core) FK_MUST_USE;

#endif
