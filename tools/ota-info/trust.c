/* SPDX-License-Identifier: Apache-2.0 */
#include "suit.h"

#define TOOL "ota-info"

enum fk_status suit_trust_open(const struct suit_options *o, struct suit_trust *t,
                               struct fk_suit_device *d, struct fk_error *err)
{
    enum fk_status st = FK_OK;
    if ((o->trust.n == 0) == (o->trust_set == NULL) || o->trust.n > FK_TRUST_ANCHORS_MAX) {
        return fk_fail(err, FK_E_USAGE,
                       "--verify needs what the device trusts: 1 to %d --trust PUB.pem, or "
                       "--trust-set FILE (see " TOOL " --help)",
                       FK_TRUST_ANCHORS_MAX);
    }
    for (size_t i = 0; st == FK_OK && i < o->trust.n; i++) {
        st = fk_public_key_read(o->trust.at[i], &t->keys[i], err);
    }
    d->trusted = t->keys;
    d->n_trusted = o->trust.n;
    if (st == FK_OK && o->trust_set != NULL) {
        st = fk_wrap(err, fk_keyset_file_open(&t->set, o->trust_set, err), "--trust-set");
        d->trusted_set = &t->set.set;
    }
    return st;
}

void suit_trust_close(struct suit_trust *t)
{
    fk_keyset_file_close(&t->set);
}
