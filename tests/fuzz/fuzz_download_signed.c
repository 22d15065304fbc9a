/* SPDX-License-Identifier: Apache-2.0 */
/* A hostile server through two downloads of a signed update: it answers honestly, stops, changes a
 * byte, gives another version of a file, the wrong file, or anything at all. Whatever it does, no
 * rule of flash is broken, nothing outside state, envelope and staging changes, and what boots is
 * the old image or the one that was signed.
 *
 * Input: byte 0 cuts the answers into pieces; bit 0 of byte 1 puts the payload into the envelope.
 * Then each connection takes an op: the low three bits say what is done, the others are flags.
 *
 *   0 honest          1 u16: stops after so many bytes      2 u16 u8: this byte is changed
 *   3 another version 4 no ranges                           5 u16 n: these n bytes, head and all
 *   8 the other file of the two    16 another entity tag */
#include "fuzz/input.h"
#include "support/rig.h"
#include "support/signed.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CALLS       2u
#define CONNECTIONS 4u /* of one call, at most: envelope and payload, each with a 416 */
#define OTHER_FILE  8u
#define OTHER_TAG   16u

static struct rig rig;
static struct simflash fresh;
/* One set for detached payloads, one for integrated ones; the versions are by the same key. */
static struct signed_update updates[2], versions[2];
static uint8_t second_image[RIG_NEW_LEN];
static uint8_t spoilt[CONNECTIONS][sizeof updates[0].envelope.bytes];

static void make_updates(void)
{
    test_fill(second_image, sizeof second_image, 99);
    for (unsigned i = 0; i < 2; i++) {
        struct signed_update *u = &updates[i];
        signed_update_make(u, &rig.device, 7, rig.new_image, RIG_NEW_LEN, SIGNED_ENCRYPTED);
        u->integrated = i == 1;
        signed_update_remake(u, &rig.device, 7, rig.new_image, RIG_NEW_LEN, SIGNED_ENCRYPTED);
        versions[i] = *u;
        signed_update_remake(&versions[i], &rig.device, 8, second_image, RIG_NEW_LEN,
                             SIGNED_ENCRYPTED);
    }
}

static void begin(void)
{
    rig_begin(&rig);
    rig.device.envelope.supported = true; /* and bare_allowed is not */
    make_updates();
    sim_init(&fresh, &rig.device.map, 1);
    sim_copy(&fresh, &rig.flash);
}

/* What the connection number i answers. */
static struct fake_script next_answer(struct input *in, unsigned i, bool integrated)
{
    unsigned op = take(in, 1);
    const struct signed_update *u = (op & 7) == 3 ? &versions[integrated] : &updates[integrated];
    bool payload = i % 2 == 1;
    if ((op & OTHER_FILE) != 0) {
        payload = !payload;
    }
    struct fake_script s = {
        .body = payload ? u->payload : u->envelope.bytes,
        .body_len = payload ? u->payload_len : u->envelope.len,
        .etag = (op & OTHER_TAG) != 0 ? "\"v2\"" : "\"v1\"",
        .no_ranges = (op & 7) == 4,
    };
    if ((op & 7) == 1) {
        s.stop = 1 + take(in, 2);
        s.end = FAKE_BREAKS;
    } else if ((op & 7) == 2 && s.body_len <= sizeof spoilt[i]) {
        unsigned at = take(in, 2);
        memcpy(spoilt[i], s.body, s.body_len);
        spoilt[i][at % s.body_len] ^= (uint8_t)take(in, 1);
        s.body = spoilt[i];
    } else if ((op & 7) == 5) {
        size_t n = take(in, 2);
        n = n < in->left ? n : in->left;
        s.head = "";
        s.body = in->at;
        s.body_len = n;
        in->at += n;
        in->left -= n;
    }
    return s;
}

static bool same(const struct fk_region *r)
{
    return memcmp(rig.flash.bytes + r->off, fresh.bytes + r->off, r->size) == 0;
}

static bool runs(const uint8_t *image, uint32_t len)
{
    return memcmp(rig.flash.bytes + rig.device.map.primary.off, image, len) == 0;
}

static void check(void)
{
    const struct fk_flash_map *map = &rig.device.map;
    struct fk_boot_report report;
    require(rig.flash.violations == 0);
    require(same(&map->boot) && same(&map->store) && same(&map->primary));
    require(fk_core_open(&rig.core, &rig.device, &rig.table, rig.work, sizeof rig.work) == FK_OK);
    rig.core.trust = rig.trust;
    require(fk_boot(&rig.core, &report) == FK_OK && report.verdict == FK_VERDICT_BOOT);
    require(report.installed ? runs(rig.new_image, RIG_NEW_LEN) || runs(second_image, RIG_NEW_LEN)
                             : runs(rig.old_image, RIG_OLD_LEN));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (rig.packet_len == 0) {
        begin();
    }
    if (size < 2 || size > 65536) {
        return 0;
    }
    bool integrated = (data[1] & 1) != 0;
    struct input in = {data + 2, size - 2};
    sim_copy(&rig.flash, &fresh);
    rig.trust = &updates[integrated].trust;
    for (unsigned call = 0; call < CALLS; call++) {
        struct fake_script scripts[CONNECTIONS];
        for (unsigned i = 0; i < CONNECTIONS; i++) {
            scripts[i] = next_answer(&in, i, integrated);
            scripts[i].piece = data[0];
        }
        enum fk_status st = rig_fetch(&rig, scripts, CONNECTIONS);
        require(st != FK_E_INTERNAL && st != FK_E_FLASH_RULE);
    }
    check();
    return 0;
}
