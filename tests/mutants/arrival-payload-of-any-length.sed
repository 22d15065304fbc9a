# firmware/app/arrival.c: a payload of another length than announced is fetched
s/^    if (r->length_known && r->length != a->core->accepted.payload_len) {/    if (false) {/
