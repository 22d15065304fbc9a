/* SPDX-License-Identifier: Apache-2.0 */
/* COSE_Encrypt:
 *     96([ protected, unprotected, null, [ + [ protected, unprotected, wrapped key ] ] ])
 * GCM names its algorithm in the protected header, which is its additional data. CTR has no
 * additional data, so its protected header is empty (RFC 9459, 4). */
#include "wire/cose.h"

#include "wire/cbor.h"
#include "wire/cose_header.h"

#include <string.h>

enum {
    TAG_ENCRYPT = 96,
    GCM_IV_SIZE = 12,
    CTR_IV_SIZE = 16,
    SALT_MAX = 32,
    KEY_KTY = 1,
    KEY_CRV = -1,
    KEY_X = -2,
    KEY_Y = -3,
    KTY_EC2 = 2,
    CRV_P256 = 1,
    COORDINATE_SIZE = 32,
    KEY_BITS = 128
};

#define TEXT(s) ((struct fk_slice){(const uint8_t *)(s), sizeof(s) - 1})
static const struct fk_slice nothing = {NULL, 0};

/* COSE_Key {1: 2, -1: 1, -2: x, -3: y}. A compressed point (y as a sign) is refused: the device
 * library does not decompress. */
struct ephemeral {
    struct fk_slice x, y;
    int32_t kty, crv;
};

static void read_ephemeral(struct fk_reader *parent, struct fk_slice key_bytes,
                           struct fk_cose_recipient *ret)
{
    static const struct fk_cbor_field fields[] = {
        {KEY_KTY, FK_CBOR_TO_LABEL, 0, offsetof(struct ephemeral, kty)},
        {KEY_CRV, FK_CBOR_TO_LABEL, 0, offsetof(struct ephemeral, crv)},
        {KEY_X, FK_CBOR_TO_BYTES, COORDINATE_SIZE, offsetof(struct ephemeral, x)},
        {KEY_Y, FK_CBOR_TO_BYTES, COORDINATE_SIZE, offsetof(struct ephemeral, y)},
    };
    enum { FIELDS = sizeof fields / sizeof fields[0] };
    struct ephemeral key = {.kty = 0};
    struct fk_reader r;
    fk_reader_init(&r, key_bytes);
    bool whole = fk_cbor_take_fields(&r, fields, FIELDS, FK_E_FORMAT, &key) == FIELDS;
    fk_reader_require(parent, fk_reader_end(&r) == FK_OK && whole && key.kty == KTY_EC2 &&
                                  key.crv == CRV_P256, FK_E_FORMAT);
    ret->x = key.x;
    ret->y = key.y;
}

/* An algorithm stands in one of two places: protected, or alone in the unprotected header. */
static int32_t algorithm_of(const struct fk_cose_header *inner, const struct fk_cose_header *outer)
{
    return inner->found != 0 ? inner->alg : outer->alg;
}

static void read_recipient(struct fk_reader *r, struct fk_cose_recipient *rec)
{
    struct fk_cose_header inner, outer;
    memset(rec, 0, sizeof *rec);
    fk_reader_require(r, fk_cbor_array(r) == 3, FK_E_FORMAT);
    rec->header = fk_cose_protected_read(r, &inner);
    fk_cose_header_read(
        r, FK_COSE_MAY_ALG | FK_COSE_MAY_KID | FK_COSE_MAY_EPHEMERAL | FK_COSE_MAY_SALT, &outer);
    rec->wrapped = fk_cbor_bytes(r);
    rec->kid = outer.kid;
    rec->salt = outer.salt;
    rec->alg = algorithm_of(&inner, &outer);
    /* Key wrap stands unprotected, key agreement protected; never in both. */
    unsigned found = outer.found & ~(unsigned)FK_COSE_MAY_KID;
    bool fits = rec->wrapped.len == FK_COSE_WRAPPED_SIZE;
    if (rec->alg == FK_COSE_A128KW) {
        fits = fits && inner.found == 0 && found == FK_COSE_MAY_ALG;
    } else if (rec->alg == FK_COSE_ECDH_ES_A128KW) {
        fits = fits && inner.found != 0 &&
               (found & ~(unsigned)FK_COSE_MAY_SALT) == FK_COSE_MAY_EPHEMERAL &&
               outer.salt.len <= SALT_MAX;
        read_ephemeral(r, outer.ephemeral, rec);
    } else {
        fk_reader_fail(r, FK_E_CIPHER);
    }
    fk_reader_require(r, fits, FK_E_FORMAT);
}

