/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TLS_TLS_STATE_H
#define FK_TLS_TLS_STATE_H

#include "tls/tls.h"

#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>

/* Shared by the files of this folder. */

struct fk_tls_state {
    mbedtls_ssl_context ssl;
    mbedtls_ssl_config conf;
    mbedtls_x509_crt own; /* certificate and chain */
    mbedtls_pk_context key;
    int suites[FK_TLS_SUITES + 1];
};

struct fk_tls_session {
    mbedtls_ssl_session session;
    uint64_t since, until;
    uint32_t store_seq, store_end; /* of the set that the chain was checked with */
    uint16_t port;
    bool dates_checked;
    char host[FK_TLS_HOST_MAX + 1];
    char name[FK_TLS_HOST_MAX + 1];
};

/* trust.c: callbacks for mbedTLS; ctx is the struct fk_tls. */
int fk_tls_find_anchors(void *ctx, const mbedtls_x509_crt *child, mbedtls_x509_crt **ret);
int fk_tls_check_cert(void *ctx, mbedtls_x509_crt *crt, int depth, uint32_t *flags);
/* Digits of a date as one number, which is in the order of time. */
uint64_t fk_tls_date(const struct fk_date *date);
/* The name that the peer must have; "" for a server. */
const char *fk_tls_peer_name(const struct fk_tls *tls);
/* It is an address of IPv4 or IPv6. */
bool fk_tls_peer_is_address(const struct fk_tls *tls);

/* own.c: loads certificate and key of the set into tls->state, if there are any; a server must
 * have them. FK_E_TLS_OWN, FK_E_KEY_MISMATCH. */
enum fk_status fk_tls_load_own(struct fk_tls *tls) FK_MUST_USE;
/* An entry in memory of the pool, with a NUL behind it. Free with fk_tls_drop(). */
enum fk_status fk_tls_fetch(const struct fk_tls *tls, const struct fk_store_entry *entry,
                            uint8_t **ret) FK_MUST_USE;
void fk_tls_drop(uint8_t *p, size_t len);
/* Appends the certificates of data[0..len], DER or PEM, data[len] being NUL; 0 or mbedTLS's code.
 */
int fk_tls_parse(mbedtls_x509_crt *list, const uint8_t *data, size_t len);
int fk_tls_random(void *ctx, unsigned char *p, size_t len);

/* fault.c: what a failed call of mbedTLS means, in an operation that began with fk_tls_watch(). The
 * library often forgets that it was memory that it had not got; the pool does not. */
void fk_tls_watch(struct fk_tls *tls);
bool fk_tls_short_of_memory(const struct fk_tls *tls);
enum fk_status fk_tls_fault(const struct fk_tls *tls, int rc);

/* session.c */
void fk_tls_offer_session(struct fk_tls *tls);
void fk_tls_keep_session(struct fk_tls *tls);

#endif
