# firmware/wire/http_fields.c: the last of several lengths counts
s/return once && number/return (once || number) \&\& number/
