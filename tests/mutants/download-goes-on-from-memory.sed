# firmware/app/download.c: the state is not read anew before a download
/^    enum fk_status st = fk_http_request_check/,/^    }/ s/st = reopen(core);/st = core->log.found ? FK_OK : FK_E_NO_STATE;/
