/* SPDX-License-Identifier: Apache-2.0 */
#include "ota/suit_build.h"
#include "ota/suit_put.h"

#include <string.h>

enum { REPORT_ALL = 15, REPORT_FAILURE = 2, TEXT_VERSION = 6 };

static void put_digest_parameter(struct fk_writer *w, struct fk_slice digest)
{
    uint8_t bytes[FK_COSE_DIGEST_SIZE];
    struct fk_writer inner;
    fk_writer_init(&inner, bytes, sizeof bytes);
    fk_suit_put_digest(&inner, digest);
    fk_cbor_put_uint(w, FK_SUIT_PARAM_DIGEST);
    fk_cbor_put_bytes(w, (struct fk_slice){bytes, inner.len});
}

static void put_size(struct fk_writer *w, uint64_t size)
{
    fk_cbor_put_uint(w, FK_SUIT_PARAM_SIZE);
    fk_cbor_put_uint(w, size);
}

static void put_uri(struct fk_writer *w, struct fk_slice uri)
{
    fk_cbor_put_uint(w, FK_SUIT_PARAM_URI);
    fk_cbor_put_text(w, uri);
}

static void put_command(struct fk_writer *w, uint64_t command, uint64_t arg)
{
    fk_cbor_put_uint(w, command);
    fk_cbor_put_uint(w, arg);
}

static void put_shared(struct fk_writer *w, const struct fk_suit_manifest *m)
{
    bool staged = m->encryption_info.len > 0, device = m->device.len > 0;
    fk_cbor_put_array(w, 6u + (staged ? 2 : 0) + (device ? 2 : 0));
    if (staged) {
        put_command(w, FK_SUIT_SET_COMPONENT, 0);
    }
    fk_cbor_put_uint(w, FK_SUIT_OVERRIDE);
    fk_cbor_put_map(w, device ? 5 : 4);
    fk_suit_put_bytes(w, FK_SUIT_PARAM_VENDOR, m->vendor);
    fk_suit_put_bytes(w, FK_SUIT_PARAM_CLASS, m->class_id);
    put_digest_parameter(w, m->image.digest);
    put_size(w, m->image.size);
    if (device) {
        fk_suit_put_bytes(w, FK_SUIT_PARAM_DEVICE, m->device);
    }
    put_command(w, FK_SUIT_COND_VENDOR, REPORT_ALL);
    put_command(w, FK_SUIT_COND_CLASS, REPORT_ALL);
    if (device) {
        put_command(w, FK_SUIT_COND_DEVICE, REPORT_ALL);
    }
}

static void put_install(struct fk_writer *w, const struct fk_suit_manifest *m)
{
    if (m->encryption_info.len == 0) {
        fk_cbor_put_array(w, 6);
        fk_cbor_put_uint(w, FK_SUIT_OVERRIDE);
        fk_cbor_put_map(w, 1);
        put_uri(w, m->uri);
        put_command(w, FK_SUIT_FETCH, REPORT_FAILURE);
        put_command(w, FK_SUIT_COND_IMAGE_MATCH, REPORT_ALL);
        return;
    }
    fk_cbor_put_array(w, 16);
    put_command(w, FK_SUIT_SET_COMPONENT, 1);
    fk_cbor_put_uint(w, FK_SUIT_OVERRIDE);
    fk_cbor_put_map(w, 3);
    put_digest_parameter(w, m->payload.digest);
    put_size(w, m->payload_size);
    put_uri(w, m->uri);
    put_command(w, FK_SUIT_FETCH, REPORT_FAILURE);
    put_command(w, FK_SUIT_COND_IMAGE_MATCH, REPORT_ALL); /* of the ciphertext */
    put_command(w, FK_SUIT_SET_COMPONENT, 0);
    fk_cbor_put_uint(w, FK_SUIT_OVERRIDE);
    fk_cbor_put_map(w, 2);
    fk_suit_put_bytes(w, FK_SUIT_PARAM_ENCRYPTION, m->encryption_info);
    fk_cbor_put_uint(w, FK_SUIT_PARAM_SOURCE);
    fk_cbor_put_uint(w, 1);
    put_command(w, FK_SUIT_COPY, REPORT_FAILURE);
    put_command(w, FK_SUIT_COND_IMAGE_MATCH, REPORT_ALL); /* of the image */
}

