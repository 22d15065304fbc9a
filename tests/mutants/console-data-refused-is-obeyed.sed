# firmware/app/console_data.c: data of a refused command becomes commands
s/ || len == 0) {/ || len > 0) {/
