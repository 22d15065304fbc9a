/* SPDX-License-Identifier: Apache-2.0 */
#include "ota/suit_build.h"

#include "crypto/hasher.h"
#include "crypto/random.h"
#include "crypto/seal.h"
#include "ota/padding.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 256 * 1024, TAG_SIZE = 16, IV_MAX = 16, GCM_IV_SIZE = 12 };

static const char payload_name[] = "#payload";

/* One envelope being made. */
struct maker {
    const struct fk_suit_options *o;
    struct fk_image *image;
    struct fk_output *payload; /* where the payload goes */
    struct fk_suit_manifest m;
    uint64_t padding;
    uint8_t key[16], iv[IV_MAX];
    size_t iv_len;
    uint8_t image_digest[32], payload_digest[32];
    struct fk_buffer encryption, text;
};

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

/* All that is known before the payload is read; digests come later, in place. */
static enum fk_status begin(struct maker *k, struct fk_error *err)
{
    const struct fk_suit_options *o = k->o;
    const struct fk_device *device = &o->profile->device;
    const struct fk_envelope_rules *e = &device->envelope;
    const struct fk_component_id *target = o->packet ? &e->packet : &e->image;
    struct fk_suit_manifest *m = &k->m;
    const struct fk_ota_options padding = {
        .device = device, .pad = o->pad, .gap_value = o->profile->image.gap_value};
    enum fk_status st = o->packet ? FK_OK : fk_ota_padding(k->image, &padding, &k->padding, err);
    if (st != FK_OK) {
        return st;
    }
    m->sequence = o->sequence;
    m->component = (struct fk_slice){target->bytes, target->len};
    m->vendor = (struct fk_slice){e->vendor, sizeof e->vendor};
    m->class_id = (struct fk_slice){e->class_id, sizeof e->class_id};
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
    m->payload_size += o->cipher == FK_COSE_A128GCM ? TAG_SIZE : 0;
    k->iv_len = o->cipher == FK_COSE_A128GCM ? GCM_IV_SIZE : IV_MAX;
    st = fk_random_bytes(k->key, sizeof k->key, err);
    if (st == FK_OK) {
        st = fk_random_bytes(k->iv, k->iv_len, err);
    }
    if (st == FK_OK) {
        st = fk_suit_encryption_make(o, k->key, (struct fk_slice){k->iv, k->iv_len}, NULL,
                                     &k->encryption, err);
        m->encryption_info = (struct fk_slice){k->encryption.ptr, k->encryption.len};
    }
    return st;
}

