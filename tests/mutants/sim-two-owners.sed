# firmware/port/sim/sim_flash_file.c: the flash file is not locked
s/(writable ? LOCK_EX : LOCK_SH)/LOCK_SH/
