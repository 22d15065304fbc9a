# firmware/app/console_commands.c: TLS modes 1 and 2 are taken for 0
s/    if (!check_tls(c, a\[4\])) {/    if (a[4] == NULL) {/
