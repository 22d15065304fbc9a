/* SPDX-License-Identifier: Apache-2.0 */
#include "core/stage.h"

#include "core/install.h"
#include "core/slot.h"
#include "core/state.h"

#include <string.h>

static uint32_t sector_size(const struct fk_core *core)
{
    return core->device->map.staging.sector;
}

static bool may_stage(const struct fk_core *core)
{
    enum fk_phase phase = core->state.phase;
    return core->log.found && (phase == FK_PHASE_EMPTY || phase == FK_PHASE_IDLE ||
                               phase == FK_PHASE_RECEIVING || phase == FK_PHASE_STAGED);
}

enum fk_status fk_stage_begin(struct fk_stage *s, struct fk_core *core,
                              const struct fk_stage_id *id)
{
    if (!may_stage(core)) {
        return core->log.found ? FK_E_BUSY : FK_E_NO_STATE;
    }
    if (id->validator_len > sizeof id->validator) {
        return FK_E_INTERNAL;
    }
    *s = (struct fk_stage){.core = core, .id = *id};
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
    state->update = (struct fk_candidate){.header_len = s->core->device->st.size,
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
    if (!core->log.found || core->state.phase != FK_PHASE_RECEIVING || u->validator_len == 0 ||
        u->header_len != core->device->st.size ||
        memcmp(u->source, source, sizeof u->source) != 0) {
        return FK_E_BUSY;
    }
    struct fk_stage_id id = {.validator_len = u->validator_len};
    memcpy(id.source, u->source, sizeof id.source);
    memcpy(id.validator, u->validator, sizeof id.validator);
    struct fk_stage next = {
        .core = core,
        .id = id,
        .header_len = u->header_len,
        .payload_len = core->state.step * sector_size(core),
    };
    memcpy(next.header, u->header, sizeof next.header);
    if (next.payload_len > fk_device_slot_size(core->device)) {
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
    uint32_t missing = s->core->device->st.size - s->header_len;
    uint32_t n = len < missing ? (uint32_t)len : missing;
    memcpy(s->header + s->header_len, p, n);
    s->header_len += n;
    *ret_taken = n;
    return s->header_len == s->core->device->st.size ? judge_header(s) : FK_OK;
}

enum fk_status fk_stage_write(struct fk_stage *s, const void *p, size_t len)
{
    const uint8_t *at = p;
    uint32_t slot = fk_device_slot_size(s->core->device);
    while (len > 0) {
        uint32_t n = 0;
        enum fk_status st = FK_OK;
        if (s->header_len < s->core->device->st.size) {
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
    if (s->header_len < core->device->st.size) {
        return FK_E_TRUNCATED;
    }
    if (s->payload_len == 0) {
        return FK_E_EMPTY;
    }
    if (s->payload_len % core->device->image_unit != 0) {
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
