/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_PROFILE_SEARCH_H
#define FK_PROFILE_SEARCH_H

#include "fotakit/error.h"

#include <stddef.h>

/* The path of a profile; see fk_profile_load(). A path is copied as it is. */
enum fk_status fk_profile_find(const char *name_or_path, char *path, size_t size,
                               struct fk_error *err) FK_MUST_USE;

#endif
