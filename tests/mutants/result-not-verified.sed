# firmware/boot/judge.c: the image in primary is started without a look at it
s/^    if (exempt(core)) {$/    if (core->log.found) {/
