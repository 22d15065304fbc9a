/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_CORE_STAGE_H
#define FK_CORE_STAGE_H

#include "core/plan.h"

/* Takes an update packet from the network into the staging slot, front to back.
 *
 *   fk_stage_begin, fk_stage_write…, fk_stage_finish            a new download
 *   fk_stage_resume, fk_stage_write…, fk_stage_finish           the rest of an interrupted one
 *
 * A signed envelope comes first: fk_stage_accept() judges everything that can be judged without
 * the payload and stores it; only then is the payload fetched, with `signed_payload` set in its id.
 * Its size is enforced while it comes.
 *
 * The header of an ST packet is judged as soon as it is complete: what policy refuses is refused before the
 * payload is fetched. More bytes than the slot holds are refused when they come, so an endless
 * body ends there. Progress is recorded sector by sector. Nothing here makes anything bootable:
 * the boot stage judges the whole packet after the next reset.
 *
 * After a failed call the download is over: the core is to be opened again (or the device reset)
 * before the next attempt, which may resume. */

/* Where a packet comes from; two downloads with equal source and validator have equal bytes. */
struct fk_stage_id {
    uint8_t source[32]; /* SHA-256 of scheme, host, port and path */
    uint8_t validator[FK_VALIDATOR_MAX];
    uint8_t validator_len; /* 0: the server gives none, such a download cannot be resumed */
    bool signed_payload;   /* of the envelope that was accepted last */
};

struct fk_stage {
    struct fk_core *core;
    struct fk_stage_id id;
    struct fk_accepted accepted; /* what the payload belongs to */
    uint32_t header_size;        /* of the ST packet, or 0 */
    uint8_t header[FK_PACKET_HEADER_MAX];
    uint32_t header_len;  /* received so far */
    uint32_t payload_len; /* received so far */
    uint8_t carry[32];    /* bytes that do not fill a program unit yet */
    uint32_t carry_len;
};

/* May anything be staged at all? FK_E_BUSY while an image is being installed, on trial or reverted;
 * FK_E_NO_STATE. */
enum fk_status fk_stage_possible(const struct fk_core *core) FK_MUST_USE;

/* Judges a signed envelope (head: up to its integrated payload, total_len: with it) and stores it.
 * Also tries whether this device can unwrap the content key. The running image and its envelope
 * are not touched; a download of the same envelope's payload that was interrupted can still be
 * resumed, any other is forgotten. FK_E_BUSY, FK_E_NO_STATE, FK_E_UNSUPPORTED when the device takes
 * no envelopes, FK_E_LIMIT when it does not fit, and all refusals of fk_suit_judge() and
 * fk_suit_unwrap(). *ret_plan borrows head. */
enum fk_status fk_stage_accept(struct fk_core *core, struct fk_slice head, uint32_t total_len,
                               struct fk_suit_plan *ret_plan,
                               struct fk_suit_report *ret_report) FK_MUST_USE;

/* FK_E_BUSY while an image is being installed, on trial or reverted. Forgets an earlier staged
 * packet. The flash is not touched before the header is complete. */
enum fk_status fk_stage_begin(struct fk_stage *s, struct fk_core *core,
                              const struct fk_stage_id *id) FK_MUST_USE;

/* Goes on with an interrupted download from the same source. *ret_id (may be NULL) gets its
 * validator and *ret_offset the packet offset to ask the server for. FK_E_BUSY when there is
 * nothing to go on with: use fk_stage_begin(). */
enum fk_status fk_stage_resume(struct fk_stage *s, struct fk_core *core, const uint8_t source[32],
                               uint32_t *ret_offset) FK_MUST_USE;

/* The next bytes. FK_E_PAYLOAD_SIZE for more than the envelope announced; FK_E_BARE_REFUSED,
 * FK_E_PLAIN_REFUSED or FK_E_NO_KEY once the header is there;
 * FK_E_IMAGE_TOO_BIG. */
enum fk_status fk_stage_write(struct fk_stage *s, const void *p, size_t len) FK_MUST_USE;

/* The packet is complete: the next boot will judge it. FK_E_PAYLOAD_SIZE for less than the
 * envelope announced, FK_E_TRUNCATED when the header is not
 * complete, FK_E_EMPTY without payload, FK_E_IMAGE_ALIGN when its length is impossible. */
enum fk_status fk_stage_finish(struct fk_stage *s) FK_MUST_USE;

#endif
