# firmware/app/console_certs.c: a root cannot be found by its key identifier
s/role == FK_STORE_CA ? id_len : 0/0 * id_len/
