/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TOOLS_CERT_BUNDLE_FOLDER_H
#define FK_TOOLS_CERT_BUNDLE_FOLDER_H

#include "cli.h"

/* Paths of files with credentials; owned. */
struct paths {
    char **at;
    size_t n;
};
#define PATHS_MAX 4096

/* Adds the files of a folder that hold a certificate or a private key, in the order of their
 * names: the folder of a bundle also has scripts, reports and raw key identifiers. FK_E_EMPTY when
 * there are none. Folders in it are not entered. */
enum fk_status paths_add_folder(struct paths *p, const char *folder,
                                struct fk_error *err) FK_MUST_USE;
/* Adds each operand, and the files of those that are folders. */
enum fk_status paths_add_operands(struct paths *p, const struct fk_texts *operands,
                                  struct fk_error *err) FK_MUST_USE;
void paths_release(struct paths *p); /* accepts a zeroed structure */

#endif
