/* SPDX-License-Identifier: Apache-2.0 */
/* Costs on the emulated board, in ticks of its timer: with -icount shift=0 an instruction takes a
 * nanosecond and a tick 40, so the numbers are instructions and the same every time. Each of our
 * primitives stands beside the bare call into the library (p256-m is a part of it). Not an image
 * that a device gets. */
#include "crypto/crypto.h"
#include "port/board.h"
#include "port/cortex-m/cortex_m.h"
#include "port/device.h"
#include "port/mps2-an386/registers.h"
#include "port/print.h"
#include "profile_board.h"

#include <mbedtls/aes.h>
#include <mbedtls/gcm.h>
#include <mbedtls/sha256.h>
#include <p256-m.h>
#include <string.h>

#define INSTRUCTIONS_PER_TICK 40u
#define SIZE                  65536u

static _Alignas(8) uint8_t data[SIZE];
static uint32_t began;

static uint32_t elapsed(uint32_t since)
{
    return since - FK_REG(TIMER0_VALUE); /* counts down */
}

static void start(void)
{
    began = FK_REG(TIMER0_VALUE);
}

static void stop(const char *what, bool good)
{
    uint32_t ticks = elapsed(began);
    fk_print("bench: ");
    fk_print_u32(ticks * INSTRUCTIONS_PER_TICK);
    fk_print(good ? " " : " FAILED ");
    fk_print(what);
    fk_print("\r\n");
    fk_board_watchdog_kick();
}

static void hash(void)
{
    struct fk_sha256 h;
    mbedtls_sha256_context bare;
    uint8_t ours[FK_SHA256_SIZE], theirs[FK_SHA256_SIZE];
    start();
    bool good = fk_sha256_begin(&h) == FK_OK && fk_sha256_update(&h, data, SIZE) == FK_OK &&
                fk_sha256_finish(&h, ours) == FK_OK;
    stop("SHA-256 of 64 KiB", good);
    start();
    mbedtls_sha256_init(&bare);
    good = mbedtls_sha256_starts(&bare, 0) == 0 && mbedtls_sha256_update(&bare, data, SIZE) == 0 &&
           mbedtls_sha256_finish(&bare, theirs) == 0;
    stop("SHA-256 of 64 KiB, bare mbedTLS", good && fk_equal(ours, theirs, sizeof ours));
}

/* Encrypts first, so that there is a right tag. */
static void decrypt(void)
{
    static const uint8_t key[FK_AES_KEY_SIZE] = {1}, nonce[FK_GCM_NONCE] = {2};
    struct fk_gcm g;
    mbedtls_gcm_context bare;
    uint8_t tag[FK_GCM_TAG_MAX], found[FK_GCM_TAG_MAX];
    size_t n = 0;
    bool good = fk_gcm_encrypt_begin(&g, key, nonce) == FK_OK &&
                fk_gcm_update(&g, data, data, SIZE) == FK_OK &&
                fk_gcm_encrypt_finish(&g, tag) == FK_OK;
    start();
    good = good && fk_gcm_begin(&g, key, nonce, sizeof tag) == FK_OK &&
           fk_gcm_update(&g, data, data, SIZE) == FK_OK &&
           fk_gcm_finish(&g, tag, sizeof tag) == FK_OK;
    stop("AES-128-GCM, 64 KiB decrypted and checked", good);
    start();
    mbedtls_gcm_init(&bare);
    good = mbedtls_gcm_setkey(&bare, MBEDTLS_CIPHER_ID_AES, key, 128) == 0 &&
           mbedtls_gcm_starts(&bare, MBEDTLS_GCM_DECRYPT, nonce, sizeof nonce) == 0 &&
           mbedtls_gcm_update(&bare, data, SIZE, data, SIZE, &n) == 0 &&
           mbedtls_gcm_finish(&bare, NULL, 0, &n, found, sizeof found) == 0;
    mbedtls_gcm_free(&bare);
    stop("AES-128-GCM, 64 KiB decrypted and checked, bare mbedTLS", good);
}

/* What placing an image takes: counter mode over it. */
static void stream(void)
{
    static const uint8_t key[FK_AES_KEY_SIZE] = {3}, iv[FK_AES_BLOCK] = {4};
    mbedtls_aes_context bare;
    uint8_t counter[FK_AES_BLOCK] = {0}, block[FK_AES_BLOCK];
    size_t at = 0;
    start();
    bool good = fk_ctr_xor(key, iv, data, data, SIZE) == FK_OK;
    stop("AES-128-CTR of 64 KiB", good);
    start();
    memcpy(counter, iv, sizeof counter);
    mbedtls_aes_init(&bare);
    good = mbedtls_aes_setkey_enc(&bare, key, 128) == 0 &&
           mbedtls_aes_crypt_ctr(&bare, SIZE, &at, counter, block, data, data) == 0;
    mbedtls_aes_free(&bare);
    stop("AES-128-CTR of 64 KiB, bare mbedTLS", good);
}

