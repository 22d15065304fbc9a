/* SPDX-License-Identifier: Apache-2.0 */
#include "core/stage.h"

#include "core/envelope.h"
#include "core/install.h"
#include "core/slot.h"
#include "core/state.h"
#include "crypto/crypto.h"

#include <string.h>

static uint32_t sector_size(const struct fk_core *core)
{
    return core->device->map.staging.sector;
}

enum fk_status fk_stage_possible(const struct fk_core *core)
{
    enum fk_phase phase = core->state.phase;
    if (!core->log.found) {
        return FK_E_NO_STATE;
    }
    return phase == FK_PHASE_EMPTY || phase == FK_PHASE_IDLE || phase == FK_PHASE_RECEIVING ||
                   phase == FK_PHASE_STAGED
               ? FK_OK
               : FK_E_BUSY;
}

/* The content key must come out now: an image for other devices is not worth fetching. */
static enum fk_status check_key(const struct fk_core *core, const struct fk_suit_plan *plan,
                                struct fk_suit_report *report)
{
    uint8_t key[FK_AES_KEY_SIZE];
    if (!plan->encrypted) {
        return FK_OK;
    }
    enum fk_status st = fk_suit_unwrap(plan, &core->trust->keys, key, report);
    fk_wipe(key, sizeof key);
    return st;
}

/* No record may name a slot that is about to be erased. */
static enum fk_status release_slot(struct fk_core *core, enum fk_origin slot)
{
    struct fk_state *s = &core->state;
    bool named = s->previous.origin == slot || s->update.origin == slot;
    bool receiving = s->phase == FK_PHASE_RECEIVING || s->phase == FK_PHASE_STAGED;
    if (!named && !receiving) {
        return FK_OK;
    }
    if (s->previous.origin == slot) {
        s->previous = (struct fk_image_info){0};
    }
    s->update = (struct fk_candidate){0};
    s->step = 0;
    s->phase = s->running.size > 0 ? FK_PHASE_IDLE : FK_PHASE_EMPTY;
    return fk_state_write(core);
}

enum fk_status fk_stage_accept(struct fk_core *core, struct fk_slice head, uint32_t total_len,
                               struct fk_suit_plan *ret_plan, struct fk_suit_report *ret_report)
{
    struct fk_suit_plan plan;
    *ret_report = (struct fk_suit_report){0};
    core->accepted = (struct fk_accepted){0};
    enum fk_status st = fk_stage_possible(core);
    if (st == FK_OK) {
        st = fk_plan_judge(core, head, total_len, &plan, ret_report);
    }
    if (st == FK_OK) {
        st = check_key(core, &plan, ret_report);
    }
    if (st != FK_OK) {
        return st;
    }
    enum fk_origin slot = fk_envelope_free_slot(core);
    bool goes_on = core->state.phase == FK_PHASE_RECEIVING && core->state.update.origin == slot;
    st = goes_on ? fk_envelope_same(core, slot, head, total_len) : FK_E_DIGEST;
    if (st == FK_E_DIGEST) {
        st = release_slot(core, slot);
        if (st == FK_OK) {
            st = fk_envelope_store(core, slot, head, total_len);
        }
    }
    if (st == FK_OK) {
        core->accepted = (struct fk_accepted){
            .origin = slot,
            .packet = plan.kind == FK_COMPONENT_ST_PACKET,
            .payload_len = plan.payload_size,
        };
        *ret_plan = plan;
    }
    return st;
}

/* What comes is an ST packet, bare or in an envelope, or the payload of an envelope as it is. */
static struct fk_stage new_stage(struct fk_core *core, const struct fk_stage_id *id)
{
    struct fk_stage s = {.core = core, .id = *id, .header_size = core->device->st.size};
    if (id->signed_payload) {
        s.accepted = core->accepted;
        s.header_size = core->accepted.packet ? core->device->st.size : 0;
    }
    return s;
}

static bool id_fits(const struct fk_core *core, const struct fk_stage_id *id)
{
    bool accepted = core->accepted.origin != FK_ORIGIN_BARE;
    return id->validator_len <= sizeof id->validator && (!id->signed_payload || accepted);
}

