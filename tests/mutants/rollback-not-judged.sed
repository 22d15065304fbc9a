# firmware/core/plan.c: the rollback counter of the state is not used
s/core->state\.counter/0/
