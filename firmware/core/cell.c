/* SPDX-License-Identifier: Apache-2.0 */
#include "core/cell.h"

#include "core/slot.h"

#include <string.h>

#define CELL_MATCHES 5u /* bytes of the pattern that must be right */

uint32_t fk_cell_size(uint32_t prog_size)
{
    return prog_size > FK_CELL_BYTES ? prog_size : FK_CELL_BYTES;
}

static void pattern(const struct fk_flash *flash, uint32_t seq, uint32_t index,
                    uint8_t cell[FK_CELL_MAX])
{
    uint32_t v = seq * 2654435761u ^ (index + 1) * 2246822519u; /* odd factors: all bits move */
    memset(cell, flash->erased, FK_CELL_MAX);
    for (unsigned i = 0; i < FK_CELL_BYTES / 2; i++) {
        uint8_t b = (uint8_t)(v >> (8 * i));
        cell[2 * i] = b;
        cell[2 * i + 1] = (uint8_t)~b; /* never looks erased */
    }
}

enum fk_status fk_cell_read(const struct fk_flash *flash, uint32_t off, uint32_t seq,
                            uint32_t index, bool *ret_valid, bool *ret_blank)
{
    uint8_t want[FK_CELL_MAX];
    uint8_t found[FK_CELL_BYTES];
    pattern(flash, seq, index, want);
    enum fk_status st = flash->read(flash->ctx, off, found, sizeof found);
    if (st != FK_OK) {
        return st;
    }
    unsigned same = 0;
    unsigned blank = 0;
    for (unsigned i = 0; i < FK_CELL_BYTES; i++) {
        same += found[i] == want[i];
        blank += found[i] == flash->erased;
    }
    *ret_valid = same >= CELL_MATCHES;
    *ret_blank = blank == FK_CELL_BYTES;
    return FK_OK;
}

enum fk_status fk_cell_write(const struct fk_flash *flash, uint32_t off, uint32_t seq,
                             uint32_t index)
{
    uint8_t cell[FK_CELL_MAX];
    pattern(flash, seq, index, cell);
    return fk_flash_program(flash, off, cell, fk_cell_size(flash->prog_size));
}
