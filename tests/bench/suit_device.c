/* SPDX-License-Identifier: Apache-2.0 */
/* suit_device core|bare plain|gcm BYTES
 *
 * Verifies a payload of BYTES in memory with the device core, or does the same primitive work with
 * mbedTLS and nothing else. For callgrind, which counts the instructions of fk_suit_check_payload()
 * or of bare_work() only. */
#include "core/suit_verify.h"

#include <mbedtls/gcm.h>
#include <mbedtls/sha256.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORK = 4096, TAG = 16 };

static const uint8_t key[16] = "sixteen bytes ok";
static const uint8_t nonce[12] = "twelve bytes";
static const uint8_t header[] = {0xa1, 0x01, 0x01};
static const uint8_t aad[] = "\x83\x67"
                             "Encrypt"
                             "\x43\xa1\x01\x01\x40";

static void must(int ok, const char *what)
{
    if (ok != 1) {
        fprintf(stderr, "suit_device: %s\n", what);
        exit(3);
    }
}

struct payload {
    uint8_t *bytes;
    uint32_t len; /* of the image */
    uint8_t image[32], fetched[32];
};

static struct payload make(uint32_t len, bool gcm)
{
    struct payload p = {.bytes = malloc(len + TAG), .len = len};
    int n = 0;
    must(p.bytes != NULL, "memory");
    for (uint32_t i = 0; i < len; i++) {
        p.bytes[i] = (uint8_t)(i * 2654435761u >> 24);
    }
    must(EVP_Digest(p.bytes, len, p.image, NULL, EVP_sha256(), NULL), "digest");
    if (gcm) {
        EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
        must(c != NULL && EVP_EncryptInit_ex(c, EVP_aes_128_gcm(), NULL, key, nonce), "begin");
        must(EVP_EncryptUpdate(c, NULL, &n, aad, sizeof aad - 1), "additional data");
        must(EVP_EncryptUpdate(c, p.bytes, &n, p.bytes, (int)len), "encrypt");
        must(EVP_EncryptFinal_ex(c, p.bytes + n, &n), "end");
        must(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, TAG, p.bytes + len), "tag");
        EVP_CIPHER_CTX_free(c);
        must(EVP_Digest(p.bytes, len + TAG, p.fetched, NULL, EVP_sha256(), NULL), "digest");
    }
    return p;
}

static enum fk_status read_memory(void *ctx, uint32_t off, void *buf, size_t len)
{
    const struct payload *p = ctx;
    memcpy(buf, p->bytes + off, len);
    return FK_OK;
}

static void core(struct payload *p, bool gcm)
{
    static uint8_t work[WORK];
    const struct fk_source source = {.ctx = p, .read = read_memory};
    struct fk_suit_plan plan = {.image_size = p->len, .payload_size = p->len, .encrypted = gcm};
    plan.manifest.image.digest = (struct fk_slice){p->image, sizeof p->image};
    if (gcm) {
        plan.payload_size += TAG;
        plan.manifest.payload.digest = (struct fk_slice){p->fetched, sizeof p->fetched};
        plan.encryption.alg = FK_COSE_A128GCM;
        plan.encryption.header = (struct fk_slice){header, sizeof header};
        plan.encryption.iv = (struct fk_slice){nonce, sizeof nonce};
    }
    must(fk_crypto_init() == FK_OK, "crypto");
    must(fk_suit_check_payload(&plan, gcm ? key : NULL, &source, work, WORK, NULL) == FK_OK,
         "the payload is refused");
}

/* The same passes over the same pieces: the digest of what was fetched, then tag and digest of the
 * image; or the digest alone. Not static: callgrind finds it by its name. */
void bare_work(const struct payload *p, bool gcm);
void bare_work(const struct payload *p, bool gcm)
{
    static uint8_t work[WORK];
    uint8_t digest[32], tag[TAG];
    size_t out = 0;
    mbedtls_gcm_context g;
    mbedtls_sha256_context h;
    mbedtls_sha256_init(&h);
    mbedtls_gcm_init(&g);
    if (gcm) {
        must(mbedtls_sha256_starts(&h, 0) == 0, "sha");
        for (uint32_t off = 0; off < p->len; off += WORK) {
            memcpy(work, p->bytes + off, WORK);
            must(mbedtls_sha256_update(&h, work, WORK) == 0, "sha");
        }
        must(mbedtls_sha256_finish(&h, digest) == 0, "sha");
        must(mbedtls_gcm_setkey(&g, MBEDTLS_CIPHER_ID_AES, key, 128) == 0 &&
                 mbedtls_gcm_starts(&g, MBEDTLS_GCM_DECRYPT, nonce, sizeof nonce) == 0 &&
                 mbedtls_gcm_update_ad(&g, aad, sizeof aad - 1) == 0,
             "gcm");
    }
    must(mbedtls_sha256_starts(&h, 0) == 0, "sha");
    for (uint32_t off = 0; off < p->len; off += WORK) {
        memcpy(work, p->bytes + off, WORK);
        if (gcm) {
            must(mbedtls_gcm_update(&g, work, WORK, work, WORK, &out) == 0, "gcm");
        }
        must(mbedtls_sha256_update(&h, work, WORK) == 0, "sha");
    }
    must(mbedtls_sha256_finish(&h, digest) == 0, "sha");
    if (gcm) {
        must(mbedtls_gcm_finish(&g, NULL, 0, &out, tag, TAG) == 0, "gcm");
        must(memcmp(tag, p->bytes + p->len, TAG) == 0, "tag");
    }
    must(memcmp(digest, p->image, sizeof digest) == 0, "digest");
    mbedtls_gcm_free(&g);
    mbedtls_sha256_free(&h);
}

int main(int argc, char **argv)
{
    unsigned long len = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;
    bool gcm = argc == 4 && strcmp(argv[2], "gcm") == 0;
    if (len == 0 || len % WORK != 0 || len > 64u << 20) {
        fprintf(stderr, "usage: suit_device core|bare plain|gcm BYTES (a multiple of %d)\n", WORK);
        return 2;
    }
    struct payload p = make((uint32_t)len, gcm);
    if (strcmp(argv[1], "core") == 0) {
        core(&p, gcm);
    } else {
        bare_work(&p, gcm);
    }
    free(p.bytes);
    return 0;
}