/* Content algorithm and IV from the two headers. */
static void read_content(struct fk_reader *r, struct fk_cose_encrypt *e)
{
    struct fk_cose_header inner, outer;
    e->header = fk_cose_protected_read(r, &inner);
    fk_cose_header_read(r, FK_COSE_MAY_ALG | FK_COSE_MAY_IV, &outer);
    e->alg = algorithm_of(&inner, &outer);
    e->iv = outer.iv;
    bool fits = false;
    if (e->alg == FK_COSE_A128GCM) {
        fits = inner.found != 0 && outer.found == FK_COSE_MAY_IV && outer.iv.len == GCM_IV_SIZE;
    } else if (e->alg == FK_COSE_A128CTR) {
        fits = inner.found == 0 && outer.iv.len == CTR_IV_SIZE;
    } else {
        fk_reader_fail(r, FK_E_CIPHER);
    }
    fk_reader_require(r, fits, FK_E_FORMAT);
}

enum fk_status fk_cose_encrypt_parse(struct fk_slice bytes, struct fk_cose_encrypt *ret)
{
    struct fk_cose_encrypt e = {0};
    struct fk_reader r;
    fk_reader_init(&r, bytes);
    fk_cbor_tag(&r, TAG_ENCRYPT);
    fk_reader_require(&r, fk_cbor_array(&r) == 4, FK_E_FORMAT);
    read_content(&r, &e);
    fk_reader_require(&r, fk_cbor_take_nil(&r), FK_E_FORMAT);
    e.n_recipients = fk_cbor_array(&r);
    fk_reader_require(&r, e.n_recipients != 0, FK_E_FORMAT);
    e.recipients = (struct fk_slice){r.at, r.left};
    for (size_t i = 0; i < e.n_recipients && fk_reader_ok(&r); i++) {
        struct fk_cose_recipient ignored;
        read_recipient(&r, &ignored);
    }
    enum fk_status st = fk_reader_end(&r);
    if (st == FK_OK) {
        *ret = e;
        return FK_OK;
    }
    return st == FK_E_CIPHER ? FK_E_CIPHER : FK_E_ENCRYPTION_INFO;
}

struct fk_reader fk_cose_recipients(const struct fk_cose_encrypt *enc)
{
    struct fk_reader at;
    fk_reader_init(&at, enc->recipients);
    return at;
}

bool fk_cose_recipient_next(struct fk_reader *at, struct fk_cose_recipient *ret)
{
    if (!fk_reader_more(at)) {
        return false;
    }
    struct fk_cose_recipient rec;
    read_recipient(at, &rec);
    if (!fk_reader_ok(at)) {
        return false;
    }
    *ret = rec;
    return true;
}

enum fk_status fk_cose_enc_structure(struct fk_slice header, uint8_t buf[FK_COSE_ENC_MAX],
                                     size_t *ret_len)
{
    struct fk_writer w;
    fk_writer_init(&w, buf, FK_COSE_ENC_MAX);
    fk_cbor_put_array(&w, 3);
    fk_cbor_put_text(&w, TEXT("Encrypt"));
    fk_cbor_put_bytes(&w, header);
    fk_cbor_put_bytes(&w, nothing);
    return fk_writer_end(&w, ret_len);
}

/* PartyInfo with nothing in it. */
static void put_no_party(struct fk_writer *w)
{
    fk_cbor_put_array(w, 3);
    fk_cbor_put_nil(w);
    fk_cbor_put_nil(w);
    fk_cbor_put_nil(w);
}

