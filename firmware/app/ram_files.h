/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_APP_RAM_FILES_H
#define FK_APP_RAM_FILES_H

#include "fotakit_fw/device.h"
#include "fotakit_fw/slice.h"
#include "fotakit_fw/status.h"

#include <stdbool.h>
#include <stdint.h>

/* Small files in memory, for what HTTP commands send and bring; a reset forgets them. Certificates
 * and keys are elsewhere (fotakit_fw/certstore.h), and a name that looks like theirs is refused
 * here: a root that nothing ever looks for would be taken for one.
 *
 * How many files and bytes there are is the device's, within what is here. 16.3 KiB. */

#define FK_RAM_FILES_MAX     4u
#define FK_RAM_FILE_BYTES    4096u
#define FK_RAM_FILE_NAME_MAX 64u

struct fk_ram_file {
    char name[FK_RAM_FILE_NAME_MAX + 1]; /* "": free */
    uint16_t len;
    uint8_t bytes[FK_RAM_FILE_BYTES];
};

struct fk_ram_files {
    /* Private. */
    uint16_t count, max;
    struct fk_ram_file at[FK_RAM_FILES_MAX];
};

/* Empty, with the limits of the device. */
void fk_ram_files_init(struct fk_ram_files *files, const struct fk_device *device);

/* 1 to FK_RAM_FILE_NAME_MAX visible characters, none of them a slash, and not the like of "tls.key"
 * or "….ca". */
bool fk_ram_file_name_ok(const char *name);

/* NULL: there is none. */
struct fk_ram_file *fk_ram_files_find(struct fk_ram_files *files, const char *name);
/* File i, 0 to FK_RAM_FILES_MAX - 1; NULL: it is free. */
struct fk_ram_file *fk_ram_files_at(struct fk_ram_files *files, unsigned i);

/* Appends to the file, or, with fresh, writes it anew; all of it or nothing. FK_E_FILE_NAME;
 * FK_E_LIMIT: too many files, or too many bytes. */
enum fk_status fk_ram_files_write(struct fk_ram_files *files, const char *name,
                                  struct fk_slice data, bool fresh) FK_MUST_USE;
/* FK_E_FILE_NAME, FK_E_EXISTS. */
enum fk_status fk_ram_file_rename(struct fk_ram_files *files, struct fk_ram_file *file,
                                  const char *name) FK_MUST_USE;
/* The bytes are wiped. */
void fk_ram_file_remove(struct fk_ram_file *file);

#endif
