# firmware/wire/http_fields.c: a length beside chunks is ignored
s/f->has_coding && (f->has_length || r->minor_0)/f->has_coding \&\& r->minor_0/
