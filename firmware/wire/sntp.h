/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_WIRE_SNTP_H
#define FK_WIRE_SNTP_H

#include "fotakit_fw/slice.h"
#include "fotakit_fw/status.h"

#include <stdbool.h>
#include <stdint.h>

/* The two packets of an SNTP client (RFC 4330, RFC 5905 section 14): one question, one answer.
 *
 * The question says nothing but "client, version 4". Its transmit timestamp is a random number, not
 * a time: the server has to send it back as its originate timestamp, so that somebody who does not
 * see the question cannot answer it. Somebody who does see it can: there is no authentication. */

#define FK_SNTP_SIZE 48u
#define FK_SNTP_PORT 123u

void fk_sntp_question(uint64_t cookie, uint8_t ret[FK_SNTP_SIZE]);

/* Judges a datagram; *ret_unix: seconds since 1970, rounded down. Extensions and a digest behind
 * the first 48 bytes are not looked at. Seconds below 2^31 are of the second era, which begins in
 * February 2036 (RFC 4330 section 3): good for 1968 to 2104.
 *
 * *ret_ours: it is a server's answer of version 3 or 4 to this question; anything else is a stray,
 * for which there is no reason to stop waiting.
 *
 * FK_E_SNTP: a stray; a server that has no time itself, or tells us to go away (leap indicator 3,
 * stratum 0, which is a kiss of death, or above 15, a transmit timestamp of zero or before 1970). */
enum fk_status fk_sntp_answer(struct fk_slice datagram, uint64_t cookie, bool *ret_ours,
                              uint64_t *ret_unix) FK_MUST_USE;

#endif
