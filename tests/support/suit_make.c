/* SPDX-License-Identifier: Apache-2.0 */
#include "support/suit_make.h"

#include "support/bytes.h"
#include "wire/cbor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void put_hex(struct fk_writer *w, const char *hex)
{
    const struct fk_slice bytes = fk_hex(hex);
    fk_write_bytes(w, bytes.ptr, bytes.len);
}

static void put_wrapped(struct fk_writer *w, uint64_t label, const char *hex)
{
    if (hex != NULL) {
        fk_cbor_put_uint(w, label);
        fk_cbor_put_bytes(w, fk_hex(hex));
    }
}

static void put_digest(struct fk_writer *w, const void *p, size_t len)
{
    uint8_t digest[32];
    make_sha256(p, len, digest);
    fk_cbor_put_array(w, 2);
    fk_cbor_put_int(w, -16);
    fk_cbor_put_bytes(w, (struct fk_slice){digest, sizeof digest});
}

static size_t count(const char *const *items, size_t n)
{
    size_t found = 0;
    for (size_t i = 0; i < n; i++) {
        found += items[i] != NULL;
    }
    return found;
}

/* The byte string of the install element, with head. */
static size_t install_item(const struct suit_recipe *r, uint8_t *buf, size_t cap)
{
    struct fk_writer w;
    size_t len = 0;
    fk_writer_init(&w, buf, cap);
    fk_cbor_put_bytes(&w, fk_hex(r->install));
    assert_int_equal(fk_writer_end(&w, &len), FK_OK);
    return len;
}

static size_t make_common(const struct suit_recipe *r, uint8_t *buf, size_t cap)
{
    const char *const items[] = {r->components, r->shared, r->common_extra};
    struct fk_writer w;
    size_t len = 0;
    fk_writer_init(&w, buf, cap);
    fk_cbor_put_map(&w, count(items, 3));
    if (r->components != NULL) {
        fk_cbor_put_uint(&w, FK_SUIT_COMMON_COMPONENTS);
        put_hex(&w, r->components);
    }
    put_wrapped(&w, FK_SUIT_COMMON_SHARED, r->shared);
    if (r->common_extra != NULL) {
        put_hex(&w, r->common_extra);
    }
    assert_int_equal(fk_writer_end(&w, &len), FK_OK);
    return len;
}

static size_t make_manifest(const struct suit_recipe *r, uint8_t *buf, size_t cap)
{
    const char *const items[] = {r->version, r->sequence, "",      r->validate,
                                 r->invoke,  r->install,  r->text, r->manifest_extra};
    uint8_t part[2048];
    struct fk_writer w;
    size_t len = 0;
    fk_writer_init(&w, buf, cap);
    fk_cbor_put_map(&w, count(items, sizeof items / sizeof items[0]));
    if (r->version != NULL) {
        fk_cbor_put_uint(&w, FK_SUIT_VERSION);
        put_hex(&w, r->version);
    }
    if (r->sequence != NULL) {
        fk_cbor_put_uint(&w, FK_SUIT_SEQUENCE);
        put_hex(&w, r->sequence);
    }
    fk_cbor_put_uint(&w, FK_SUIT_COMMON);
    fk_cbor_put_bytes(&w, (struct fk_slice){part, make_common(r, part, sizeof part)});
    put_wrapped(&w, FK_SUIT_VALIDATE, r->validate);
    put_wrapped(&w, FK_SUIT_INVOKE, r->invoke);
    if (r->install != NULL && r->sever_install) {
        size_t n = install_item(r, part, sizeof part);
        fk_cbor_put_uint(&w, FK_SUIT_INSTALL);
        put_digest(&w, part, n);
    } else {
        put_wrapped(&w, FK_SUIT_INSTALL, r->install);
    }
    put_wrapped(&w, FK_SUIT_TEXT, r->text);
    if (r->manifest_extra != NULL) {
        put_hex(&w, r->manifest_extra);
    }
    assert_int_equal(fk_writer_end(&w, &len), FK_OK);
    return len;
}

static void put_auth(struct fk_writer *w, const struct suit_auth *a, struct fk_slice digest)
{
    uint8_t header[16], block[256], tbs[FK_COSE_TBS_MAX], sig[64];
    struct fk_cose_auth auth = {.alg = a->alg, .kid = a->kid};
    struct fk_writer inner;
    size_t len = 0;
    if (a->raw != NULL) {
        fk_cbor_put_bytes(w, fk_hex(a->raw));
        return;
    }
    auth.kind = a->hmac.len > 0 ? FK_COSE_MAC0 : FK_COSE_SIGN1;
    fk_writer_init(&inner, header, sizeof header);
    fk_cose_put_alg_header(&inner, a->alg);
    auth.header = (struct fk_slice){header, inner.len};
    assert_int_equal(fk_cose_tbs(&auth, digest, tbs, &len), FK_OK);
    if (auth.kind == FK_COSE_MAC0) {
        make_hmac_sha256(a->hmac.ptr, a->hmac.len, tbs, len, sig);
    } else {
        suit_key_sign(a->key, tbs, len, sig);
    }
    auth.signature = (struct fk_slice){sig, auth.kind == FK_COSE_MAC0 ? 32 : 64};
    fk_writer_init(&inner, block, sizeof block);
    fk_cose_auth_put(&inner, &auth);
    assert_int_equal(fk_writer_end(&inner, &len), FK_OK);
    fk_cbor_put_bytes(w, (struct fk_slice){block, len});
}

