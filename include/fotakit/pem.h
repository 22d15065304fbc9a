/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_PEM_H
#define FOTAKIT_PEM_H

#include "fotakit/error.h"
#include "fotakit/file.h"
#include "fotakit_fw/slice.h"

#include <stdbool.h>
#include <stddef.h>

/* PEM armour (RFC 7468, with the header lines of RFC 1421), read as it arrives from mail, browsers,
 * terminals and Windows, and written in the one form that every device reader takes.
 *
 * Reading takes LF, CRLF and CR line ends, a UTF-8 byte order mark, spaces around lines, empty
 * lines, any line length, a last line without an end, and any text outside the blocks ("Bag
 * Attributes", mail headers, the print of a certificate). What was tolerated is reported in marks.
 * It refuses what would lose data: a block without its END, damaged base64, a missing padding.
 *
 * Not looked at: what the bytes inside a block mean; fotakit/object.h does. */

#define FK_PEM_BLOCKS_MAX 1024
#define FK_PEM_LABEL_MAX  63

enum fk_pem_mark {
    FK_PEM_BOM = 1 << 0,            /* starts with a UTF-8 byte order mark */
    FK_PEM_CRLF = 1 << 1,           /* lines end in CR LF */
    FK_PEM_CR = 1 << 2,             /* lines end in CR alone */
    FK_PEM_SPACES = 1 << 3,         /* spaces or tabs around lines of a block */
    FK_PEM_TEXT = 1 << 4,           /* text outside the blocks */
    FK_PEM_BAG_ATTRIBUTES = 1 << 5, /* of which some is what `openssl pkcs12` prints */
    FK_PEM_NO_FINAL_NEWLINE = 1 << 6,
    FK_PEM_LINE_LENGTH = 1 << 7, /* base64 lines are not 64 characters long */
};

struct fk_pem_block {
    char label[FK_PEM_LABEL_MAX + 1];    /* "CERTIFICATE" */
    char dek_info[FK_PEM_LABEL_MAX + 1]; /* "AES-256-CBC,<iv>" when encrypted as in RFC 1421 */
    struct fk_slice data;                /* decoded; empty for blocks that do not carry DER */
    unsigned line;                       /* of BEGIN, from 1 */
};

struct fk_pem {
    struct fk_pem_block *blocks;
    size_t n;
    unsigned marks;
    struct fk_buffer decoded; /* the data of all blocks */
};

/* All blocks of a text, at least one: FK_E_FORMAT with an explanation when there is none. */
enum fk_status fk_pem_parse(struct fk_slice text, struct fk_pem *ret,
                            struct fk_error *err) FK_MUST_USE;
/* Wipes; accepts a zeroed or released structure. */
void fk_pem_release(struct fk_pem *pem);

/* Appends one block of 64-character lines to out (zeroed, or the result of an earlier call), and
 * wipes what it replaces. */
enum fk_status fk_pem_append(struct fk_buffer *out, const char *label, struct fk_slice data,
                             bool crlf, struct fk_error *err) FK_MUST_USE;

#endif
