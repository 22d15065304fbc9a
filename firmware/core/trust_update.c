/* SPDX-License-Identifier: Apache-2.0 */
/* Putting keys into a device, and exchanging its trust anchors. The boot stage needs none of this.
 */
#include "core/trust.h"

#include "core/slot.h"
#include "core/state.h"
#include "core/suit_policy.h"
#include "core/trust_file.h"
#include "crypto/crypto.h"

#include <string.h>

#define COPIES 2u

static bool supported(const struct fk_core *core)
{
    return core->device->envelope.supported && core->device->map.keys.size > 0;
}

static enum fk_status erase_slot(const struct fk_core *core, uint8_t slot)
{
    const struct fk_region *r = &core->device->map.keys;
    return fk_flash_erase_range(core->flash, r, slot == 2 ? r->size / 2 : 0, r->size / 2);
}

/* Head and set into box->bytes. The secrets of file may lie there already, as they do in an
 * exchange, so the head is made beside them. */
static enum fk_status compose(struct fk_trust_box *box, const struct fk_key_file *file,
                              size_t *ret_len)
{
    uint8_t head[FK_KEY_FILE_HEAD];
    enum fk_status st = fk_key_file_write_head(file, head);
    if (st == FK_OK) {
        memcpy(box->bytes, head, sizeof head);
        memcpy(box->bytes + FK_KEY_FILE_HEAD, file->set.ptr, file->set.len);
        *ret_len = FK_KEY_FILE_HEAD + file->set.len;
    }
    fk_wipe(head, sizeof head);
    return st;
}

/* The key file in box->bytes goes to the slot that no record names, and then the state names it.
 * Twice, so that the older bank does not name the slot before: the keys in that one are gone for
 * good when it is erased. */
static enum fk_status commit(struct fk_core *core, struct fk_trust_box *box, size_t len)
{
    struct fk_state *s = &core->state;
    uint8_t old = s->key_slot;
    uint8_t slot = old == 1 ? 2 : 1;
    uint8_t mark[FK_KEY_MARK_SIZE] = {0};
    enum fk_status st = fk_trust_mark((struct fk_slice){box->bytes, len}, mark);
    if (st == FK_OK && !core->log.fresh) {
        st = fk_state_write(core); /* state rule 4 */
    }
    if (st == FK_OK) {
        st = erase_slot(core, slot);
    }
    uint32_t whole = (uint32_t)len;
    while (whole % core->flash->prog_size != 0) {
        box->bytes[whole++] = core->flash->erased;
    }
    for (unsigned copy = 0; st == FK_OK && copy < COPIES; copy++) {
        st = fk_flash_program(core->flash, fk_trust_copy_off(core, slot, copy), box->bytes, whole);
    }
    if (st == FK_OK) {
        s->key_slot = slot;
        memcpy(s->key_mark, mark, sizeof mark);
        st = fk_state_write(core);
    }
    if (st == FK_OK) {
        st = fk_state_write(core);
    }
    return st == FK_OK && old != 0 ? erase_slot(core, old) : st;
}

enum fk_status fk_trust_provision(struct fk_core *core, struct fk_trust_box *box,
                                  const struct fk_trust_secrets *secrets,
                                  struct fk_slice signed_set)
{
    struct fk_suit_policy components = {.n_anchors = 0};
    struct fk_key_file file = {secrets->kek,      secrets->kek_kid,   secrets->ecdh,
                               secrets->ecdh_kid, secrets->device_id, {NULL, 0}};
    struct fk_keyset set;
    size_t len = 0;
    memset(box, 0, sizeof *box);
    core->trust = NULL;
    if (!core->log.found) {
        return FK_E_NO_STATE;
    }
    if (!supported(core)) {
        return FK_E_UNSUPPORTED;
    }
    if (core->state.key_slot != 0) {
        return FK_E_HAS_KEYS;
    }
    fk_suit_components(core->device, box->components, &components);
    enum fk_status st = fk_keyset_judge_first(&components, core->device->envelope.threshold,
                                              signed_set, &set, NULL);
    if (st == FK_OK) {
        file.set = set.parts.manifest;
        st = compose(box, &file, &len);
    }
    if (st == FK_OK) {
        st = fk_trust_adopt(core, box, len); /* before it counts */
    }
    if (st == FK_OK) {
        st = commit(core, box, len);
    }
    fk_trust_close(core, box);
    return st;
}

