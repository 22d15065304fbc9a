# firmware/app/arrival.c: the answer need not be as long as the envelope
s/^    if (r->length_known && r->length != total) {/    if (false) {/
