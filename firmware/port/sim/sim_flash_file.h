/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_PORT_SIM_FLASH_FILE_H
#define FK_PORT_SIM_FLASH_FILE_H

#include "fotakit_fw/device.h"
#include "fotakit_fw/flash.h"

#include <stdbool.h>
#include <stdint.h>

/* The flash of a simulated device: a file that holds its bytes and nothing else, from
 * device->map.base on, so that an emulated board can run on the same file.
 *
 * Rules of NOR flash, kept strictly; a breach is FK_E_FLASH_RULE and means a bug of the core:
 *   - a program unit is written once after it was erased: misaligned writes, parts of a unit and
 *     units that are not erased are refused, so a write only ever moves bits away from the erased
 *     value
 *   - an erase is exactly one sector of the region that it lies in
 *   - what crosses from one region to another, or lies in none, is refused, and so is any change
 *     of the boot region, which no update may touch
 *
 * Power cuts: programs and erases are counted from 1 since the file was opened, and one of them
 * can be the last. From then on every operation, reading too, fails with FK_E_POWER until the file
 * is opened again. What a cut leaves behind is what the file holds; bits that read differently from
 * one time to the next, which real flash has too, are the business of the test suite's simulator.
 *
 * One process at a time: opening takes a lock. Errors of the host's file system become FK_E_IO with
 * errno in `error`; an operation that hits one ends the simulation for good. */

enum fk_sim_cut {
    FK_SIM_CUT_NONE,
    FK_SIM_CUT_BEFORE, /* the operation does not happen */
    FK_SIM_CUT_AFTER,  /* it happens, but nobody learns it */
    FK_SIM_CUT_TORN    /* the first half happens, and half of the bits of the byte in the middle */
};

struct fk_sim_flash {
    int fd; /* -1: closed */
    bool writable;
    const struct fk_device *device;
    enum fk_sim_cut cut;
    uint64_t cut_at; /* operation */
    bool power_lost;
    int error;          /* errno of the first failure of the host, 0: none */
    const char *breach; /* the first rule that was broken, or NULL */

    /* Statistics since the file was opened. */
    uint64_t operations;
    uint64_t programs, erases;
    uint64_t bytes_programmed, bytes_read;
    uint32_t most_erases; /* of one sector */
    uint32_t *sector_erases;
    uint32_t smallest_sector;
};

/* Opens an existing file. FK_E_NOT_FOUND; FK_E_BUSY when another process has it; FK_E_GEOMETRY
 * when its size is not that of the flash; FK_E_NOT_REGULAR; FK_E_IO; FK_E_MEMORY. writable false:
 * any number of readers may have it, and programs and erases are FK_E_FLASH_RULE. */
enum fk_status fk_sim_flash_open(struct fk_sim_flash *f, const struct fk_device *device,
                                 const char *path, bool writable) FK_MUST_USE;

/* Takes over an open file of any size, which becomes an erased flash. */
enum fk_status fk_sim_flash_create(struct fk_sim_flash *f, const struct fk_device *device,
                                   int fd) FK_MUST_USE;

/* Accepts a closed one and one that could not be opened. */
void fk_sim_flash_close(struct fk_sim_flash *f);

void fk_sim_flash_cut(struct fk_sim_flash *f, uint64_t operation, enum fk_sim_cut cut);

/* The port's table; valid while f is open and stays where it is. */
struct fk_flash fk_sim_flash_table(struct fk_sim_flash *f);

#endif
