/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trust.h"

#include "core/suit_policy.h"
#include "core/trust_file.h"
#include "crypto/crypto.h"

#include <string.h>

#define COPIES 2u

uint32_t fk_trust_copy_off(const struct fk_core *core, uint8_t slot, unsigned copy)
{
    const struct fk_region *r = &core->device->map.keys;
    return r->off + (slot == 2 ? r->size / 2 : 0) + copy * FK_KEY_FILE_MAX;
}

enum fk_status fk_trust_mark(struct fk_slice file, uint8_t ret[FK_KEY_MARK_SIZE])
{
    uint8_t digest[FK_SHA256_SIZE] = {0};
    enum fk_status st = fk_sha256_of(file.ptr, file.len, digest);
    if (st == FK_OK) {
        memcpy(ret, digest, FK_KEY_MARK_SIZE);
    }
    return st;
}

enum fk_status fk_trust_adopt(const struct fk_core *core, struct fk_trust_box *box, size_t len)
{
    struct fk_key_file *f = &box->file;
    struct fk_keyset set;
    enum fk_status st = fk_key_file_parse((struct fk_slice){box->bytes, len}, f);
    if (st == FK_OK) {
        st = fk_keyset_read(f->set, &set);
    }
    if (st != FK_OK) {
        return FK_E_KEYS;
    }
    const struct fk_suit_provision provision = {
        .anchors = box->anchors,
        .n_anchors = fk_keyset_anchors(&set, box->anchors),
        .threshold = set.threshold,
        .device_id = f->device_id,
    };
    st = fk_suit_policy_make(core->device, &provision, box->components, &box->trust.policy);
    if (st == FK_OK) {
        box->sequence = set.sequence;
        box->trust.keys = (struct fk_suit_keys){f->kek, f->kek_kid, f->ecdh, f->ecdh_kid};
    }
    return st;
}

/* One copy into the box; FK_E_KEYS when it is not what the state recorded. */
static enum fk_status read_copy(const struct fk_core *core, struct fk_trust_box *box, unsigned copy,
                                size_t *ret_len)
{
    const struct fk_flash *flash = core->flash;
    uint32_t off = fk_trust_copy_off(core, core->state.key_slot, copy);
    uint8_t mark[FK_KEY_MARK_SIZE] = {0};
    uint32_t set_len = 0;
    enum fk_status st = flash->read(flash->ctx, off, box->bytes, FK_KEY_FILE_HEAD);
    if (st != FK_OK) {
        return st;
    }
    if (fk_key_file_set_len(box->bytes, &set_len) != FK_OK) {
        return FK_E_KEYS;
    }
    size_t len = FK_KEY_FILE_HEAD + set_len;
    st = flash->read(flash->ctx, off + FK_KEY_FILE_HEAD, box->bytes + FK_KEY_FILE_HEAD, set_len);
    if (st == FK_OK) {
        st = fk_trust_mark((struct fk_slice){box->bytes, len}, mark);
    }
    if (st == FK_OK && !fk_equal(mark, core->state.key_mark, sizeof mark)) {
        st = FK_E_KEYS;
    }
    if (st == FK_OK) {
        *ret_len = len;
    }
    return st;
}

enum fk_status fk_trust_open(struct fk_core *core, struct fk_trust_box *box, uint8_t *envelope,
                             size_t envelope_cap)
{
    size_t len = 0;
    memset(box, 0, sizeof *box);
    box->trust.envelope = envelope;
    box->trust.envelope_cap = envelope_cap;
    core->trust = NULL;
    if (!core->device->envelope.supported || core->device->map.keys.size == 0 ||
        core->state.key_slot == 0) {
        return FK_OK;
    }
    enum fk_status st = FK_E_KEYS;
    for (unsigned copy = 0; st == FK_E_KEYS && copy < COPIES; copy++) {
        st = read_copy(core, box, copy, &len);
    }
    if (st == FK_OK) {
        st = fk_trust_adopt(core, box, len);
    }
    if (st == FK_OK) {
        core->trust = &box->trust;
    } else {
        fk_trust_close(core, box);
    }
    return st;
}

void fk_trust_close(struct fk_core *core, struct fk_trust_box *box)
{
    core->trust = NULL;
    fk_wipe(box, sizeof *box);
}
