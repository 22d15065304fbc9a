/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TESTS_SIMFLASH_H
#define FK_TESTS_SIMFLASH_H

#include "fotakit_fw/device.h"
#include "fotakit_fw/flash.h"

#include <stdbool.h>
#include <stdint.h>

/* NOR flash in memory, strict, with faults.
 *
 * Strict: a program unit is written once after each erase; misaligned access, a second write, an
 * erase that is not one whole sector, and access outside are FK_E_FLASH_RULE and counted in
 * `violations`, which every test asserts to be zero.
 *
 * Faults: power is cut at operation `cut_at` (programs and erases count, from 1) in one of the
 * ways below; from then on every operation fails with FK_E_POWER until sim_power_up(). What was
 * torn stays torn: a torn program unit refuses to be programmed (FK_E_FLASH, as flash with error
 * correction does) until it is erased, even when it looks erased; weak bits read differently from
 * one read to the next until they are erased or, for a torn erase, the erase is repeated. */

enum sim_cut {
    SIM_CUT_BEFORE,   /* the operation does not happen */
    SIM_CUT_AFTER,    /* it happens, but nobody learns it */
    SIM_CUT_PREFIX,   /* the front half is done */
    SIM_CUT_SUFFIX,   /* the back half is done */
    SIM_CUT_BITS,     /* a random half of the bits is done, and they stay as they are */
    SIM_CUT_WEAK,     /* every bit that should have changed is weak */
    SIM_CUT_ALMOST,   /* it is done, but a random eighth of the changed bits is weak */
    SIM_CUT_BARELY,   /* it is not done, but a random eighth of the bits is weak */
    SIM_CUT_EDGE,     /* nearly done: a few weak bits, and half of the times some bytes are undone */
    SIM_CUT_START,    /* just begun: a few weak bits */
    SIM_CUT_KINDS
};

#define SIM_NEVER UINT32_MAX
#define SIM_SECTORS_MAX 8192

struct simflash {
    uint8_t *bytes;
    uint8_t *weak;  /* mask of weak bits per byte */
    uint8_t *units; /* enum unit state per program unit */
    uint32_t size, prog_size;
    uint8_t erased;
    struct fk_region regions[FK_REGIONS];
    uint32_t ops;
    uint32_t cut_at;
    enum sim_cut cut;
    bool off;      /* power is lost */
    bool any_weak; /* a cut may have left weak bits: reads must look */
    bool ragged;   /* this SIM_CUT_EDGE leaves some bytes undone */
    unsigned violations;
    uint32_t failing_sector; /* offset of a sector whose operations fail, or SIM_NEVER */
    uint64_t random;
    uint64_t bytes_programmed, bytes_read;
    uint32_t erases[SIM_SECTORS_MAX]; /* per smallest sector */
    uint32_t min_sector;
};

void sim_init(struct simflash *sim, const struct fk_flash_map *map, uint64_t seed);
void sim_release(struct simflash *sim);
/* The same flash contents in another simulator of the same size (for nested cuts). */
void sim_copy(struct simflash *to, const struct simflash *from);
struct fk_flash sim_flash(struct simflash *sim);

/* Power is there again; the next cut comes at operation `cut_at` counted from now. */
void sim_power_up(struct simflash *sim, uint32_t cut_at, enum sim_cut cut);
void sim_reset_statistics(struct simflash *sim);
/* Most erases of any sector in the region since the statistics were reset. */
uint32_t sim_most_erases(const struct simflash *sim, const struct fk_region *region);

const char *sim_cut_name(enum sim_cut cut);

#endif
