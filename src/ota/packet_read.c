/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/packet.h"

#include "crypto/crypto.h"
#include "fotakit/file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#define WORK (64u * 1024u)

enum fk_status fk_packet_open(struct fk_packet *packet, const char *path,
                              const struct fk_device *device, struct fk_error *err)
{
    struct fk_packet p = {.device = device, .path = path, .fd = -1};
    uint8_t bytes[FK_ST_HEADER_MAX];
    off_t size = 0;
    *packet = (struct fk_packet)FK_PACKET_INIT;
    enum fk_status st = fk_st_layout_check(&device->st);
    if (st != FK_OK) {
        return fk_fail(err, st, "profile %s: fota.header is not usable", device->name);
    }
    st = fk_file_open(path, false, &p.fd, &size, err);
    if (st != FK_OK) {
        return st;
    }
    const uint64_t header = device->st.size;
    p.size = (uint64_t)size;
    if (p.size == 0) {
        st = fk_fail(err, FK_E_EMPTY, "'%s' is empty", path);
    } else if (p.size <= header) {
        st = fk_fail(err, FK_E_TRUNCATED,
                     "'%s' has %" PRIu64 " byte%s, a packet has more than %" PRIu64
                     ": the header and a body",
                     path, p.size, fk_plural(p.size), header);
    } else {
        st = fk_file_read_at(p.fd, path, 0, bytes, (size_t)header, err);
    }
    if (st == FK_OK) {
        p.body_size = p.size - header;
        struct fk_slice slice = {bytes, (size_t)header};
        st = fk_wrap(err, fk_st_header_parse(&device->st, slice, &p.header), "'%s'", path);
    }
    if (st != FK_OK) {
        fk_packet_close(&p);
        return st;
    }
    p.plain = fk_st_header_is_plain(&p.header);
    *packet = p;
    return FK_OK;
}

void fk_packet_close(struct fk_packet *packet)
{
    if (packet->fd >= 0) {
        close(packet->fd);
        packet->fd = -1;
    }
}

struct body {
    const struct fk_packet *packet;
    struct fk_error *err;
};

static enum fk_status read_body(void *ctx, uint32_t off, void *buf, size_t len)
{
    const struct body *b = ctx;
    return fk_file_read_at(b->packet->fd, b->packet->path,
                           (uint64_t)b->packet->device->st.size + off, buf, len, b->err);
}

static enum fk_status explain(const struct fk_packet *p, enum fk_status st, struct fk_error *err)
{
    const struct fk_device *d = p->device;
    switch (st) {
    case FK_E_IMAGE_TOO_BIG:
        return fk_fail(err, st,
                       "'%s': check size failed: body of %" PRIu64 " bytes, the slot holds "
                       "%" PRIu32,
                       p->path, p->body_size, fk_device_slot_size(d));
    case FK_E_IMAGE_ALIGN:
        return fk_fail(err, st,
                       "'%s': check size failed: body of %" PRIu64 " byte%s, expected a multiple "
                       "of %" PRIu32 "; is the file cut short?",
                       p->path, p->body_size, fk_plural(p->body_size), d->image_unit);
    case FK_E_PLAIN_REFUSED:
        return fk_fail(err, st,
                       "'%s': check policy failed: the packet is plain, profile %s refuses that; "
                       "make it with a key",
                       p->path, d->name);
    case FK_E_BARE_REFUSED:
        return fk_fail(err, st,
                       "'%s': check policy failed: profile %s takes packets in signed envelopes "
                       "only; make one with create_ota --format suit --wrap-st",
                       p->path, d->name);
    case FK_E_NO_KEY:
        return fk_fail(err, st,
                       "'%s': check key failed: the packet is encrypted; name the key with "
                       "--keyfile",
                       p->path);
    case FK_E_TAG:
        return fk_fail(err, st,
                       "'%s': check tag failed: the packet was changed or cut short, or this is "
                       "not its key",
                       p->path);
    case FK_E_DIGEST:
        return fk_fail(err, st,
                       "'%s': check digest failed: the SHA-256 of the image is not the one in the "
                       "header; the packet was changed or cut short",
                       p->path);
    default:
        return st; /* the source has said it, or the status text will */
    }
}

enum fk_status fk_packet_verify(const struct fk_packet *packet, const struct fk_packet_key *key,
                                struct fk_st_report *ret_report, struct fk_error *err)
{
    struct body body = {.packet = packet, .err = err};
    struct fk_source source = {.ctx = &body, .read = read_body};
    *ret_report = (struct fk_st_report){.plain = packet->plain};
    if (packet->body_size > UINT32_MAX) {
        ret_report->size = FK_CHECK_FAILED;
        return explain(packet, FK_E_IMAGE_TOO_BIG, err);
    }
    uint8_t *work = malloc(WORK);
    if (work == NULL) {
        return fk_fail(err, FK_E_MEMORY, "out of memory");
    }
    enum fk_status st = fk_crypto_init();
    if (st == FK_OK) {
        st = fk_verify_st(packet->device, &packet->header, key != NULL ? key->bytes : NULL, &source,
                          (uint32_t)packet->body_size, work, WORK, ret_report);
    }
    free(work);
    if (st == FK_OK && !fk_device_takes_bare(packet->device)) {
        ret_report->policy = FK_CHECK_FAILED; /* a sound packet, but not one for this device */
        st = FK_E_BARE_REFUSED;
    }
    return st == FK_OK ? FK_OK : explain(packet, st, err);
}

static uint32_t le32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

bool fk_packet_looks_like_code(const struct fk_packet *packet)
{
    uint8_t b[8];
    if (packet->size < sizeof b ||
        fk_file_read_at(packet->fd, packet->path, 0, b, sizeof b, NULL) != FK_OK) {
        return false;
    }
    uint32_t stack = le32(b);     /* top of a RAM of at most 1 MiB at 0x20000000 */
    uint32_t reset = le32(b + 4); /* Thumb code: odd */
    return stack > 0x20000000 && stack <= 0x20100000 && stack % 8 == 0 && reset % 2 == 1 &&
           reset < 0x20000000;
}
