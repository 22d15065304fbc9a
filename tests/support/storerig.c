/* SPDX-License-Identifier: Apache-2.0 */
#include "support/storerig.h"

#include "crypto/crypto.h"
#include "support/device.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define POOL 65536u

void store_begin(struct store_rig *rig, const struct store_layout *layout, uint64_t seed)
{
    uint32_t size = layout->sector * layout->sectors;
    assert_int_equal(fk_crypto_init(), FK_OK);
    *rig = (struct store_rig){
        .device = {.name = layout->name,
                   .map = {.size = layout->sector + size,
                           .prog_size = layout->prog_size,
                           .erased = layout->erased,
                           .boot = {0, layout->sector, layout->sector},
                           .store = {layout->sector, size, layout->sector}}},
    };
    test_fill(rig->key, sizeof rig->key, 99);
    rig->device_key = layout->device_key ? rig->key : NULL;
    sim_init(&rig->sim, &rig->device.map, seed);
    rig->flash = sim_flash(&rig->sim);
}

void store_end(struct store_rig *rig)
{
    assert_int_equal(rig->sim.violations, 0);
    sim_release(&rig->sim);
}

enum fk_status store_session(struct store_rig *rig, uint32_t cut_at, enum sim_cut cut)
{
    sim_power_up(&rig->sim, cut_at, cut);
    return fk_certstore_open(&rig->store, &rig->device, &rig->flash, rig->device_key);
}

struct fk_slice store_data(uint32_t seed, uint32_t len)
{
    static uint8_t pool[64][POOL / 16];
    uint8_t *p = pool[seed % 64];
    assert_true(len <= sizeof pool[0]);
    test_fill(p, len, seed + 1000);
    return (struct fk_slice){p, len};
}

struct fk_store_change store_put(enum fk_store_set set, enum fk_store_role role, const char *name,
                                 struct fk_slice data)
{
    return (struct fk_store_change){.verb = FK_STORE_PUT,
                                    .item = {.set = set, .role = role, .name = name, .data = data}};
}

bool store_holds(struct store_rig *rig, const struct fk_store_change *puts, size_t n)
{
    struct fk_store_entry e;
    static uint8_t buf[POOL];
    uint32_t at = 0;
    size_t found = 0;
    while (fk_certstore_next(&rig->store, &at, &e) == FK_OK) {
        found++;
    }
    for (size_t i = 0; i < n; i++) {
        const struct fk_store_item *item = &puts[i].item;
        if (fk_certstore_find(&rig->store, item->set, item->name, &e) != FK_OK ||
            e.role != item->role || e.len != item->data.len || e.key_id_len != item->key_id.len ||
            (e.key_id_len > 0 && memcmp(e.key_id, item->key_id.ptr, e.key_id_len) != 0) ||
            fk_certstore_read(&rig->store, &e, buf, sizeof buf) != FK_OK ||
            memcmp(buf, item->data.ptr, e.len) != 0) {
            return false;
        }
    }
    return found == n;
}

bool store_flash_shows(const struct store_rig *rig, struct fk_slice data)
{
    for (uint32_t at = 0; at + 8 <= rig->sim.size; at++) {
        for (size_t i = 0; i + 8 <= data.len; i += 4) {
            if (rig->sim.bytes[at] == data.ptr[i] &&
                memcmp(rig->sim.bytes + at, data.ptr + i, 8) == 0) {
                return true;
            }
        }
    }
    return false;
}