static bool may_replace(const struct fk_core *core)
{
    enum fk_phase phase = core->state.phase;
    return phase == FK_PHASE_EMPTY || phase == FK_PHASE_IDLE || phase == FK_PHASE_RECEIVING ||
           phase == FK_PHASE_STAGED;
}

/* The box has the new keys. An image that the old ones vouched for and the new ones do not is
 * vouched for by the state from now on. before: what the old keys said. */
static enum fk_status keep_bootable(struct fk_core *core, struct fk_image_info *image,
                                    enum fk_status before)
{
    if (image->size == 0 || before != FK_OK) {
        return fk_plan_is_verdict(before) ? FK_OK : before;
    }
    enum fk_status st = fk_plan_check_installed(core, image);
    if (st != FK_OK && fk_plan_is_verdict(st)) {
        image->origin = FK_ORIGIN_RECORDED;
        st = FK_OK;
    }
    return st;
}

/* The judged set takes the place of the old one, in the box and then in flash. It is copied first:
 * it may lie in the memory for envelopes, where those of the installed images are loaded to ask what
 * the old keys say of them. It is no longer than FK_KEY_SET_MAX. */
static enum fk_status exchange(struct fk_core *core, struct fk_trust_box *box,
                               const struct fk_keyset *set)
{
    struct fk_state *s = &core->state;
    struct fk_key_file file = box->file;
    uint8_t copy[FK_KEY_SET_MAX];
    memcpy(copy, set->parts.manifest.ptr, set->parts.manifest.len);
    file.set = (struct fk_slice){copy, set->parts.manifest.len};
    enum fk_status running = fk_plan_check_installed(core, &s->running);
    enum fk_status previous = fk_plan_check_installed(core, &s->previous);
    size_t len = 0;
    enum fk_status st = compose(box, &file, &len);
    if (st == FK_OK) {
        st = fk_trust_adopt(core, box, len);
    }
    if (st == FK_OK) {
        st = keep_bootable(core, &s->running, running);
    }
    if (st == FK_OK) {
        st = keep_bootable(core, &s->previous, previous);
    }
    return st == FK_OK ? commit(core, box, len) : st;
}

/* The set is judged twice and asked about twice, as a staged packet is: no single skipped check lets
 * one in. */
enum fk_status fk_trust_replace(struct fk_core *core, struct fk_trust_box *box,
                                struct fk_slice signed_set, struct fk_keyset_report *ret_report)
{
    const struct fk_suit_policy *policy = &box->trust.policy;
    uint8_t floor = core->device->envelope.threshold;
    struct fk_keyset set = {.n_keys = 0};
    if (core->trust != &box->trust || !supported(core)) {
        return FK_E_UNSUPPORTED;
    }
    if (!may_replace(core)) {
        return FK_E_BUSY;
    }
    enum fk_status st =
        fk_keyset_judge(policy, box->sequence, floor, signed_set, &set, ret_report);
    enum fk_status again =
        st == FK_OK ? fk_keyset_judge(policy, box->sequence, floor, signed_set, &set, NULL) : st;
    if (st != FK_OK) {
        return st;
    }
    if (again != FK_OK) {
        return again;
    }
    if (set.parts.manifest.len > FK_KEY_SET_MAX) {
        return FK_E_LIMIT;
    }
    uint8_t *envelope = box->trust.envelope;
    size_t cap = box->trust.envelope_cap;
    st = exchange(core, box, &set);
    if (st == FK_OK) {
        return fk_trust_open(core, box, envelope, cap);
    }
    fk_trust_close(core, box);
    return st;
}
