# firmware/core/slot.c: a sector that looks erased is not erased again (rule 7)
s/^    enum fk_status st = flash->erase(flash->ctx, to->off + to_off, to->sector);$/    uint8_t look[64];\
    enum fk_status st = flash->read(flash->ctx, to->off + to_off, look, sizeof look);\
    bool blank = true;\
    for (unsigned k = 0; k < sizeof look; k++) {\
        blank = blank \&\& look[k] == flash->erased;\
    }\
    if (st == FK_OK \&\& !blank) {\
        st = flash->erase(flash->ctx, to->off + to_off, to->sector);\
    }/
