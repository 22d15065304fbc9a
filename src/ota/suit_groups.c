/* SPDX-License-Identifier: Apache-2.0 */
/* Many recipients: several envelopes around one payload, each as large as a device reads. */
#include "ota/suit_maker.h"

#include "wire/cbor.h"

enum { HEAD_SLACK = 16 }; /* lengths and counts may take some more bytes when they grow */

/* Bytes that a recipient takes in a manifest. */
static size_t recipient_size(const struct fk_suit_recipient *r)
{
    static const uint8_t zeros[32];
    uint8_t buf[256];
    struct fk_writer w;
    const struct fk_cose_recipient rec = {
        .alg = r->shared ? FK_COSE_A128KW : FK_COSE_ECDH_ES_A128KW,
        .kid = {r->kid, sizeof r->kid},
        .x = {zeros, sizeof zeros},
        .y = {zeros, sizeof zeros},
        .wrapped = {zeros, 24},
    };
    fk_writer_init(&w, buf, sizeof buf);
    fk_cose_recipient_put(&w, &rec);
    return w.len;
}

/* How many recipients from `first` on fit a manifest that has `base` bytes without any. */
static size_t count_fitting(const struct fk_suit_options *o, size_t first, size_t base)
{
    size_t room = o->profile->device.envelope.manifest_max;
    size_t n = 0;
    room = room > base + HEAD_SLACK ? room - base - HEAD_SLACK : 0;
    while (first + n < o->n_recipients) {
        size_t size = recipient_size(&o->recipients[first + n]);
        if (size > room) {
            break;
        }
        room -= size;
        n++;
    }
    return n;
}

/* Manifest without recipients; refuses groups that no device could read before anything is
 * written. */
static enum fk_status measure(struct fk_suit_maker *k, size_t per_group, size_t *ret_base,
                              struct fk_error *err)
{
    struct fk_suit_result r = {0};
    struct fk_buffer head = {.ptr = NULL};
    size_t n = per_group == 0 ? 1 : per_group;
    size_t size = 0;
    n = n < k->o->n_recipients ? n : k->o->n_recipients;
    enum fk_status st = fk_suit_maker_recipients(k, 0, n, err);
    if (st == FK_OK) {
        st = fk_suit_maker_head(k, NULL, &r, &head, err);
    }
    if (st == FK_OK) {
        st = fk_suit_check_limit(k->o->profile, r.manifest_size, n, err);
    }
    for (size_t i = 0; i < n; i++) {
        size += recipient_size(&k->o->recipients[i]);
    }
    *ret_base = r.manifest_size - (size < r.manifest_size ? size : r.manifest_size);
    fk_buffer_release(&head);
    return st;
}

static enum fk_status make_group(struct fk_suit_maker *k, const struct fk_suit_group *group,
                                 const struct fk_suit_sink *sink, struct fk_suit_result *r,
                                 struct fk_error *err)
{
    struct fk_suit_signed signatures;
    struct fk_buffer head = {.ptr = NULL};
    enum fk_status st = fk_suit_maker_recipients(k, group->first, group->n, err);
    if (st == FK_OK) {
        st = fk_suit_maker_head(k, &signatures, r, &head, err);
    }
    if (st == FK_OK) {
        st = fk_suit_check_limit(k->o->profile, r->manifest_size, group->n, err);
    }
    if (st == FK_OK) {
        r->envelope_size = head.len;
        st = sink->take(sink->ctx, group, (struct fk_slice){head.ptr, head.len}, err);
    }
    fk_buffer_release(&head);
    return st;
}

enum fk_status fk_suit_create_groups(struct fk_image *image, const struct fk_suit_options *options,
                                     size_t per_group, struct fk_output *payload,
                                     const struct fk_suit_sink *sink, struct fk_suit_result *ret,
                                     struct fk_error *err)
{
    struct fk_suit_result r = {0};
    struct fk_suit_maker k = {.o = options, .image = image, .payload = payload};
    size_t base = 0;
    enum fk_status st = fk_suit_maker_begin(&k, err);
    if (st == FK_OK && (options->uri == NULL || options->n_recipients == 0)) {
        st = fk_fail(err, FK_E_INTERNAL, "groups need recipients, and a payload apart");
    }
    if (st == FK_OK) {
        st = measure(&k, per_group, &base, err);
    }
    if (st == FK_OK) {
        st = fk_suit_maker_payload(&k, err);
    }
    struct fk_suit_group group = {.first = 0};
    while (st == FK_OK && group.first < options->n_recipients) {
        size_t left = options->n_recipients - group.first;
        group.n = per_group == 0 ? count_fitting(options, group.first, base) : per_group;
        group.n = group.n == 0 ? 1 : group.n < left ? group.n : left;
        st = make_group(&k, &group, sink, &r, err);
        group.first += group.n;
        group.number++;
    }
    if (st == FK_OK) {
        fk_suit_maker_result(&k, &r);
        *ret = r;
    }
    fk_suit_maker_release(&k);
    return st;
}
