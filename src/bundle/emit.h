/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_BUNDLE_EMIT_H
#define FK_BUNDLE_EMIT_H

#include "bundle/emit_text.h"
#include "fotakit/emit.h"

/* What the forms share. Each is a function of emit_*.c that appends its files. */

typedef enum fk_status fk_emit_fn(const struct fk_emit_job *job, struct fk_emitted *ret,
                                  struct fk_error *err);
fk_emit_fn fk_emit_files, fk_emit_at, fk_emit_c, fk_emit_nodemcu_page, fk_emit_lua_strings,
    fk_emit_lua_callback, fk_emit_wiced_dct, fk_emit_store;

/* Takes over bytes, also on failure. Different bytes under one name are FK_E_COLLISION. */
enum fk_status fk_emitted_add(struct fk_emitted *e, const char *name, struct fk_buffer *bytes,
                              bool secret, const char *what, struct fk_error *err) FK_MUST_USE;
/* The same from a finished text. */
enum fk_status fk_emitted_add_text(struct fk_emitted *e, const char *name, struct fk_text *t,
                                   bool secret, const char *what, struct fk_error *err) FK_MUST_USE;

/* The whitelist of the web server, for the files form. */
fk_emit_fn fk_emit_whitelist;

/* The slot of an item; NULL when the store has none for it. */
const struct fk_slot *fk_emit_slot(const struct fk_emit_job *job,
                                   const struct fk_bundle_item *item);
size_t fk_emit_count(const struct fk_emit_job *job, enum fk_bundle_role role);
/* Place of the item among those of its role, from 0. */
size_t fk_emit_number(const struct fk_emit_job *job, const struct fk_bundle_item *item);

/* The item as text that ends in one NUL, for readers of C strings: false for DER. *ret_len is
 * without the NUL. */
bool fk_emit_is_pem(const struct fk_bundle_item *item);
size_t fk_emit_text_len(const struct fk_bundle_item *item);

#endif
