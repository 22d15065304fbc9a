/* SPDX-License-Identifier: Apache-2.0 */
/* Writing the store's log. */
#include "core/certstore_log.h"

#include "core/cell.h"
#include "core/slot.h"

#include <string.h>

static enum fk_status program(const struct fk_certstore *store, uint32_t off, const uint8_t *p,
                              uint32_t len)
{
    return fk_flash_program(store->flash, fk_store_flash_off(store, store->bank, off), p, len);
}

static enum fk_status erase_bank(const struct fk_certstore *store, unsigned bank)
{
    uint32_t size = fk_store_bank_size(store);
    return fk_flash_erase_range(store->flash, &store->region, bank * size, size);
}

static enum fk_status write_cell(const struct fk_certstore *store, uint32_t off)
{
    return fk_cell_write(store->flash, fk_store_flash_off(store, store->bank, off), store->seq,
                         fk_store_cell_index(off));
}

struct fk_store_record fk_store_record_of(const struct fk_certstore *store,
                                          const struct fk_store_item *item)
{
    struct fk_store_record r = {
        .encrypted = store->key != NULL && item->role == FK_STORE_KEY,
        .set = item->set,
        .role = item->role,
        .name = {(const uint8_t *)item->name, item->name != NULL ? strlen(item->name) : 0},
        .key_id = item->key_id,
        .data_len = item->data.len <= UINT32_MAX ? (uint32_t)item->data.len : UINT32_MAX,
    };
    return r;
}

/* The head of a record at store->end; its link is set here. */
static enum fk_status write_head(struct fk_certstore *store, struct fk_store_record *record,
                                 struct fk_store_head *ret)
{
    uint8_t raw[FK_STORE_RECORD_HEAD + FK_CELL_MAX]; /* room for the rest of a unit */
    uint32_t len = fk_store_record_head(record);
    uint32_t whole = fk_store_units(store, len);
    record->link = 0;
    if (record->role == FK_STORE_CA && record->key_id.len > 0) {
        record->link = store->heads[fk_store_bucket(record->key_id)];
    }
    memset(raw, store->flash->erased, sizeof raw);
    enum fk_status st = fk_store_record_write(record, raw);
    if (st == FK_OK) {
        st = fk_store_checksum(raw, len - FK_STORE_CHECK, raw + len - FK_STORE_CHECK);
    }
    if (st == FK_OK) {
        st = program(store, store->end, raw, whole);
    }
    ret->record = *record;
    ret->at = store->end;
    ret->data = store->end + whole;
    ret->next = ret->data + fk_store_units(store, record->data_len);
    return st;
}

/* n bytes, at most a chunk; the rest of the last program unit stays erased. */
static enum fk_status write_chunk(const struct fk_certstore *store, uint32_t off,
                                  uint8_t chunk[FK_STORE_CHUNK], uint32_t n)
{
    uint32_t whole = fk_store_units(store, n);
    memset(chunk + n, store->flash->erased, whole - n);
    return program(store, off, chunk, whole);
}

/* cipher: on, or the data is written as it is. */
static enum fk_status write_data(struct fk_certstore *store, const struct fk_store_head *head,
                                 const struct fk_store_source *source,
                                 struct fk_store_cipher *cipher)
{
    uint8_t chunk[FK_STORE_CHUNK];
    uint32_t len = head->record.data_len;
    enum fk_status st = FK_OK;
    for (uint32_t at = 0; st == FK_OK && at < len;) {
        uint32_t n = len - at < sizeof chunk ? len - at : (uint32_t)sizeof chunk;
        st = fk_store_source_read(source, at, chunk, n);
        if (st == FK_OK) {
            st = fk_store_cipher_next(cipher, chunk, chunk, n);
        }
        if (st == FK_OK) {
            st = write_chunk(store, head->data + at, chunk, n);
        }
        at += n;
    }
    fk_wipe(chunk, sizeof chunk);
    return st;
}

static enum fk_status write_record(struct fk_certstore *store, struct fk_store_record *record,
                                   const struct fk_store_source *source, bool seal)
{
    struct fk_store_head head;
    struct fk_store_cipher cipher = {.on = false};
    enum fk_status st = seal ? fk_store_seal(store->key, record, source) : FK_OK;
    if (st == FK_OK) {
        st = write_head(store, record, &head);
    }
    if (st == FK_OK && seal) {
        st = fk_store_cipher_begin(&cipher, store->key, record);
    }
    if (st == FK_OK) {
        st = write_data(store, &head, source, &cipher);
    }
    fk_store_cipher_end(&cipher);
    if (st == FK_OK) {
        store->end = head.next;
        (void)fk_store_note(store, &head); /* the link is ours */
    }
    return st;
}