enum fk_status fk_stage_begin(struct fk_stage *s, struct fk_core *core,
                              const struct fk_stage_id *id)
{
    enum fk_status st = fk_stage_possible(core);
    if (st != FK_OK) {
        return st;
    }
    if (!id_fits(core, id)) {
        return FK_E_INTERNAL;
    }
    if (!id->signed_payload && !fk_device_takes_bare(core->device)) {
        return FK_E_BARE_REFUSED;
    }
    *s = new_stage(core, id);
    return FK_OK;
}

/* What the header alone shows. The rest is the boot stage's to judge. */
static enum fk_status judge_header(const struct fk_stage *s)
{
    const struct fk_device *device = s->core->device;
    struct fk_st_header header;
    enum fk_status st = fk_st_header_parse(
        &device->st, (struct fk_slice){s->header, device->st.size}, &header);
    if (st != FK_OK) {
        return st;
    }
    if (fk_st_header_is_plain(&header)) {
        return device->policy.plain_allowed ? FK_OK : FK_E_PLAIN_REFUSED;
    }
    return s->core->state.has_key ? FK_OK : FK_E_NO_KEY;
}

/* From here on staging is ours: the image kept there for going back is given up. */
static enum fk_status record_begin(struct fk_stage *s)
{
    struct fk_state *state = &s->core->state;
    state->phase = FK_PHASE_RECEIVING;
    state->step = 0;
    state->previous = (struct fk_image_info){0};
    state->update = (struct fk_candidate){.origin = s->accepted.origin,
                                          .header_len = (uint8_t)s->header_size,
                                          .validator_len = s->id.validator_len};
    memcpy(state->update.header, s->header, sizeof state->update.header);
    memcpy(state->update.source, s->id.source, sizeof state->update.source);
    memcpy(state->update.validator, s->id.validator, sizeof state->update.validator);
    return fk_state_write(s->core);
}

enum fk_status fk_stage_resume(struct fk_stage *s, struct fk_core *core, const uint8_t source[32],
                               uint32_t *ret_offset)
{
    const struct fk_candidate *u = &core->state.update;
    struct fk_stage_id id = {.validator_len = u->validator_len,
                             .signed_payload = u->origin != FK_ORIGIN_BARE};
    memcpy(id.source, u->source, sizeof id.source);
    memcpy(id.validator, u->validator, sizeof id.validator);
    if (!core->log.found || core->state.phase != FK_PHASE_RECEIVING || u->validator_len == 0 ||
        memcmp(u->source, source, sizeof u->source) != 0 || !id_fits(core, &id) ||
        (id.signed_payload && core->accepted.origin != u->origin)) {
        return FK_E_BUSY;
    }
    struct fk_stage next = new_stage(core, &id);
    next.header_len = u->header_len;
    next.payload_len = core->state.step * sector_size(core);
    memcpy(next.header, u->header, sizeof next.header);
    if (next.header_len != next.header_size ||
        next.payload_len > fk_device_slot_size(core->device)) {
        return FK_E_BUSY;
    }
    *s = next;
    *ret_offset = next.header_len + next.payload_len;
    return FK_OK;
}

static uint32_t payload_flash_off(const struct fk_stage *s, uint32_t at)
{
    return s->core->device->map.staging.off + fk_install_payload_off(s->core->device) + at;
}

/* len is a multiple of the program unit and does not cross a sector; the sector is erased right
 * before its first byte. */
static enum fk_status write_aligned(struct fk_stage *s, uint32_t at, const uint8_t *p, uint32_t len)
{
    const struct fk_flash *flash = s->core->flash;
    enum fk_status st = FK_OK;
    if (at % sector_size(s->core) == 0) {
        st = flash->erase(flash->ctx, payload_flash_off(s, at), sector_size(s->core));
    }
    if (st == FK_OK) {
        st = fk_flash_program(flash, payload_flash_off(s, at), p, len);
    }
    return st;
}

