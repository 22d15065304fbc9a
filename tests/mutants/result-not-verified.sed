# firmware/boot/judge.c: the verdict does not start as failure
s/^    uint32_t v = FK_VERDICT_STAY;$/    uint32_t v = FK_VERDICT_BOOT;/
