/* SPDX-License-Identifier: Apache-2.0 */
#include "support/signed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The content key and its wrapping published by draft-ietf-suit-firmware-encryption, so that
 * nothing of ours makes them: A128KW with a key of sixteen 'a', A128GCM. */
#define INFO                                                                                       \
    "d8608443a10101a1054cf14aab9d81d51f7ad943fe87f6818340a2012204456b69642d31"                     \
    "581875603ffc9518d794713c8ca8a115a7fb32565a6d59534d62"
static const uint8_t content_key[16] = {0x15, 0xf7, 0x85, 0xb5, 0xc9, 0x31, 0x41, 0x44,
                                        0x11, 0xb4, 0xb7, 0x13, 0x73, 0xa9, 0xc0, 0xf7};
static const uint8_t nonce[12] = {0xf1, 0x4a, 0xab, 0x9d, 0x81, 0xd5,
                                  0x1f, 0x7a, 0xd9, 0x43, 0xfe, 0x87};
static const uint8_t aad[] = "\x83\x67" "Encrypt" "\x43\xa1\x01\x01\x40";

#define NAME "#payload"

static void encrypt(struct signed_update *u, const uint8_t *image, uint32_t len)
{
    make_gcm(content_key, nonce, aad, sizeof aad - 1, image, len, u->payload, u->payload + len);
    u->payload_len = len + 16;
}

/* The text as CBOR in hexadecimal. */
static void put_uri(const char *uri, char *out)
{
    size_t len = strlen(uri);
    int n = len < 24 ? sprintf(out, "%02x", 0x60 + (unsigned)len) : sprintf(out, "78%02x", (unsigned)len);
    for (size_t i = 0; i < len; i++) {
        n += sprintf(out + n, "%02x", (unsigned char)uri[i]);
    }
}

void signed_update_remake(struct signed_update *u, const struct fk_device *device,
                          uint64_t sequence, const uint8_t *image, uint32_t image_len,
                          enum signed_kind kind)
{
    char shared[512], install[1200], number[32], digest[65] = "";
    char uri[2 * 255 + 5];
    uint8_t hash[32];
    make_sha256(image, image_len, hash);
    for (size_t i = 0; i < sizeof hash; i++) {
        snprintf(digest + 2 * i, 3, "%02x", hash[i]);
    }
    struct suit_recipe r = suit_recipe_good(&u->key);
    snprintf(number, sizeof number, "1b%08lx%08lx", (unsigned long)(sequence >> 32),
             (unsigned long)(sequence & 0xffffffffu));
    if (sequence < 24) {
        snprintf(number, sizeof number, "%02x", (unsigned)sequence);
    }
    r.sequence = number;
    put_uri(u->integrated ? NAME : u->uri != NULL ? u->uri : "./payload.", uri);
    const char *select = kind == SIGNED_ENCRYPTED ? "88 0c00 14" : "86 14";
    snprintf(shared, sizeof shared,
             "%s a4 0150" SUIT_VENDOR "0250" SUIT_CLASS "035824822f5820%s 0e19%04x 010f 020f",
             select, digest, image_len);
    r.shared = shared;
    if (kind == SIGNED_ENCRYPTED) {
        encrypt(u, image, image_len);
        r.components = "82814100814101";
        r.validate = "84 0c00 030f";
        r.invoke = "84 0c00 1702";
        snprintf(install, sizeof install,
                 "8e 0c01 14 a2 0e19%04x 15%s1502 0c00 14 a2 13 583e" INFO "16 01 160f 030f",
                 u->payload_len, uri);
    } else {
        memcpy(u->payload, image, image_len);
        u->payload_len = image_len;
        r.components = kind == SIGNED_PACKET ? "8181427374" : r.components;
        snprintf(install, sizeof install, "86 14 a1 15 %s 1502 030f", uri);
    }
    r.install = install;
    r.payload_name = u->integrated ? NAME : NULL;
    r.payload = (struct fk_slice){u->payload, u->payload_len};
    suit_make(&r, &u->envelope);
    for (size_t i = 0; i < u->policy.p.n_components; i++) {
        u->policy.components[i].size_max = fk_device_slot_size(device) + 64;
        u->policy.components[i].unit = 1;
    }
    u->sequence = sequence;
}

void signed_update_make(struct signed_update *u, const struct fk_device *device, uint64_t sequence,
                        const uint8_t *image, uint32_t image_len, enum signed_kind kind)
{
    static const uint8_t kek[16] = "aaaaaaaaaaaaaaaa";
    memset(u, 0, sizeof *u);
    suit_key_make(&u->key);
    suit_policy_init(&u->policy, &u->key);
    signed_update_remake(u, device, sequence, image, image_len, kind);
    u->trust = (struct fk_trust){
        .policy = u->policy.p,
        .keys = {.kek = {kek, sizeof kek}},
        .envelope = u->envelope_memory,
        .envelope_cap = sizeof u->envelope_memory,
    };
}

void signed_update_free(struct signed_update *u)
{
    suit_key_free(&u->key);
}

struct fk_slice signed_update_head(const struct signed_update *u)
{
    size_t front = u->envelope.payload_off > 0 ? u->envelope.payload_off : u->envelope.len;
    return (struct fk_slice){u->envelope.bytes, front};
}

uint32_t signed_update_total(const struct signed_update *u)
{
    return (uint32_t)u->envelope.len;
}
