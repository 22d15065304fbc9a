/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_BUNDLE_NAME_H
#define FK_BUNDLE_NAME_H

#include "fotakit/bundle.h"

/* What an item is called in a slot (NULL: one without names): the slot's pattern, with <ski> from
 * the item's first certificate and <name> a plain one, "ca-2.pem". number is the item's among those
 * of its role, from 0. FK_E_NO_KEY_ID. */
enum fk_status fk_bundle_item_name(const struct fk_slot *slot, const struct fk_bundle_item *item,
                                   size_t number, char ret[FK_BUNDLE_NAME_SIZE],
                                   struct fk_error *err) FK_MUST_USE;

#endif
