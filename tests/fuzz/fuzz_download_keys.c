/* SPDX-License-Identifier: Apache-2.0 */
/* A hostile server through three downloads by a device that can exchange its keys: it gives the
 * next key set or the one after it, one by a stranger, a signed envelope, whole, cut off or
 * changed, or anything at all. Whatever comes, no rule of flash is broken, the keys are always a
 * set whose chain of signatures begins with the first one and never an older one than before, and
 * the old image boots.
 *
 * Input: byte 0 cuts the answers into pieces. Then each connection takes an op: the low three bits
 * say what is done, the next two which file (next, after next, stranger's, envelope).
 *
 *   0 honest   1 u16: stops after so many bytes   2 u16 u8: this byte is changed
 *   3 no ranges   4 u16 n: these n bytes, head and all   5 u16 n: these n bytes as the file
 *   6 u8 n: the file and n bytes of it once more */
#include "core/trust.h"
#include "fuzz/input.h"
#include "support/keyset_make.h"
#include "support/rig.h"
#include "support/signed.h"
#include "support/trust_rig.h"
#include "wire/keyset.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CALLS       3u
#define CONNECTIONS 2u

static struct rig rig;
static struct simflash fresh;
static struct signed_update update;
static struct suit_key old, stranger;
static struct set_made first, next, later, strange;
static struct fk_trust_box box;
static uint8_t envelope[FK_KEYSET_FILE_MAX + 500];
static uint8_t spoilt[CONNECTIONS][2 * sizeof update.envelope.bytes];

static struct fk_slice take_bytes(struct input *in)
{
    size_t n = take(in, 2);
    n = n < in->left ? n : in->left;
    const struct fk_slice bytes = {in->at, n};
    in->at += n;
    in->left -= n;
    return bytes;
}

static void open_keys(void)
{
    require(fk_core_open(&rig.core, &rig.device, &rig.table, rig.work, sizeof rig.work) == FK_OK);
    require(fk_trust_open(&rig.core, &box, envelope, sizeof envelope) == FK_OK);
    rig.trust = rig.core.trust;
}

static void begin(void)
{
    static const struct fk_trust_secrets none;
    rig_begin(&rig);
    suit_rules_init(&rig.device.envelope);
    rig.from.path = "/file";
    suit_key_make(&old);
    suit_key_make(&stranger);
    signed_update_make(&update, &rig.device, 7, rig.new_image, RIG_NEW_LEN, SIGNED_PLAIN);
    update.integrated = true;
    signed_update_remake(&update, &rig.device, 7, rig.new_image, RIG_NEW_LEN, SIGNED_PLAIN);
    trust_make_set(&first, 1, &old, &old);
    trust_make_set(&next, 2, &update.key, &old);
    trust_make_set(&later, 3, &old, &update.key);
    trust_make_set(&strange, 9, &stranger, &stranger);
    require(fk_trust_provision(&rig.core, &box, &none, set_bytes(&first)) == FK_OK);
    rig.download.box = &box;
    sim_init(&fresh, &rig.device.map, 1);
    sim_copy(&fresh, &rig.flash);
}

static struct fk_slice file_of(unsigned which)
{
    const struct set_made *sets[] = {&next, &later, &strange};
    return which < 3 ? set_bytes(sets[which])
                     : (struct fk_slice){update.envelope.bytes, update.envelope.len};
}

static struct fake_script next_answer(struct input *in, uint8_t *room)
{
    unsigned op = take(in, 1);
    struct fk_slice file = file_of(op >> 3 & 3);
    struct fake_script s = {.etag = "\"v1\"", .no_ranges = (op & 7) == 3};
    require(file.len <= sizeof spoilt[0] / 2);
    switch (op & 7) {
    case 1:
        s.stop = 1 + take(in, 2);
        s.end = FAKE_BREAKS;
        break;
    case 2: {
        unsigned at = take(in, 2);
        memcpy(room, file.ptr, file.len);
        room[at % file.len] ^= (uint8_t)take(in, 1);
        file.ptr = room;
        break;
    }
    case 4:
        s.head = "";
        file = take_bytes(in);
        break;
    case 5:
        file = take_bytes(in);
        break;
    case 6: {
        unsigned more = take(in, 1);
        memcpy(room, file.ptr, file.len);
        memcpy(room + file.len, file.ptr, more % file.len);
        file = (struct fk_slice){room, file.len + more % file.len};
        break;
    }
    default:
        break;
    }
    s.body = file.ptr;
    s.body_len = file.len;
    return s;
}

static bool same(const struct fk_region *r)
{
    return memcmp(rig.flash.bytes + r->off, fresh.bytes + r->off, r->size) == 0;
}

/* After each call, as after a reset; *at_least: the set that the device had. */
static void check_keys(uint64_t *at_least)
{
    uint64_t in_memory = box.sequence;
    open_keys();
    require(box.sequence == in_memory);
    require(box.sequence >= *at_least && box.sequence <= 3);
    require(box.trust.policy.n_anchors == 1);
    *at_least = box.sequence;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (rig.packet_len == 0) {
        begin();
    }
    if (size < 2 || size > 65536) {
        return 0;
    }
    struct input in = {data + 1, size - 1};
    struct fk_boot_report report;
    uint64_t sequence = 1;
    sim_copy(&rig.flash, &fresh);
    open_keys();
    for (unsigned call = 0; call < CALLS; call++) {
        struct fake_script scripts[CONNECTIONS];
        for (unsigned i = 0; i < CONNECTIONS; i++) {
            scripts[i] = next_answer(&in, spoilt[i]);
            scripts[i].piece = data[0];
        }
        enum fk_status st = rig_fetch(&rig, scripts, CONNECTIONS);
        require(st != FK_E_INTERNAL && st != FK_E_FLASH_RULE);
        check_keys(&sequence);
    }
    require(rig.flash.violations == 0);
    require(same(&rig.device.map.boot) && same(&rig.device.map.store) &&
            same(&rig.device.map.primary));
    require(fk_boot(&rig.core, &report) == FK_OK && report.verdict == FK_VERDICT_BOOT);
    const uint8_t *runs = report.installed ? rig.new_image : rig.old_image;
    uint32_t len = report.installed ? RIG_NEW_LEN : RIG_OLD_LEN;
    require(!report.installed || sequence == 2); /* signed by that set's key */
    require(memcmp(rig.flash.bytes + rig.device.map.primary.off, runs, len) == 0);
    return 0;
}
