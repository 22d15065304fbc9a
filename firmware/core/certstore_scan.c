/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the store's log. */
#include "core/certstore_log.h"

#include "core/cell.h"

#include <string.h>

uint32_t fk_store_bank_size(const struct fk_certstore *store)
{
    return store->region.size / store->region.sector / 2 * store->region.sector;
}

uint32_t fk_store_flash_off(const struct fk_certstore *store, unsigned bank, uint32_t off)
{
    return store->region.off + bank * fk_store_bank_size(store) + off;
}

uint32_t fk_store_claim_off(const struct fk_certstore *store, uint32_t place)
{
    return FK_STORE_COPIES * FK_STORE_BANK_HEAD + place * fk_cell_size(store->flash->prog_size);
}

uint32_t fk_store_first(const struct fk_certstore *store)
{
    return fk_store_claim_off(store, FK_STORE_CLAIMS);
}

uint32_t fk_store_trailer(const struct fk_certstore *store)
{
    return 2 * fk_cell_size(store->flash->prog_size);
}

uint32_t fk_store_units(const struct fk_certstore *store, uint32_t len)
{
    uint32_t unit = store->flash->prog_size;
    return (len + unit - 1) / unit * unit;
}

uint32_t fk_store_record_space(const struct fk_certstore *store,
                               const struct fk_store_record *record)
{
    return fk_store_units(store, fk_store_record_head(record)) +
           fk_store_units(store, record->data_len);
}

uint32_t fk_store_cell_index(uint32_t off)
{
    return 0x10000u + off;
}

enum fk_status fk_store_checksum(const uint8_t *p, size_t len, uint8_t ret[FK_STORE_CHECK])
{
    uint8_t digest[FK_SHA256_SIZE];
    enum fk_status st = fk_sha256_of(p, len, digest);
    if (st == FK_OK) {
        memcpy(ret, digest, FK_STORE_CHECK);
    }
    return st;
}

static enum fk_status read_bytes(const struct fk_certstore *store, unsigned bank, uint32_t off,
                                 void *to, size_t len)
{
    return store->flash->read(store->flash->ctx, fk_store_flash_off(store, bank, off), to, len);
}

static enum fk_status check_sum(const uint8_t *p, size_t len)
{
    uint8_t sum[FK_STORE_CHECK];
    enum fk_status st = fk_store_checksum(p, len, sum);
    if (st == FK_OK && memcmp(sum, p + len, sizeof sum) != 0) {
        st = FK_E_CHECKSUM;
    }
    return st;
}

enum fk_status fk_store_read_head(const struct fk_certstore *store, uint32_t at, uint32_t limit,
                                  struct fk_store_head *ret)
{
    uint32_t left = limit > at ? limit - at : 0;
    uint32_t n = left < sizeof ret->raw ? left : (uint32_t)sizeof ret->raw;
    size_t head_len = 0;
    enum fk_status st = read_bytes(store, store->bank, at, ret->raw, n);
    if (st == FK_OK) {
        st = fk_store_record_parse((struct fk_slice){ret->raw, n}, &ret->record, &head_len);
    }
    if (st == FK_OK) {
        st = check_sum(ret->raw, head_len - FK_STORE_CHECK);
    }
    if (st != FK_OK) {
        return st;
    }
    uint32_t head = fk_store_units(store, (uint32_t)head_len);
    /* data_len is theirs and may be anything; the bank is ours. */
    if (head > left || ret->record.data_len > left - head ||
        fk_store_units(store, ret->record.data_len) > left - head) {
        return FK_E_FORMAT;
    }
    ret->at = at;
    ret->data = at + head;
    ret->next = ret->data + fk_store_units(store, ret->record.data_len);
    return FK_OK;
}

static bool is_bad(enum fk_status st)
{
    return st == FK_E_CHECKSUM || st == FK_E_FORMAT || st == FK_E_TRUNCATED;
}

