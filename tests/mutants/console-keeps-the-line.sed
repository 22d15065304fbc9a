# firmware/app/console.c: lines with keys stay in memory
/fk_wipe(c->line/d
