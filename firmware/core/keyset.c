/* SPDX-License-Identifier: Apache-2.0 */
#include "core/keyset.h"

#include "core/suit_sign.h"
#include "crypto/crypto.h"

_Static_assert(FK_KEYSET_KEYS_MAX <= FK_TRUST_ANCHORS_MAX, "a key set has more keys than fit");

size_t fk_keyset_anchors(const struct fk_keyset *set,
                         struct fk_trust_anchor ret[FK_TRUST_ANCHORS_MAX])
{
    for (size_t i = 0; i < set->n_keys; i++) {
        const struct fk_keyset_key *k = &set->keys[i];
        ret[i] = (struct fk_trust_anchor){.kid = k->kid,
                                          .key = k->point,
                                          .algorithms = k->algorithms,
                                          .components = k->components,
                                          .key_sets = k->key_sets};
    }
    return set->n_keys;
}

/* Enough signatures by keys that may sign key sets. */
static enum fk_status check_signers(const struct fk_suit_policy *policy,
                                    const struct fk_suit_envelope *parts,
                                    struct fk_suit_report *report)
{
    uint32_t valid = 0;
    unsigned signers = 0;
    enum fk_status st = fk_suit_check_signatures(policy, parts, report, &valid);
    for (size_t i = 0; st == FK_OK && i < policy->n_anchors; i++) {
        signers += (valid >> i & 1) != 0 && policy->anchors[i].key_sets;
    }
    return st == FK_OK && signers < policy->threshold ? FK_E_AUTHORITY : st;
}

/* The set's own keys must be able to use it and to replace it. */
static enum fk_status check_own(const struct fk_suit_policy *policy, const struct fk_keyset *set,
                                uint8_t floor, struct fk_suit_report *report)
{
    struct fk_trust_anchor anchors[FK_TRUST_ANCHORS_MAX];
    struct fk_suit_policy next = *policy;
    next.anchors = anchors;
    next.n_anchors = fk_keyset_anchors(set, anchors);
    /* 0 is for whoever wrote the set to explain; it does not mean "as the profile says". */
    next.threshold = set->threshold > floor || set->threshold == 0 ? set->threshold : floor;
    enum fk_status st = fk_suit_policy_check(&next);
    return st == FK_OK ? check_signers(&next, &set->parts, report) : st;
}

static enum fk_status open_set(struct fk_slice bytes, struct fk_keyset *set)
{
    enum fk_status st = fk_keyset_parse(bytes, set);
    return st == FK_OK ? fk_suit_check_digest(set->parts.manifest_item, set->parts.digest,
                                              FK_E_SUIT_DIGEST)
                       : st;
}

enum fk_status fk_keyset_judge(const struct fk_suit_policy *policy, uint64_t sequence,
                               uint8_t floor, struct fk_slice bytes, struct fk_keyset *ret,
                               struct fk_keyset_report *ret_report)
{
    struct fk_keyset_report report = {.by_old = {.n_valid = 0}};
    struct fk_keyset set;
    enum fk_status st = fk_suit_policy_check(policy);
    if (st == FK_OK) {
        st = open_set(bytes, &set);
    }
    if (st == FK_OK) {
        st = check_signers(policy, &set.parts, &report.by_old);
    }
    if (st == FK_OK && set.sequence <= sequence) {
        st = FK_E_ROLLBACK;
    }
    if (st == FK_OK) {
        st = check_own(policy, &set, floor, &report.by_new);
    }
    if (ret_report != NULL) {
        *ret_report = report;
    }
    if (st == FK_OK) {
        *ret = set;
    }
    return st;
}

enum fk_status fk_keyset_judge_first(const struct fk_suit_policy *policy, uint8_t floor,
                                     struct fk_slice bytes, struct fk_keyset *ret,
                                     struct fk_keyset_report *ret_report)
{
    struct fk_keyset_report report = {.by_old = {.n_valid = 0}};
    struct fk_keyset set;
    enum fk_status st = open_set(bytes, &set);
    if (st == FK_OK) {
        st = check_own(policy, &set, floor, &report.by_new);
    }
    if (ret_report != NULL) {
        *ret_report = report;
    }
    if (st == FK_OK) {
        *ret = set;
    }
    return st;
}
