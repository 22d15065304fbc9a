/* SPDX-License-Identifier: Apache-2.0 */
#include "app/console_answer.h"
#include "app/console_data.h"
#include "app/console_handlers.h"
#include "app/console_store.h"
#include "app/ram_files.h"
#include "crypto/crypto.h"
#include "wire/http_text.h"

#include <string.h>

/* Files that the device looks for by name are in the certificate store, TLS set; others are in
 * memory, where the device has such. No command prints or sends the former. */

#define SUFFIX ".ca"

/* The key identifier that "<lower-case hexadecimal>.ca" names. */
static bool anchor_name(const char *name, uint8_t ret[FK_STORE_ID_MAX], size_t *ret_len)
{
    size_t digits = 0;
    while (fk_http_hex_digit(name[digits]) >= 0 && !(name[digits] >= 'A' && name[digits] <= 'F')) {
        digits++;
    }
    if (digits == 0 || digits % 2 != 0 || digits > 2 * FK_STORE_ID_MAX ||
        strcmp(name + digits, SUFFIX) != 0) {
        return false;
    }
    for (size_t i = 0; i < digits / 2; i++) {
        ret[i] =
            (uint8_t)(fk_http_hex_digit(name[2 * i]) << 4 | fk_http_hex_digit(name[2 * i + 1]));
    }
    *ret_len = digits / 2;
    return true;
}

static bool role_of(const char *name, enum fk_store_role *ret)
{
    uint8_t id[FK_STORE_ID_MAX];
    size_t len = 0;
    if (strcmp(name, "tls.key") == 0) {
        *ret = FK_STORE_KEY;
    } else if (strcmp(name, "tls.cert") == 0) {
        *ret = FK_STORE_CERT;
    } else if (anchor_name(name, id, &len)) {
        *ret = FK_STORE_CA;
    } else {
        return false;
    }
    return true;
}

/* Puts what the file holds already in front of the data that came. */
static enum fk_status append(struct fk_console *c, size_t *ret_len)
{
    struct fk_console_data *d = &c->data;
    struct fk_store_entry old;
    enum fk_status st = fk_certstore_find(c->port->store, FK_STORE_TLS, d->about.name, &old);
    *ret_len = d->want;
    if (st != FK_OK) {
        return st == FK_E_STORE_ENTRY ? FK_OK : st;
    }
    uint32_t max = c->core->device->console.file_max;
    if (d->want > max || old.len > max - d->want) {
        return FK_E_LIMIT;
    }
    uint8_t *bytes = c->core->work;
    memmove(bytes + old.len, bytes, d->want);
    *ret_len = old.len + d->want;
    return fk_certstore_read(c->port->store, &old, bytes, old.len);
}

/* The name of a trust anchor is what the device finds it by: it must be its key identifier. A
 * certificate without one has no right name, and any will do. */
static enum fk_status check_anchor(struct fk_console *c, struct fk_slice data,
                                   uint8_t id[FK_STORE_ID_MAX], size_t *ret_len)
{
    uint8_t real[FK_STORE_ID_MAX];
    size_t real_len = 0;
    enum fk_status st = c->port->key_id(data, true, real, &real_len);
    if (st != FK_OK || !anchor_name(c->data.about.name, id, ret_len)) {
        return st != FK_OK ? st : FK_E_FILE_NAME;
    }
    bool same = real_len == 0 || (real_len == *ret_len && memcmp(real, id, real_len) == 0);
    return same ? FK_OK : FK_E_FILE_KEY_ID;
}

static void store_file(struct fk_console *c)
{
    uint8_t id[FK_STORE_ID_MAX];
    struct fk_store_item item = {.set = FK_STORE_TLS, .name = c->data.about.name};
    size_t len = 0, id_len = 0;
    enum fk_status st = role_of(item.name, &item.role) ? append(c, &len) : FK_E_FILE_NAME;
    item.data = (struct fk_slice){c->core->work, len};
    if (st == FK_OK && item.role == FK_STORE_CA) {
        st = check_anchor(c, item.data, id, &id_len);
        item.key_id = (struct fk_slice){id, id_len};
    } else if (st == FK_OK && item.role == FK_STORE_CERT) {
        st = c->port->key_id(item.data, false, id, &id_len);
    }
    if (st == FK_E_LIMIT) {
        fk_answer_error(c, FK_CONSOLE_TOO_LONG);
    } else if (st != FK_OK) {
        fk_console_store_conclude(c, st);
    } else {
        fk_console_store_conclude(c, fk_certstore_put(c->port->store, &item));
    }
    fk_wipe(c->core->work, FK_CONSOLE_DATA_MAX); /* append() may have put more there */
}

static void store_in_memory(struct fk_console *c)
{
    const struct fk_slice data = {c->core->work, c->data.want};
    enum fk_status st = fk_ram_files_write(c->port->files, c->data.about.name, data, false);
    if (st == FK_OK) {
        fk_answer_ok(c);
    } else {
        fk_answer_failure(c, st, FK_CONSOLE_WRITE);
    }
}

