# firmware/tls/session.c: a session outlives the roots that it was checked with
s/^           s->store_end == store->end &&/           store != NULL \&\&/
