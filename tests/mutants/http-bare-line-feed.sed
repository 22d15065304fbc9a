# firmware/wire/http_response.c: a line feed ends a line without a carriage return
s/^    if (r->saw_cr) {/    if (r->saw_cr || c == '\\n') {/
