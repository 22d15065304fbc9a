/* SPDX-License-Identifier: Apache-2.0 */
#include "ota/suit_put.h"

#include "wire/cose.h"

#include <stdlib.h>

enum fk_status fk_suit_writer_open(struct fk_writer *w, size_t cap, struct fk_buffer *b,
                                   struct fk_error *err)
{
    b->ptr = malloc(cap);
    if (b->ptr == NULL) {
        return fk_fail(err, FK_E_MEMORY, "out of memory");
    }
    b->len = cap;
    fk_writer_init(w, b->ptr, cap);
    return FK_OK;
}

enum fk_status fk_suit_writer_close(const struct fk_writer *w, struct fk_buffer *b,
                                    struct fk_buffer *ret, struct fk_error *err)
{
    size_t len = 0;
    if (fk_writer_end(w, &len) != FK_OK) {
        fk_buffer_release(b);
        return fk_fail(err, FK_E_INTERNAL, "an envelope is larger than was computed");
    }
    b->len = len;
    *ret = *b;
    return FK_OK;
}

void fk_suit_put_digest(struct fk_writer *w, struct fk_slice digest)
{
    fk_cbor_put_array(w, 2);
    fk_cbor_put_int(w, FK_COSE_SHA256);
    fk_cbor_put_bytes(w, digest);
}

void fk_suit_put_bytes(struct fk_writer *w, uint64_t label, struct fk_slice bytes)
{
    fk_cbor_put_uint(w, label);
    fk_cbor_put_bytes(w, bytes);
}

void fk_suit_put_inner(struct fk_writer *w, uint64_t label, const struct fk_writer *inner)
{
    fk_cbor_put_uint(w, label);
    fk_cbor_put_bytes(w, (struct fk_slice){inner->buf, inner->len});
    if (inner->st != FK_OK) {
        w->st = inner->st;
    }
}
