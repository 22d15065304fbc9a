# firmware/app/arrival.c: two random bytes of a packet make it an envelope
s/fk_device_takes_bare(a->core->device) ? FK_ARRIVAL_START : 2/2/
