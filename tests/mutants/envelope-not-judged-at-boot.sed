# firmware/core/plan.c: at boot the stored envelope is believed without its signatures
s/^    return st == FK_OK ? fk_plan_judge(core, stored.head, stored.total_len, ret, report) : st;$/    struct fk_suit_policy any = core->trust->policy; (void)any;\
    enum fk_status judged = st == FK_OK ? fk_plan_judge(core, stored.head, stored.total_len, ret, report) : st;\
    return judged == FK_E_ROLLBACK ? judged : FK_OK;/
