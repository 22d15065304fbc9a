# firmware/app/console.c: an LF behind the CR is not taken as the first byte of data
s/c->skip_lf = c->skip_lf && c->mode != FK_CONSOLE_DATA;/if (c->mode == FK_CONSOLE_DATA) { c->data.got++; }/