enum fk_status fk_store_walk(const struct fk_certstore *store, uint32_t *at,
                             struct fk_store_head *ret)
{
    uint32_t first = fk_store_first(store);
    uint32_t from = *at > first ? *at : first;
    if (!store->found || from >= store->end) {
        return FK_E_STORE_ENTRY;
    }
    enum fk_status st = fk_store_read_head(store, from, store->end, ret);
    if (st == FK_OK) {
        *at = ret->next + (ret->record.last ? fk_store_trailer(store) : 0);
    }
    return is_bad(st) ? FK_E_CHECKSUM : st;
}

static enum fk_status read_bank_head(const struct fk_certstore *store, unsigned bank,
                                     struct fk_store_view *view)
{
    uint8_t head[FK_STORE_BANK_HEAD];
    enum fk_status st = FK_OK;
    for (unsigned copy = 0; copy < FK_STORE_COPIES && !view->usable; copy++) {
        st = read_bytes(store, bank, copy * FK_STORE_BANK_HEAD, head, sizeof head);
        if (st == FK_OK) {
            st = check_sum(head, sizeof head - FK_STORE_CHECK);
        }
        if (st == FK_OK) {
            st = fk_store_bank_parse(head, &view->bank);
        }
        view->usable = st == FK_OK &&
                       view->bank.base_len <= fk_store_bank_size(store) - fk_store_first(store) &&
                       view->bank.base_len % store->flash->prog_size == 0;
        if (st != FK_OK && !is_bad(st)) {
            return st;
        }
    }
    return FK_OK;
}

enum fk_status fk_store_view(const struct fk_certstore *store, unsigned bank,
                             struct fk_store_view *ret)
{
    *ret = (struct fk_store_view){.usable = false};
    enum fk_status st = read_bank_head(store, bank, ret);
    for (uint32_t i = 0; st == FK_OK && ret->usable && i < FK_STORE_CLAIMS; i++) {
        bool valid = false;
        bool blank = true;
        uint32_t off = fk_store_flash_off(store, bank, fk_store_claim_off(store, i));
        st = fk_cell_read(store->flash, off, ret->bank.seq, i, &valid, &blank);
        if (st == FK_OK && valid) {
            ret->claims = true;
            ret->best = (uint64_t)ret->bank.seq + i;
        }
        if (st == FK_OK && !blank) {
            ret->place = i + 1;
        }
    }
    return st;
}

enum fk_status fk_store_blank(const struct fk_certstore *store, unsigned bank, uint32_t from,
                              bool *ret)
{
    uint8_t chunk[FK_STORE_CHUNK];
    uint32_t size = fk_store_bank_size(store);
    *ret = true;
    for (uint32_t at = from; *ret && at < size;) {
        uint32_t n = size - at < sizeof chunk ? size - at : (uint32_t)sizeof chunk;
        enum fk_status st = read_bytes(store, bank, at, chunk, n);
        if (st != FK_OK) {
            return st;
        }
        for (uint32_t i = 0; i < n; i++) {
            *ret = *ret && chunk[i] == store->flash->erased;
        }
        at += n;
    }
    return FK_OK;
}

bool fk_store_note(struct fk_certstore *store, const struct fk_store_head *head)
{
    store->count++;
    store->used += fk_store_record_space(store, &head->record);
    if (head->record.role != FK_STORE_CA) {
        store->roles[head->record.set - FK_STORE_TLS][head->record.role - FK_STORE_CERT] = head->at;
        return true;
    }
    if (head->record.key_id.len == 0) {
        return true;
    }
    uint32_t *newest = &store->heads[fk_store_bucket(head->record.key_id)];
    bool right = head->record.link == *newest; /* links lead backwards, so no chain is endless */
    *newest = head->at;
    return right;
}

static enum fk_status scan_base(struct fk_certstore *store, uint32_t base_end)
{
    struct fk_store_head head;
    store->base = base_end;
    store->end = fk_store_first(store);
    while (store->end < base_end) {
        enum fk_status st = fk_store_read_head(store, store->end, base_end, &head);
        if (st != FK_OK) {
            store->damaged = is_bad(st);
            return is_bad(st) ? FK_OK : st;
        }
        if (head.record.last || !fk_store_note(store, &head)) {
            store->damaged = true;
            return FK_OK;
        }
        store->end = head.next;
    }
    store->sealed = true;
    return FK_OK;
}

