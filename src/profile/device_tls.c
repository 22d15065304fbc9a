/* SPDX-License-Identifier: Apache-2.0 */
/* What the firmware does of TLS: the first use of the profile that is TLS, within the floor. */
#include "core/tls_floor.h"
#include "fotakit/credential_use.h"
#include "profile/sections.h"

static const struct fk_credential_use *tls_use(const struct fk_profile *p)
{
    for (size_t i = 0; i < p->n_uses; i++) {
        if (p->uses[i].purpose == FK_PURPOSE_TLS) {
            return &p->uses[i];
        }
    }
    return NULL;
}

/* Unknown is checked like known: a guess may only make it stricter. */
static enum fk_peer_name name_rule(enum fk_name_check name)
{
    switch (name) {
    case FK_NAME_NONE:
        return FK_PEER_NAME_NONE;
    case FK_NAME_CN:
        return FK_PEER_NAME_CN;
    case FK_NAME_UNKNOWN:
    case FK_NAME_SAN_OR_CN:
        break;
    }
    return FK_PEER_NAME_SAN_OR_CN;
}

void fk_device_tls(struct fk_profile *p)
{
    struct fk_tls_policy policy = fk_tls_floor_policy();
    const struct fk_credential_use *use = tls_use(p);
    if (use != NULL) {
        uint16_t wanted[FK_TLS_SUITES_MAX];
        for (size_t i = 0; i < use->tls.n_suites; i++) {
            wanted[i] = use->tls.suites[i]->code;
        }
        if (use->tls.published) {
            policy.tls12 = (use->tls.versions & FK_TLS_1_2) != 0;
            policy.tls13 = (use->tls.versions & FK_TLS_1_3) != 0;
        }
        if (use->tls.n_suites > 0) {
            fk_tls_floor_suites(&policy, wanted, use->tls.n_suites);
        } else {
            const struct fk_tls_policy all = fk_tls_floor_policy();
            fk_tls_floor_suites(&policy, all.suites, all.n_suites);
        }
        policy.name = name_rule(use->checks.name);
        policy.dates = use->checks.dates != FK_DATES_NONE;
        policy.root_by_key_id = use->chain.root_found_by == FK_LOOKUP_KEY_ID;
    }
    p->device.tls = policy;
}