/* validate and invoke: one command on the first component. */
static void put_short(struct fk_writer *w, const struct fk_suit_manifest *m, uint64_t command,
                      uint64_t arg)
{
    bool staged = m->encryption_info.len > 0;
    fk_cbor_put_array(w, staged ? 4 : 2);
    if (staged) {
        put_command(w, FK_SUIT_SET_COMPONENT, 0);
    }
    put_command(w, command, arg);
}

static void put_common(struct fk_writer *w, const struct fk_suit_manifest *m,
                       const struct fk_writer *shared)
{
    bool staged = m->encryption_info.len > 0;
    fk_cbor_put_map(w, 2);
    fk_cbor_put_uint(w, FK_SUIT_COMMON_COMPONENTS);
    fk_cbor_put_array(w, staged ? 2 : 1);
    fk_write_bytes(w, m->component.ptr, m->component.len);
    if (staged) {
        fk_write_bytes(w, m->staging.ptr, m->staging.len);
    }
    fk_suit_put_inner(w, FK_SUIT_COMMON_SHARED, shared);
}

enum fk_status fk_suit_manifest_make(const struct fk_suit_manifest *m, struct fk_buffer *ret,
                                     struct fk_error *err)
{
    size_t cap = m->encryption_info.len + m->text.len + 2048;
    struct fk_buffer whole = {.ptr = NULL}, part = {.ptr = NULL};
    struct fk_writer w, inner, shared;
    uint8_t small[512];
    enum fk_status st = fk_suit_writer_open(&w, cap, &whole, err);
    if (st == FK_OK) {
        st = fk_suit_writer_open(&inner, cap, &part, err);
    }
    if (st != FK_OK) {
        fk_buffer_release(&whole);
        return st;
    }
    fk_cbor_put_map(&w, 5u + (m->invoke ? 1 : 0) + (m->text.len > 0 ? 1 : 0));
    put_command(&w, FK_SUIT_VERSION, 1);
    put_command(&w, FK_SUIT_SEQUENCE, m->sequence);
    fk_writer_init(&shared, small, sizeof small);
    put_shared(&shared, m);
    put_common(&inner, m, &shared);
    fk_suit_put_inner(&w, FK_SUIT_COMMON, &inner);
    fk_writer_init(&inner, part.ptr, cap);
    put_short(&inner, m, FK_SUIT_COND_IMAGE_MATCH, REPORT_ALL);
    fk_suit_put_inner(&w, FK_SUIT_VALIDATE, &inner);
    if (m->invoke) {
        fk_writer_init(&inner, part.ptr, cap);
        put_short(&inner, m, FK_SUIT_DO_INVOKE, REPORT_FAILURE);
        fk_suit_put_inner(&w, FK_SUIT_INVOKE, &inner);
    }
    fk_writer_init(&inner, part.ptr, cap);
    put_install(&inner, m);
    fk_suit_put_inner(&w, FK_SUIT_INSTALL, &inner);
    if (m->text.len > 0) {
        fk_suit_put_bytes(&w, FK_SUIT_TEXT, m->text);
    }
    fk_buffer_release(&part);
    return fk_suit_writer_close(&w, &whole, ret, err);
}

enum fk_status fk_suit_text_make(struct fk_slice component, const char *version,
                                 struct fk_buffer *ret, struct fk_error *err)
{
    static const uint8_t language[] = {'e', 'n'};
    size_t len = strlen(version);
    struct fk_buffer b = {.ptr = NULL};
    struct fk_writer w;
    enum fk_status st = fk_suit_writer_open(&w, component.len + len + 32, &b, err);
    if (st != FK_OK) {
        return st;
    }
    fk_cbor_put_map(&w, 1);
    fk_cbor_put_text(&w, (struct fk_slice){language, sizeof language});
    fk_cbor_put_map(&w, 1);
    fk_write_bytes(&w, component.ptr, component.len);
    fk_cbor_put_map(&w, 1);
    fk_cbor_put_uint(&w, TEXT_VERSION);
    fk_cbor_put_text(&w, (struct fk_slice){(const uint8_t *)version, len});
    return fk_suit_writer_close(&w, &b, ret, err);
}
