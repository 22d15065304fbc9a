# firmware/app/console_data.c: data with keys stays in memory
/fk_wipe(c->core->work/d
