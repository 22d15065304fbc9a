# firmware/wire/http_fields.c: a range may begin anywhere
s/f->first != r->asked.offset/f->first > f->last/