static enum fk_status write_item(struct fk_certstore *store, const struct fk_store_item *item,
                                 bool last)
{
    const struct fk_store_source source = {.data = item->data.ptr};
    struct fk_store_record record = fk_store_record_of(store, item);
    record.last = last;
    return write_record(store, &record, &source, true);
}

/* A record of another bank. */
static enum fk_status keep_record(const struct fk_certstore *from, struct fk_certstore *store,
                                  const struct fk_store_job *job, const struct fk_store_head *old)
{
    const struct fk_store_source source = {.from = from, .at = old->data};
    struct fk_store_record record;
    bool seal = false;
    enum fk_status st = fk_store_renew(from, job, old, &record, &seal);
    return st == FK_OK ? write_record(store, &record, &source, seal) : st;
}

enum fk_status fk_store_append(struct fk_certstore *store, const struct fk_store_job *job)
{
    struct fk_certstore next = *store;
    enum fk_status st = FK_OK;
    for (size_t i = 0; st == FK_OK && i < job->n; i++) {
        if (job->changes[i].verb == FK_STORE_PUT) {
            bool last = true;
            for (size_t k = i + 1; k < job->n; k++) {
                last = last && job->changes[k].verb != FK_STORE_PUT;
            }
            st = write_item(&next, &job->changes[i].item, last);
        }
    }
    if (st == FK_OK) {
        st = write_cell(&next, next.end);
    }
    if (st == FK_OK) { /* rule 4: only a commit that is complete is sealed */
        st = write_cell(&next, next.end + fk_store_trailer(store) / 2);
    }
    if (st != FK_OK) {
        store->fresh = store->settled = false;
        store->stale = true;
        return st;
    }
    next.end += fk_store_trailer(store);
    *store = next;
    return FK_OK;
}

static enum fk_status write_bank_head(struct fk_certstore *store, uint32_t base_len)
{
    const struct fk_store_bank bank = {.seq = store->seq, .base_len = base_len};
    uint8_t head[FK_STORE_BANK_HEAD];
    enum fk_status st = fk_store_bank_write(&bank, head);
    if (st == FK_OK) {
        st = fk_store_checksum(head, sizeof head - FK_STORE_CHECK,
                               head + sizeof head - FK_STORE_CHECK);
    }
    for (uint32_t copy = 0; st == FK_OK && copy < FK_STORE_COPIES; copy++) {
        st = program(store, copy * FK_STORE_BANK_HEAD, head, sizeof head);
    }
    return st;
}

/* The bank in store->bank, erased before: head, what stays, what is new, first claim. */
static enum fk_status write_bank(const struct fk_certstore *from, struct fk_certstore *store,
                                 const struct fk_store_job *job, uint32_t base_len)
{
    struct fk_store_head head;
    enum fk_status st = write_bank_head(store, base_len);
    for (uint32_t at = 0; st == FK_OK;) {
        st = fk_store_walk(from, &at, &head);
        if (st == FK_OK && !fk_store_dropped(job, &head.record)) {
            st = keep_record(from, store, job, &head);
        }
    }
    st = st == FK_E_STORE_ENTRY ? FK_OK : st;
    for (size_t i = 0; st == FK_OK && i < job->n; i++) {
        if (job->changes[i].verb == FK_STORE_PUT) {
            st = write_item(store, &job->changes[i].item, false);
        }
    }
    if (st == FK_OK && store->end != fk_store_first(store) + base_len) {
        st = FK_E_INTERNAL;
    }
    if (st == FK_OK) { /* rule 2 */
        st = fk_cell_write(store->flash,
                           fk_store_flash_off(store, store->bank, fk_store_claim_off(store, 0)),
                           store->seq, 0);
    }
    return st;
}

/* Above every claim that either bank has used. */
static enum fk_status next_number(const struct fk_certstore *store, uint32_t *ret)
{
    uint64_t next = 1;
    for (unsigned i = 0; i < 2; i++) {
        struct fk_store_view view;
        enum fk_status st = fk_store_view(store, i, &view);
        if (st != FK_OK) {
            return st;
        }
        uint64_t n = (uint64_t)view.bank.seq + (view.place > 0 ? view.place : 1);
        next = view.usable && n > next ? n : next;
    }
    *ret = (uint32_t)next;
    return next > FK_STORE_SEQ_MAX ? FK_E_LIMIT : FK_OK;
}

