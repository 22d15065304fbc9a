# firmware/app/download.c: the state is not read anew before a download
s/^        st = reopen(core);/        st = core->log.found ? FK_OK : FK_E_NO_STATE;/
