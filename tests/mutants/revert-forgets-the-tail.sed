# firmware/core/install.c: going back copies one sector too few
s/s->step < s->revert_sectors/s->step + 1 < s->revert_sectors/
