/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/state_record.h"

#include "wire/reader.h"
#include "wire/writer.h"

#include <string.h>

#define RECORD_MAGIC   0x464b5354u /* "FKST" */
#define RECORD_VERSION 1
#define FLAG_HAS_KEY   1u
#define KEY_SLOTS      2u

static void write_image(struct fk_writer *w, const struct fk_image_info *image)
{
    fk_write_u32be(w, image->size);
    fk_write_u64be(w, image->sequence);
    fk_write_bytes(w, image->sha256, sizeof image->sha256);
}

static void read_image(struct fk_reader *r, struct fk_image_info *ret)
{
    ret->size = fk_read_u32be(r);
    ret->sequence = fk_read_u64be(r);
    fk_read_copy(r, ret->sha256, sizeof ret->sha256);
}

static bool read_origin(struct fk_reader *r, enum fk_origin *ret)
{
    uint8_t v = fk_read_u8(r);
    *ret = v < FK_ORIGIN_COUNT ? (enum fk_origin)v : FK_ORIGIN_BARE;
    return v < FK_ORIGIN_COUNT;
}

enum fk_status fk_state_record_write(const struct fk_state *state,
                                     uint8_t buf[FK_STATE_RECORD_SIZE])
{
    memset(buf, 0, FK_STATE_RECORD_SIZE);
    struct fk_writer w;
    fk_writer_init(&w, buf, FK_STATE_RECORD_BODY);
    fk_write_u32be(&w, RECORD_MAGIC);
    fk_write_u8(&w, RECORD_VERSION);
    fk_write_u8(&w, (uint8_t)state->phase);
    fk_write_u8(&w, state->boots_left);
    fk_write_u8(&w, state->has_key ? FLAG_HAS_KEY : 0);
    fk_write_u32be(&w, state->seq);
    fk_write_u32be(&w, state->step);
    fk_write_u32be(&w, state->revert_sectors);
    write_image(&w, &state->running);
    write_image(&w, &state->previous);
    fk_write_u8(&w, state->update.header_len);
    fk_write_bytes(&w, state->update.header, sizeof state->update.header);
    fk_write_u32be(&w, state->update.payload_len);
    fk_write_bytes(&w, state->update.source, sizeof state->update.source);
    fk_write_u8(&w, state->update.validator_len);
    fk_write_bytes(&w, state->update.validator, sizeof state->update.validator);
    fk_write_u8(&w, (uint8_t)state->last.status);
    fk_write_u8(&w, (uint8_t)state->last.phase);
    fk_write_u64be(&w, state->counter);
    fk_write_bytes(&w, state->key, sizeof state->key);
    fk_write_u8(&w, (uint8_t)state->running.origin);
    fk_write_u8(&w, (uint8_t)state->previous.origin);
    fk_write_u8(&w, (uint8_t)state->update.origin);
    fk_write_u8(&w, state->key_slot);
    fk_write_bytes(&w, state->key_mark, sizeof state->key_mark);
    size_t len = 0;
    return fk_writer_end(&w, &len);
}

enum fk_status fk_state_record_parse(const uint8_t buf[FK_STATE_RECORD_SIZE],
                                     struct fk_state *ret)
{
    struct fk_state s = {0};
    struct fk_reader r;
    fk_reader_init(&r, (struct fk_slice){buf, FK_STATE_RECORD_BODY});
    uint32_t magic = fk_read_u32be(&r);
    uint8_t version = fk_read_u8(&r);
    uint8_t phase = fk_read_u8(&r);
    s.boots_left = fk_read_u8(&r);
    uint8_t flags = fk_read_u8(&r);
    s.seq = fk_read_u32be(&r);
    s.step = fk_read_u32be(&r);
    s.revert_sectors = fk_read_u32be(&r);
    read_image(&r, &s.running);
    read_image(&r, &s.previous);
    s.update.header_len = fk_read_u8(&r);
    fk_read_copy(&r, s.update.header, sizeof s.update.header);
    s.update.payload_len = fk_read_u32be(&r);
    fk_read_copy(&r, s.update.source, sizeof s.update.source);
    s.update.validator_len = fk_read_u8(&r);
    fk_read_copy(&r, s.update.validator, sizeof s.update.validator);
    s.last.status = (enum fk_status)fk_read_u8(&r);
    uint8_t last_phase = fk_read_u8(&r);
    s.counter = fk_read_u64be(&r);
    fk_read_copy(&r, s.key, sizeof s.key);
    bool origins = read_origin(&r, &s.running.origin);
    origins = read_origin(&r, &s.previous.origin) && origins;
    origins = read_origin(&r, &s.update.origin) && origins;
    s.key_slot = fk_read_u8(&r);
    fk_read_copy(&r, s.key_mark, sizeof s.key_mark);
    if (!fk_reader_ok(&r) || !origins || magic != RECORD_MAGIC || version != RECORD_VERSION ||
        phase >= FK_PHASE_COUNT || last_phase >= FK_PHASE_COUNT || (flags & ~FLAG_HAS_KEY) != 0 ||
        s.key_slot > KEY_SLOTS || s.update.header_len > sizeof s.update.header ||
        s.update.validator_len > sizeof s.update.validator) {
        return FK_E_FORMAT;
    }
    s.phase = (enum fk_phase)phase;
    s.last.phase = (enum fk_phase)last_phase;
    s.has_key = flags == FLAG_HAS_KEY;
    *ret = s;
    return FK_OK;
}
