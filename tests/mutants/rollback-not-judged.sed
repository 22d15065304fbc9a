# firmware/core/plan.c: the rollback counter of the state is not used
s/^    policy.counter = core->state.counter;$/    policy.counter = 0;/
