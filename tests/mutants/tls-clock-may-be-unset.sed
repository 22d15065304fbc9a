# firmware/tls/tls.c: without a clock a connection is opened all the same
s/^    enum fk_status st = read_clock(tls);.*/    enum fk_status st = read_clock(tls) == FK_OK ? FK_OK : FK_OK;/
