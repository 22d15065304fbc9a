/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_CORE_SUIT_SIGN_H
#define FK_CORE_SUIT_SIGN_H

#include "core/suit_verify.h"

/* The authentication blocks of an envelope against the trust anchors. Fills in blocks, n_blocks and
 * n_valid of the report; *ret_valid has bit i for anchor i. A block that cannot be read or is by
 * nobody we know does no harm, as long as enough others are good. When there are too few:
 * FK_E_UNSIGNED without any block, FK_E_THRESHOLD when some are valid, else the reason that comes
 * closest: FK_E_SIGNATURE, FK_E_SIG_ALGORITHM, FK_E_SIGNER, or why a block could not be read. */
enum fk_status fk_suit_check_signatures(const struct fk_suit_policy *policy,
                                        const struct fk_suit_envelope *env,
                                        struct fk_suit_report *report,
                                        uint32_t *ret_valid) FK_MUST_USE;

/* SHA-256 of an item, with the head of its byte string, as received: FK_OK, or `differs`. */
enum fk_status fk_suit_check_digest(struct fk_slice item, struct fk_slice digest,
                                    enum fk_status differs) FK_MUST_USE;

#endif
