/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit_fw/certstore.h"

#include "core/certstore_log.h"

#include <string.h>

enum fk_status fk_certstore_open(struct fk_certstore *store, const struct fk_device *device,
                                 const struct fk_flash *flash, const uint8_t *device_key)
{
    *store = (struct fk_certstore){.flash = flash, .region = device->map.store, .key = device_key};
    enum fk_status st = fk_flash_check(flash);
    if (st != FK_OK) {
        return st;
    }
    const struct fk_region *r = &store->region;
    if (r->sector == 0 || r->size / r->sector < 2 || r->off > flash->size ||
        r->size > flash->size - r->off || r->sector % flash->prog_size != 0 ||
        fk_store_bank_size(store) <= fk_store_first(store) + fk_store_trailer(store)) {
        return FK_E_GEOMETRY;
    }
    return fk_store_load(store);
}

uint32_t fk_certstore_capacity(const struct fk_certstore *store)
{
    return fk_store_bank_size(store) - fk_store_first(store);
}

uint32_t fk_certstore_room(const struct fk_certstore *store)
{
    return fk_certstore_capacity(store) - store->used;
}

/* ---- looking up --------------------------------------------------------- */

static void entry_of(const struct fk_store_head *head, struct fk_store_entry *ret)
{
    const struct fk_store_record *r = &head->record;
    *ret = (struct fk_store_entry){
        .set = r->set,
        .role = r->role,
        .key_id_len = (uint8_t)r->key_id.len,
        .len = r->data_len,
        .encrypted = r->encrypted,
        .at = head->at,
    };
    memcpy(ret->name, r->name.ptr, r->name.len);
    memcpy(ret->key_id, r->key_id.ptr, r->key_id.len);
}

static bool same_bytes(struct fk_slice a, const void *p, size_t len)
{
    return a.len == len && memcmp(a.ptr, p, len) == 0;
}

enum fk_status fk_certstore_next(const struct fk_certstore *store, uint32_t *at,
                                 struct fk_store_entry *ret)
{
    struct fk_store_head head;
    enum fk_status st = fk_store_walk(store, at, &head);
    if (st == FK_OK) {
        entry_of(&head, ret);
    }
    return st;
}

enum fk_status fk_certstore_find(const struct fk_certstore *store, enum fk_store_set set,
                                 const char *name, struct fk_store_entry *ret)
{
    struct fk_store_head head;
    uint32_t at = 0;
    enum fk_status st = fk_store_walk(store, &at, &head);
    while (st == FK_OK) {
        if (head.record.set == set && same_bytes(head.record.name, name, strlen(name))) {
            entry_of(&head, ret);
            return FK_OK;
        }
        st = fk_store_walk(store, &at, &head);
    }
    return st;
}

enum fk_status fk_certstore_role(const struct fk_certstore *store, enum fk_store_set set,
                                 enum fk_store_role role, struct fk_store_entry *ret)
{
    struct fk_store_head head;
    if (set < FK_STORE_TLS || (unsigned)set > FK_STORE_SETS || role < FK_STORE_CERT ||
        role > FK_STORE_AUTH) {
        return FK_E_STORE_ENTRY;
    }
    uint32_t at = store->roles[set - FK_STORE_TLS][role - FK_STORE_CERT];
    if (!store->found || at == 0 || at >= store->end) {
        return FK_E_STORE_ENTRY;
    }
    enum fk_status st = fk_store_read_head(store, at, store->end, &head);
    if (st == FK_OK) {
        entry_of(&head, ret);
    }
    return st;
}

