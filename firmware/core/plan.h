/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_CORE_PLAN_H
#define FK_CORE_PLAN_H

#include "core/slot.h"
#include "core/suit_verify.h"
#include "core/verify.h"
#include "crypto/crypto.h"
#include "fotakit_fw/update.h"

/* What the recorded update asks for, whatever kind it is: a bare ST packet, a signed envelope with
 * an image (raw or encrypted), or a signed envelope with an ST packet in it. The install engine
 * sees only the plan.
 *
 * A plan is made from flash each time: the envelope is loaded and judged again, signatures
 * included, so nothing depends on what an earlier session found. */

/* What makes a device believe a signed envelope. From the profile and from provisioning. */
struct fk_trust {
    struct fk_suit_policy policy; /* its counter is not used: the state's is */
    struct fk_suit_keys keys;
    uint8_t *envelope; /* memory for one envelope up to its integrated payload */
    size_t envelope_cap;
};

struct fk_plan {
    struct fk_image_info image;
    uint32_t payload_len; /* bytes in staging, without the header of an ST packet */
    bool packet;          /* an ST packet: header is valid */
    struct fk_st_header header;
    struct fk_suit_plan suit; /* with an envelope; points into trust->envelope */
    bool encrypted;
    uint8_t key[FK_AES_KEY_SIZE]; /* wipe after use: fk_plan_close() */
    uint8_t counter[FK_AES_BLOCK];
};

/* Checks of both kinds; those that do not apply stay FK_CHECK_NOT_REACHED. */
struct fk_plan_report {
    bool is_signed;
    struct fk_suit_report suit;
    struct fk_st_report packet;
};

/* Judges an envelope against the state's rollback counter. FK_E_BARE_REFUSED is for the opposite:
 * see fk_plan_open(). FK_E_UNSUPPORTED without trust. */
enum fk_status fk_plan_judge(const struct fk_core *core, struct fk_slice head, uint32_t total_len,
                             struct fk_suit_plan *ret, struct fk_suit_report *ret_report)
    FK_MUST_USE;

/* The plan of core->state.update. FK_E_BARE_REFUSED; FK_E_PAYLOAD_SIZE when the recorded payload
 * is not of the announced length; FK_E_NO_KEY and whatever judging and unwrapping refuse. */
enum fk_status fk_plan_open(const struct fk_core *core, struct fk_plan *ret,
                            struct fk_plan_report *report) FK_MUST_USE;

/* Judges the whole staged payload. */
enum fk_status fk_plan_check(struct fk_core *core, const struct fk_plan *plan,
                             struct fk_plan_report *report) FK_MUST_USE;

/* True when every check of the report that this plan needs has passed. */
bool fk_plan_passed(const struct fk_plan *plan, const struct fk_plan_report *report);

void fk_plan_close(struct fk_plan *plan);

/* False for failures of flash, power, memory and crypto library, which say nothing about an update:
 * to be tried again. */
bool fk_plan_is_verdict(enum fk_status st);

/* The envelope of an installed image (the running or the previous one) once more: signatures, and
 * that it is about this image. Its age is no question any more. FK_OK also for the factory's image,
 * for one whose signers were revoked after it was installed (core/trust.h), and for a bare one
 * where bare packets are allowed. */
enum fk_status fk_plan_check_installed(const struct fk_core *core,
                                       const struct fk_image_info *image) FK_MUST_USE;

#endif
