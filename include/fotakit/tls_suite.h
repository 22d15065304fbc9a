/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_TLS_SUITE_H
#define FOTAKIT_TLS_SUITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The cipher suites that a profile may name: name, code point and what they ask of a certificate,
 * from the registry "TLS Cipher Suites" of IANA. Up to TLS 1.2; a suite of TLS 1.3 says nothing
 * about certificates, and no device here has it. */

enum fk_tls_kx { FK_TLS_KX_RSA, FK_TLS_KX_DHE, FK_TLS_KX_ECDHE };
enum fk_tls_auth { FK_TLS_AUTH_RSA, FK_TLS_AUTH_ECDSA };

struct fk_tls_suite {
    const char *name;      /* "TLS_RSA_WITH_AES_128_CBC_SHA" */
    uint16_t code;         /* 0x002f */
    enum fk_tls_kx kx;     /* RSA: the server's certificate must allow keyEncipherment */
    enum fk_tls_auth auth; /* key type of the server's certificate */
    bool tls12;            /* defined for TLS 1.2 only */
};

/* NULL when the name is not in the table. Names are compared with their case. */
const struct fk_tls_suite *fk_tls_suite_find(const char *name);
/* The whole table, in the order of the code points. */
const struct fk_tls_suite *fk_tls_suites(size_t *ret_n);

#endif
