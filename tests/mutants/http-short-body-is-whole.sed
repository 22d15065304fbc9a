# firmware/wire/http_response.c: a connection that ends in the body completes it
s/r->stage == FK_HTTP_BODY && r->until_close/r->stage == FK_HTTP_BODY/
