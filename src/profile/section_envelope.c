/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/digest.h"
#include "profile/sections.h"
#include "wire/cbor.h"

#include <string.h>

enum { SEGMENT_MAX = FK_COMPONENT_ID_MAX - 3, UUID_SIZE = 16, NAME_MAX_LEN = 100 };

/* RFC 4122, 4.3: SHA-1 over name space and name, marked as version 5. */
static void make_uuid(struct fk_fields *f, const uint8_t space[UUID_SIZE], const char *name,
                      uint8_t ret[UUID_SIZE])
{
    uint8_t input[UUID_SIZE + NAME_MAX_LEN];
    uint8_t sha1[FK_DIGEST_MAX] = {0};
    size_t len = strlen(name);
    if (!fk_fields_ok(f) || len > NAME_MAX_LEN) {
        return;
    }
    memcpy(input, space, UUID_SIZE);
    memcpy(input + UUID_SIZE, name, len);
    if (fk_digest(FK_DIGEST_SHA1, (struct fk_slice){input, UUID_SIZE + len}, sha1, NULL) != FK_OK) {
        fk_fields_refuse(f, NULL, "cannot compute a UUID: SHA-1 is not available");
        return;
    }
    memcpy(ret, sha1, UUID_SIZE);
    ret[6] = (uint8_t)((ret[6] & 0x0f) | 0x50);
    ret[8] = (uint8_t)((ret[8] & 0x3f) | 0x80);
}

/* The profile gives the one segment of the identifier; this is the array around it. */
static void load_component(struct fk_fields *f, const char *key, struct fk_component_id *ret)
{
    struct fk_slice segment = fk_field_hex(f, key, 1, SEGMENT_MAX);
    struct fk_writer w;
    size_t len = 0;
    if (!fk_fields_ok(f)) {
        return;
    }
    fk_writer_init(&w, ret->bytes, sizeof ret->bytes);
    fk_cbor_put_array(&w, 1);
    fk_cbor_put_bytes(&w, segment);
    if (fk_writer_end(&w, &len) != FK_OK) {
        fk_fields_refuse(f, key, "the identifier is too long");
        return;
    }
    ret->len = (uint8_t)len;
}

static bool same(const struct fk_component_id *a, const struct fk_component_id *b)
{
    return a->len > 0 && a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

static uint8_t load_words(struct fk_fields *f, const char *key, const struct fk_word *words,
                          size_t n)
{
    struct fk_items items = fk_field_list(f, key, 1, n);
    int word = 0;
    unsigned all = 0;
    while (fk_items_word(&items, words, n, &word)) {
        all |= (unsigned)word;
    }
    return (uint8_t)all;
}

void fk_section_envelope(struct fk_fields *f, struct fk_profile *p)
{
    static const struct fk_word ciphers[] = {{"a128gcm", FK_CONTENT_A128GCM},
                                             {"a128ctr", FK_CONTENT_A128CTR}};
    static const struct fk_word deliveries[] = {{"a128kw", FK_DELIVERY_A128KW},
                                                {"ecdh-es", FK_DELIVERY_ECDH}};
    static const struct fk_word encryption[] = {{"required", true}, {"optional", false}};
    static const struct fk_word bare[] = {{"allowed", true}, {"refused", false}};
    static const uint8_t dns[UUID_SIZE] = {0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1,
                                           0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8};
    struct fk_envelope_rules *e = &p->device.envelope;
    const char *class_name = fk_field_text(f, "class", NAME_MAX_LEN);
    make_uuid(f, dns, p->vendor, e->vendor);
    make_uuid(f, e->vendor, class_name, e->class_id);
    load_component(f, "component", &e->image);
    if (fk_fields_has(f, "packet_component")) {
        load_component(f, "packet_component", &e->packet);
    }
    load_component(f, "staging_component", &e->staging);
    if (same(&e->packet, &e->image)) {
        fk_fields_refuse(f, "packet_component", "is the same as component");
    }
    if (same(&e->staging, &e->image) || same(&e->staging, &e->packet)) {
        fk_fields_refuse(f, "staging_component", "is the same as another component");
    }
    e->ciphers = load_words(f, "ciphers", FK_WORDS(ciphers));
    e->deliveries = load_words(f, "key_delivery", FK_WORDS(deliveries));
    e->encryption_required = fk_field_word(f, "encryption", FK_WORDS(encryption)) != 0;
    e->threshold = (uint8_t)fk_field_number(f, "signatures", 1, 8);
    e->manifest_max = fk_field_size(f, "manifest_max", 512, 1 << 20);
    e->bare_allowed = fk_field_word(f, "bare_packets", FK_WORDS(bare)) != 0;
    p->envelope_class = class_name;
    e->supported = fk_fields_ok(f);
}