/* <name>,<length> */
void fk_on_fsc(struct fk_console *c, const struct fk_args *args)
{
    enum fk_store_role role;
    if (!fk_args_count(c, args, 2, 2)) {
        return;
    }
    const char *name = fk_file_name_arg(args, 0);
    size_t len = strlen(name);
    bool stored = len < sizeof c->data.about.name && role_of(name, &role);
    if (!stored && (c->port->files == NULL || !fk_ram_file_name_ok(name))) {
        fk_console_refuse(c, args->at[1], FK_CONSOLE_FILE_OPEN, FK_E_FILE_NAME);
        return;
    }
    memcpy(c->data.about.name, name, len + 1);
    fk_console_expect(c, args->at[1], c->core->device->console.file_max,
                      stored ? store_file : store_in_memory);
}

/* NULL: there is none, or the device has no such files. */
static struct fk_ram_file *in_memory(const struct fk_console *c, const char *name)
{
    return c->port->files != NULL ? fk_ram_files_find(c->port->files, name) : NULL;
}

/* <name> */
void fk_on_fsd(struct fk_console *c, const struct fk_args *args)
{
    enum fk_store_role role;
    if (!fk_args_count(c, args, 1, 1)) {
        return;
    }
    const char *name = fk_file_name_arg(args, 0);
    struct fk_ram_file *file = in_memory(c, name);
    if (file != NULL) {
        fk_ram_file_remove(file);
        fk_answer_ok(c);
    } else if (role_of(name, &role)) {
        fk_console_store_conclude(c, fk_certstore_remove(c->port->store, FK_STORE_TLS, name));
    } else {
        fk_answer_error(c, FK_CONSOLE_FILE_DELETE);
    }
}

/* <old name>,<new name> of a file in memory */
void fk_on_fsr(struct fk_console *c, const struct fk_args *args)
{
    if (!fk_args_count(c, args, 2, 2)) {
        return;
    }
    struct fk_ram_file *file = in_memory(c, fk_file_name_arg(args, 0));
    enum fk_status st = file == NULL
                            ? FK_E_NOT_FOUND
                            : fk_ram_file_rename(c->port->files, file, fk_file_name_arg(args, 1));
    if (st == FK_OK) {
        fk_answer_ok(c);
    } else {
        fk_answer_failure(c, st, FK_CONSOLE_FILE_RENAME);
    }
}

/* <name>[,<offset>[,<length>]]: "AT-S.Reading:<bytes>:<bytes of the file>", and the bytes as they
 * are, as of a socket. Nothing of the store is printed: a certificate's file may hold its key. */
void fk_on_fsp(struct fk_console *c, const struct fk_args *args)
{
    uint64_t offset = 0, len = UINT32_MAX;
    enum fk_store_role role;
    if (!fk_args_count(c, args, 1, 3)) {
        return;
    }
    const char *name = fk_file_name_arg(args, 0);
    const char *from = fk_args_text(args, 1);
    const char *length = fk_args_text(args, 2);
    if ((from[0] != '\0' && !fk_args_number(from, UINT32_MAX, &offset)) ||
        (length[0] != '\0' && !fk_args_number(length, UINT32_MAX, &len))) {
        fk_answer_error(c, FK_CONSOLE_INVALID);
        return;
    }
    const struct fk_ram_file *file = in_memory(c, name);
    if (file == NULL) {
        fk_answer_failure(c, role_of(name, &role) ? FK_E_UNSUPPORTED : FK_E_NOT_FOUND,
                          FK_CONSOLE_FILE_READ);
        return;
    }
    uint64_t left = offset < file->len ? file->len - offset : 0;
    len = len < left ? len : left;
    uint64_t size = file->len;
    fk_answer_numbers(c, "AT-S.Reading:", len, &size);
    if (len > 0) {
        fk_answer_bytes(c, file->bytes + offset, (size_t)len);
    }
    fk_answer_ok(c);
}

/* The letter of the volume, C for flash and D for memory, is ours. */
static void print_file(struct fk_console *c, const char *volume, uint32_t len, const char *name)
{
    uint8_t buf[FK_ANSWER_MAX];
    struct fk_writer w;
    fk_writer_init(&w, buf, sizeof buf);
    fk_write_text(&w, "AT-S.File:");
    fk_write_text(&w, volume);
    fk_write_text(&w, "\t");
    fk_write_decimal(&w, len);
    fk_write_text(&w, "\t");
    fk_write_text(&w, name);
    fk_answer_line(c, &w);
}

/* [<name>] */
void fk_on_fsl(struct fk_console *c, const struct fk_args *args)
{
    struct fk_store_entry entry;
    uint32_t at = 0;
    if (!fk_args_count(c, args, 0, 1)) {
        return;
    }
    const char *only = fk_file_name_arg(args, 0);
    enum fk_status st = fk_certstore_next(c->port->store, &at, &entry);
    for (; st == FK_OK; st = fk_certstore_next(c->port->store, &at, &entry)) {
        if (entry.set == FK_STORE_TLS && !fk_is_slot(&entry) &&
            (only[0] == '\0' || strcmp(only, entry.name) == 0)) {
            print_file(c, "C", entry.len, entry.name);
        }
    }
    for (unsigned i = 0; c->port->files != NULL && i < FK_RAM_FILES_MAX; i++) {
        const struct fk_ram_file *file = fk_ram_files_at(c->port->files, i);
        if (file != NULL && (only[0] == '\0' || strcmp(only, file->name) == 0)) {
            print_file(c, "D", file->len, file->name);
        }
    }
    fk_console_store_conclude(c, st == FK_E_STORE_ENTRY ? FK_OK : st);
}
