/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_APP_CONSOLE_STORE_H
#define FK_APP_CONSOLE_STORE_H

#include "app/console.h"
#include "fotakit_fw/certstore.h"

/* The two ways to the certificate store, slots (console_certs.c) and files (console_files.c), lie
 * in one: a slot is an entry with the name of its role, which no file can have. */

bool fk_is_slot(const struct fk_store_entry *entry);

/* Answers an operation of the store; a store that is damaged says how to get out of it. */
void fk_console_store_conclude(struct fk_console *c, enum fk_status st);

#endif
