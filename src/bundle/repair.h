/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_BUNDLE_REPAIR_H
#define FK_BUNDLE_REPAIR_H

#include "bundle/path.h"
#include "fotakit/bundle.h"

/* A repair under way. repair.c has the frame and what all parts need, repair_roots.c and
 * repair_device.c make the items. */

struct fk_repair {
    const struct fk_bundle *b;
    struct fk_repaired r; /* with room for every item and change that b can lead to */
    size_t items_max, changes_max;
    struct fk_error *err;
};

enum fk_status fk_repair_roots(struct fk_repair *p);
enum fk_status fk_repair_chain(struct fk_repair *p);
enum fk_status fk_repair_key(struct fk_repair *p);
/* The key identifier beside a root in PEM, where the device cannot take it from there. */
enum fk_status fk_repair_auth(struct fk_repair *p);

enum fk_status fk_repair_no_memory(struct fk_error *err);
/* Adds to the list of changes. */
void fk_repair_tell(struct fk_repair *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* What became of the form of a certificate; why: of c.passed_over. */
void fk_repair_tell_form(struct fk_repair *p, const struct fk_bundle_cert *c,
                         const struct fk_bundle_item *i, const char *why);
const char *fk_repair_place(const struct fk_repair *p, const struct fk_bundle_cert *c,
                            char text[FK_BUNDLE_PLACE_SIZE]);

/* *ret is NULL for a profile without stores; a store without the slot is refused. */
enum fk_status fk_repair_slot(const struct fk_repair *p, enum fk_slot_role role, const char *what,
                              const struct fk_slot **ret);
/* A new item that takes over the bytes of c. */
struct fk_bundle_item *fk_repair_add(struct fk_repair *p, enum fk_bundle_role role,
                                     struct fk_converted *c);
enum fk_status fk_repair_keep_certs(struct fk_bundle_item *i, const struct fk_cert *const *certs,
                                    size_t n, struct fk_error *err);

#endif
