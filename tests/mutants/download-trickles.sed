# firmware/app/http_get.c: the lowest rate is not kept
s/    if (elapsed >= allowed) {/    if (elapsed >= allowed * 1000) {/