enum fk_status fk_store_rebuild(struct fk_certstore *store, const struct fk_store_job *job,
                                uint32_t base_len)
{
    struct fk_certstore next = {
        .flash = store->flash,
        .region = store->region,
        .key = store->key,
        .found = true,
        .bank = store->found ? store->bank ^ 1u : store->bank,
        .end = fk_store_first(store),
        .base = fk_store_first(store) + base_len,
        .place = 1,
        .sealed = true,
        .settled = true,
        .fresh = true,
        .claimed = true,
    };
    enum fk_status st = next_number(store, &next.seq);
    if (st == FK_OK && !store->spare_clean) {
        st = erase_bank(store, next.bank);
    }
    if (st == FK_OK) {
        st = write_bank(store, &next, job, base_len);
    }
    if (st != FK_OK) {
        store->fresh = store->settled = false;
        store->stale = true;
        return st;
    }
    *store = next;
    st = erase_bank(store, store->bank ^ 1u);
    store->spare_clean = st == FK_OK;
    if (st != FK_OK) {
        store->settled = false;
        store->stale = true;
    }
    return st;
}

enum fk_status fk_store_format(struct fk_certstore *store)
{
    enum fk_status st = erase_bank(store, 0);
    if (st == FK_OK) {
        st = erase_bank(store, 1);
    }
    return st == FK_OK ? fk_store_load(store) : st;
}

/* Rule 3: before the other bank is erased, a claim above all of its own. When every place is used
 * up (that many power cuts in a row, each within one of these cells), the claim that was read has
 * to do. */
static enum fk_status claim_above(struct fk_certstore *store, const struct fk_store_view *other)
{
    if (store->claimed || !other->usable || other->place == 0) {
        return FK_OK;
    }
    uint64_t above = (uint64_t)other->bank.seq + other->place;
    uint64_t place = above > store->seq ? above - store->seq : 0;
    enum fk_status st = FK_E_FLASH; /* also: a place that was torn and only looks erased */
    for (place = place > store->place ? place : store->place;
         st == FK_E_FLASH && place < FK_STORE_CLAIMS; place++) {
        uint32_t off = fk_store_claim_off(store, (uint32_t)place);
        st = fk_cell_write(store->flash, fk_store_flash_off(store, store->bank, off), store->seq,
                           (uint32_t)place);
        store->place = (uint32_t)place + 1;
    }
    store->claimed = st == FK_OK;
    return st == FK_E_FLASH ? FK_OK : st;
}

static enum fk_status clean_other(struct fk_certstore *store)
{
    struct fk_store_view other;
    bool blank = true;
    enum fk_status st = fk_store_view(store, store->bank ^ 1u, &other);
    if (st == FK_OK) {
        st = fk_store_blank(store, store->bank ^ 1u, 0, &blank);
    }
    if (st != FK_OK || blank) {
        return st;
    }
    st = claim_above(store, &other);
    if (st == FK_OK) {
        st = erase_bank(store, store->bank ^ 1u);
    }
    store->spare_clean = st == FK_OK;
    return st;
}

/* Nothing has claimed the store, but something is there: perhaps a first set whose claim is too
 * weak to be seen now, and might be seen later. An empty set with a higher claim ends that; it
 * goes to the bank that has no such claim. */
static enum fk_status settle_nothing(struct fk_certstore *store)
{
    static const struct fk_store_job nothing = {.n = 0};
    struct fk_store_view view;
    bool blank[2] = {true, true};
    enum fk_status st = FK_OK;
    for (unsigned i = 0; st == FK_OK && i < 2; i++) {
        st = fk_store_blank(store, i, 0, &blank[i]);
    }
    if (st != FK_OK || (blank[0] && blank[1])) {
        store->settled = st == FK_OK;
        return st;
    }
    st = fk_store_view(store, 0, &view);
    if (st == FK_OK) {
        store->bank = view.usable && view.place > 0;
        st = fk_store_rebuild(store, &nothing, 0);
    }
    return st;
}

enum fk_status fk_certstore_settle(struct fk_certstore *store)
{
    static const struct fk_store_job as_it_is = {.as_it_is = true};
    enum fk_status st = FK_OK;
    if (store->settled) {
        return FK_OK;
    }
    if (store->stale) {
        st = fk_store_load(store);
    }
    if (st != FK_OK || store->damaged) {
        return st == FK_OK ? FK_E_CHECKSUM : st;
    }
    if (!store->found) {
        return settle_nothing(store);
    }
    st = clean_other(store);
    if (st == FK_OK && !store->sealed) {
        st = fk_store_rebuild(store, &as_it_is, store->used);
    }
    store->settled = st == FK_OK;
    return st;
}
