# firmware/app/arrival.c: a front that is larger than its memory is taken
s/a->need > trust->envelope_cap ? FK_E_SUIT_TOO_BIG : st/a->need > 60000 ? FK_E_SUIT_TOO_BIG : st/