void suit_make(const struct suit_recipe *r, struct suit_made *ret)
{
    uint8_t item[4096], digest[64], wrapper[2048];
    struct fk_writer w, d;
    size_t len = 0;
    bool severed = r->sever_install && r->install != NULL && !r->drop_install;
    memset(ret, 0, sizeof *ret);
    uint8_t manifest[4096];
    ret->manifest_len = make_manifest(r, manifest, sizeof manifest);
    fk_writer_init(&w, item, sizeof item);
    fk_cbor_put_bytes(&w, (struct fk_slice){manifest, ret->manifest_len});
    size_t item_len = w.len;
    fk_writer_init(&d, digest, sizeof digest);
    put_digest(&d, item, item_len);

    fk_writer_init(&w, wrapper, sizeof wrapper);
    fk_cbor_put_array(&w, 1 + r->n_auths);
    fk_cbor_put_bytes(&w, (struct fk_slice){digest, d.len});
    for (size_t i = 0; i < r->n_auths; i++) {
        put_auth(&w, &r->auths[i], (struct fk_slice){digest, d.len});
    }
    assert_int_equal(fk_writer_end(&w, &len), FK_OK);

    fk_writer_init(&w, ret->bytes, sizeof ret->bytes);
    fk_cbor_put_tag(&w, FK_SUIT_TAG);
    fk_cbor_put_map(&w, 2u + severed + (r->envelope_extra != NULL) + (r->payload_name != NULL));
    fk_cbor_put_uint(&w, FK_SUIT_AUTHENTICATION);
    fk_cbor_put_bytes(&w, (struct fk_slice){wrapper, len});
    ret->auth_off = w.len - len;
    fk_cbor_put_uint(&w, FK_SUIT_MANIFEST);
    fk_write_bytes(&w, item, item_len);
    ret->manifest_off = w.len - ret->manifest_len;
    if (severed) {
        fk_cbor_put_uint(&w, FK_SUIT_INSTALL);
        size_t n = install_item(r, item, sizeof item);
        fk_write_bytes(&w, item, n);
        ret->install_off = w.len - fk_hex(r->install).len;
    }
    if (r->envelope_extra != NULL) {
        put_hex(&w, r->envelope_extra);
    }
    if (r->payload_name != NULL) {
        fk_cbor_put_text(
            &w, (struct fk_slice){(const uint8_t *)r->payload_name, strlen(r->payload_name)});
        fk_cbor_put_bytes_head(&w, r->payload.len);
        ret->payload_off = w.len;
        fk_write_bytes(&w, r->payload.ptr, r->payload.len);
    }
    assert_int_equal(fk_writer_end(&w, &ret->len), FK_OK);
}

struct suit_recipe suit_recipe_good(const struct suit_key *key)
{
    return (struct suit_recipe){
        .version = "01",
        .sequence = "07",
        .components = "81814100",
        .shared = SUIT_SHARED,
        .validate = "82030f",
        .invoke = "821702",
        .install = SUIT_INSTALL,
        .payload_name = "#image.bin",
        .payload = {(const uint8_t *)SUIT_IMAGE, sizeof SUIT_IMAGE - 1},
        .auths = {{.alg = FK_COSE_ESP256, .key = key}},
        .n_auths = 1,
    };
}

void suit_policy_init(struct suit_policy *s, const struct suit_key *key)
{
    static const uint8_t image[] = {0x81, 0x41, 0x00}, staging[] = {0x81, 0x41, 0x01},
                         packet[] = {0x81, 0x42, 's', 't'};
    memset(s, 0, sizeof *s);
    s->components[0] = (struct fk_component){
        .id = {image, 3}, .kind = FK_COMPONENT_IMAGE, .size_max = 1 << 20, .unit = 2};
    s->components[1] = (struct fk_component){
        .id = {staging, 3}, .kind = FK_COMPONENT_STAGING, .size_max = 1 << 20, .unit = 1};
    s->components[2] = (struct fk_component){
        .id = {packet, 4}, .kind = FK_COMPONENT_ST_PACKET, .size_max = 1 << 20, .unit = 1};
    s->anchors[0] = (struct fk_trust_anchor){
        .key = {key->point, sizeof key->point},
        .algorithms = FK_SIGN_ESP256 | FK_SIGN_ES256,
        .components = 5,
    };
    s->p = (struct fk_suit_policy){.anchors = s->anchors,
                                   .n_anchors = 1,
                                   .threshold = 1,
                                   .components = s->components,
                                   .n_components = 3,
                                   .counter = 7,
                                   .manifest_max = 2048,
                                   .ciphers = FK_CONTENT_A128GCM | FK_CONTENT_A128CTR,
                                   .deliveries = FK_DELIVERY_A128KW | FK_DELIVERY_ECDH};
    memcpy(s->p.vendor, fk_hex(SUIT_VENDOR).ptr, 16);
    memcpy(s->p.class_id, fk_hex(SUIT_CLASS).ptr, 16);
}

void suit_rules_init(struct fk_envelope_rules *e)
{
    e->supported = true;
    e->threshold = 1;
    e->ciphers = FK_CONTENT_A128GCM;
    e->deliveries = FK_DELIVERY_A128KW | FK_DELIVERY_ECDH;
    e->manifest_max = 1024;
    e->image = (struct fk_component_id){3, {0x81, 0x41, 0x00}};
    e->packet = (struct fk_component_id){4, {0x81, 0x42, 0x73, 0x74}};
    e->staging = (struct fk_component_id){3, {0x81, 0x41, 0x01}};
    memcpy(e->vendor, fk_hex(SUIT_VENDOR).ptr, sizeof e->vendor);
    memcpy(e->class_id, fk_hex(SUIT_CLASS).ptr, sizeof e->class_id);
}
