/* SPDX-License-Identifier: Apache-2.0 */
#include "ota/suit_maker.h"

#include "core/suit_policy.h"
#include "crypto/random.h"
#include "ota/padding.h"

#include <inttypes.h>
#include <string.h>

enum { GCM_IV_SIZE = 12 };

static const char payload_name[] = "#payload";

static struct fk_slice text_slice(const char *s)
{
    return (struct fk_slice){(const uint8_t *)s, strlen(s)};
}

static enum fk_status check_options(const struct fk_suit_options *o, struct fk_error *err)
{
    const struct fk_envelope_rules *e = &o->profile->device.envelope;
    unsigned cipher = o->cipher == FK_COSE_A128GCM ? FK_CONTENT_A128GCM : FK_CONTENT_A128CTR;
    if (!o->profile->has_firmware || !e->supported) {
        return fk_fail(err, FK_E_UNSUPPORTED, "profile %s has no section 'envelope'",
                       o->profile->name);
    }
    if (o->n_signers > FK_SUIT_SIGNERS_MAX || o->n_recipients > FK_SUIT_RECIPIENTS_MAX) {
        return fk_fail(err, FK_E_LIMIT, "too many signers or recipients, at most %d and %d",
                       FK_SUIT_SIGNERS_MAX, FK_SUIT_RECIPIENTS_MAX);
    }
    if (o->uri != NULL && strlen(o->uri) > FK_SUIT_URI_MAX) {
        return fk_fail(err, FK_E_LIMIT, "the URI has %zu bytes, devices read %d", strlen(o->uri),
                       FK_SUIT_URI_MAX);
    }
    if ((o->cipher != 0) != (o->n_recipients > 0)) {
        return fk_fail(err, FK_E_USAGE,
                       o->cipher != 0 ? "nobody to encrypt to" : "recipients, but no cipher");
    }
    if (o->cipher == 0 && e->encryption_required) {
        return fk_fail(err, FK_E_ENCRYPTION_REQUIRED,
                       "profile %s takes encrypted payloads only (envelope.encryption); name who "
                       "can decrypt",
                       o->profile->name);
    }
    if (o->cipher != 0 && (e->ciphers & cipher) == 0) {
        return fk_fail(err, FK_E_CIPHER, "profile %s does not decrypt %s (envelope.ciphers)",
                       o->profile->name, o->cipher == FK_COSE_A128GCM ? "a128gcm" : "a128ctr");
    }
    for (size_t i = 0; i < o->n_recipients; i++) {
        unsigned way = o->recipients[i].shared ? FK_DELIVERY_A128KW : FK_DELIVERY_ECDH;
        if ((e->deliveries & way) == 0) {
            return fk_fail(err, FK_E_CIPHER,
                           "profile %s does not take content keys by %s (envelope.key_delivery)",
                           o->profile->name, o->recipients[i].shared ? "a128kw" : "ecdh-es");
        }
    }
    return FK_OK;
}

/* What the device asks before it fetches: a tag makes the payload longer than the image. */
static enum fk_status check_staging(const struct fk_profile *profile,
                                    const struct fk_suit_manifest *m, struct fk_error *err)
{
    struct fk_component components[FK_COMPONENTS_MAX];
    struct fk_suit_policy policy = {0};
    fk_suit_components(&profile->device, components, &policy);
    for (size_t i = 0; i < policy.n_components; i++) {
        const struct fk_component *c = &components[i];
        if (c->kind == FK_COMPONENT_STAGING && m->payload_size > c->size_max) {
            return fk_fail(err, FK_E_IMAGE_TOO_BIG,
                           "the encrypted payload has %" PRIu64 " bytes, staging of profile %s "
                           "holds %" PRIu32 "; make the image %" PRIu64 " bytes smaller",
                           m->payload_size, profile->name, c->size_max,
                           m->payload_size - c->size_max);
        }
    }
    return FK_OK;
}

