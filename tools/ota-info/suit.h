/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TOOLS_OTA_INFO_SUIT_H
#define FK_TOOLS_OTA_INFO_SUIT_H

#include "cli.h"

#include "fotakit/envelope.h"

/* ota-info for signed envelopes. */

struct suit_options {
    struct fk_texts trust;
    const char *device_key, *kek, *passin, *payload, *counter;
};

const char *verdict_text(enum fk_check verdict);

/* The name of an option that was given and belongs to envelopes only, or NULL. */
const char *suit_option_given(const struct suit_options *o);

enum fk_status suit_show(const struct suit_options *o, const char *file,
                         const struct fk_profile *profile, bool verify, bool json,
                         struct fk_error *err);

#endif
