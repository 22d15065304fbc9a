# firmware/core/install.c: a step is recorded before it is done
/^static enum fk_status run_steps/,/^}/{
s/^        st = do_step(core, step, plan);$/        st = fk_state_step(core);/
t
s/^            st = fk_state_step(core);$/            st = do_step(core, step, plan);/
}
