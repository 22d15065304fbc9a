/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_EXAMPLES_WWEP_H
#define FK_EXAMPLES_WWEP_H

#include "fotakit_fw/slice.h"
#include "fotakit_fw/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* WWEP, the register protocol of the WICED course: 16-bit values in registers, which a device
 * number (16 bits) and a register number (8 bits) name. One question and one answer per connection,
 * in ASCII; numbers are hexadecimal with leading zeros, written in capitals, read in either case.
 *
 *     R dddd rr         read a register              (without the blanks: 7 bytes)
 *     W dddd rr vvvv    write it                     (11 bytes)
 *     A dddd rr vvvv    accepted, and what it holds  (11 bytes)
 *     X reason          failed                       (reason: up to 31 printable characters)
 *
 * The course's server forgives one line feed behind a question, and so does this. Nothing marks the
 * end of a message otherwise: that of a question follows from its first byte, an answer ends with
 * the connection.
 *
 * Source: the course's published server (WW101), plain and secure; the note itself has the ports
 * and no more. */

#define WWEP_PORT        27708u /* in the clear */
#define WWEP_SECURE_PORT 40508u /* TLS */
#define WWEP_REASON_MAX  31u
#define WWEP_MAX         (1 + WWEP_REASON_MAX) /* bytes of the longest message */
#define WWEP_TIMEOUT_MS  10000u                /* for a handshake, and for a message */

enum wwep_kind { WWEP_READ = 'R', WWEP_WRITE = 'W', WWEP_ACCEPT = 'A', WWEP_FAIL = 'X' };

struct wwep_message {
    enum wwep_kind kind;
    uint16_t device;
    uint8_t reg;
    uint16_t value;                   /* WWEP_WRITE, WWEP_ACCEPT; else 0 */
    char reason[WWEP_REASON_MAX + 1]; /* WWEP_FAIL; else "" */
};

/* Bytes that the question in `bytes` has; 1 as long as there are none. What is no question has as
 * many as there are. */
size_t wwep_question_size(struct fk_slice bytes);

/* One whole message. FK_E_FORMAT: no message begins so, or a digit is none; FK_E_TRUNCATED,
 * FK_E_TRAILING, FK_E_LIMIT (reason). *ret is written only with FK_OK. */
enum fk_status wwep_parse(struct fk_slice bytes, struct wwep_message *ret) FK_MUST_USE;

/* Into cap bytes, without a NUL behind; FK_E_LIMIT when they are too few, FK_E_FORMAT for a message
 * that wwep_parse() would refuse. */
enum fk_status wwep_format(const struct wwep_message *m, void *buf, size_t cap,
                           size_t *ret_len) FK_MUST_USE;

/* ---- registers, in RAM ---- */

#define WWEP_REGISTERS 64u

struct wwep_registers {
    size_t n;
    struct {
        uint16_t device, value;
        uint8_t reg;
    } at[WWEP_REGISTERS];
};

/* The server's answer to the bytes of a question, whatever they are: always a WWEP_ACCEPT or a
 * WWEP_FAIL with the course's reasons. */
struct wwep_message wwep_answer(struct wwep_registers *registers, struct fk_slice question);

#endif
