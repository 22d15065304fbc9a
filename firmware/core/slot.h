/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_CORE_SLOT_H
#define FK_CORE_SLOT_H

#include "core/verify.h"
#include "fotakit_fw/update.h"

/* Flash in larger pieces than the port offers: programming with read-back, whole ranges, one
 * sector from another. All return FK_E_FLASH when what is read back differs. */

/* Programs len bytes (a multiple of the program unit) and reads them back. */
enum fk_status fk_flash_program(const struct fk_flash *flash, uint32_t off, const void *p,
                                uint32_t len) FK_MUST_USE;

/* Erases the whole sectors that [off, off + len) of the region covers. */
enum fk_status fk_flash_erase_range(const struct fk_flash *flash, const struct fk_region *region,
                                    uint32_t off, uint32_t len) FK_MUST_USE;

/* Decryption of a payload at any place, with AES-128-CTR from the counter block of its first
 * byte. GCM is the same inside. NULL key: a copy. */
struct fk_payload_cipher {
    const uint8_t *key;
    const uint8_t *counter;
};

/* Erases the sector at off to of the region `to` and fills it with len bytes from flash offset
 * from (an absolute offset), decrypted as bytes payload_off.. of the payload. Source and target
 * must not share a sector. */
enum fk_status fk_sector_write(struct fk_core *core, const struct fk_region *to, uint32_t to_off,
                               uint32_t from, uint32_t len, const struct fk_payload_cipher *cipher,
                               uint32_t payload_off) FK_MUST_USE;

/* A region of flash as a source for the verifier. */
struct fk_flash_source {
    const struct fk_flash *flash;
    uint32_t off;       /* first byte */
    uint32_t tail_from; /* bytes from here on are read from tail_off + position instead */
    uint32_t tail_off;
};
struct fk_source fk_flash_source(struct fk_flash_source *s);

#endif
