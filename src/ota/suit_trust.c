/* SPDX-License-Identifier: Apache-2.0 */
#include "ota/suit_trust.h"

#include "core/keyset.h"
#include "core/suit_policy.h"

static enum fk_status anchors_of_keys(const struct fk_suit_device *d,
                                      struct fk_trust_anchor *anchors, struct fk_error *err)
{
    if (d->n_trusted > FK_TRUST_ANCHORS_MAX) {
        return fk_fail(err, FK_E_LIMIT, "%zu trusted keys, at most %d", d->n_trusted,
                       FK_TRUST_ANCHORS_MAX);
    }
    for (size_t i = 0; i < d->n_trusted; i++) {
        if (d->trusted[i].kind != FK_PUBLIC_P256) {
            return fk_fail(err, FK_E_UNSUPPORTED,
                           "trusted key %zu is an Ed25519 key, which devices do not verify", i + 1);
        }
        anchors[i] = (struct fk_trust_anchor){.kid = {d->trusted[i].kid, FK_KID_SIZE},
                                              .key = {d->trusted[i].bytes, d->trusted[i].len},
                                              .algorithms = FK_SIGN_ESP256 | FK_SIGN_ES256,
                                              .components = FK_SUIT_MAY_IMAGE | FK_SUIT_MAY_PACKET,
                                              .key_sets = true};
    }
    return FK_OK;
}

enum fk_status fk_suit_device_policy(const struct fk_suit_device *d,
                                     struct fk_trust_anchor anchors[FK_TRUST_ANCHORS_MAX],
                                     struct fk_component components[FK_COMPONENTS_MAX],
                                     struct fk_suit_policy *ret, struct fk_error *err)
{
    struct fk_suit_provision provision = {.anchors = anchors,
                                          .n_anchors = d->n_trusted,
                                          .device_id = d->device_id,
                                          .counter = d->counter};
    enum fk_status st = FK_OK;
    if (d->trusted_set != NULL) {
        provision.n_anchors = fk_keyset_anchors(d->trusted_set, anchors);
        provision.threshold = d->trusted_set->threshold;
    } else {
        st = anchors_of_keys(d, anchors, err);
    }
    if (st != FK_OK) {
        return st;
    }
    st = fk_suit_policy_make(&d->profile->device, &provision, components, ret);
    if (st == FK_E_UNSUPPORTED) {
        return fk_fail(err, st, "profile %s has no section 'envelope'", d->profile->name);
    }
    if (st == FK_E_PROFILE) {
        return fk_fail(
            err, st, "profile %s needs %u signatures by different keys, and %zu are trusted",
            d->profile->name, (unsigned)d->profile->device.envelope.threshold, provision.n_anchors);
    }
    return st;
}
