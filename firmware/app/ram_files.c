/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ram_files.h"

#include "crypto/crypto.h"
#include "wire/http_text.h"

#include <string.h>

void fk_ram_files_init(struct fk_ram_files *files, const struct fk_device *device)
{
    const struct fk_console_words *words = &device->console;
    fk_wipe(files, sizeof *files);
    files->count = words->ram_files < FK_RAM_FILES_MAX ? words->ram_files : FK_RAM_FILES_MAX;
    files->max = words->ram_file_max < FK_RAM_FILE_BYTES ? words->ram_file_max : FK_RAM_FILE_BYTES;
}

static bool same(const char *text, size_t len, const char *word)
{
    return fk_http_same_word((struct fk_slice){(const uint8_t *)text, len}, word);
}

bool fk_ram_file_name_ok(const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < len; i++) {
        if (name[i] <= 0x20 || name[i] >= 0x7f || name[i] == '/') {
            return false;
        }
    }
    bool of_credential =
        (len >= 3 && same(name + len - 3, 3, ".ca")) || (len >= 4 && same(name, 4, "tls."));
    return len > 0 && len <= FK_RAM_FILE_NAME_MAX && !of_credential;
}

struct fk_ram_file *fk_ram_files_at(struct fk_ram_files *files, unsigned i)
{
    return i < files->count && files->at[i].name[0] != '\0' ? &files->at[i] : NULL;
}

struct fk_ram_file *fk_ram_files_find(struct fk_ram_files *files, const char *name)
{
    for (unsigned i = 0; i < files->count; i++) {
        if (name[0] != '\0' && strcmp(files->at[i].name, name) == 0) {
            return &files->at[i];
        }
    }
    return NULL;
}

static struct fk_ram_file *free_one(struct fk_ram_files *files)
{
    for (unsigned i = 0; i < files->count; i++) {
        if (files->at[i].name[0] == '\0') {
            return &files->at[i];
        }
    }
    return NULL;
}

enum fk_status fk_ram_files_write(struct fk_ram_files *files, const char *name,
                                  struct fk_slice data, bool fresh)
{
    struct fk_ram_file *file = fk_ram_files_find(files, name);
    if (!fk_ram_file_name_ok(name)) {
        return FK_E_FILE_NAME;
    }
    size_t kept = file != NULL && !fresh ? file->len : 0;
    file = file != NULL ? file : free_one(files);
    if (file == NULL || data.len > files->max - kept) {
        return FK_E_LIMIT;
    }
    memcpy(file->name, name, strlen(name) + 1);
    if (data.len > 0) {
        memcpy(file->bytes + kept, data.ptr, data.len);
    }
    file->len = (uint16_t)(kept + data.len);
    return FK_OK;
}

enum fk_status fk_ram_file_rename(struct fk_ram_files *files, struct fk_ram_file *file,
                                  const char *name)
{
    if (!fk_ram_file_name_ok(name)) {
        return FK_E_FILE_NAME;
    }
    if (fk_ram_files_find(files, name) != NULL) {
        return FK_E_EXISTS;
    }
    memcpy(file->name, name, strlen(name) + 1);
    return FK_OK;
}

void fk_ram_file_remove(struct fk_ram_file *file)
{
    fk_wipe(file, sizeof *file);
}
