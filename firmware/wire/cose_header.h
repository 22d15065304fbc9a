/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_WIRE_COSE_HEADER_H
#define FK_WIRE_COSE_HEADER_H

#include "wire/cose.h"

/* COSE header maps; for cose.c and cose_encrypt.c only. A label that is not allowed at its place is
 * refused, and so is one that is unknown: COSE lets nobody skip what may change the meaning. */
enum {
    FK_COSE_LABEL_ALG = 1,
    FK_COSE_LABEL_KID = 4,
    FK_COSE_LABEL_IV = 5,
    FK_COSE_LABEL_EPHEMERAL = -1,
    FK_COSE_LABEL_SALT = -20
};

enum {
    FK_COSE_MAY_ALG = 1,
    FK_COSE_MAY_KID = 2,
    FK_COSE_MAY_IV = 4,
    FK_COSE_MAY_EPHEMERAL = 8,
    FK_COSE_MAY_SALT = 16
};

struct fk_cose_header {
    unsigned found; /* FK_COSE_MAY_… of what is there */
    int32_t alg;
    struct fk_slice kid;
    struct fk_slice iv;
    struct fk_slice ephemeral; /* encoded COSE_Key */
    struct fk_slice salt;
};

/* *h is written in every case; after a failure of the reader it means nothing. */
void fk_cose_header_read(struct fk_reader *r, unsigned allowed, struct fk_cose_header *h);
/* A protected header: a byte string with a map that may hold an algorithm only. Gives the contents,
 * or nothing for an empty map. */
struct fk_slice fk_cose_protected_read(struct fk_reader *r, struct fk_cose_header *h);
/* Label and value, or nothing for an empty key identifier. */
void fk_cose_put_kid(struct fk_writer *w, struct fk_slice kid);

#endif
