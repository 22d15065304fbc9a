/* SPDX-License-Identifier: Apache-2.0 */
#include "support/keyset_make.h"

#include "wire/cbor.h"
#include "wire/keyset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(bool ok)
{
    if (!ok) {
        fputs("set_make: does not fit\n", stderr);
        abort();
    }
}

static void put_key(struct fk_writer *w, const struct set_key *k, uint8_t kid)
{
    const struct fk_slice point = {k->key->point, sizeof k->key->point}, id = {&kid, 1};
    fk_cbor_put_map(w, 5);
    fk_cbor_put_uint(w, 1);
    fk_cbor_put_bytes(w, id);
    fk_cbor_put_uint(w, 2);
    fk_cbor_put_bytes(w, point);
    fk_cbor_put_uint(w, 3);
    fk_cbor_put_uint(w, k->algorithms);
    fk_cbor_put_uint(w, 4);
    fk_cbor_put_uint(w, k->components);
    fk_cbor_put_uint(w, 5);
    fk_write_u8(w, k->key_sets ? 0xf5 : 0xf4);
}

static void put_block(struct fk_writer *w, const struct set_recipe *r, const struct suit_key *key,
                      struct fk_slice digest)
{
    static const uint8_t header[] = {0xa1, 0x01, 0x28};
    uint8_t tbs[FK_COSE_TBS_MAX], sig[64], block[128];
    size_t len = 0;
    struct fk_writer inner;
    struct fk_cose_auth auth = {.kind = FK_COSE_SIGN1, .header = {header, sizeof header}};
    auth.external = (struct fk_slice){(const uint8_t *)r->context, strlen(r->context)};
    must(fk_cose_tbs(&auth, digest, tbs, &len) == FK_OK);
    suit_key_sign(key, tbs, len, sig);
    auth.signature = (struct fk_slice){sig, sizeof sig};
    fk_writer_init(&inner, block, sizeof block);
    fk_cose_auth_put(&inner, &auth);
    must(inner.st == FK_OK);
    fk_cbor_put_bytes(w, (struct fk_slice){block, inner.len});
}

void set_make(const struct set_recipe *r, struct set_made *ret)
{
    uint8_t set[2048], item[2100], digest[36], wrapper[1024], sha[32];
    struct fk_writer w, d, whole;
    fk_writer_init(&w, set, sizeof set);
    fk_cbor_put_map(&w, 4);
    fk_cbor_put_uint(&w, 1);
    fk_cbor_put_uint(&w, r->version);
    fk_cbor_put_uint(&w, 2);
    fk_cbor_put_uint(&w, r->sequence);
    fk_cbor_put_uint(&w, 3);
    fk_cbor_put_uint(&w, r->threshold);
    fk_cbor_put_uint(&w, 4);
    fk_cbor_put_array(&w, r->n_keys);
    for (size_t i = 0; i < r->n_keys; i++) {
        put_key(&w, &r->keys[i], (uint8_t)i);
    }
    must(w.st == FK_OK);
    struct fk_slice contents = {set, w.len};
    fk_writer_init(&w, item, sizeof item);
    fk_cbor_put_bytes(&w, contents);
    make_sha256(item, w.len, sha);
    fk_writer_init(&d, digest, sizeof digest);
    fk_cbor_put_array(&d, 2);
    fk_cbor_put_int(&d, -16);
    fk_cbor_put_bytes(&d, (struct fk_slice){sha, sizeof sha});
    fk_writer_init(&d, wrapper, sizeof wrapper);
    fk_cbor_put_array(&d, 1 + r->n_signers);
    fk_cbor_put_bytes(&d, (struct fk_slice){digest, sizeof digest});
    for (size_t i = 0; i < r->n_signers; i++) {
        put_block(&d, r, r->signers[i], (struct fk_slice){digest, sizeof digest});
    }
    fk_writer_init(&whole, ret->bytes, sizeof ret->bytes);
    fk_cbor_put_array(&whole, 3);
    fk_cbor_put_text(&whole, (struct fk_slice){(const uint8_t *)FK_KEYSET_CONTEXT,
                                               sizeof FK_KEYSET_CONTEXT - 1});
    fk_cbor_put_bytes(&whole, (struct fk_slice){wrapper, d.len});
    fk_write_bytes(&whole, item, w.len);
    must(fk_writer_end(&whole, &ret->len) == FK_OK);
}

struct fk_slice set_bytes(const struct set_made *made)
{
    return (struct fk_slice){made->bytes, made->len};
}
