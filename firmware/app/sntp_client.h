/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_APP_SNTP_CLIENT_H
#define FK_APP_SNTP_CLIENT_H

#include "fotakit_fw/transport.h"
#include "fotakit_fw/wall_clock.h"

#include <stddef.h>
#include <stdint.h>

/* Sets the clock from a time server (wire/sntp.h).
 *
 * Asks up to FK_SNTP_TRIES times and waits FK_SNTP_WAIT_MS for each answer; datagrams that do not
 * fit the question are dropped without ending the wait, FK_SNTP_STRAYS of them at most. A server
 * that answers without a time is not asked again (kiss of death, RFC 5905 section 7.4). Rounding
 * and the way make the result up to a second plus half the round trip early.
 *
 * The answer is not authenticated: whoever sits on the way to the server can set the clock, and so
 * make an expired certificate valid again. Where that matters, the time comes from AT+S.TIME. */

#define FK_SNTP_TRIES   3u
#define FK_SNTP_STRAYS  8u
#define FK_SNTP_WAIT_MS 3000u

/* udp: a datagram transport, opened and closed here. host as in wire/http_request.h. FK_E_CONNECT;
 * FK_E_TIMEOUT; FK_E_NETWORK; FK_E_SNTP: only answers that could not be used; FK_E_RANDOM: no
 * random numbers (fk_crypto_use_random()), so no question that could not be guessed. On failure the
 * clock is as it was. */
enum fk_status fk_sntp_ask(const struct fk_transport *udp, const struct fk_clock *clock,
                           const char *host, uint16_t port, struct fk_wall_clock *wall) FK_MUST_USE;

#endif
