/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_CRYPTO_DIGEST_H
#define FK_CRYPTO_DIGEST_H

#include "fotakit/error.h"
#include "fotakit_fw/slice.h"

/* One-shot digests by name, for identifiers and fingerprints. */

enum fk_digest { FK_DIGEST_SHA1, FK_DIGEST_SHA256, FK_DIGEST_SHA384, FK_DIGEST_SHA512 };
#define FK_DIGEST_MAX 64 /* bytes */

/* ret has room for the digest: 20, 32, 48 or 64 bytes. */
enum fk_status fk_digest(enum fk_digest d, struct fk_slice bytes, uint8_t *ret,
                         struct fk_error *err) FK_MUST_USE;

#endif
