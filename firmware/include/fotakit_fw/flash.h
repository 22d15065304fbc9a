/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_FW_FLASH_H
#define FOTAKIT_FW_FLASH_H

#include "fotakit_fw/status.h"

#include <stddef.h>
#include <stdint.h>

/* The flash of a device, supplied by the port. All operations but view are required:
 * fk_flash_check() refuses a table with a hole, so nothing can succeed by being left out.
 *
 * Offsets and sizes are in bytes from the start of the flash. Operations return FK_OK,
 * FK_E_FLASH (the hardware failed), FK_E_FLASH_RULE (the caller broke a rule of NOR flash: a bug)
 * or, in the simulator only, FK_E_POWER. */
struct fk_flash {
    void *ctx; /* passed back to every operation */
    enum fk_status (*read)(void *ctx, uint32_t off, void *buf, size_t len);
    /* Program erased bytes; off and len are multiples of prog_size.
     * If power is lost, any part of the range may be programmed, and its bits may be weak. */
    enum fk_status (*prog)(void *ctx, uint32_t off, const void *buf, size_t len);
    /* Erase exactly one sector: off is its start and len its size.
     * If power is lost, any part may be erased, and its bits may be weak. */
    enum fk_status (*erase)(void *ctx, uint32_t off, uint32_t len);
    /* NULL, or where len bytes from off can be read in place: for a stage that has no memory for
     * large objects and changes nothing while it looks at them. NULL is FK_E_FLASH. */
    const uint8_t *(*view)(void *ctx, uint32_t off, size_t len);
    uint32_t size;
    uint32_t prog_size; /* 1, 2, 4, 8, 16 or 32 */
    uint8_t erased;     /* value of an erased byte: 0xff or 0x00 */
};

/* FK_OK, or FK_E_GEOMETRY when an operation is missing or the geometry is impossible. */
enum fk_status fk_flash_check(const struct fk_flash *flash) FK_MUST_USE;

#endif
