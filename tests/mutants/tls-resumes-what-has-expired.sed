# firmware/tls/session.c: a session outlives the certificates that it was checked with
s/ && tls->now <= s->until);/);/
