/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/certstore_record.h"

#include "wire/reader.h"
#include "wire/writer.h"

#define BANK_MAGIC     0x464b4353u /* "FKCS" */
#define BANK_VERSION   1u
#define RECORD_MAGIC   0x4643u /* "FC" */
#define FLAG_LAST      1u
#define FLAG_ENCRYPTED 2u

enum fk_status fk_store_bank_write(const struct fk_store_bank *bank,
                                   uint8_t buf[FK_STORE_BANK_HEAD])
{
    static const uint8_t zero[3];
    struct fk_writer w;
    size_t len = 0;
    fk_writer_init(&w, buf, FK_STORE_BANK_HEAD - FK_STORE_CHECK);
    fk_write_u32be(&w, BANK_MAGIC);
    fk_write_u8(&w, BANK_VERSION);
    fk_write_bytes(&w, zero, sizeof zero);
    fk_write_u32be(&w, bank->seq);
    fk_write_u32be(&w, bank->base_len);
    return fk_writer_end(&w, &len);
}

enum fk_status fk_store_bank_parse(const uint8_t buf[FK_STORE_BANK_HEAD], struct fk_store_bank *ret)
{
    struct fk_reader r;
    fk_reader_init(&r, (struct fk_slice){buf, FK_STORE_BANK_HEAD - FK_STORE_CHECK});
    uint32_t magic = fk_read_u32be(&r);
    uint32_t version = fk_read_u32be(&r); /* with the zeros behind it */
    struct fk_store_bank bank = {.seq = fk_read_u32be(&r)};
    bank.base_len = fk_read_u32be(&r);
    enum fk_status st = fk_reader_end(&r);
    if (st == FK_OK && (magic != BANK_MAGIC || version != BANK_VERSION << 24 || bank.seq == 0 ||
                        bank.seq > FK_STORE_SEQ_MAX)) {
        st = FK_E_FORMAT;
    }
    if (st == FK_OK) {
        *ret = bank;
    }
    return st;
}

uint32_t fk_store_record_head(const struct fk_store_record *record)
{
    return FK_STORE_RECORD_MIN + (uint32_t)record->name.len + (uint32_t)record->key_id.len +
           (record->encrypted ? FK_STORE_NONCE + FK_STORE_TAG : 0);
}

static bool is_name(struct fk_slice name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] <= ' ' || name.ptr[i] > '~') {
            return false;
        }
    }
    return name.len > 0 && name.len <= FK_STORE_NAME_MAX;
}

enum fk_status fk_store_record_check(const struct fk_store_record *record)
{
    if ((record->set != FK_STORE_TLS && record->set != FK_STORE_WPA &&
         record->set != FK_STORE_CONFIG) ||
        record->role < FK_STORE_CA || record->role > FK_STORE_AUTH) {
        return FK_E_UNSUPPORTED;
    }
    if (!is_name(record->name)) {
        return FK_E_FORMAT;
    }
    if (record->key_id.len > (record->role == FK_STORE_CA ? FK_STORE_ID_MAX : 0)) {
        return FK_E_LIMIT;
    }
    return record->data_len == 0 ? FK_E_EMPTY : FK_OK;
}

enum fk_status fk_store_record_write(const struct fk_store_record *record,
                                     uint8_t buf[FK_STORE_RECORD_HEAD])
{
    struct fk_writer w;
    size_t len = 0;
    fk_writer_init(&w, buf, FK_STORE_RECORD_HEAD - FK_STORE_CHECK);
    fk_write_u16be(&w, RECORD_MAGIC);
    fk_write_u8(
        &w, (uint8_t)((record->last ? FLAG_LAST : 0) | (record->encrypted ? FLAG_ENCRYPTED : 0)));
    fk_write_u8(&w, (uint8_t)record->set);
    fk_write_u8(&w, (uint8_t)record->role);
    fk_write_u8(&w, (uint8_t)record->name.len);
    fk_write_u8(&w, (uint8_t)record->key_id.len);
    fk_write_u8(&w, 0);
    fk_write_u32be(&w, record->data_len);
    fk_write_u32be(&w, record->link);
    fk_write_bytes(&w, record->digest, sizeof record->digest);
    fk_write_bytes(&w, record->name.ptr, record->name.len);
    fk_write_bytes(&w, record->key_id.ptr, record->key_id.len);
    if (record->encrypted) {
        fk_write_bytes(&w, record->nonce, sizeof record->nonce);
        fk_write_bytes(&w, record->tag, sizeof record->tag);
    }
    return fk_writer_end(&w, &len);
}

enum fk_status fk_store_record_parse(struct fk_slice bytes, struct fk_store_record *ret,
                                     size_t *ret_len)
{
    struct fk_store_record record = {.last = false};
    struct fk_reader r;
    fk_reader_init(&r, bytes);
    uint16_t magic = fk_read_u16be(&r);
    uint8_t flags = fk_read_u8(&r);
    record.set = (enum fk_store_set)fk_read_u8(&r);
    record.role = (enum fk_store_role)fk_read_u8(&r);
    record.name.len = fk_read_u8(&r);
    record.key_id.len = fk_read_u8(&r);
    uint8_t zero = fk_read_u8(&r);
    record.data_len = fk_read_u32be(&r);
    record.link = fk_read_u32be(&r);
    fk_read_copy(&r, record.digest, sizeof record.digest);
    record.name.ptr = fk_read_bytes(&r, record.name.len);
    record.key_id.ptr = fk_read_bytes(&r, record.key_id.len);
    record.last = (flags & FLAG_LAST) != 0;
    record.encrypted = (flags & FLAG_ENCRYPTED) != 0;
    if (record.encrypted) {
        fk_read_copy(&r, record.nonce, sizeof record.nonce);
        fk_read_copy(&r, record.tag, sizeof record.tag);
    }
    (void)fk_read_bytes(&r, FK_STORE_CHECK); /* the caller's business */
    if (!fk_reader_ok(&r)) {
        return FK_E_TRUNCATED;
    }
    if (magic != RECORD_MAGIC || (flags & ~(FLAG_LAST | FLAG_ENCRYPTED)) != 0 || zero != 0 ||
        fk_store_record_check(&record) != FK_OK) {
        return FK_E_FORMAT;
    }
    *ret = record;
    *ret_len = fk_store_record_head(&record);
    return FK_OK;
}

enum fk_status fk_store_record_aad(const struct fk_store_record *record,
                                   uint8_t buf[FK_STORE_AAD_MAX], size_t *ret_len)
{
    struct fk_writer w;
    fk_writer_init(&w, buf, FK_STORE_AAD_MAX);
    fk_write_u8(&w, (uint8_t)record->set);
    fk_write_u8(&w, (uint8_t)record->role);
    fk_write_u8(&w, (uint8_t)record->name.len);
    fk_write_u8(&w, (uint8_t)record->key_id.len);
    fk_write_u32be(&w, record->data_len);
    fk_write_bytes(&w, record->name.ptr, record->name.len);
    fk_write_bytes(&w, record->key_id.ptr, record->key_id.len);
    return fk_writer_end(&w, ret_len);
}

/* Key identifiers are hashes, so any mixture of their bytes spreads. */
uint32_t fk_store_bucket(struct fk_slice key_id)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < key_id.len; i++) {
        sum += key_id.ptr[i];
    }
    return sum % FK_STORE_BUCKETS;
}