enum fk_status fk_certstore_anchor(const struct fk_certstore *store, enum fk_store_set set,
                                   struct fk_slice key_id, uint32_t *at, struct fk_store_entry *ret)
{
    struct fk_store_head head;
    uint32_t next = 0;
    if (key_id.len == 0 || key_id.len > FK_STORE_ID_MAX || !store->found) {
        return FK_E_STORE_ENTRY;
    }
    if (*at == 0) {
        next = store->heads[fk_store_bucket(key_id)];
    } else {
        enum fk_status st = fk_store_read_head(store, *at, store->end, &head);
        if (st != FK_OK) {
            return st;
        }
        next = head.record.link;
    }
    for (uint32_t before = store->end; next != 0; before = head.at, next = head.record.link) {
        enum fk_status st = next < before ? fk_store_read_head(store, next, store->end, &head)
                                          : FK_E_CHECKSUM; /* backwards only, or it might not end */
        if (st != FK_OK) {
            return st;
        }
        if (head.record.set == set && same_bytes(head.record.key_id, key_id.ptr, key_id.len)) {
            *at = next;
            entry_of(&head, ret);
            return FK_OK;
        }
    }
    return FK_E_STORE_ENTRY;
}

static enum fk_status read_data(const struct fk_certstore *store, const struct fk_store_head *head,
                                uint8_t *to)
{
    uint8_t digest[FK_SHA256_SIZE];
    uint32_t len = head->record.data_len;
    enum fk_status st = store->flash->read(
        store->flash->ctx, fk_store_flash_off(store, store->bank, head->data), to, len);
    if (st == FK_OK) {
        st = fk_sha256_of(to, len, digest);
    }
    if (st == FK_OK && memcmp(digest, head->record.digest, sizeof digest) != 0) {
        st = FK_E_CHECKSUM;
    }
    if (st == FK_OK && head->record.encrypted) {
        st = fk_store_unseal(store->key, &head->record, to);
    }
    return st;
}

enum fk_status fk_certstore_read(const struct fk_certstore *store,
                                 const struct fk_store_entry *entry, void *buf, size_t cap)
{
    struct fk_store_head head;
    if (entry->len > cap) {
        return FK_E_LIMIT;
    }
    if (!store->found || entry->at < fk_store_first(store) || entry->at >= store->end) {
        return FK_E_STORE_ENTRY;
    }
    enum fk_status st = fk_store_read_head(store, entry->at, store->end, &head);
    if (st == FK_OK && (head.record.set != entry->set || head.record.data_len != entry->len ||
                        !same_bytes(head.record.name, entry->name, strlen(entry->name)))) {
        st = FK_E_STORE_ENTRY; /* of an older set */
    }
    if (st == FK_OK) {
        st = read_data(store, &head, buf);
    }
    if (st != FK_OK) {
        fk_wipe(buf, entry->len);
    }
    return st;
}

/* ---- changing ----------------------------------------------------------- */

static bool collides(const struct fk_store_change *a, const struct fk_store_change *b)
{
    return a->verb == FK_STORE_PUT && b->verb == FK_STORE_PUT && a->item.set == b->item.set &&
           strcmp(a->item.name, b->item.name) == 0;
}

/* Each change by itself and against the others; *ret_len: bytes of the new records. */
static enum fk_status check_changes(const struct fk_certstore *store,
                                    const struct fk_store_change *changes, size_t n,
                                    uint32_t *ret_len)
{
    uint32_t capacity = fk_certstore_capacity(store);
    uint32_t len = 0;
    for (size_t i = 0; i < n; i++) {
        struct fk_store_record record = fk_store_record_of(store, &changes[i].item);
        if (changes[i].verb != FK_STORE_PUT) {
            continue;
        }
        enum fk_status st = fk_store_record_check(&record);
        if (st != FK_OK) {
            return st;
        }
        for (size_t k = 0; k < i; k++) {
            if (collides(&changes[k], &changes[i])) {
                return FK_E_COLLISION;
            }
        }
        if (record.data_len > capacity) { /* before it is added to anything */
            return FK_E_STORE_FULL;
        }
        uint32_t space = fk_store_record_space(store, &record);
        if (space > capacity - len) {
            return FK_E_STORE_FULL;
        }
        len += space;
    }
    *ret_len = len;
    return FK_OK;
}

