/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_CORE_CELL_H
#define FK_CORE_CELL_H

#include "fotakit_fw/flash.h"

#include <stdbool.h>
#include <stdint.h>

/* A cell is a write-once flag in flash: 8 bytes, or one program unit where that is larger, which
 * say "this point was reached". What a valid cell holds depends on a sequence number and an index
 * given by its owner, so that a cell left over from elsewhere does not count. Three damaged bytes
 * of eight do no harm; firmware/FORMAT.md has the pattern. */

#define FK_CELL_BYTES 8u  /* of the pattern */
#define FK_CELL_MAX   32u /* the largest program unit */

/* Bytes of flash that one cell takes. */
uint32_t fk_cell_size(uint32_t prog_size);

/* *ret_valid: holds this pattern. *ret_blank: looks erased. A cell may be neither, and a torn one
 * may read differently the next time. */
enum fk_status fk_cell_read(const struct fk_flash *flash, uint32_t off, uint32_t seq,
                            uint32_t index, bool *ret_valid, bool *ret_blank) FK_MUST_USE;

/* Programs the cell at off, which was erased, and reads it back. */
enum fk_status fk_cell_write(const struct fk_flash *flash, uint32_t off, uint32_t seq,
                             uint32_t index) FK_MUST_USE;

#endif
