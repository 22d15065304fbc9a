/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_APP_DOWNLOAD_H
#define FK_APP_DOWNLOAD_H

#include "app/arrival.h"
#include "app/http_get.h"
#include "fotakit_fw/transport.h"
#include "fotakit_fw/update.h"
#include "wire/http_uri.h"

#include <stdbool.h>
#include <stdint.h>

/* Fetches an update with HTTP and hands it to the staging slot: a signed envelope, or a bare packet
 * where the device takes them; or fetches a signed key set and exchanges the keys that the device
 * trusts (app/arrival.h tells them apart).
 *
 * One call is one download: connect, ask, take the body, close; for an envelope whose payload lies
 * elsewhere, the same again for the payload, at the address that the manifest names
 * (wire/http_uri.h). The envelope is judged completely before a byte of payload is fetched, and
 * what is refused there touches no flash but the state's record of why. After FK_OK the update is
 * STAGED (or the keys are new, report.new_keys) and the boot stage judges it again after the next
 * reset; nothing here makes anything bootable.
 *
 * A payload that was cut off goes on where it was (Range and If-Range). An envelope with the
 * payload in it is then taken from flash and judged anew; an envelope without is fetched anew, and
 * only if it is the same does its payload go on. When the server answers with the whole file or
 * says that there is no such range, the file begins anew, once, in the same call. A file that has
 * changed is another file: never are two of them put together, and if a server lies about that, the
 * digest under the signature tells.
 *
 * Bounds. A body, or what a header promises, is refused above what the device can hold, before a
 * byte is fetched where a length is given; waiting is bounded as app/http_get.h says. Redirects are
 * refused: the console names one host, and only that one may serve the file. A manifest may name
 * another host for its payload, since its word is signed; user and password are for the console's
 * host and port only.
 *
 * What is kept of a failure:
 *   interruption   connection, time-out, short body, flash, power: nothing is recorded, and the
 *                  next call goes on from the last whole sector
 *   answer         a status, a redirect, a malformed or encoded answer, a peer that TLS refuses:
 *                  says nothing about the bytes that are there already, so a half download stays;
 *                  otherwise the reason is recorded in state.last
 *   verdict        the envelope is refused, the file changed, is too big, or its header is against
 *                  policy: what is there from this address is forgotten and the reason is recorded.
 *                  A refused envelope is recorded even while something from elsewhere is under way,
 *                  which stays
 * An older packet that is staged, or a half download from elsewhere, stays until a good envelope or
 * the first byte of a new payload is written.
 *
 * Memory: struct fk_download, and what the core has: an envelope's front lies in trust->envelope.
 * No heap. The deepest stack is the judgement of an envelope (firmware/DESIGN.md, "Memory").
 *
 * Not checked here: who the server is. That is the transport's business (TLS) and, for what is
 * installed, the envelope's and the boot stage's. */

struct fk_download_from {
    const char *host; /* as in wire/http_request.h */
    uint16_t port;
    const char *path;
    const char *user; /* NULL or "": none */
    const char *password;
};

struct fk_download_report {
    uint16_t http_status;  /* of the last answer; 0: there was none */
    uint32_t asked_offset; /* of the last request; 0: the whole file */
    bool resumed;          /* the server sent the rest of an interrupted download */
    bool restarted;        /* there was a half download, but it had to begin anew */
    uint32_t received;     /* bytes that came in this call, in the last answer */
    bool is_signed;        /* it was an envelope, its payload, or a key set */
    bool new_keys;         /* with FK_OK: a key set, which is in use now; nothing was staged */
    bool detached;         /* an envelope was accepted, and its payload asked for elsewhere */
    bool recorded;         /* the failure stands in state.last */
};

/* Memory of one download; all zero at first, and private but for the box. */
struct fk_download {
    struct fk_trust_box *box; /* the port's, of core->trust; NULL: key sets are not taken */
    struct fk_http_get get;
    struct fk_arrival arrival;
    struct fk_http_place payload; /* of an envelope that was accepted */
};

/* core must be open; it is opened again here, because a download begins from what is in flash.
 * *ret_report is written in every case. FK_E_URL; FK_E_BUSY while an image is being installed or
 * on trial; FK_E_NO_STATE; FK_E_INTERNAL for a transport or a clock with a hole; what
 * fk_http_get() fails with and app/arrival.h refuses; FK_E_PAYLOAD_URI when the payload's address
 * is not one that this transport fetches from; FK_E_FLASH, FK_E_CRYPTO. */
enum fk_status fk_download(struct fk_download *d, struct fk_core *core,
                           const struct fk_transport *transport, const struct fk_clock *clock,
                           const struct fk_download_from *from,
                           struct fk_download_report *ret_report) FK_MUST_USE;

#endif
