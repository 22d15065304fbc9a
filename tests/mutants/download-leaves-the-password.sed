# firmware/app/http_get.c: the request is not wiped
/fk_wipe(g->buf/d
