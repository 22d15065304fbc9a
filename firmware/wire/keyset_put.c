/* SPDX-License-Identifier: Apache-2.0 */
/* The writing half of the codec, which no device links. */
#include "wire/keyset.h"

#include "wire/cbor.h"

static void put_number(struct fk_writer *w, uint64_t label, uint64_t value)
{
    fk_cbor_put_uint(w, label);
    fk_cbor_put_uint(w, value);
}

static void put_key(struct fk_writer *w, const struct fk_keyset_key *k)
{
    fk_cbor_put_map(w, FK_KEYSET_KEY_SIGNS_SETS);
    fk_cbor_put_uint(w, FK_KEYSET_KEY_KID);
    fk_cbor_put_bytes(w, k->kid);
    fk_cbor_put_uint(w, FK_KEYSET_KEY_POINT);
    fk_cbor_put_bytes(w, k->point);
    put_number(w, FK_KEYSET_KEY_ALGORITHMS, k->algorithms);
    put_number(w, FK_KEYSET_KEY_COMPONENTS, k->components);
    fk_cbor_put_uint(w, FK_KEYSET_KEY_SIGNS_SETS);
    fk_cbor_put_bool(w, k->key_sets);
}

void fk_keyset_put(struct fk_writer *w, const struct fk_keyset *set)
{
    fk_cbor_put_map(w, FK_KEYSET_KEYS);
    put_number(w, FK_KEYSET_VERSION, FK_KEYSET_VERSION_1);
    put_number(w, FK_KEYSET_SEQUENCE, set->sequence);
    put_number(w, FK_KEYSET_THRESHOLD, set->threshold);
    fk_cbor_put_uint(w, FK_KEYSET_KEYS);
    fk_cbor_put_array(w, set->n_keys);
    for (size_t i = 0; i < set->n_keys; i++) {
        put_key(w, &set->keys[i]);
    }
}
