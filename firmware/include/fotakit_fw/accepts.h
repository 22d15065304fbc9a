/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_FW_ACCEPTS_H
#define FOTAKIT_FW_ACCEPTS_H

/* What a build has code for. The host's programs, the simulator and the tests serve every device
 * and have all of it; an image of a board serves one, so profile-gen writes these constants from
 * its profile, and the compiler leaves out what cannot happen there.
 *
 * They decide nothing: whether something is accepted stands in struct fk_device, and is asked for
 * there in every build. Where code is missing after all, the answer is a refusal. */
#ifdef FK_PROFILE_ACCEPTS
#include "profile_accepts.h"
#else
enum {
    FK_ACCEPTS_PACKETS = 1,     /* ST packets, bare or in an envelope */
    FK_ACCEPTS_GCM = 1,         /* AES-GCM: packets, or envelopes' payloads */
    FK_ACCEPTS_ECDH = 1,        /* content keys by ECDH-ES+A128KW */
    FK_ACCEPTS_MAC = 1,         /* envelopes authenticated with HMAC: keys that the product provides */
    FK_INSTALLS_SWAPPING = 1,   /* FK_INSTALL_SWAP */
    FK_INSTALLS_OVERWRITING = 1,
    FK_BOOTS_BY_SIGNATURE = 1   /* FK_BOOT_CHECK_SIGNATURE */
};
#endif

#endif
