/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/key_file.h"

#include "wire/reader.h"
#include "wire/writer.h"

#include <string.h>

#define MAGIC   0x464b4b46u /* "FKKF" */
#define VERSION 1

_Static_assert(FK_KEY_FILE_MAX % 32 == 0, "a copy begins at a program unit of any size");

/* Each field has a length byte and its full width, zero filled. exact: empty or all of it. */
static void put_field(struct fk_writer *w, struct fk_slice field, size_t width, bool exact)
{
    static const uint8_t zero[FK_KEY_KID_MAX] = {0};
    if (field.len > width || (exact && field.len != 0 && field.len != width)) {
        w->st = FK_E_KEY_SIZE;
        return;
    }
    fk_write_u8(w, (uint8_t)field.len);
    fk_write_bytes(w, field.len > 0 ? field.ptr : zero, field.len);
    fk_write_bytes(w, zero, width - field.len);
}

static struct fk_slice get_field(struct fk_reader *r, size_t width, bool exact)
{
    uint8_t len = fk_read_u8(r);
    const uint8_t *p = fk_read_bytes(r, width);
    if (!fk_reader_ok(r) || len > width || (exact && len != 0 && len != width)) {
        fk_reader_fail(r, FK_E_FORMAT);
        return (struct fk_slice){NULL, 0};
    }
    return (struct fk_slice){p, len};
}

enum fk_status fk_key_file_write_head(const struct fk_key_file *file, uint8_t buf[FK_KEY_FILE_HEAD])
{
    struct fk_writer w;
    size_t len = 0;
    if (file->set.len > FK_KEY_SET_MAX) {
        return FK_E_LIMIT;
    }
    memset(buf, 0, FK_KEY_FILE_HEAD);
    fk_writer_init(&w, buf, FK_KEY_FILE_HEAD);
    fk_write_u32be(&w, MAGIC);
    fk_write_u8(&w, VERSION);
    fk_write_u32be(&w, (uint32_t)file->set.len);
    put_field(&w, file->kek, FK_KEK_SIZE, true);
    put_field(&w, file->kek_kid, FK_KEY_KID_MAX, false);
    put_field(&w, file->ecdh, FK_ECDH_KEY_SIZE, true);
    put_field(&w, file->ecdh_kid, FK_KEY_KID_MAX, false);
    put_field(&w, file->device_id, FK_DEVICE_ID_SIZE, true);
    return fk_writer_end(&w, &len);
}

static uint32_t read_start(struct fk_reader *r)
{
    uint32_t magic = fk_read_u32be(r);
    uint8_t version = fk_read_u8(r);
    uint32_t set_len = fk_read_u32be(r);
    fk_reader_require(r, magic == MAGIC && version == VERSION, FK_E_FORMAT);
    fk_reader_require(r, set_len <= FK_KEY_SET_MAX, FK_E_LIMIT);
    return fk_reader_ok(r) ? set_len : 0;
}

enum fk_status fk_key_file_set_len(const uint8_t head[FK_KEY_FILE_HEAD], uint32_t *ret)
{
    struct fk_reader r;
    fk_reader_init(&r, (struct fk_slice){head, FK_KEY_FILE_HEAD});
    uint32_t len = read_start(&r);
    if (fk_reader_ok(&r)) {
        *ret = len;
    }
    return r.st;
}

enum fk_status fk_key_file_parse(struct fk_slice bytes, struct fk_key_file *ret)
{
    struct fk_key_file f;
    struct fk_reader r;
    fk_reader_init(&r, bytes);
    struct fk_reader head = fk_read_sub(&r, FK_KEY_FILE_HEAD);
    uint32_t set_len = read_start(&head);
    f.kek = get_field(&head, FK_KEK_SIZE, true);
    f.kek_kid = get_field(&head, FK_KEY_KID_MAX, false);
    f.ecdh = get_field(&head, FK_ECDH_KEY_SIZE, true);
    f.ecdh_kid = get_field(&head, FK_KEY_KID_MAX, false);
    f.device_id = get_field(&head, FK_DEVICE_ID_SIZE, true);
    if (!fk_reader_ok(&head)) {
        return head.st;
    }
    const uint8_t *set = fk_read_bytes(&r, set_len);
    f.set = (struct fk_slice){set, set_len};
    enum fk_status st = fk_reader_end(&r);
    if (st == FK_OK) {
        *ret = f;
    }
    return st;
}
