/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_CORE_SUIT_POLICY_H
#define FK_CORE_SUIT_POLICY_H

#include "core/suit_verify.h"
#include "fotakit_fw/device.h"

/* The policy of a device: rules from its profile, keys from provisioning, the counter from its
 * state. Everything pointed to is borrowed and must outlive the policy. */
struct fk_suit_provision {
    const struct fk_trust_anchor *anchors; /* components: bits in the order of fk_suit_bit */
    size_t n_anchors;
    uint8_t threshold; /* of the key set; 0: the profile's. The higher of the two counts */
    struct fk_slice device_id;
    uint64_t counter;
};

/* Bits for fk_trust_anchor.components. */
enum fk_suit_bit { FK_SUIT_MAY_IMAGE = 1, FK_SUIT_MAY_PACKET = 2 };

/* The components of the device alone, in the order of fk_suit_bit. */
void fk_suit_components(const struct fk_device *device,
                        struct fk_component components[FK_COMPONENTS_MAX],
                        struct fk_suit_policy *policy);

/* components: memory for the policy. FK_E_UNSUPPORTED when the device takes no envelopes,
 * FK_E_PROFILE when the result would protect nothing (fk_suit_policy_check()). */
enum fk_status fk_suit_policy_make(const struct fk_device *device,
                                   const struct fk_suit_provision *provision,
                                   struct fk_component components[FK_COMPONENTS_MAX],
                                   struct fk_suit_policy *ret) FK_MUST_USE;

#endif