/* Takes some of the bytes: until the carry is full, or as many whole units as the sector holds. */
static enum fk_status take_payload(struct fk_stage *s, const uint8_t *p, uint32_t len,
                                   uint32_t *ret_taken)
{
    uint32_t unit = s->core->flash->prog_size;
    uint32_t at = s->payload_len - s->carry_len; /* flash position of the carry */
    uint32_t room = sector_size(s->core) - at % sector_size(s->core);
    uint32_t n = 0;
    enum fk_status st = FK_OK;
    if (s->carry_len > 0 || len < unit) {
        n = len < unit - s->carry_len ? len : unit - s->carry_len;
        memcpy(s->carry + s->carry_len, p, n);
        s->carry_len += n;
        if (s->carry_len == unit) {
            st = write_aligned(s, at, s->carry, unit);
            at += unit;
            s->carry_len = 0;
        }
    } else {
        n = len < room ? len - len % unit : room;
        st = write_aligned(s, at, p, n);
        at += n;
    }
    s->payload_len += n;
    if (st == FK_OK && s->carry_len == 0 && at % sector_size(s->core) == 0) {
        st = fk_state_step(s->core); /* this sector is complete */
    }
    *ret_taken = n;
    return st;
}

static enum fk_status take_header(struct fk_stage *s, const uint8_t *p, size_t len,
                                  uint32_t *ret_taken)
{
    uint32_t missing = s->header_size - s->header_len;
    uint32_t n = len < missing ? (uint32_t)len : missing;
    memcpy(s->header + s->header_len, p, n);
    s->header_len += n;
    *ret_taken = n;
    return s->header_len == s->header_size ? judge_header(s) : FK_OK;
}

static bool beyond_announced(const struct fk_stage *s, size_t len)
{
    return s->accepted.origin != FK_ORIGIN_BARE &&
           len > s->accepted.payload_len - s->header_len - s->payload_len;
}

enum fk_status fk_stage_write(struct fk_stage *s, const void *p, size_t len)
{
    const uint8_t *at = p;
    uint32_t slot = fk_device_slot_size(s->core->device);
    if (beyond_announced(s, len)) {
        return FK_E_PAYLOAD_SIZE;
    }
    while (len > 0) {
        uint32_t n = 0;
        enum fk_status st = FK_OK;
        if (s->header_len < s->header_size) {
            st = take_header(s, at, len, &n);
        } else if (len > slot - s->payload_len) {
            st = FK_E_IMAGE_TOO_BIG;
        } else {
            if (!s->core->log.fresh || s->core->state.phase != FK_PHASE_RECEIVING) {
                /* First payload of this power-up: a new download, or state rule 4. */
                st = s->payload_len == 0 ? record_begin(s) : fk_state_write(s->core);
            }
            if (st == FK_OK) {
                st = take_payload(s, at, (uint32_t)len, &n);
            }
        }
        if (st != FK_OK) {
            return st;
        }
        at += n;
        len -= n;
    }
    return FK_OK;
}

enum fk_status fk_stage_finish(struct fk_stage *s)
{
    struct fk_core *core = s->core;
    bool is_bare = s->accepted.origin == FK_ORIGIN_BARE;
    if (!is_bare && s->accepted.payload_len != s->header_len + s->payload_len) {
        return FK_E_PAYLOAD_SIZE;
    }
    if (s->header_len < s->header_size) {
        return FK_E_TRUNCATED;
    }
    if (s->payload_len == 0) {
        return FK_E_EMPTY;
    }
    if (is_bare && s->payload_len % core->device->image_unit != 0) {
        return FK_E_IMAGE_ALIGN;
    }
    enum fk_status st = FK_OK;
    if (s->carry_len > 0) {
        memset(s->carry + s->carry_len, core->flash->erased, sizeof s->carry - s->carry_len);
        st = write_aligned(s, s->payload_len - s->carry_len, s->carry, core->flash->prog_size);
    }
    if (st == FK_OK) {
        core->state.phase = FK_PHASE_STAGED;
        core->state.step = 0;
        core->state.update.payload_len = s->payload_len;
        st = fk_state_write(core);
    }
    return st;
}
