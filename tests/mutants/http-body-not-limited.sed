# firmware/wire/http_fields.c: a length above the slot is believed
s/f->length > r->max/f->length > UINT32_MAX/
