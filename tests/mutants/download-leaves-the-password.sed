# firmware/app/download.c: the request is not wiped
/fk_wipe(j->d->buf/d
