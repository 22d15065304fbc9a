/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/envelope.h"

#include "fotakit/suit.h"

#include <stdlib.h>
#include <unistd.h>

enum fk_status fk_suit_file_read(const struct fk_suit_file *f, uint64_t off, void *buf, size_t len,
                                 struct fk_error *err)
{
    return fk_file_read_at(f->fd, f->path, off, buf, len, err);
}

enum fk_status fk_suit_file_open(struct fk_suit_file *f, const char *path, struct fk_error *err)
{
    off_t size = 0;
    struct fk_suit_file new = {.path = path, .fd = -1};
    enum fk_status st = fk_file_open(path, false, &new.fd, &size, err);
    if (st != FK_OK) {
        return st;
    }
    new.size = (uint64_t)size;
    new.head.len = new.size < FK_SUIT_HEAD_MAX ? (size_t) new.size : FK_SUIT_HEAD_MAX;
    new.head.ptr = malloc(new.head.len + 1);
    if (new.head.ptr == NULL) {
        st = fk_fail(err, FK_E_MEMORY, "out of memory");
    } else {
        st = fk_suit_file_read(&new, 0, new.head.ptr, new.head.len, err);
    }
    if (st == FK_OK) {
        st = fk_suit_envelope_parse((struct fk_slice){new.head.ptr, new.head.len}, new.size,
                                    &new.env);
        if (st != FK_OK) {
            st = fk_fail(err, st, "'%s': %s", path, fk_status_text(st));
        }
    }
    if (st != FK_OK) {
        fk_suit_file_close(&new);
        return st;
    }
    *f = new;
    return FK_OK;
}

void fk_suit_file_close(struct fk_suit_file *f)
{
    if (f->fd >= 0) {
        close(f->fd);
        f->fd = -1;
    }
    fk_buffer_release(&f->head);
}
