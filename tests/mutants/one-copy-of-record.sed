# firmware/core/state.c: only one copy of the record is read
s/copy < COPIES && (st == FK_E_CHECKSUM/copy < 1 \&\& (st == FK_E_CHECKSUM/
