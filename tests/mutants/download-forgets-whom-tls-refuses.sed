# firmware/app/download.c: a server that TLS does not trust costs a half download
s/return refused ? ANSWER : INTERRUPTED;/return refused ? VERDICT : INTERRUPTED;/
