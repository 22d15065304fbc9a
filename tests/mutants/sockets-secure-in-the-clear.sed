# firmware/app/sockets.c: a secure socket is opened without TLS where there is none
s/    if ((want->secure && s->tls == NULL)/    if ((want->secure \&\& s->tls == NULL \&\& want->port == 0)/
