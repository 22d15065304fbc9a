# firmware/app/console_commands.c: GCFG prints the key
s/    fk_write_text(w, core->state.has_key ? "<set>" : "<not set>");/    fk_write_hex(w, core->state.key, 16);/
