/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_CORE_TLS_FLOOR_H
#define FK_CORE_TLS_FLOOR_H

#include "fotakit_fw/device.h"

/* The least that TLS must be here, whatever a profile says: TLS 1.2 or 1.3, a fresh Diffie-Hellman
 * exchange on an elliptic curve, AES-GCM (RFC 9325). TLS 1.0 and 1.1, 3DES and SEED are broken or
 * forbidden (RFC 8996, SP 800-131A); CBC and key transport with RSA have been attacked too often,
 * and a peer that has nothing else is a peer to replace. */

/* The floor allows the suite with this code point. */
bool fk_tls_floor_takes(uint16_t suite);

/* What the core offers where a profile says nothing: everything the floor allows, names by RFC
 * 6125, dates. */
struct fk_tls_policy fk_tls_floor_policy(void);

/* Keeps the suites of `wanted` that the floor allows, in the floor's order; those of TLS 1.3, which
 * older lists cannot name, go with policy->tls13. */
void fk_tls_floor_suites(struct fk_tls_policy *policy, const uint16_t *wanted, size_t n);

#endif