/* RFC 6979, A.2.5: P-256, SHA-256, message "sample". */
static const uint8_t point[FK_P256_POINT] = {
    0x04, 0x60, 0xfe, 0xd4, 0xba, 0x25, 0x5a, 0x9d, 0x31, 0xc9, 0x61, 0xeb, 0x74,
    0xc6, 0x35, 0x6d, 0x68, 0xc0, 0x49, 0xb8, 0x92, 0x3b, 0x61, 0xfa, 0x6c, 0xe6,
    0x69, 0x62, 0x2e, 0x60, 0xf2, 0x9f, 0xb6, 0x79, 0x03, 0xfe, 0x10, 0x08, 0xb8,
    0xbc, 0x99, 0xa4, 0x1a, 0xe9, 0xe9, 0x56, 0x28, 0xbc, 0x64, 0xf2, 0xf1, 0xb2,
    0x0c, 0x2d, 0x7e, 0x9f, 0x51, 0x77, 0xa3, 0xc2, 0x94, 0xd4, 0x46, 0x22, 0x99};
static const uint8_t signature[FK_P256_SIGNATURE] = {
    0xef, 0xd4, 0x8b, 0x2a, 0xac, 0xb6, 0xa8, 0xfd, 0x11, 0x40, 0xdd, 0x9c, 0xd4, 0x5e, 0x81, 0xd6,
    0x9d, 0x2c, 0x87, 0x7b, 0x56, 0xaa, 0xf9, 0x91, 0xc3, 0x4d, 0x0e, 0xa8, 0x4e, 0xaf, 0x37, 0x16,
    0xf7, 0xcb, 0x1c, 0x94, 0x2d, 0x65, 0x7c, 0x41, 0xd4, 0x36, 0xc7, 0xa1, 0xb6, 0xe2, 0x9f, 0x65,
    0xf3, 0xe9, 0x00, 0xdb, 0xb9, 0xaf, 0xf4, 0x06, 0x4d, 0xc4, 0xab, 0x2f, 0x84, 0x3a, 0xcd, 0xa8};

static void verify(void)
{
    static const uint8_t scalar[FK_P256_SCALAR] = {0x5a, [31] = 0x5a};
    uint8_t digest[FK_SHA256_SIZE], ours[FK_P256_SCALAR] = {0}, theirs[FK_P256_SCALAR] = {1};
    struct fk_sha256 h;
    bool good = fk_sha256_begin(&h) == FK_OK && fk_sha256_update(&h, "sample", 6) == FK_OK &&
                fk_sha256_finish(&h, digest) == FK_OK;
    start();
    good = good && fk_p256_verify(point, digest, signature) == FK_OK;
    stop("ECDSA P-256, one signature verified", good);
    start();
    int rc = p256_ecdsa_verify(signature, point + 1, digest, sizeof digest);
    stop("ECDSA P-256, one signature verified, bare mbedTLS", rc == P256_SUCCESS);
    start();
    good = fk_ecdh_p256(scalar, point, ours) == FK_OK;
    stop("ECDH P-256, one secret", good);
    start();
    rc = p256_ecdh_shared_secret(theirs, scalar, point + 1);
    stop("ECDH P-256, one secret, bare mbedTLS",
         rc == P256_SUCCESS && fk_equal(ours, theirs, sizeof ours));
    digest[0] ^= 1;
    if (fk_p256_verify(point, digest, signature) != FK_E_SIGNATURE) {
        stop("a wrong signature is refused", false);
    }
}

int main(void)
{
    uint32_t boot = elapsed(UINT32_MAX); /* the boot stage started the timer, first thing */
    fk_board_init();
    fk_board_watchdog_start(FK_BOARD_WATCHDOG_MS);
    fk_print("bench: ");
    fk_print_u32(boot * INSTRUCTIONS_PER_TICK);
    fk_print(" boot\r\n");
    if (fk_crypto_init() == FK_OK) {
        hash();
        decrypt();
        stream();
        verify();
    }
    fk_print("bench: end\r\n");
    for (;;) { /* whoever measures ends it */
        fk_board_watchdog_kick();
        fk_board_idle();
    }
}
