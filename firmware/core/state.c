/* SPDX-License-Identifier: Apache-2.0 */
#include "core/state.h"

#include "core/cell.h"
#include "core/slot.h"
#include "crypto/crypto.h"
#include "wire/state_record.h"

#include <string.h>

/* Bank: record, record again, markers, progress cells. */
#define COPIES  2u
#define MARKERS 8u

static uint32_t bank_size(const struct fk_device *device)
{
    return device->map.state.size / 2;
}

static uint32_t bank_off(const struct fk_device *device, unsigned bank)
{
    return device->map.state.off + bank * bank_size(device);
}

static uint32_t cell_size(const struct fk_device *device)
{
    return fk_cell_size(device->map.prog_size);
}

static uint32_t cells_off(const struct fk_device *device)
{
    return COPIES * FK_STATE_RECORD_SIZE + MARKERS * cell_size(device);
}

static uint32_t cell_count(const struct fk_device *device)
{
    return (bank_size(device) - cells_off(device)) / cell_size(device);
}

uint32_t fk_state_bank_need(const struct fk_device *device)
{
    /* Per sector: one step to receive it, one to install it, one more to save the old one. */
    uint32_t sectors = device->map.primary.size / device->map.primary.sector;
    uint32_t steps = device->policy.install == FK_INSTALL_SWAP ? 2 * sectors : sectors;
    return cells_off(device) + steps * cell_size(device);
}

static enum fk_status cell_read(const struct fk_core *core, uint32_t off, uint32_t index,
                                bool *ret_valid, bool *ret_blank)
{
    return fk_cell_read(core->flash, off, core->state.seq, index, ret_valid, ret_blank);
}

static enum fk_status cell_write(const struct fk_core *core, uint32_t off, uint32_t index)
{
    return fk_cell_write(core->flash, off, core->state.seq, index);
}

static uint32_t marker_off(const struct fk_core *core, unsigned bank, uint32_t i)
{
    return bank_off(core->device, bank) + COPIES * FK_STATE_RECORD_SIZE +
           i * cell_size(core->device);
}

static uint32_t progress_off(const struct fk_core *core, unsigned bank, uint32_t i)
{
    return bank_off(core->device, bank) + cells_off(core->device) + i * cell_size(core->device);
}

/* Marker patterns are numbered behind all progress cells. */
static uint32_t marker_index(uint32_t i)
{
    return 0x10000u + i;
}

static enum fk_status record_digest(const uint8_t record[FK_STATE_RECORD_SIZE],
                                    uint8_t ret[FK_SHA256_SIZE])
{
    return fk_sha256_of(record, FK_STATE_RECORD_BODY, ret);
}

/* One copy of a bank's record, judged on the bytes that were read once. */
static enum fk_status read_copy(const struct fk_core *core, unsigned bank, unsigned copy,
                                struct fk_state *ret)
{
    uint8_t record[FK_STATE_RECORD_SIZE];
    uint8_t digest[FK_SHA256_SIZE] = {0};
    uint32_t off = bank_off(core->device, bank) + copy * FK_STATE_RECORD_SIZE;
    enum fk_status st = core->flash->read(core->flash->ctx, off, record, sizeof record);
    if (st == FK_OK) {
        st = record_digest(record, digest);
    }
    if (st == FK_OK && memcmp(digest, record + FK_STATE_RECORD_BODY, sizeof digest) != 0) {
        st = FK_E_CHECKSUM;
    }
    if (st == FK_OK) {
        st = fk_state_record_parse(record, ret);
    }
    fk_wipe(record, sizeof record); /* holds the packet key */
    return st;
}

/* FK_E_CHECKSUM or FK_E_FORMAT when neither copy is valid. */
static enum fk_status read_bank(const struct fk_core *core, unsigned bank, struct fk_state *ret)
{
    enum fk_status st = FK_E_CHECKSUM;
    for (unsigned copy = 0; copy < COPIES && (st == FK_E_CHECKSUM || st == FK_E_FORMAT); copy++) {
        st = read_copy(core, bank, copy, ret);
    }
    return st;
}

static bool damaged(enum fk_status st)
{
    return st == FK_E_CHECKSUM || st == FK_E_FORMAT;
}

/* Finds the markers of the current bank, and the place for the next one. */
static enum fk_status read_markers(struct fk_core *core, uint32_t *ret_next)
{
    core->log.marked = false;
    *ret_next = 0;
    for (uint32_t i = 0; i < MARKERS; i++) {
        bool valid = false;
        bool blank = false;
        enum fk_status st = cell_read(core, marker_off(core, core->log.bank, i), marker_index(i),
                                      &valid, &blank);
        if (st != FK_OK) {
            return st;
        }
        core->log.marked = core->log.marked || valid;
        if (!blank) {
            *ret_next = i + 1;
        }
    }
    return FK_OK;
}

/* Only the last cell can be weak, but any one may have rotted: the highest valid one counts. */
static enum fk_status read_progress(struct fk_core *core)
{
    uint32_t done = 0;
    for (uint32_t i = 0; i < cell_count(core->device); i++) {
        bool valid = false;
        bool blank = false;
        enum fk_status st =
            cell_read(core, progress_off(core, core->log.bank, i), i, &valid, &blank);
        if (st != FK_OK) {
            return st;
        }
        if (valid) {
            done = i + 1;
        }
    }
    core->state.step = core->log.base + done;
    return FK_OK;
}

