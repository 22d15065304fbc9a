# firmware/app/console_config.c: GCFG prints passwords
s/v->secret ? is_set(value\[0\] != '\\0') : value/value/
