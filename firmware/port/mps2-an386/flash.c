/* SPDX-License-Identifier: Apache-2.0 */
/* The flash: PSRAM that QEMU keeps in a file, driven by the rules of NOR flash, which the memory
 * itself would not enforce. The file is that of fota-sim, byte for byte. A real NOR flash needs
 * another program and erase routine; the checks stay. */
#include "port/board.h"
#include "port/cortex-m/cortex_m.h"

#include <string.h>

static enum fk_board_image running;

static uint32_t address_of(const struct fk_device *device, uint32_t off)
{
    return device->map.base + off;
}

static bool inside(const struct fk_device *device, uint32_t off, size_t len)
{
    return off <= device->map.size && len <= device->map.size - off;
}

/* The region that holds all of it and may be changed by this image, or NULL. */
static const struct fk_region *region_of(const struct fk_device *device, uint32_t off, size_t len)
{
    const struct fk_region *found = NULL;
    for (enum fk_region_id i = FK_REGION_STATE; i < FK_REGIONS; i++) { /* boot: never */
        const struct fk_region *r = fk_device_region(device, i);
        if (off >= r->off && off - r->off <= r->size && len <= r->size - (off - r->off)) {
            found = r;
        }
    }
    bool own_code = found == &device->map.primary && running == FK_BOARD_APPLICATION;
    return own_code ? NULL : found;
}

static bool blank(const struct fk_device *device, uint32_t off, size_t len)
{
    const uint8_t *at = (const uint8_t *)(uintptr_t)address_of(device, off);
    for (size_t i = 0; i < len; i++) {
        if (at[i] != device->map.erased) {
            return false;
        }
    }
    return true;
}

/* One store for each word, in order: a cut leaves a prefix. */
static void store_words(uint32_t address, const uint8_t *from, uint32_t fill, size_t len)
{
    fk_guard_flash_writable(true);
    for (size_t i = 0; i < len; i += sizeof(uint32_t)) {
        uint32_t word = fill;
        if (from != NULL) {
            memcpy(&word, from + i, sizeof word);
        }
        FK_REG(address + i) = word;
    }
    fk_guard_flash_writable(false);
    fk_board_watchdog_kick();
}

static enum fk_status flash_read(void *ctx, uint32_t off, void *buf, size_t len)
{
    const struct fk_device *device = ctx;
    if (!inside(device, off, len)) {
        return FK_E_FLASH_RULE;
    }
    memcpy(buf, (const void *)(uintptr_t)address_of(device, off), len);
    if (running == FK_BOARD_BOOT) { /* it decrypts and compares whole slots between two stores */
        fk_board_watchdog_kick();
    }
    return FK_OK;
}

static enum fk_status flash_prog(void *ctx, uint32_t off, const void *buf, size_t len)
{
    const struct fk_device *device = ctx;
    uint32_t unit = device->map.prog_size;
    if (len == 0 || off % unit != 0 || len % unit != 0 || region_of(device, off, len) == NULL ||
        !blank(device, off, len)) {
        return FK_E_FLASH_RULE;
    }
    store_words(address_of(device, off), buf, 0, len);
    return FK_OK;
}

static enum fk_status flash_erase(void *ctx, uint32_t off, uint32_t len)
{
    const struct fk_device *device = ctx;
    const struct fk_region *r = region_of(device, off, len);
    if (r == NULL || len != r->sector || (off - r->off) % r->sector != 0) {
        return FK_E_FLASH_RULE;
    }
    store_words(address_of(device, off), NULL, device->map.erased * 0x01010101u, len);
    return FK_OK;
}

static const uint8_t *flash_view(void *ctx, uint32_t off, size_t len)
{
    const struct fk_device *device = ctx;
    return inside(device, off, len) ? (const uint8_t *)(uintptr_t)address_of(device, off) : NULL;
}

struct fk_flash fk_board_flash(const struct fk_device *device, enum fk_board_image image)
{
    bool words = device->map.prog_size % sizeof(uint32_t) == 0;
    running = image;
    return (struct fk_flash){
        .ctx = (void *)(uintptr_t)device, /* only read */
        .read = flash_read,
        .prog = words ? flash_prog : NULL, /* fk_flash_check() refuses the hole */
        .erase = flash_erase,
        /* An application changes the envelope region while it judges what comes in. */
        .view = image == FK_BOARD_BOOT ? flash_view : NULL,
        .size = device->map.size,
        .prog_size = device->map.prog_size,
        .erased = device->map.erased,
    };
}