static enum fk_status read_once(struct fk_core *core)
{
    struct fk_state other = {0};
    core->log = (struct fk_state_log){0};
    core->state = (struct fk_state){0};
    enum fk_status st0 = read_bank(core, 0, &core->state);
    enum fk_status st1 = read_bank(core, 1, &other);
    if ((st0 != FK_OK && !damaged(st0)) || (st1 != FK_OK && !damaged(st1))) {
        return st0 != FK_OK && !damaged(st0) ? st0 : st1; /* could not read: not a verdict */
    }
    if (st0 != FK_OK && st1 != FK_OK) {
        return FK_E_NO_STATE;
    }
    if (st0 != FK_OK || (st1 == FK_OK && other.seq > core->state.seq)) {
        core->state = other;
        core->log.bank = 1;
    }
    fk_wipe(&other, sizeof other);
    core->log.found = true;
    core->log.other_good = st0 == FK_OK && st1 == FK_OK;
    core->log.base = core->state.step;
    uint32_t next = 0;
    enum fk_status st = read_markers(core, &next);
    if (st == FK_OK) {
        st = read_progress(core);
    }
    return st;
}

/* Twice, and the newer one counts: one skipped check in a reading must not bring back an older
 * record with a lower rollback counter. Both readings tell the truth, so either may be used. */
enum fk_status fk_state_read(struct fk_core *core)
{
    enum fk_status st = read_once(core);
    struct fk_state_log log = core->log;
    struct fk_state state = core->state;
    enum fk_status again = read_once(core);
    if (st == FK_OK && (again != FK_OK || state.seq > core->state.seq)) {
        core->log = log;
        core->state = state;
        again = FK_OK;
    }
    fk_wipe(&state, sizeof state);
    return again;
}

/* Rule 3: before the other bank is touched, this one gets a marker that is complete beyond doubt,
 * at place i or behind. A place that was torn before and only looks blank refuses to be
 * programmed: take the next. */
static enum fk_status add_marker(const struct fk_core *core, uint32_t i)
{
    enum fk_status st = FK_E_FLASH;
    for (; st == FK_E_FLASH && i < MARKERS; i++) {
        st = cell_write(core, marker_off(core, core->log.bank, i), marker_index(i));
    }
    /* All places used: that many power cuts in a row, each inside this one cell. The markers that
     * read valid now have to do. */
    return st == FK_E_FLASH ? FK_OK : st;
}

static enum fk_status write_record(struct fk_core *core, unsigned bank)
{
    uint8_t record[FK_STATE_RECORD_SIZE];
    enum fk_status st = fk_state_record_write(&core->state, record);
    if (st == FK_OK) {
        st = record_digest(record, record + FK_STATE_RECORD_BODY);
    }
    for (unsigned copy = 0; copy < COPIES && st == FK_OK; copy++) {
        uint32_t off = bank_off(core->device, bank) + copy * FK_STATE_RECORD_SIZE;
        st = fk_flash_program(core->flash, off, record, sizeof record);
    }
    fk_wipe(record, sizeof record);
    return st;
}

static enum fk_status erase_bank(const struct fk_core *core, unsigned bank)
{
    return fk_flash_erase_range(core->flash, &core->device->map.state,
                                bank * bank_size(core->device), bank_size(core->device));
}

enum fk_status fk_state_write(struct fk_core *core)
{
    unsigned target = core->log.bank ^ 1u;
    enum fk_status st = FK_OK;
    if (!core->log.found) {
        target = 0;
    } else if (!core->log.fresh) {
        /* Read once and decided once: a weak marker may read differently the next time. */
        uint32_t next = 0;
        st = read_markers(core, &next);
        if (st == FK_OK && core->log.marked) {
            st = add_marker(core, next);
        } else if (st == FK_OK && core->log.other_good) {
            target = core->log.bank; /* this one may be torn; the other is whole */
        }
    }
    if (st == FK_OK) {
        st = erase_bank(core, target);
    }
    if (st != FK_OK) {
        return st;
    }
    /* The position changes only when the new record is complete: after a failure the same call
     * makes the same choice again, and never touches the bank that is still good. */
    core->state.seq++;
    st = write_record(core, target);
    if (st == FK_OK) {
        st = cell_write(core, marker_off(core, target, 0), marker_index(0));
    }
    if (st != FK_OK) {
        core->state.seq--;
        return st;
    }
    core->log.other_good = core->log.found && target != core->log.bank;
    core->log.found = core->log.fresh = core->log.marked = true;
    core->log.bank = (uint8_t)target;
    core->log.base = core->state.step;
    return FK_OK;
}

enum fk_status fk_state_settle(struct fk_core *core)
{
    bool settled = core->log.fresh || (core->log.marked && core->log.other_good);
    return settled ? FK_OK : fk_state_write(core);
}

enum fk_status fk_state_step(struct fk_core *core)
{
    uint32_t i = core->state.step - core->log.base;
    if (!core->log.fresh || i >= cell_count(core->device)) {
        return FK_E_INTERNAL;
    }
    enum fk_status st = cell_write(core, progress_off(core, core->log.bank, i), i);
    if (st == FK_OK) {
        core->state.step++;
    }
    return st;
}

enum fk_status fk_state_format(struct fk_core *core)
{
    enum fk_status st = erase_bank(core, 0);
    if (st == FK_OK) {
        st = erase_bank(core, 1);
    }
    core->log = (struct fk_state_log){0};
    core->state = (struct fk_state){0};
    return st;
}
