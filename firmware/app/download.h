/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_APP_DOWNLOAD_H
#define FK_APP_DOWNLOAD_H

#include "core/stage.h"
#include "fotakit_fw/transport.h"
#include "fotakit_fw/update.h"
#include "wire/http_response.h"

#include <stdbool.h>
#include <stdint.h>

/* Fetches an update packet with HTTP and hands it to the staging slot.
 *
 * One call is one download: connect, ask, take the body, close. A download of the same file that
 * was cut off goes on where it was (Range and If-Range); when the server answers with the whole
 * file or says that there is no such range, it begins anew, once, in the same call. After FK_OK
 * the packet is STAGED and the boot stage judges it after the next reset; nothing here makes
 * anything bootable.
 *
 * Bounds. A body, or what a header promises, is refused above packet header plus slot, before a
 * byte is fetched where a length is given. Waiting ends after device->connect_timeout_ms and
 * idle_timeout_ms; a server that trickles is stopped by device->minimum_rate, which a download
 * must average once the first idle_timeout_ms is over. Redirects are refused: the console names
 * one host, and only that one may serve the firmware.
 *
 * What is kept of a failure:
 *   interruption   connection, time-out, short body, flash, power: nothing is recorded, and the
 *                  next call goes on from the last whole sector
 *   answer         a status, a redirect, a malformed or encoded answer: says nothing about the
 *                  bytes that are there already, so a half download stays; otherwise the reason is
 *                  recorded in state.last
 *   verdict        the file changed, is too big, or its header is against policy: what is there is
 *                  forgotten and the reason is recorded
 * An older packet that is staged, or a half download from elsewhere, stays until the first byte of
 * a new payload is written.
 *
 * Memory: struct fk_download, under 3 KiB, and what the core has; no heap. Stack: 1.9 KiB in our
 * code below fk_download() (Cortex-M4, -Os), deepest where it reads the state anew; the crypto
 * library's SHA-256 comes on top.
 *
 * Not checked here: who the server is. That is the transport's business (TLS) and, for what is
 * installed, the boot stage's. */

struct fk_download_from {
    const char *scheme; /* "http", or "https" when the transport is TLS: part of the identity */
    const char *host;   /* as in wire/http_request.h */
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
    uint32_t received;     /* bytes of the packet that came in this call, in the last answer */
    bool recorded;         /* the failure stands in state.last */
};

#define FK_DOWNLOAD_BUF 2048u

/* Memory of one download; private. */
struct fk_download {
    struct fk_http_response response;
    struct fk_stage stage;
    uint8_t source[32];
    uint8_t buf[FK_DOWNLOAD_BUF];
};

/* core must be open; it is opened again here, because a download begins from what is in flash.
 * *ret_report is written in every case. FK_E_URL; FK_E_BUSY while an image is being installed or
 * on trial; FK_E_NO_STATE; FK_E_CONNECT, FK_E_TIMEOUT, FK_E_NETWORK; FK_E_HTTP_…; what
 * fk_stage_write() and fk_stage_finish() refuse; FK_E_FLASH, FK_E_CRYPTO. */
enum fk_status fk_download(struct fk_download *d, struct fk_core *core,
                           const struct fk_transport *transport, const struct fk_clock *clock,
                           const struct fk_download_from *from,
                           struct fk_download_report *ret_report) FK_MUST_USE;

#endif
