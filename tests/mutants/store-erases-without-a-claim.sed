# firmware/core/certstore_write.c: the loser is erased although the winner's claim may be weak
s/    if (store->claimed || !other->usable.*/    if (other != NULL) {/
