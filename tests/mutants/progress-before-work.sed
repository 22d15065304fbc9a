# firmware/core/install.c: a step is recorded before it is done
/^enum fk_status fk_install_run/,/^}/{
s/^        st = do_step(core, step, &cipher);$/        st = fk_state_step(core);/
t
s/^            st = fk_state_step(core);$/            st = do_step(core, step, \&cipher);/
}
