# firmware/app/console_commands.c: TLS modes 1 and 2 are taken for 0
s/^    uint16_t http_status = 0;/    what.tls = false;\n&/
