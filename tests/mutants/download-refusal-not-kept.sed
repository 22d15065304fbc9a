# firmware/app/download.c: an envelope that is refused while another update is under way leaves no word
s/fk_update_note(j->core, why) == FK_OK/false/