/* All that is known before the payload is read; digests come later, in place. */
enum fk_status fk_suit_maker_begin(struct fk_suit_maker *k, struct fk_error *err)
{
    const struct fk_suit_options *o = k->o;
    const struct fk_device *device = &o->profile->device;
    const struct fk_envelope_rules *e = &device->envelope;
    const struct fk_component_id *target = o->packet ? &e->packet : &e->image;
    struct fk_suit_manifest *m = &k->m;
    const struct fk_ota_options padding = {
        .device = device, .pad = o->pad, .gap_value = o->profile->image.gap_value};
    enum fk_status st = check_options(o, err);
    if (st == FK_OK) {
        st = fk_suit_check_sequence(o->sequence, err);
    }
    if (st == FK_OK && target->len == 0) {
        st = fk_fail(err, FK_E_UNSUPPORTED,
                     "profile %s takes no update packets in envelopes; leave out --wrap-st",
                     device->name);
    }
    if (st == FK_OK && !o->packet) {
        st = fk_ota_padding(k->image, &padding, &k->padding, err);
    }
    if (st != FK_OK) {
        return st;
    }
    m->sequence = o->sequence;
    m->component = (struct fk_slice){target->bytes, target->len};
    m->vendor = (struct fk_slice){e->vendor, sizeof e->vendor};
    m->class_id = (struct fk_slice){e->class_id, sizeof e->class_id};
    m->device = o->device_id;
    m->uri = o->uri != NULL ? text_slice(o->uri) : text_slice(payload_name);
    m->image.size = fk_image_info(k->image)->size + k->padding;
    m->image.digest = (struct fk_slice){k->image_digest, sizeof k->image_digest};
    m->payload_size = m->image.size;
    m->invoke = true;
    if (o->version != NULL) {
        st = fk_suit_text_make(m->component, o->version, &k->text, err);
        m->text = (struct fk_slice){k->text.ptr, k->text.len};
    }
    if (st != FK_OK || o->cipher == 0) {
        return st;
    }
    m->staging = (struct fk_slice){e->staging.bytes, e->staging.len};
    m->payload.digest = (struct fk_slice){k->payload_digest, sizeof k->payload_digest};
    m->payload_size += o->cipher == FK_COSE_A128GCM ? FK_SUIT_TAG_SIZE : 0;
    k->iv_len = o->cipher == FK_COSE_A128GCM ? GCM_IV_SIZE : FK_SUIT_IV_MAX;
    st = check_staging(o->profile, m, err);
    if (st == FK_OK) {
        st = fk_random_bytes(k->key, sizeof k->key, err);
    }
    if (st == FK_OK) {
        st = fk_random_bytes(k->iv, k->iv_len, err);
    }
    return st;
}

enum fk_status fk_suit_maker_recipients(struct fk_suit_maker *k, size_t first, size_t n,
                                        struct fk_error *err)
{
    struct fk_suit_options some = *k->o;
    if (k->o->cipher == 0) {
        return FK_OK;
    }
    some.recipients += first;
    some.n_recipients = n;
    fk_buffer_release(&k->encryption);
    enum fk_status st = fk_suit_encryption_make(&some, k->key, (struct fk_slice){k->iv, k->iv_len},
                                                NULL, &k->encryption, err);
    k->m.encryption_info = (struct fk_slice){k->encryption.ptr, k->encryption.len};
    return st;
}

enum fk_status fk_suit_maker_head(const struct fk_suit_maker *k, struct fk_suit_signed *signatures,
                                  struct fk_suit_result *r, struct fk_buffer *ret,
                                  struct fk_error *err)
{
    static const uint8_t zeros[FK_SIGNATURE_SIZE];
    struct fk_suit_signed blocks;
    struct fk_buffer manifest = {.ptr = NULL};
    enum fk_status st = fk_suit_manifest_make(&k->m, &manifest, err);
    struct fk_suit_head head = {.manifest = {manifest.ptr, manifest.len},
                                .n_auths = k->o->n_signers};
    if (st == FK_OK) {
        st = fk_suit_manifest_digest(head.manifest, r->manifest_sha256, err);
    }
    if (st == FK_OK && signatures != NULL) {
        const struct fk_suit_signers by = {k->o->signers, k->o->n_signers, k->o->es256};
        st = fk_suit_sign(&by, r->manifest_sha256, (struct fk_slice){NULL, 0}, signatures, err);
    }
    for (size_t i = 0; st == FK_OK && i < k->o->n_signers; i++) {
        const struct fk_public_key *key = fk_signer_public(k->o->signers[i]);
        if (signatures == NULL) {
            st = fk_suit_block_make(key, fk_suit_algorithm(key, k->o->es256), zeros,
                                    blocks.bytes[i], &blocks.len[i]);
        }
        const struct fk_suit_signed *from = signatures != NULL ? signatures : &blocks;
        head.auths[i] = (struct fk_slice){from->bytes[i], from->len[i]};
    }
    if (k->o->uri == NULL) {
        head.payload_name = text_slice(payload_name);
        head.payload_len = k->m.payload_size;
    }
    if (st == FK_OK) {
        st = fk_suit_head_make(&head, ret, err);
        r->manifest_size = manifest.len;
    }
    fk_buffer_release(&manifest);
    return st;
}