static enum fk_status check_removals(const struct fk_certstore *store,
                                     const struct fk_store_change *changes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct fk_store_entry entry;
        const struct fk_store_item *item = &changes[i].item;
        if (changes[i].verb != FK_STORE_REMOVE) {
            continue;
        }
        enum fk_status st = fk_certstore_find(store, item->set, item->name, &entry);
        if (st != FK_OK) {
            return st;
        }
    }
    return FK_OK;
}

/* What stays, with keys sealed if there is room for that. */
static enum fk_status plan(const struct fk_certstore *store, struct fk_store_job *job,
                           uint32_t added, struct fk_store_kept *ret)
{
    uint32_t capacity = fk_certstore_capacity(store);
    enum fk_status st = fk_store_measure(store, job, ret);
    if (st == FK_OK && ret->seals && (ret->len > capacity || added > capacity - ret->len)) {
        job->as_it_is = true; /* a seal is no reason to refuse a change */
        st = fk_store_measure(store, job, ret);
    }
    return st;
}

enum fk_status fk_certstore_apply(struct fk_certstore *store, const struct fk_store_change *changes,
                                  size_t n)
{
    struct fk_store_job job = {.changes = changes, .n = n};
    struct fk_store_kept kept;
    uint32_t added = 0;
    enum fk_status st = check_changes(store, changes, n, &added);
    if (st == FK_OK) {
        st = fk_certstore_settle(store);
    }
    if (st == FK_OK) {
        st = check_removals(store, changes, n);
    }
    if (st == FK_OK) {
        st = plan(store, &job, added, &kept);
    }
    if (st != FK_OK) {
        return st;
    }
    bool drops = kept.drops || kept.seals;
    if (!drops && added == 0) {
        return FK_OK;
    }
    uint32_t trailer = fk_store_trailer(store);
    if (!store->found) { /* the first claim may be weak: then nothing must depend on it */
        static const struct fk_store_job nothing = {.n = 0};
        st = fk_store_rebuild(store, &nothing, 0);
        if (st != FK_OK) {
            return st;
        }
    }
    uint32_t behind = fk_store_bank_size(store) - store->end;
    if (!drops && store->fresh && behind >= trailer && added <= behind - trailer) {
        return fk_store_append(store, &job);
    }
    if (added > fk_certstore_capacity(store) - kept.len) {
        return FK_E_STORE_FULL;
    }
    return fk_store_rebuild(store, &job, kept.len + added);
}

enum fk_status fk_certstore_put(struct fk_certstore *store, const struct fk_store_item *item)
{
    const struct fk_store_change change = {.verb = FK_STORE_PUT, .item = *item};
    return fk_certstore_apply(store, &change, 1);
}

enum fk_status fk_certstore_remove(struct fk_certstore *store, enum fk_store_set set,
                                   const char *name)
{
    const struct fk_store_change change = {.verb = FK_STORE_REMOVE,
                                           .item = {.set = set, .name = name}};
    return fk_certstore_apply(store, &change, 1);
}

enum fk_status fk_certstore_wipe(struct fk_certstore *store)
{
    static const struct fk_store_change all[] = {
        {.verb = FK_STORE_REMOVE_SET, .item = {.set = FK_STORE_TLS}},
        {.verb = FK_STORE_REMOVE_SET, .item = {.set = FK_STORE_WPA}},
        {.verb = FK_STORE_REMOVE_SET, .item = {.set = FK_STORE_CONFIG}},
    };
    const struct fk_store_job job = {.changes = all, .n = sizeof all / sizeof all[0]};
    enum fk_status st = fk_certstore_settle(store);
    if (st == FK_OK) {
        st = fk_certstore_apply(store, all, job.n);
    } else if (st == FK_E_CHECKSUM) {
        store->end = fk_store_first(store); /* nothing stays, so nothing needs to be read */
        store->spare_clean = false;
        st = fk_store_rebuild(store, &job, 0);
    }
    /* FK_E_LIMIT: no higher claim can be made. No store of ours lives that long. */
    return st == FK_E_LIMIT ? fk_store_format(store) : st;
}
