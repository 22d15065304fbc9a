/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/state_record.h"

#include "wire/reader.h"
#include "wire/writer.h"

#include <string.h>

#define RECORD_MAGIC   0x464b5354u /* "FKST" */
#define RECORD_VERSION 1
#define KEY_SLOTS      2u

/* The record field by field, in its order, read and written by this one table. A number is
 * big-endian, `wire` bytes wide there and as wide as its member in memory. */
struct field {
    uint16_t off;
    uint8_t size; /* of the member */
    uint8_t wire; /* 0: bytes, as they are */
    uint8_t max;  /* of a number of one byte; checked before it becomes an enumeration or a bool */
};

#define FIELD(member, wire_size, max_value)                                                        \
    {offsetof(struct fk_state, member), sizeof(((struct fk_state *)0)->member), wire_size, max_value}
#define SMALL(member, max_value) FIELD(member, 1, max_value)
#define NUMBER(member, wire_size) FIELD(member, wire_size, 0)
#define BYTES(member)             FIELD(member, 0, 0)
#define IMAGE(member)             NUMBER(member.size, 4), NUMBER(member.sequence, 8), BYTES(member.sha256)

static const struct field fields[] = {
    SMALL(phase, FK_PHASE_COUNT - 1),
    SMALL(boots_left, UINT8_MAX),
    SMALL(has_key, true),
    NUMBER(seq, 4),
    NUMBER(step, 4),
    NUMBER(revert_sectors, 4),
    IMAGE(running),
    IMAGE(previous),
    SMALL(update.header_len, FK_PACKET_HEADER_MAX),
    BYTES(update.header),
    NUMBER(update.payload_len, 4),
    BYTES(update.source),
    SMALL(update.validator_len, FK_VALIDATOR_MAX),
    BYTES(update.validator),
    SMALL(last.status, UINT8_MAX),
    SMALL(last.phase, FK_PHASE_COUNT - 1),
    NUMBER(counter, 8),
    BYTES(key),
    SMALL(running.origin, FK_ORIGIN_COUNT - 1),
    SMALL(previous.origin, FK_ORIGIN_COUNT - 1),
    SMALL(update.origin, FK_ORIGIN_COUNT - 1),
    SMALL(key_slot, KEY_SLOTS),
    BYTES(key_mark),
};
#define N_FIELDS (sizeof fields / sizeof fields[0])

/* A member of 1, 4 or 8 bytes. */
static uint64_t load(const void *member, size_t size)
{
    uint8_t v8 = 0;
    uint32_t v32 = 0;
    uint64_t v64 = 0;
    switch (size) {
    case sizeof v8:
        memcpy(&v8, member, sizeof v8);
        return v8;
    case sizeof v32:
        memcpy(&v32, member, sizeof v32);
        return v32;
    default:
        memcpy(&v64, member, sizeof v64);
        return v64;
    }
}

static void store(void *member, size_t size, uint64_t v)
{
    const uint8_t v8 = (uint8_t)v;
    const uint32_t v32 = (uint32_t)v;
    switch (size) {
    case sizeof v8:
        memcpy(member, &v8, sizeof v8);
        break;
    case sizeof v32:
        memcpy(member, &v32, sizeof v32);
        break;
    default:
        memcpy(member, &v, sizeof v);
        break;
    }
}

enum fk_status fk_state_record_write(const struct fk_state *state,
                                     uint8_t buf[FK_STATE_RECORD_SIZE])
{
    memset(buf, 0, FK_STATE_RECORD_SIZE);
    struct fk_writer w;
    fk_writer_init(&w, buf, FK_STATE_RECORD_BODY);
    fk_write_u32be(&w, RECORD_MAGIC);
    fk_write_u8(&w, RECORD_VERSION);
    for (size_t i = 0; i < N_FIELDS; i++) {
        const uint8_t *from = (const uint8_t *)state + fields[i].off;
        if (fields[i].wire == 0) {
            fk_write_bytes(&w, from, fields[i].size);
        }
        for (unsigned k = fields[i].wire; k > 0; k--) {
            fk_write_u8(&w, (uint8_t)(load(from, fields[i].size) >> (8 * (k - 1))));
        }
    }
    size_t len = 0;
    return fk_writer_end(&w, &len);
}

enum fk_status fk_state_record_parse(const uint8_t buf[FK_STATE_RECORD_SIZE],
                                     struct fk_state *ret)
{
    struct fk_state s = {0};
    struct fk_reader r;
    fk_reader_init(&r, (struct fk_slice){buf, FK_STATE_RECORD_BODY});
    fk_reader_require(&r, fk_read_u32be(&r) == RECORD_MAGIC, FK_E_FORMAT);
    fk_reader_require(&r, fk_read_u8(&r) == RECORD_VERSION, FK_E_FORMAT);
    for (size_t i = 0; i < N_FIELDS && fk_reader_ok(&r); i++) {
        uint8_t *to = (uint8_t *)&s + fields[i].off;
        if (fields[i].wire == 0) {
            fk_read_copy(&r, to, fields[i].size);
            continue;
        }
        uint64_t v = fk_read_be(&r, fields[i].wire);
        if (fields[i].wire == 1 && v > fields[i].max) {
            fk_reader_fail(&r, FK_E_FORMAT);
        } else {
            store(to, fields[i].size, v);
        }
    }
    if (!fk_reader_ok(&r)) {
        return FK_E_FORMAT;
    }
    *ret = s;
    return FK_OK;
}
