# firmware/wire/http_fields.c: a range may stop before the end of the file
s/f->last != f->total - 1/f->last > f->total/
