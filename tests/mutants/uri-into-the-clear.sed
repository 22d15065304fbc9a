# firmware/wire/http_uri.c: any scheme is fetched through the transport that is there
s/(!fk_http_same_word(p.scheme, base->scheme) || !p.has_authority)/!p.has_authority/
