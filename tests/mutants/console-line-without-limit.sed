# firmware/app/console.c: a line above the limit is cut off and obeyed
s/^        c->mode = FK_CONSOLE_OVERLONG;/        c->mode = FK_CONSOLE_LINE;/
