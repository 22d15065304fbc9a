# firmware/boot/boot.c: boots on trial are not counted
s/^    core->state.boots_left--;$/    (void)0;/
