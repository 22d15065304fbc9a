# firmware/port/sim/sim_flash_file.c: a torn write is complete
s/^    if (cut == FK_SIM_CUT_TORN) {/    if (cut == FK_SIM_CUT_TORN \&\& len == 0) {/
