/* SPDX-License-Identifier: Apache-2.0 */
/* The memory protection unit: DDI 0403E, B3.5. */
#include "port/cortex-m/cortex_m.h"

#include <stddef.h>

#define REGIONS_MAX 16u
#define SIZE_MIN    32u

/* MPU_RASR */
#define XN          (1u << 28)
#define READ_WRITE  (3u << 24) /* AP: full access */
#define READ_ONLY   (6u << 24) /* AP: read-only for everybody */
#define NORMAL      (1u << 19 | 3u << 16) /* TEX 1, C 1, B 1: write-back memory */
#define DEVICE      (1u << 16) /* TEX 0, C 0, B 1: shared device */
#define ENABLE      1u

static uint32_t used;
static uint32_t flash_region;
static uint32_t flash_size_bits;

static uint32_t attributes(enum fk_guard_access access)
{
    switch (access) {
    case FK_GUARD_CODE:
        return READ_ONLY | NORMAL;
    case FK_GUARD_CONST:
        return READ_ONLY | NORMAL | XN;
    case FK_GUARD_DATA:
        return READ_WRITE | NORMAL | XN;
    case FK_GUARD_DEVICE:
        break;
    }
    return READ_WRITE | DEVICE | XN;
}

/* SIZE: the region has 2^(SIZE + 1) bytes. */
static uint32_t size_bits(uint32_t size)
{
    return (31u - (uint32_t)__builtin_clz(size) - 1u) << 1;
}

static enum fk_status add_region(uint32_t start, uint32_t size, uint32_t attrs)
{
    uint32_t there = FK_REG(MPU_TYPE) >> 8 & 0xff;
    if (used >= there || used >= REGIONS_MAX) {
        return FK_E_GEOMETRY;
    }
    FK_REG(MPU_RNR) = used++;
    FK_REG(MPU_RBAR) = start;
    FK_REG(MPU_RASR) = attrs | size_bits(size) | ENABLE;
    return FK_OK;
}

void fk_guard_reset(void)
{
    FK_REG(MPU_CTRL) = 0;
    used = 0;
    for (uint32_t i = 0; i < (FK_REG(MPU_TYPE) >> 8 & 0xff); i++) {
        FK_REG(MPU_RNR) = i;
        FK_REG(MPU_RASR) = 0;
    }
}

/* The largest power of two that the start is aligned to and that still fits. */
static uint32_t piece(uint32_t start, uint32_t left)
{
    uint32_t size = start == 0 ? 0x80000000u : start & (0u - start);
    while (size > left) {
        size >>= 1;
    }
    return size;
}

enum fk_status fk_guard_add(struct fk_guard_range range, enum fk_guard_access access)
{
    enum fk_status st = range.size == 0 || (range.start | range.size) % SIZE_MIN != 0
                            ? FK_E_GEOMETRY
                            : FK_OK;
    while (st == FK_OK && range.size > 0) {
        uint32_t size = piece(range.start, range.size);
        st = add_region(range.start, size, attributes(access));
        range.start += size;
        range.size -= size;
    }
    return st;
}

enum fk_status fk_guard_add_flash(struct fk_guard_range range)
{
    flash_region = used;
    enum fk_status st = fk_guard_add(range, FK_GUARD_CONST);
    if (st == FK_OK) {
        flash_size_bits = size_bits(range.size); /* a range that was accepted is not empty */
        st = used == flash_region + 1 ? FK_OK : FK_E_GEOMETRY;
    }
    return st;
}

void fk_guard_flash_writable(bool writable)
{
    uint32_t attrs = attributes(writable ? FK_GUARD_DATA : FK_GUARD_CONST);
    FK_REG(MPU_RNR) = flash_region;
    FK_REG(MPU_RASR) = attrs | flash_size_bits | ENABLE;
    fk_cortex_m_barrier();
}

void fk_guard_enable(void)
{
    fk_cortex_m_barrier();
    FK_REG(MPU_CTRL) = 1; /* no default map behind it, and off within a hard fault */
    fk_cortex_m_barrier();
}
