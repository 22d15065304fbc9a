# firmware/app/console_data.c: data that stops coming is waited for
s/    if (fk_console_data_wait_ms(c) == 0) {/    if (fk_console_data_wait_ms(c) > 100000) {/
