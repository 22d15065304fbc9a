/* SPDX-License-Identifier: Apache-2.0 */
/* COSE_Sign1 and COSE_Mac0; the encryption structures are in cose_encrypt.c. */
#include "wire/cose.h"

#include "wire/cbor.h"
#include "wire/cose_header.h"

#include <string.h>

enum { TAG_MAC0 = 17, TAG_SIGN1 = 18, TAG_MAC0_BYTE = 0xd1 };

#define TEXT(s) ((struct fk_slice){(const uint8_t *)(s), sizeof(s) - 1})

void fk_cose_header_read(struct fk_reader *r, unsigned allowed, struct fk_cose_header *h)
{
    /* In the order of FK_COSE_MAY_…. */
    static const struct fk_cbor_field fields[] = {
        {FK_COSE_LABEL_ALG, FK_CBOR_TO_LABEL, 0, offsetof(struct fk_cose_header, alg)},
        {FK_COSE_LABEL_KID, FK_CBOR_TO_BYTES, 0, offsetof(struct fk_cose_header, kid)},
        {FK_COSE_LABEL_IV, FK_CBOR_TO_BYTES, 0, offsetof(struct fk_cose_header, iv)},
        {FK_COSE_LABEL_EPHEMERAL, FK_CBOR_TO_ITEM, 0, offsetof(struct fk_cose_header, ephemeral)},
        {FK_COSE_LABEL_SALT, FK_CBOR_TO_BYTES, 0, offsetof(struct fk_cose_header, salt)},
    };
    struct fk_cbor_map map = fk_cbor_map_any_order(r);
    struct fk_cbor_key key;
    *h = (struct fk_cose_header){0};
    while (fk_cbor_map_next(&map, &key)) {
        unsigned i = 0;
        while (i < sizeof fields / sizeof fields[0] &&
               !fk_cbor_take_field(r, key.label, &fields[i], 1, h)) {
            i++;
        }
        unsigned bit = 1u << i; /* behind the last one: never allowed */
        fk_reader_require(r, (bit & allowed) != 0, FK_E_FORMAT);
        fk_reader_require(r, (bit & h->found) == 0, FK_E_CBOR);
        h->found |= bit;
    }
    fk_reader_require(r, h->kid.len <= FK_COSE_KID_MAX, FK_E_LIMIT);
}

struct fk_slice fk_cose_protected_read(struct fk_reader *r, struct fk_cose_header *h)
{
    struct fk_slice bytes = fk_cbor_bytes(r);
    *h = (struct fk_cose_header){0};
    fk_reader_require(r, bytes.len <= FK_COSE_PROTECTED_MAX, FK_E_LIMIT);
    if (fk_reader_ok(r) && bytes.len > 0) {
        struct fk_reader inner;
        fk_reader_init(&inner, bytes);
        fk_cose_header_read(&inner, FK_COSE_MAY_ALG, h);
        enum fk_status st = fk_reader_end(&inner);
        fk_reader_require(r, st == FK_OK, st);
    }
    /* RFC 9052, 3: an encoded empty map counts as the empty string. */
    if (h->found == 0) {
        bytes.len = 0;
    }
    return bytes;
}

enum fk_status fk_cose_auth_parse(struct fk_slice bytes, struct fk_cose_auth *ret)
{
    struct fk_cose_auth a = {0};
    struct fk_cose_header inner, outer;
    struct fk_reader r;
    fk_reader_init(&r, bytes);
    a.kind = fk_reader_more(&r) && *r.at == TAG_MAC0_BYTE ? FK_COSE_MAC0 : FK_COSE_SIGN1;
    fk_cbor_tag(&r, a.kind == FK_COSE_MAC0 ? TAG_MAC0 : TAG_SIGN1);
    fk_reader_require(&r, fk_cbor_array(&r) == 4, FK_E_FORMAT);
    a.header = fk_cose_protected_read(&r, &inner);
    fk_cose_header_read(&r, FK_COSE_MAY_KID, &outer);
    fk_reader_require(&r, fk_cbor_take_nil(&r), FK_E_FORMAT);
    a.signature = fk_cbor_bytes(&r);
    a.alg = inner.alg;
    a.kid = outer.kid;
    size_t expected = a.kind == FK_COSE_MAC0 ? FK_COSE_MAC_SIZE : FK_COSE_SIGNATURE_SIZE;
    fk_reader_require(&r, inner.found != 0 && a.signature.len == expected, FK_E_FORMAT);
    enum fk_status st = fk_reader_end(&r);
    if (st == FK_OK) {
        *ret = a;
    }
    return st;
}

enum fk_status fk_cose_tbs(const struct fk_cose_auth *auth, struct fk_slice payload,
                           uint8_t buf[FK_COSE_TBS_MAX], size_t *ret_len)
{
    struct fk_writer w;
    fk_writer_init(&w, buf, FK_COSE_TBS_MAX);
    fk_cbor_put_array(&w, 4);
    fk_cbor_put_text(&w, auth->kind == FK_COSE_MAC0 ? TEXT("MAC0") : TEXT("Signature1"));
    fk_cbor_put_bytes(&w, auth->header);
    fk_cbor_put_bytes(&w, auth->external);
    fk_cbor_put_bytes(&w, payload);
    return fk_writer_end(&w, ret_len);
}

void fk_cose_put_alg_header(struct fk_writer *w, int32_t alg)
{
    fk_cbor_put_map(w, 1);
    fk_cbor_put_int(w, FK_COSE_LABEL_ALG);
    fk_cbor_put_int(w, alg);
}

void fk_cose_put_kid(struct fk_writer *w, struct fk_slice kid)
{
    if (kid.len > 0) {
        fk_cbor_put_int(w, FK_COSE_LABEL_KID);
        fk_cbor_put_bytes(w, kid);
    }
}

void fk_cose_auth_put(struct fk_writer *w, const struct fk_cose_auth *auth)
{
    fk_cbor_put_tag(w, auth->kind == FK_COSE_MAC0 ? TAG_MAC0 : TAG_SIGN1);
    fk_cbor_put_array(w, 4);
    fk_cbor_put_bytes(w, auth->header);
    fk_cbor_put_map(w, auth->kid.len > 0 ? 1 : 0);
    fk_cose_put_kid(w, auth->kid);
    fk_cbor_put_nil(w);
    fk_cbor_put_bytes(w, auth->signature);
}
