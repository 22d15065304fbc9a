# firmware/core/certstore.c: the first set of all depends on one claim
s/^    if (!store->found) { .*/    if (added == 0) {/
s/^    uint32_t behind = .*/    uint32_t behind = store->found ? fk_store_bank_size(store) - store->end : 0;/
