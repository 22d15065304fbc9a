/* SPDX-License-Identifier: Apache-2.0 */
/* What stays of a set when it is written anew, and in what form. */
#include "core/certstore_log.h"

#include <string.h>

bool fk_store_dropped(const struct fk_store_job *job, const struct fk_store_record *record)
{
    for (size_t i = 0; i < job->n; i++) {
        const struct fk_store_item *item = &job->changes[i].item;
        bool named = item->name != NULL && strlen(item->name) == record->name.len &&
                     memcmp(item->name, record->name.ptr, record->name.len) == 0;
        if (item->set == record->set && (named || job->changes[i].verb == FK_STORE_REMOVE_SET)) {
            return true;
        }
    }
    return false;
}

enum fk_status fk_store_renew(const struct fk_certstore *store, const struct fk_store_job *job,
                              const struct fk_store_head *head, struct fk_store_record *ret,
                              bool *ret_seal)
{
    const struct fk_store_source source = {.from = store, .at = head->data};
    bool seal = store->key != NULL && !job->as_it_is && head->record.role == FK_STORE_KEY &&
                !head->record.encrypted;
    enum fk_status st = seal ? fk_store_intact(&head->record, &source, &seal) : FK_OK;
    *ret = head->record;
    ret->last = false;
    ret->encrypted = ret->encrypted || seal;
    *ret_seal = seal;
    return st;
}

enum fk_status fk_store_measure(const struct fk_certstore *store, const struct fk_store_job *job,
                                struct fk_store_kept *ret)
{
    struct fk_store_head head;
    uint32_t at = 0;
    *ret = (struct fk_store_kept){.len = 0};
    enum fk_status st = fk_store_walk(store, &at, &head);
    for (; st == FK_OK; st = fk_store_walk(store, &at, &head)) {
        struct fk_store_record record;
        bool seal = false;
        if (fk_store_dropped(job, &head.record)) {
            ret->drops = true;
            continue;
        }
        st = fk_store_renew(store, job, &head, &record, &seal);
        if (st != FK_OK) {
            return st;
        }
        ret->len += fk_store_record_space(store, &record);
        ret->seals = ret->seals || seal;
    }
    return st == FK_E_STORE_ENTRY ? FK_OK : st;
}
