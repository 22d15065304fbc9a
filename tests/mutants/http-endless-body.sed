# firmware/wire/http_response.c: a body without a length has no limit
s/^    if (r->data_left == 0) {.*/    if (r->data_left == 0) {\n        r->data_left = r->max;\n    }\n    if (r->data_left == 0) {/
