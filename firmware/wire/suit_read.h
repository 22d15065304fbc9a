/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_WIRE_SUIT_READ_H
#define FK_WIRE_SUIT_READ_H

#include "wire/cbor.h"
#include "wire/suit.h"

/* Shared by suit.c (envelope and elements) and suit_run.c (command sequences). */

/* An encoded SUIT_Digest: [-16, 32 bytes]. FK_E_UNSUPPORTED for another algorithm. */
struct fk_slice fk_suit_digest_read(struct fk_reader *r);
/* The same, where it is all of `item`; a failure counts for r. */
struct fk_slice fk_suit_digest_in(struct fk_reader *r, struct fk_slice item);

/* The byte string [ bstr .cbor SUIT_Digest, * bstr block ]: digest_item, digest, auths. */
void fk_suit_authentication_read(struct fk_reader *r, struct fk_suit_envelope *e);

/* Sequences of a manifest, as they stand, in the order in which they run. */
enum fk_suit_section { FK_SECTION_INSTALL, FK_SECTION_VALIDATE, FK_SECTION_INVOKE, FK_SECTIONS };

struct fk_suit_sequences {
    struct fk_slice components; /* encoded array */
    struct fk_slice shared;
    struct fk_slice own[FK_SECTIONS];
};

/* Runs them on paper and fills in what the manifest asks for. */
enum fk_status fk_suit_run(const struct fk_suit_sequences *s,
                           struct fk_suit_manifest *m) FK_MUST_USE;

#endif
