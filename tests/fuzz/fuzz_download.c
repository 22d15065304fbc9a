/* SPDX-License-Identifier: Apache-2.0 */
/* A hostile server through two downloads: one that may leave half a packet behind, and the one that
 * would go on with it. The first byte cuts the streams into pieces, the second says how the first
 * stream ends, and two more how long it is. Whatever comes, no rule of flash is broken, nothing
 * outside state and staging changes, and the old image boots. */
#include "fuzz/input.h"
#include "support/rig.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool same(const struct simflash *a, const struct simflash *b, const struct fk_region *r)
{
    return memcmp(a->bytes + r->off, b->bytes + r->off, r->size) == 0;
}

static void check(struct rig *rig, const struct simflash *fresh)
{
    const struct fk_flash_map *map = &rig->device.map;
    struct fk_boot_report report;
    require(rig->flash.violations == 0);
    require(same(&rig->flash, fresh, &map->boot) && same(&rig->flash, fresh, &map->store) &&
            same(&rig->flash, fresh, &map->primary));
    require(fk_core_open(&rig->core, &rig->device, &rig->table, rig->work, sizeof rig->work) ==
            FK_OK);
    require(fk_boot(&rig->core, &report) == FK_OK);
    require(report.verdict == FK_VERDICT_BOOT && report.image.size == RIG_OLD_LEN);
    require(same(&rig->flash, fresh, &map->primary));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct rig rig;
    static struct simflash fresh;
    if (rig.packet_len == 0) {
        rig_begin(&rig);
        rig.device.policy.plain_allowed = false; /* else a fuzzer could write a good packet */
        sim_init(&fresh, &rig.device.map, 1);
        sim_copy(&fresh, &rig.flash);
    }
    if (size < 4 || size > 65536) {
        return 0;
    }
    sim_copy(&rig.flash, &fresh);
    size_t first = (size_t)data[2] << 8 | data[3];
    const uint8_t *streams = data + 4;
    size -= 4;
    first = first < size ? first : size;
    struct fake_script scripts[] = {
        {.head = "",
         .body = streams,
         .body_len = first,
         .piece = data[0],
         .end = (data[1] & 1) != 0 ? FAKE_CLOSES : FAKE_BREAKS},
        {.head = "", .body = streams + first, .body_len = size - first, .piece = data[0]},
        {.head = "", .body = streams + first, .body_len = size - first, .piece = data[0]},
    };
    enum fk_status st = rig_fetch(&rig, scripts, 1);
    require(st != FK_E_INTERNAL && st != FK_E_FLASH_RULE);
    st = rig_fetch(&rig, scripts + 1, 2); /* a 416 has it ask again */
    require(st != FK_E_INTERNAL && st != FK_E_FLASH_RULE);
    check(&rig, &fresh);
    return 0;
}
