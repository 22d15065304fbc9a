# firmware/app/download.c: the lowest rate is not kept
s/    if (elapsed >= allowed) {/    if (elapsed >= allowed * 1000) {/
