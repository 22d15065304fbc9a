# firmware/wire/http_fields.c: a compressed body is taken as it is
s/    if (f->other_coding) {/    if (f->other_coding \&\& r->minor_0) {/