static enum fk_status cell_valid(const struct fk_certstore *store, uint32_t off, bool *ret)
{
    bool blank = false;
    return fk_cell_read(store->flash, fk_store_flash_off(store, store->bank, off), store->seq,
                        fk_store_cell_index(off), ret, &blank);
}

/* One transaction behind the end, if a whole one is there. *ret_broken: not even its records are.
 */
static enum fk_status scan_transaction(struct fk_certstore *store, bool *ret_there,
                                       bool *ret_broken)
{
    struct fk_store_head head = {.record = {.last = false}};
    uint32_t limit = fk_store_bank_size(store) - fk_store_trailer(store);
    uint32_t at = store->end;
    enum fk_status st = FK_OK;
    *ret_there = false;
    while (st == FK_OK && !head.record.last) {
        st = fk_store_read_head(store, at, limit, &head);
        at = st == FK_OK ? head.next : at;
    }
    *ret_broken = is_bad(st);
    bool commit = false;
    bool seal = false;
    if (st == FK_OK) {
        st = cell_valid(store, at, &commit);
    }
    if (st == FK_OK) {
        st = cell_valid(store, at + fk_store_trailer(store) / 2, &seal);
    }
    if (st != FK_OK || (!commit && !seal)) {
        return is_bad(st) ? FK_OK : st;
    }
    *ret_there = true;
    store->sealed = seal;
    uint32_t from = store->end;
    store->end = at + fk_store_trailer(store);
    while (from < at) {
        st = fk_store_read_head(store, from, at, &head);
        if (st != FK_OK || !fk_store_note(store, &head)) {
            store->damaged = st == FK_OK || is_bad(st);
            return store->damaged ? FK_OK : st;
        }
        from = head.next;
    }
    return FK_OK;
}

/* What stands behind the end is the torn rest of a transaction that was not committed. If a cell of
 * one is there although its records are broken, they were not torn but have rotted. */
static enum fk_status judge_rest(struct fk_certstore *store, bool broken)
{
    bool blank = true;
    enum fk_status st = fk_store_blank(store, store->bank, store->end, &blank);
    store->sealed = store->sealed && blank;
    if (st != FK_OK || blank || !broken) {
        return st;
    }
    uint32_t cell = fk_cell_size(store->flash->prog_size);
    uint32_t last = fk_store_bank_size(store) - cell;
    for (uint32_t at = store->end; st == FK_OK && at <= last && !store->damaged;
         at += store->flash->prog_size) {
        st = cell_valid(store, at, &store->damaged);
    }
    return st;
}

enum fk_status fk_store_load(struct fk_certstore *store)
{
    struct fk_store_view view[2];
    *store =
        (struct fk_certstore){.flash = store->flash, .region = store->region, .key = store->key};
    for (unsigned i = 0; i < 2; i++) {
        enum fk_status st = fk_store_view(store, i, &view[i]);
        if (st != FK_OK) {
            return st;
        }
    }
    if (!view[0].claims && !view[1].claims) {
        return FK_OK;
    }
    store->bank = !view[0].claims || (view[1].claims && view[1].best > view[0].best);
    const struct fk_store_view *v = &view[store->bank];
    store->found = true;
    store->seq = v->bank.seq;
    store->place = v->place;
    enum fk_status st = scan_base(store, fk_store_first(store) + v->bank.base_len);
    bool broken = false;
    for (bool there = true; st == FK_OK && there && !store->damaged;) {
        st = scan_transaction(store, &there, &broken);
    }
    if (st == FK_OK && !store->damaged) {
        st = judge_rest(store, broken);
    }
    return st == FK_OK && store->damaged ? FK_E_CHECKSUM : st;
}
