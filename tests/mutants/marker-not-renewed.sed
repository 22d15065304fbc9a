# firmware/core/state.c: the other bank is erased on the strength of a marker that may be weak (rule 3)
s/^            st = add_marker(core, next);$/            st = FK_OK;/
