/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_OTA_SUIT_TRUST_H
#define FK_OTA_SUIT_TRUST_H

#include "fotakit/envelope.h"

/* The policy of a device at the desk. anchors and components: memory for the policy. */
enum fk_status fk_suit_device_policy(const struct fk_suit_device *d,
                                     struct fk_trust_anchor anchors[FK_TRUST_ANCHORS_MAX],
                                     struct fk_component components[FK_COMPONENTS_MAX],
                                     struct fk_suit_policy *ret, struct fk_error *err) FK_MUST_USE;

/* "1 of 2; signed by …; trusted: …" */
#define FK_SUIT_SIGNERS_TEXT 900
void fk_suit_signers_text(const struct fk_suit_policy *policy, const struct fk_suit_report *report,
                          char ret[FK_SUIT_SIGNERS_TEXT]);

#endif
