# firmware/tls/trust.c: one of several common names is enough
s/^    return n == 1 && same_host(cn, name);/    return n >= 1 \&\& same_host(cn, name);/
