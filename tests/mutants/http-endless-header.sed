# firmware/wire/http_response.c: the header has no limit in bytes
s/    if (counted && ++r->head_len > FK_HTTP_HEAD_MAX) {/    if (counted \&\& r->head_len > FK_HTTP_HEAD_MAX) {/
