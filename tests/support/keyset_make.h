/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TESTS_KEYSET_MAKE_H
#define FK_TESTS_KEYSET_MAKE_H

#include "support/suit_make.h"

/* Signed key sets for tests, good and bad; like suit_make.h, it shares only CBOR heads and the
 * bytes to sign with the host's own writer. Identifiers are the positions in the set. */

/* One key of a set. */
struct set_key {
    const struct suit_key *key;
    uint8_t algorithms, components;
    bool key_sets;
};

struct set_recipe {
    uint64_t version, sequence, threshold;
    struct set_key keys[10];
    size_t n_keys;
    const struct suit_key *signers[4];
    size_t n_signers;
    const char *context; /* external data that the signatures cover */
};

struct set_made {
    uint8_t bytes[4096];
    size_t len;
};

void set_make(const struct set_recipe *recipe, struct set_made *ret);
struct fk_slice set_bytes(const struct set_made *made);

#endif
