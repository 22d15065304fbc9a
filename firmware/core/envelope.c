/* SPDX-License-Identifier: Apache-2.0 */
#include "core/envelope.h"

#include "core/slot.h"
#include "wire/reader.h"
#include "wire/writer.h"

#include <string.h>

#define HEAD_SIZE 8u
#define PIECE     64u /* a multiple of every program unit */

static uint32_t slot_size(const struct fk_core *core)
{
    return core->device->map.envelope.size / 2;
}

static uint32_t slot_off(const struct fk_core *core, enum fk_origin slot)
{
    return slot == FK_ORIGIN_ENVELOPE_2 ? slot_size(core) : 0;
}

static bool is_slot(const struct fk_core *core, enum fk_origin slot)
{
    return (slot == FK_ORIGIN_ENVELOPE || slot == FK_ORIGIN_ENVELOPE_2) && slot_size(core) > 0;
}

enum fk_origin fk_envelope_free_slot(const struct fk_core *core)
{
    return core->state.running.origin == FK_ORIGIN_ENVELOPE ? FK_ORIGIN_ENVELOPE_2
                                                            : FK_ORIGIN_ENVELOPE;
}

/* Byte `at` of what a slot holds. */
static uint8_t stored_byte(const uint8_t header[HEAD_SIZE], struct fk_slice head, uint32_t at,
                           uint8_t erased)
{
    if (at < HEAD_SIZE) {
        return header[at];
    }
    return at - HEAD_SIZE < head.len ? head.ptr[at - HEAD_SIZE] : erased;
}

static enum fk_status put_header(struct fk_slice head, uint32_t total_len,
                                 uint8_t header[HEAD_SIZE])
{
    struct fk_writer w;
    size_t len = 0;
    fk_writer_init(&w, header, HEAD_SIZE);
    fk_write_u32be(&w, (uint32_t)head.len);
    fk_write_u32be(&w, total_len);
    return fk_writer_end(&w, &len);
}

enum fk_status fk_envelope_store(struct fk_core *core, enum fk_origin slot, struct fk_slice head,
                                 uint32_t total_len)
{
    const struct fk_region *region = &core->device->map.envelope;
    uint8_t header[HEAD_SIZE];
    if (!is_slot(core, slot) || head.len > slot_size(core) - HEAD_SIZE) {
        return FK_E_LIMIT;
    }
    uint32_t len = HEAD_SIZE + (uint32_t)head.len;
    enum fk_status st = put_header(head, total_len, header);
    if (st == FK_OK) {
        st = fk_flash_erase_range(core->flash, region, slot_off(core, slot), slot_size(core));
    }
    for (uint32_t at = 0; st == FK_OK && at < len; at += PIECE) {
        uint8_t piece[PIECE];
        for (uint32_t i = 0; i < PIECE; i++) {
            piece[i] = stored_byte(header, head, at + i, core->flash->erased);
        }
        st = fk_flash_program(core->flash, region->off + slot_off(core, slot) + at, piece, PIECE);
    }
    return st;
}

static enum fk_status read_header(const struct fk_core *core, enum fk_origin slot,
                                  uint32_t *ret_len, uint32_t *ret_total)
{
    uint8_t header[HEAD_SIZE];
    if (!is_slot(core, slot)) {
        return FK_E_FORMAT;
    }
    enum fk_status st = core->flash->read(
        core->flash->ctx, core->device->map.envelope.off + slot_off(core, slot), header,
        sizeof header);
    struct fk_reader r;
    fk_reader_init(&r, (struct fk_slice){header, sizeof header});
    uint32_t len = fk_read_u32be(&r);
    uint32_t total = fk_read_u32be(&r);
    if (st == FK_OK && (len > slot_size(core) - HEAD_SIZE || len > total)) {
        st = FK_E_FORMAT;
    }
    *ret_len = len;
    *ret_total = total;
    return st;
}

/* The bytes themselves: in place where the port lets us, else in buf. */
static enum fk_status fetch(const struct fk_flash *flash, uint32_t off, uint32_t len, uint8_t *buf,
                            size_t cap, struct fk_slice *ret)
{
    enum fk_status st = FK_OK;
    *ret = (struct fk_slice){buf, len};
    if (flash->view != NULL) {
        ret->ptr = flash->view(flash->ctx, off, len);
        st = ret->ptr == NULL ? FK_E_FLASH : FK_OK;
    } else {
        st = len > cap ? FK_E_LIMIT : flash->read(flash->ctx, off, buf, len);
    }
    return st;
}

enum fk_status fk_envelope_load(const struct fk_core *core, enum fk_origin slot, uint8_t *buf,
                                size_t cap, struct fk_stored_envelope *ret)
{
    struct fk_slice head = {NULL, 0};
    uint32_t len = 0;
    uint32_t total = 0;
    enum fk_status st = read_header(core, slot, &len, &total);
    if (st == FK_OK) {
        st = fetch(core->flash, core->device->map.envelope.off + slot_off(core, slot) + HEAD_SIZE,
                   len, buf, cap, &head);
    }
    if (st == FK_OK) {
        *ret = (struct fk_stored_envelope){.head = head, .total_len = total};
    }
    return st;
}

enum fk_status fk_envelope_same(const struct fk_core *core, enum fk_origin slot,
                                struct fk_slice head, uint32_t total_len)
{
    uint32_t len = 0;
    uint32_t total = 0;
    enum fk_status st = read_header(core, slot, &len, &total);
    if (st == FK_E_FORMAT || (st == FK_OK && (len != head.len || total != total_len))) {
        return FK_E_DIGEST;
    }
    uint32_t from = core->device->map.envelope.off + slot_off(core, slot) + HEAD_SIZE;
    for (uint32_t at = 0; st == FK_OK && at < len; at += PIECE) {
        uint8_t piece[PIECE];
        uint32_t n = len - at < PIECE ? len - at : PIECE;
        st = core->flash->read(core->flash->ctx, from + at, piece, n);
        if (st == FK_OK && memcmp(piece, head.ptr + at, n) != 0) {
            st = FK_E_DIGEST;
        }
    }
    return st;
}
