/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_CORE_KEYSET_H
#define FK_CORE_KEYSET_H

#include "core/suit_verify.h"
#include "wire/keyset.h"

/* Exchange of trust anchors. A new key set is accepted when
 *
 *   its sequence is above that of the set in use,
 *   the threshold of the set in use has signed it, by keys that may sign key sets,
 *   and so has its own threshold, by its own keys: whoever hands out a set that nobody can use, or
 *   that nobody could replace, is stopped here.
 *
 * A key that is not in the new set is revoked by that. Symmetric keys cannot travel in a set: a
 * device that was provisioned with one loses it with the first exchange.
 *
 * Not done here: storing; that is core/trust.h. */

struct fk_keyset_report {
    struct fk_suit_report by_old, by_new;
};

/* policy: with the anchors in use; sequence: of the set in use. floor: threshold that the profile
 * asks for, whatever the new set says. *ret is written only with FK_OK, and points into bytes.
 * FK_E_ROLLBACK; FK_E_SUIT_DIGEST; FK_E_PROFILE for a set
 * that could protect nothing; FK_E_AUTHORITY when the signers may not sign key sets; and the
 * statuses of signatures. */
enum fk_status fk_keyset_judge(const struct fk_suit_policy *policy, uint64_t sequence,
                               uint8_t floor, struct fk_slice bytes, struct fk_keyset *ret,
                               struct fk_keyset_report *ret_report) FK_MUST_USE;

/* The first set of a device, for the factory: there is no older one to ask, and no sequence to
 * compare. Of policy only the components count. */
enum fk_status fk_keyset_judge_first(const struct fk_suit_policy *policy, uint8_t floor,
                                     struct fk_slice bytes, struct fk_keyset *ret,
                                     struct fk_keyset_report *ret_report) FK_MUST_USE;

/* Anchors of a set; returns how many. */
size_t fk_keyset_anchors(const struct fk_keyset *set,
                         struct fk_trust_anchor ret[FK_TRUST_ANCHORS_MAX]);

#endif
