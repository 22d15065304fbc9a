/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_WIRE_HTTP_RESPONSE_H
#define FK_WIRE_HTTP_RESPONSE_H

#include "fotakit_fw/slice.h"
#include "fotakit_fw/status.h"
#include "fotakit_fw/update.h"
#include "wire/http_request.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads the answer to the one request of a download (RFC 9110, RFC 9112) as it comes, in pieces of
 * any size, and judges whether it is what was asked for. Everything in it is hostile.
 *
 *     fk_http_response_init(&r, &request.range, max);
 *     while (there are bytes) {
 *         st = fk_http_response_feed(&r, bytes, &used, &body);     until all bytes are used
 *         r.stage has left FK_HTTP_HEAD: r.status, r.length and r.validator are final
 *         body: the next bytes of the file
 *         r.stage is FK_HTTP_DONE: complete; what follows is not ours
 *     }
 *     the peer closes: fk_http_response_end(&r)
 *
 * Memory is this structure; nothing is kept of the body. The first failure sticks.
 *
 * Accepted: 200, and 206 when a range was asked for. A server may answer 200 to a range request;
 * then the body is the whole file again. Up to four interim answers (1xx but 101) are skipped.
 * The body ends by Content-Length, by chunked coding, by the range, or when the peer closes; in
 * this last case nobody can tell whether it is complete, which the digest of the packet has to.
 *
 * Refused, in short:
 *   status lines and fields that are not what RFC 9112 says; lines end in CR LF, a bare CR or LF is
 *   refused, so that no two readers see different lines; obsolete folding; space before the colon
 *   a repeated Content-Length, Transfer-Encoding, Content-Range, ETag, Last-Modified or Date, even
 *   with equal values; Content-Length together with Transfer-Encoding
 *   any transfer coding but chunked, any content coding but identity
 *   more than max bytes: by Content-Length or Content-Range before a byte of the body is taken
 *   a range that does not begin at the offset asked for, does not go to the end of the file, or is
 *   of a file whose validator differs
 *   a header (interim answers and trailer included) above FK_HTTP_HEAD_MAX bytes,
 *   FK_HTTP_FIELDS_MAX fields or FK_HTTP_LINE_MAX bytes in a line; a line that matters, or that
 *   begins a chunk, above FK_HTTP_KEPT_MAX bytes
 *
 * Chunk extensions and trailer fields are bounded, checked for control characters, and ignored. */

#define FK_HTTP_LINE_MAX    8192u
#define FK_HTTP_KEPT_MAX    160u
#define FK_HTTP_FIELDS_MAX  64u
#define FK_HTTP_HEAD_MAX    16384u
#define FK_HTTP_INTERIM_MAX 4u
#define FK_HTTP_DATE_LEN    29u /* "Sun, 06 Nov 1994 08:49:37 GMT" */

enum fk_http_stage { FK_HTTP_HEAD, FK_HTTP_BODY, FK_HTTP_DONE };

/* What the header said. Lengths are 64 bits here and checked against max before they are used. */
struct fk_http_fields {
    bool has_length, has_coding, has_range, has_etag, has_modified, has_date;
    bool other_coding; /* a transfer or content coding that was not asked for */
    uint64_t length;
    uint64_t first, last, total; /* of Content-Range */
    uint8_t modified[FK_HTTP_DATE_LEN];
    uint8_t date[FK_HTTP_DATE_LEN];
};

struct fk_http_response {
    /* Results. */
    enum fk_http_stage stage;
    uint16_t status;   /* of the last status line, also of a refused one; 0: none yet */
    bool length_known; /* from FK_HTTP_BODY on */
    uint32_t length;   /* bytes of this body, when known */
    uint32_t received; /* bytes of this body so far */
    /* Strong validator of the file: an entity tag, or a Last-Modified date where there is no tag
     * at all and the answer is of a later second (RFC 9110 8.8.2.2). Length 0: none, such a
     * download cannot be resumed; too long ones and weak ones count as none. */
    uint8_t validator_len;
    uint8_t validator[FK_VALIDATOR_MAX];

    /* Internal. */
    enum fk_status st;
    struct fk_http_range asked;
    uint32_t max;
    struct fk_http_fields fields;
    uint8_t line_kind; /* what the line being read is */
    uint8_t interim;   /* interim answers so far */
    bool minor_0;      /* HTTP/1.0 */
    bool saw_cr;
    bool in_data; /* bytes of the body come next, not a line */
    bool until_close;
    uint32_t data_left; /* of the body or of the chunk */
    uint32_t head_len;  /* bytes of all lines but chunk sizes */
    uint32_t line_len;  /* bytes of this line; the first FK_HTTP_KEPT_MAX are kept */
    uint32_t n_fields;
    uint8_t line[FK_HTTP_KEPT_MAX];
};

/* asked: what the request asked for; its validator is borrowed. max: bytes that the whole file may
 * have. */
void fk_http_response_init(struct fk_http_response *r, const struct fk_http_range *asked,
                           uint32_t max);

/* Takes bytes from the front of in. *ret_used of them are dealt with, at least one unless in is
 * empty or the stage is FK_HTTP_DONE; *ret_body is the part of those that belongs to the file
 * (inside in), often empty. Returns at the end of the header, of a stretch of the body, or of in.
 * FK_E_HTTP_SYNTAX, _STATUS, _REDIRECT, _TOO_BIG, _CHANGED, _LIMIT, _ENCODING, _RANGE; then both
 * results are untouched. */
enum fk_status fk_http_response_feed(struct fk_http_response *r, struct fk_slice in,
                                     size_t *ret_used, struct fk_slice *ret_body) FK_MUST_USE;

/* The peer closed the connection. FK_OK and FK_HTTP_DONE when the body is complete, else
 * FK_E_HTTP_SHORT, or the failure that sticks. */
enum fk_status fk_http_response_end(struct fk_http_response *r) FK_MUST_USE;

#endif
