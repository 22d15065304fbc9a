/* SPDX-License-Identifier: Apache-2.0 */
#include "support/device.h"

#include "core/state.h"
#include "support/crypto_make.h"
#include "wire/key_file.h"
#include "wire/st_packet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct fk_region take(uint32_t *at, uint32_t size, uint32_t sector)
{
    uint32_t off = (*at + sector - 1) / sector * sector;
    *at = off + size;
    return (struct fk_region){.off = off, .size = size, .sector = sector};
}

struct fk_device test_device(const struct test_layout *l)
{
    struct fk_device d = {
        .name = l->name,
        .map = {.base = 0x08000000, .prog_size = l->prog_size, .erased = l->erased},
        .st = {.nonce = {0, 12}, .tag = {12, 16}, .hash = {28, 32}, .size = 60},
        .image_unit = 4,
        .connect_timeout_ms = 1000,
        .idle_timeout_ms = 1000,
        .policy =
            {
                .plain_allowed = true,
                .trial_boots = l->install == FK_INSTALL_SWAP ? 3 : 0,
                .recover_previous = true,
                .boot_check = FK_BOOT_CHECK_ALWAYS,
                .install = l->install,
            },
        .console = {.line_max = 512, .key_variable = "aes128_key"},
    };
    for (unsigned i = 0; i < FK_CONSOLE_ERRORS; i++) {
        d.console.errors[i] = (struct fk_console_code){.code = (uint16_t)(i + 1), .text = "error"};
    }
    uint32_t at = 0;
    uint32_t slot = l->slot_sectors * l->sector;
    d.map.primary = (struct fk_region){.size = slot, .sector = l->sector};
    uint32_t bank = fk_state_bank_need(&d);
    bank = (bank + l->state_sector - 1) / l->state_sector * l->state_sector;
    d.map.boot = take(&at, l->state_sector, l->state_sector);
    d.map.state = take(&at, 2 * bank, l->state_sector);
    d.map.store = take(&at, 2 * l->state_sector, l->state_sector);
    d.map.primary = take(&at, slot, l->sector);
    d.map.staging =
        take(&at, l->install == FK_INSTALL_SWAP ? slot + l->sector : slot, l->sector);
    d.map.envelope = take(&at, 2 * l->state_sector, l->state_sector);
    uint32_t keys = (FK_KEY_SLOT_MIN + l->state_sector - 1) / l->state_sector * l->state_sector;
    d.map.keys = take(&at, 2 * keys, l->state_sector);
    d.map.size = at;
    return d;
}

void test_fill(uint8_t *p, uint32_t len, uint32_t seed)
{
    for (uint32_t i = 0; i < len; i++) {
        seed = seed * 1664525u + 1013904223u;
        p[i] = (uint8_t)(seed >> 24);
    }
}

void test_packet(const struct fk_device *device, const uint8_t *image, uint32_t image_len,
                 const uint8_t *key, uint8_t *out)
{
    struct fk_st_header h = {0};
    uint8_t *body = out + device->st.size;
    make_sha256(image, image_len, h.hash);
    if (key == NULL) {
        memcpy(body, image, image_len);
    } else {
        test_fill(h.nonce, sizeof h.nonce, image_len);
        make_gcm(key, h.nonce, NULL, 0, image, image_len, body, h.tag);
    }
    size_t len = 0;
    if (fk_st_header_write(&device->st, &h, out, device->st.size, &len) != FK_OK) {
        fputs("test_packet: layout\n", stderr);
        abort();
    }
}
