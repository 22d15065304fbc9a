/* SPDX-License-Identifier: Apache-2.0 */
/* The generator of boards: HMAC_DRBG of NIST SP 800-90A over SHA-256, which is mbedTLS's. Beside
 * PSA it is as good as without. */
#include "crypto/crypto.h"

#include <mbedtls/hmac_drbg.h>
#include <mbedtls/md.h>

static struct {
    mbedtls_hmac_drbg_context drbg;
    const struct fk_random *entropy;
    uint8_t last[FK_DRBG_SEED]; /* drawn before, to tell a source that is stuck */
} generator;

/* Draws FK_DRBG_SEED bytes before each use of the source: one that says the same twice is stuck. */
static enum fk_status check_source(void)
{
    uint8_t now[FK_DRBG_SEED] = {0};
    const struct fk_random *from = generator.entropy;
    enum fk_status st = from->fill(from->ctx, now, sizeof now);
    if (st == FK_OK && fk_equal(now, generator.last, sizeof now)) {
        st = FK_E_CRYPTO;
    }
    for (size_t i = 0; i < sizeof now; i++) {
        generator.last[i] = now[i];
    }
    fk_wipe(now, sizeof now);
    return st;
}

static int draw_entropy(void *ctx, unsigned char *p, size_t len)
{
    const struct fk_random *from = generator.entropy;
    (void)ctx;
    enum fk_status st = check_source();
    if (st == FK_OK) {
        st = from->fill(from->ctx, p, len);
    }
    return st == FK_OK ? 0 : MBEDTLS_ERR_HMAC_DRBG_ENTROPY_SOURCE_FAILED;
}

static enum fk_status generate(void *ctx, void *p, size_t len)
{
    uint8_t *at = p;
    int rc = 0;
    (void)ctx;
    while (rc == 0 && len > 0) {
        size_t n = len < MBEDTLS_HMAC_DRBG_MAX_REQUEST ? len : MBEDTLS_HMAC_DRBG_MAX_REQUEST;
        rc = mbedtls_hmac_drbg_random(&generator.drbg, at, n);
        at += n;
        len -= n;
    }
    if (rc != 0) {
        fk_wipe(p, (size_t)(at - (uint8_t *)p)); /* a part of an answer is none */
    }
    return rc == 0 ? FK_OK : FK_E_CRYPTO;
}

enum fk_status fk_crypto_seed(const struct fk_random *entropy)
{
    static const struct fk_random drbg = {NULL, generate};
    static const unsigned char use[] = "fotakit board";
    fk_crypto_use_random(NULL);
    mbedtls_hmac_drbg_free(&generator.drbg);
    mbedtls_hmac_drbg_init(&generator.drbg);
    generator.entropy = entropy;
    enum fk_status st = check_source();
    int rc = -1;
    if (st == FK_OK) {
        rc = mbedtls_hmac_drbg_seed(&generator.drbg, mbedtls_md_info_from_type(MBEDTLS_MD_SHA256),
                                    draw_entropy, NULL, use, sizeof use - 1);
        st = rc == 0 ? FK_OK : FK_E_CRYPTO;
    }
    if (st == FK_OK) {
        fk_crypto_use_random(&drbg);
    } else {
        mbedtls_hmac_drbg_free(&generator.drbg);
    }
    return st;
}
