/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_APP_ARRIVAL_H
#define FK_APP_ARRIVAL_H

#include "app/http_get.h"
#include "core/stage.h"
#include "core/trust.h"
#include "wire/suit.h"

/* What comes in the body of an answer, recognised by its first bytes and led to the staging slot:
 *
 *   signed envelope   its front goes to trust->envelope, is judged as soon as it is there, and only
 *                     then is a byte of payload taken: the one behind it, streamed to staging, or
 *                     one that is fetched from elsewhere
 *   signed key set    to trust->envelope as well, and when all of it is there, it replaces the keys
 *                     that the device trusts (core/trust.h). Nothing is staged
 *   bare ST packet    to staging, where the device's policy allows bare packets
 *
 * A body is one of the first two when it begins like one: d8 6b, or 83 6c. Where bare packets are
 * allowed, it has to go on as all of them do (FORMAT.md), with a2 to a5, 02, 58 or 59, or with
 * "fot". A packet begins with random bytes, and one in 2^37 looks like that. */

#define FK_ARRIVAL_START 5u

enum fk_arrival_part {
    FK_ARRIVAL_AT_START, /* too few bytes to tell what it is */
    FK_ARRIVAL_AT_FRONT, /* of an envelope */
    FK_ARRIVAL_AT_KEYS,  /* of a key set */
    FK_ARRIVAL_AT_PAYLOAD,
    FK_ARRIVAL_AT_END /* of an envelope whose payload is elsewhere */
};

struct fk_arrival {
    /* Set by the caller for each answer. */
    struct fk_core *core;
    struct fk_trust_box *box; /* of core->trust; NULL: key sets are not taken */
    const struct fk_http_response *response;
    uint8_t source[32]; /* fk_stage_id.source */
    bool detached;      /* the body is the payload of the envelope that was accepted */

    /* Results. The plan is valid from FK_ARRIVAL_AT_END on, or with an integrated payload, and
     * borrows trust->envelope. */
    enum fk_arrival_part part;
    struct fk_stage stage;
    bool is_signed; /* an envelope or a key set came, and was judged good or is being judged */
    struct fk_suit_plan plan;
    struct fk_suit_report report;

    /* Private. */
    uint32_t have; /* bytes of start, or in trust->envelope */
    size_t need;
    uint8_t start[FK_ARRIVAL_START];
};

/* For fk_http_get(). A 206 goes on with `stage` as it is; anything else begins anew.
 * FK_E_BARE_REFUSED; for an envelope, FK_E_UNSUPPORTED where the device takes none and FK_E_KEYS
 * where it has no keys to judge it with; FK_E_SUIT_TOO_BIG when its front is larger than
 * trust->envelope_cap; FK_E_TRUNCATED and FK_E_TRAILING when the answer is not as long as the
 * envelope; FK_E_PAYLOAD_SIZE when it is not as long as the payload; FK_E_HTTP_CHANGED when the
 * rest is not as long as what is missing; and what fk_stage_accept(), fk_stage_begin() and
 * fk_stage_write() refuse. */
struct fk_http_sink fk_arrival_sink(struct fk_arrival *a);

/* The whole body came. FK_E_TRUNCATED when it was no whole envelope; what fk_stage_finish() and
 * fk_trust_replace() refuse. FK_OK with FK_ARRIVAL_AT_END: the payload is still to be fetched; with
 * FK_ARRIVAL_AT_KEYS: the keys have been exchanged. */
enum fk_status fk_arrival_finish(struct fk_arrival *a) FK_MUST_USE;

#endif
