# firmware/port/sim/sim_flash_file.c: the power comes back by itself
s/^    f->power_lost = true;/    f->power_lost = f->cut_at == 0;/