/* Signatures: NULL for the first round, which only finds out how long everything is. */
static enum fk_status make_head(const struct maker *k, struct fk_suit_signed *signatures,
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
        st = fk_suit_sign(k->o, r->manifest_sha256, signatures, err);
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

struct streams {
    struct fk_hasher image, payload;
    struct fk_seal seal;
};

static enum fk_status begin_streams(struct maker *k, struct streams *s, struct fk_error *err)
{
    uint8_t aad[FK_COSE_ENC_MAX];
    size_t aad_len = 0;
    static const uint8_t header[] = {0xa1, 0x01, 0x01}; /* {1: 1} */
    enum fk_status st = fk_hasher_begin(&s->image, err);
    if (st == FK_OK && k->o->cipher != 0) {
        st = fk_hasher_begin(&s->payload, err);
    }
    if (st == FK_OK && k->o->cipher == FK_COSE_A128CTR) {
        st = fk_seal_begin_ctr(&s->seal, k->key, k->iv, err);
    } else if (st == FK_OK && k->o->cipher == FK_COSE_A128GCM) {
        st = fk_cose_enc_structure((struct fk_slice){header, sizeof header}, aad, &aad_len);
        if (st == FK_OK) {
            st = fk_seal_begin(&s->seal, k->key, k->iv, err);
        }
        if (st == FK_OK) {
            st = fk_seal_aad(&s->seal, aad, aad_len, err);
        }
    }
    return st;
}

static enum fk_status process(struct maker *k, struct streams *s, uint8_t *p, size_t n,
                              struct fk_error *err)
{
    enum fk_status st = fk_hasher_update(&s->image, p, n, err);
    if (st == FK_OK && k->o->cipher != 0) {
        st = fk_seal_update(&s->seal, p, n, err);
        if (st == FK_OK) {
            st = fk_hasher_update(&s->payload, p, n, err);
        }
    }
    return st == FK_OK ? fk_output_write(k->payload, p, n, err) : st;
}

static enum fk_status end_streams(struct maker *k, struct streams *s, struct fk_error *err)
{
    uint8_t tag[TAG_SIZE];
    enum fk_status st = fk_hasher_finish(&s->image, k->image_digest, err);
    if (st == FK_OK && k->o->cipher == FK_COSE_A128GCM) {
        st = fk_seal_finish(&s->seal, tag, sizeof tag, err);
        if (st == FK_OK) {
            st = fk_hasher_update(&s->payload, tag, sizeof tag, err);
        }
        if (st == FK_OK) {
            st = fk_output_write(k->payload, tag, sizeof tag, err);
        }
    }
    if (st == FK_OK && k->o->cipher != 0) {
        st = fk_hasher_finish(&s->payload, k->payload_digest, err);
        k->m.payload.size = k->m.payload_size;
    }
    return st;
}

static enum fk_status write_payload(struct maker *k, struct fk_error *err)
{
    const struct fk_progress *progress = &k->o->progress;
    struct streams s = {.image = {.ctx = NULL}};
    uint64_t done = 0, padding = k->padding;
    size_t n = 0;
    uint8_t *chunk = malloc(CHUNK);
    enum fk_status st =
        chunk != NULL ? begin_streams(k, &s, err) : fk_fail(err, FK_E_MEMORY, "out of memory");
    while (st == FK_OK) {
        st = fk_image_read(k->image, chunk, CHUNK, &n, err);
        if (st != FK_OK || n == 0) {
            break;
        }
        done += n;
        st = process(k, &s, chunk, n, err);
        if (st == FK_OK && progress->tick != NULL) {
            progress->tick(progress->ctx, done, k->m.image.size);
        }
    }
    while (st == FK_OK && padding > 0) {
        n = padding < CHUNK ? (size_t)padding : CHUNK;
        memset(chunk, k->o->profile->image.gap_value, n);
        st = process(k, &s, chunk, n, err);
        done += n;
        padding -= n;
    }
    if (st == FK_OK && done != k->m.image.size) {
        st = fk_fail(err, FK_E_IO, "'%s' changed while it was read", fk_image_path(k->image));
    }
    if (st == FK_OK) {
        st = end_streams(k, &s, err);
    }
    fk_seal_release(&s.seal);
    fk_hasher_release(&s.image);
    fk_hasher_release(&s.payload);
    free(chunk);
    return st;
}

/* Sizes are known before digests and signatures, so an integrated payload is written behind a hole
 * of the right length, and the hole is filled in the end. */
static enum fk_status write_envelope(struct maker *k, struct fk_output *envelope, bool integrated,
                                     struct fk_suit_result *r, struct fk_error *err)
{
    struct fk_buffer hole = {.ptr = NULL}, head = {.ptr = NULL};
    struct fk_suit_signed signatures;
    enum fk_status st = make_head(k, NULL, r, &hole, err);
    if (st == FK_OK) {
        st = fk_suit_check_limit(k->o->profile, r->manifest_size, k->o->n_recipients, err);
    }
    if (st == FK_OK) {
        st = fk_output_write(envelope, hole.ptr, hole.len, err);
    }
    if (st == FK_OK) {
        st = write_payload(k, err);
    }
    if (st == FK_OK) {
        st = make_head(k, &signatures, r, &head, err);
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
    struct maker k = {
        .o = options, .image = image, .payload = payload != NULL ? payload : envelope};
    enum fk_status st = check_options(options, err);
    if (st == FK_OK && (payload == NULL) != (options->uri == NULL)) {
        st = fk_fail(err, FK_E_INTERNAL, "a payload apart needs an address, and only that");
    }
    if (st == FK_OK && (options->n_signers > FK_SUIT_SIGNERS_MAX ||
                        options->n_recipients > FK_SUIT_RECIPIENTS_MAX)) {
        st = fk_fail(err, FK_E_LIMIT, "too many signers or recipients, at most %d and %d",
                     FK_SUIT_SIGNERS_MAX, FK_SUIT_RECIPIENTS_MAX);
    }
    if (st == FK_OK) {
        st = begin(&k, err);
    }
    if (st == FK_OK) {
        st = write_envelope(&k, envelope, payload == NULL, &r, err);
    }
    if (st == FK_OK) {
        r.image_size = k.m.image.size;
        r.padded = k.padding;
        r.payload_size = k.m.payload_size;
        memcpy(r.image_sha256, k.image_digest, sizeof r.image_sha256);
        *ret = r;
    }
    fk_cleanse(k.key, sizeof k.key);
    fk_buffer_release(&k.encryption);
    fk_buffer_release(&k.text);
    return st;
}
