/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_FACTS_H
#define FOTAKIT_FACTS_H

#include "fotakit/cert.h"
#include "fotakit/error.h"
#include "fotakit/key.h"
#include "fotakit/object.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What there is to know about a key or certificate, as a short list of named values that a tool
 * prints for people or as JSON. Nothing secret is among them. */

#define FK_FACTS_MAX     24
#define FK_FACT_TEXT_MAX 511

enum fk_fact_kind { FK_FACT_TEXT, FK_FACT_NUMBER, FK_FACT_BOOL };

struct fk_fact {
    const char *name; /* "spki_sha256"; static */
    enum fk_fact_kind kind;
    char text[FK_FACT_TEXT_MAX + 1]; /* of every kind; longer texts are cut */
    int64_t number;                  /* also 0 or 1 of a BOOL */
};

struct fk_facts {
    struct fk_fact at[FK_FACTS_MAX];
    size_t n;
};

/* Append to facts. */
void fk_facts_add_key(struct fk_facts *facts, const struct fk_key *key);
void fk_facts_add_cert(struct fk_facts *facts, const struct fk_cert *cert);

/* Kind, label, encryption; then those of the key or certificate. An encrypted key without a pass
 * phrase is not opened, so it has no more facts. */
enum fk_status fk_facts_add_object(struct fk_facts *facts, const struct fk_object *o,
                                   const struct fk_buffer *passphrase,
                                   struct fk_error *err) FK_MUST_USE;

#endif