enum fk_status fk_cose_kdf_context(struct fk_slice header, uint8_t buf[FK_COSE_KDF_CONTEXT_MAX],
                                   size_t *ret_len)
{
    struct fk_writer w;
    fk_writer_init(&w, buf, FK_COSE_KDF_CONTEXT_MAX);
    fk_cbor_put_array(&w, 4);
    fk_cbor_put_int(&w, FK_COSE_A128KW);
    put_no_party(&w);
    put_no_party(&w);
    fk_cbor_put_array(&w, 3);
    fk_cbor_put_uint(&w, KEY_BITS);
    fk_cbor_put_bytes(&w, header);
    /* A byte string, not a text: it keeps this key apart from those of plain COSE. */
    fk_cbor_put_bytes(&w, TEXT("SUIT Payload Encryption"));
    return fk_writer_end(&w, ret_len);
}

/* A protected header {1: alg}: the map in its byte string. */
static void put_protected_alg(struct fk_writer *w, int32_t alg)
{
    uint8_t buf[FK_COSE_PROTECTED_MAX];
    size_t len = 0;
    struct fk_writer inner;
    fk_writer_init(&inner, buf, sizeof buf);
    fk_cose_put_alg_header(&inner, alg);
    if (fk_writer_end(&inner, &len) != FK_OK) {
        w->st = FK_E_LIMIT;
        return;
    }
    fk_cbor_put_bytes(w, (struct fk_slice){buf, len});
}

void fk_cose_encrypt_put_head(struct fk_writer *w, int32_t alg, struct fk_slice iv,
                              size_t n_recipients)
{
    bool aead = alg == FK_COSE_A128GCM;
    fk_cbor_put_tag(w, TAG_ENCRYPT);
    fk_cbor_put_array(w, 4);
    if (aead) {
        put_protected_alg(w, alg);
    } else {
        fk_cbor_put_bytes(w, nothing);
    }
    fk_cbor_put_map(w, aead ? 1 : 2);
    if (!aead) {
        fk_cbor_put_int(w, FK_COSE_LABEL_ALG);
        fk_cbor_put_int(w, alg);
    }
    fk_cbor_put_int(w, FK_COSE_LABEL_IV);
    fk_cbor_put_bytes(w, iv);
    fk_cbor_put_nil(w);
    fk_cbor_put_array(w, n_recipients);
}

void fk_cose_recipient_put(struct fk_writer *w, const struct fk_cose_recipient *recipient)
{
    bool agree = recipient->alg == FK_COSE_ECDH_ES_A128KW;
    size_t pairs = recipient->kid.len > 0 ? 2 : 1;
    fk_cbor_put_array(w, 3);
    if (!agree) {
        fk_cbor_put_bytes(w, nothing);
        fk_cbor_put_map(w, pairs);
        fk_cbor_put_int(w, FK_COSE_LABEL_ALG);
        fk_cbor_put_int(w, recipient->alg);
        fk_cose_put_kid(w, recipient->kid);
    } else {
        put_protected_alg(w, recipient->alg);
        fk_cbor_put_map(w, pairs);
        fk_cose_put_kid(w, recipient->kid); /* 0x04 sorts before 0x20 */
        fk_cbor_put_int(w, FK_COSE_LABEL_EPHEMERAL);
        fk_cbor_put_map(w, 4);
        fk_cbor_put_int(w, KEY_KTY);
        fk_cbor_put_int(w, KTY_EC2);
        fk_cbor_put_int(w, KEY_CRV);
        fk_cbor_put_int(w, CRV_P256);
        fk_cbor_put_int(w, KEY_X);
        fk_cbor_put_bytes(w, recipient->x);
        fk_cbor_put_int(w, KEY_Y);
        fk_cbor_put_bytes(w, recipient->y);
    }
    fk_cbor_put_bytes(w, recipient->wrapped);
}
