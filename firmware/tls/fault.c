/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/tls_state.h"

#include "tls/pool.h"

/* The reason that helps most: a digest or key that cannot be judged leaves no chain, and a chain
 * that is not trusted is not interesting for its dates. */
static enum fk_status of_flags(uint32_t flags)
{
    static const struct {
        uint32_t flag;
        enum fk_status st;
    } rows[] = {
        {MBEDTLS_X509_BADCERT_MISSING, FK_E_TLS_NO_CERT},
        {MBEDTLS_X509_BADCERT_BAD_MD | MBEDTLS_X509_BADCERT_BAD_KEY | MBEDTLS_X509_BADCERT_BAD_PK,
         FK_E_TLS_CERT},
        {MBEDTLS_X509_BADCERT_NOT_TRUSTED, FK_E_TLS_UNTRUSTED},
        {MBEDTLS_X509_BADCERT_EXPIRED, FK_E_TLS_EXPIRED},
        {MBEDTLS_X509_BADCERT_FUTURE, FK_E_TLS_NOT_YET},
        {MBEDTLS_X509_BADCERT_CN_MISMATCH, FK_E_TLS_NAME},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if ((flags & rows[i].flag) != 0) {
            return rows[i].st;
        }
    }
    return FK_E_TLS_CERT;
}

void fk_tls_watch(struct fk_tls *tls)
{
    tls->cause = FK_OK;
    tls->refused = fk_tls_pool_refused();
}

bool fk_tls_short_of_memory(const struct fk_tls *tls)
{
    return tls->refused != fk_tls_pool_refused();
}

static enum fk_status of_code(int rc)
{
    switch (rc) {
    case MBEDTLS_ERR_SSL_ALLOC_FAILED: /* also: every place for a key is taken */
        return FK_E_MEMORY;
    case MBEDTLS_ERR_SSL_WANT_READ: /* and the deadline is over */
    case MBEDTLS_ERR_SSL_WANT_WRITE:
    case MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET:
        return FK_E_TIMEOUT;
    case MBEDTLS_ERR_SSL_CONN_EOF:
        return FK_E_NETWORK;
    case MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE:
        return FK_E_TLS_REFUSED;
    case MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION:
    case MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE:
        return FK_E_TLS_AGREE;
    case MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE:
        return FK_E_TLS_NO_CERT;
    case MBEDTLS_ERR_SSL_BAD_CERTIFICATE:
        return FK_E_TLS_CERT;
    case MBEDTLS_ERR_SSL_FEATURE_UNAVAILABLE: /* a server, in a build for clients */
        return FK_E_UNSUPPORTED;
    case MBEDTLS_ERR_SSL_HW_ACCEL_FAILED:
        return FK_E_RANDOM;
    case MBEDTLS_ERR_SSL_INTERNAL_ERROR:
        return FK_E_CRYPTO;
    default: /* those of the X.509 module, with what its parser found added */
        return rc <= -0x2080 && rc > -0x3080 ? FK_E_TLS_CERT : FK_E_TLS_PROTOCOL;
    }
}

enum fk_status fk_tls_fault(const struct fk_tls *tls, int rc)
{
    if (fk_tls_short_of_memory(tls)) { /* first: the peer may have gone for that very reason */
        return FK_E_MEMORY;
    }
    if (tls->cause != FK_OK) {
        return tls->cause;
    }
    if (rc == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED) {
        return of_flags(mbedtls_ssl_get_verify_result(&tls->state->ssl));
    }
    return of_code(rc);
}
