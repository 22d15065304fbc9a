/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates and keys out of the store. */
#include "tls/tls_state.h"

#include "crypto/crypto.h"
#include "tls/pool.h"

#include <mbedtls/platform.h>

#include <string.h>

#define DER_SEQUENCE 0x30u

int fk_tls_random(void *ctx, unsigned char *p, size_t len)
{
    (void)ctx;
    return fk_crypto_random(p, len) == FK_OK ? 0 : MBEDTLS_ERR_SSL_HW_ACCEL_FAILED;
}

enum fk_status fk_tls_fetch(const struct fk_tls *tls, const struct fk_store_entry *entry,
                            uint8_t **ret)
{
    if (entry->len > FK_TLS_ITEM_MAX) {
        return FK_E_LIMIT;
    }
    uint8_t *data = mbedtls_calloc(1, entry->len + 1);
    if (data == NULL) {
        return FK_E_MEMORY;
    }
    enum fk_status st = fk_certstore_read(tls->setup.store, entry, data, entry->len);
    if (st != FK_OK) {
        mbedtls_free(data);
        return st;
    }
    *ret = data;
    return FK_OK;
}

void fk_tls_drop(uint8_t *p, size_t len)
{
    fk_wipe(p, len);
    mbedtls_free(p);
}

int fk_tls_parse(mbedtls_x509_crt *list, const uint8_t *data, size_t len)
{
    if (len > 0 && data[0] == DER_SEQUENCE) {
        return mbedtls_x509_crt_parse_der(list, data, len);
    }
    return mbedtls_x509_crt_parse(list, data, len + 1); /* PEM is counted with its NUL */
}

/* Whole, but with a key or a signature that is not built in. The codes of the library are sums. */
static bool is_foreign(int rc)
{
    int code = rc < 0 ? -(-rc & ~0x7f) : 0;
    return code == MBEDTLS_ERR_X509_UNKNOWN_SIG_ALG || code == MBEDTLS_ERR_PK_UNKNOWN_PK_ALG ||
           code == MBEDTLS_ERR_PK_UNKNOWN_NAMED_CURVE;
}

enum fk_status fk_tls_key_id(struct fk_slice certificate, bool alone, uint8_t ret[FK_STORE_ID_MAX],
                             size_t *ret_len)
{
    if (certificate.len == 0 || certificate.len > FK_TLS_ITEM_MAX) {
        return FK_E_FORMAT;
    }
    unsigned refused = fk_tls_pool_refused();
    uint8_t *data = mbedtls_calloc(1, certificate.len + 1);
    mbedtls_x509_crt *crt = mbedtls_calloc(1, sizeof *crt);
    enum fk_status st = data != NULL && crt != NULL ? FK_OK : FK_E_MEMORY;
    if (st == FK_OK) {
        memcpy(data, certificate.ptr, certificate.len);
        mbedtls_x509_crt_init(crt);
        int rc = fk_tls_parse(crt, data, certificate.len);
        st = rc == 0                            ? FK_OK
             : fk_tls_pool_refused() != refused ? FK_E_MEMORY
             : is_foreign(rc)                   ? FK_E_UNSUPPORTED
                                                : FK_E_FORMAT;
        st = st == FK_OK && alone && crt->next != NULL ? FK_E_ROOTS : st;
        size_t len = crt->subject_key_id.len;
        if (st == FK_OK) {
            *ret_len = len <= FK_STORE_ID_MAX ? len : 0;
            memcpy(ret, crt->subject_key_id.p != NULL ? crt->subject_key_id.p : data, *ret_len);
        }
        mbedtls_x509_crt_free(crt);
    }
    mbedtls_free(crt);
    mbedtls_free(data);
    return st;
}

/* otherwise: what a failure means, unless it is memory that is missing. */
static enum fk_status verdict(const struct fk_tls *tls, int rc, enum fk_status otherwise)
{
    return rc == 0 ? FK_OK : fk_tls_short_of_memory(tls) ? FK_E_MEMORY : otherwise;
}

static enum fk_status load_certificate(struct fk_tls *tls, const struct fk_store_entry *entry)
{
    uint8_t *data = NULL;
    enum fk_status st = fk_tls_fetch(tls, entry, &data);
    if (st != FK_OK) {
        return st;
    }
    int rc = fk_tls_parse(&tls->state->own, data, entry->len);
    fk_tls_drop(data, entry->len);
    return verdict(tls, rc, FK_E_TLS_OWN);
}

static enum fk_status load_key(struct fk_tls *tls, const struct fk_store_entry *entry)
{
    struct fk_tls_state *s = tls->state;
    uint8_t *data = NULL;
    enum fk_status st = fk_tls_fetch(tls, entry, &data);
    if (st != FK_OK) {
        return st;
    }
    size_t len = entry->len + (data[0] != DER_SEQUENCE ? 1u : 0u);
    int rc = mbedtls_pk_parse_key(&s->key, data, len, NULL, 0, fk_tls_random, NULL);
    fk_tls_drop(data, entry->len);
    if (rc != 0) {
        return verdict(tls, rc, FK_E_TLS_OWN);
    }
    rc = mbedtls_pk_check_pair(&s->own.pk, &s->key, fk_tls_random, NULL);
    return verdict(tls, rc, FK_E_KEY_MISMATCH);
}

enum fk_status fk_tls_load_own(struct fk_tls *tls)
{
    struct fk_store_entry cert;
    struct fk_store_entry key;
    struct fk_tls_state *s = tls->state;
    const struct fk_tls_setup *from = &tls->setup;
    enum fk_status has_cert = fk_certstore_role(from->store, from->set, FK_STORE_CERT, &cert);
    enum fk_status has_key = fk_certstore_role(from->store, from->set, FK_STORE_KEY, &key);
    if (has_cert == FK_E_STORE_ENTRY && has_key == FK_E_STORE_ENTRY && !tls->server) {
        return FK_OK; /* one-way */
    }
    if (has_cert != FK_OK || has_key != FK_OK) {
        return FK_E_TLS_OWN;
    }
    enum fk_status st = load_certificate(tls, &cert);
    if (st == FK_OK) {
        st = load_key(tls, &key);
    }
    if (st == FK_OK && mbedtls_ssl_conf_own_cert(&s->conf, &s->own, &s->key) != 0) {
        st = FK_E_MEMORY;
    }
    return st;
}
