/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TOOLS_OTA_INFO_SUIT_H
#define FK_TOOLS_OTA_INFO_SUIT_H

#include "cli.h"

#include "fotakit/envelope.h"
#include "fotakit/keyset.h"

/* ota-info for signed envelopes. */

struct suit_options {
    struct fk_texts trust;
    const char *trust_set, *device_key, *device_id, *kek, *passin, *payload, *counter;
};

const char *verdict_text(enum fk_check verdict);

/* The name of an option that was given and belongs to envelopes only, or NULL. */
const char *suit_option_given(const struct suit_options *o);

/* Keys that stand for those of a device: --trust, or --trust-set. */
struct suit_trust {
    struct fk_public_key keys[FK_TRUST_ANCHORS_MAX];
    struct fk_keyset_file set;
};
enum fk_status suit_trust_open(const struct suit_options *o, struct suit_trust *t,
                               struct fk_suit_device *d, struct fk_error *err);
void suit_trust_close(struct suit_trust *t);

/* A key set; with verify also whether a device would take it: one with the trusted keys, or a new
 * one when none are given. */
enum fk_status keyset_show(const struct suit_options *o, const char *file,
                           const struct fk_profile *profile, bool verify, bool json,
                           struct fk_error *err);

enum fk_status suit_show(const struct suit_options *o, const char *file,
                         const struct fk_profile *profile, bool verify, bool json,
                         struct fk_error *err);

#endif