/* Sizes are known before digests and signatures, so an integrated payload is written behind a hole
 * of the right length, and the hole is filled in the end. */
static enum fk_status write_envelope(struct fk_suit_maker *k, struct fk_output *envelope,
                                     bool integrated, struct fk_suit_result *r,
                                     struct fk_error *err)
{
    struct fk_buffer hole = {.ptr = NULL}, head = {.ptr = NULL};
    struct fk_suit_signed signatures;
    enum fk_status st = fk_suit_maker_head(k, NULL, r, &hole, err);
    if (st == FK_OK) {
        st = fk_suit_check_limit(k->o->profile, r->manifest_size, k->o->n_recipients, err);
    }
    if (st == FK_OK) {
        st = fk_output_write(envelope, hole.ptr, hole.len, err);
    }
    if (st == FK_OK) {
        st = fk_suit_maker_payload(k, err);
    }
    if (st == FK_OK) {
        st = fk_suit_maker_head(k, &signatures, r, &head, err);
    }
    if (st == FK_OK && head.len != hole.len) {
        st = fk_fail(err, FK_E_INTERNAL, "the envelope grew while it was made");
    }
    if (st == FK_OK) {
        st = fk_output_write_at(envelope, 0, head.ptr, head.len, err);
        r->envelope_size = head.len + (integrated ? k->m.payload_size : 0);
    }
    fk_buffer_release(&hole);
    fk_buffer_release(&head);
    return st;
}

enum fk_status fk_suit_create(struct fk_image *image, const struct fk_suit_options *options,
                              struct fk_output *envelope, struct fk_output *payload,
                              struct fk_suit_result *ret, struct fk_error *err)
{
    struct fk_suit_result r = {0};
    struct fk_suit_maker k = {
        .o = options, .image = image, .payload = payload != NULL ? payload : envelope};
    enum fk_status st = fk_suit_maker_begin(&k, err);
    if (st == FK_OK && (payload == NULL) != (options->uri == NULL)) {
        st = fk_fail(err, FK_E_INTERNAL, "a payload apart needs an address, and only that");
    }
    if (st == FK_OK) {
        st = fk_suit_maker_recipients(&k, 0, options->n_recipients, err);
    }
    if (st == FK_OK) {
        st = write_envelope(&k, envelope, payload == NULL, &r, err);
    }
    if (st == FK_OK) {
        fk_suit_maker_result(&k, &r);
        *ret = r;
    }
    fk_suit_maker_release(&k);
    return st;
}

void fk_suit_maker_result(const struct fk_suit_maker *k, struct fk_suit_result *r)
{
    r->image_size = k->m.image.size;
    r->padded = k->padding;
    r->payload_size = k->m.payload_size;
    r->n_recipients = k->o->n_recipients;
    if (k->o->uri != NULL) {
        memcpy(r->uri, k->m.uri.ptr, k->m.uri.len); /* check_options() has bounded it */
        r->uri[k->m.uri.len] = '\0';
    }
    memcpy(r->image_sha256, k->image_digest, sizeof r->image_sha256);
}

void fk_suit_maker_release(struct fk_suit_maker *k)
{
    fk_cleanse(k->key, sizeof k->key);
    fk_buffer_release(&k->encryption);
    fk_buffer_release(&k->text);
}
