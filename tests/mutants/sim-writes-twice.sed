# firmware/port/sim/sim_flash_file.c: units that are not erased can be written
s/^        st = check_blank(f, off, len);/        st = len > 0 ? FK_OK : check_blank(f, off, len);/
