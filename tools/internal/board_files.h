/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TOOLS_BOARD_FILES_H
#define FK_TOOLS_BOARD_FILES_H

#include "fotakit/profile.h"

#include <stdbool.h>

/* What the build of a board's images takes from a profile; written to standard output. */

/* A header: memory, watchdog and ceilings as macros FK_BOARD_…, all of them plain numbers. */
void put_board_header(const struct fk_profile *p);

/* The constants of fotakit_fw/accepts.h. */
void put_accepts(const struct fk_profile *p);

/* Variables for firmware/build.mk: FW_TLS, how the application gets TLS ("none", "direct" for TLS 1.2
 * alone, "psa"), FW_TLS_RECORD and FW_TLS_SEND, bytes of a record that comes and of one that goes;
 * FW_SOCKETS, FW_SECURE, FW_SERVERS, how many of the console's sockets there are at a time, how many
 * clients with TLS, how many servers; FW_VARIABLES, how many variables its configuration has. */
void put_make_settings(const struct fk_profile *p);

/* The head of a linker script: where code and variables lie, and how large the stack is. The
 * sections are the port's. */
void put_linker_script(const struct fk_profile *p, bool boot);

#endif
