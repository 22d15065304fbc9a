/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TESTS_PKI_H
#define FK_TESTS_PKI_H

#include "fotakit_fw/slice.h"

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>

/* Certificates for TLS tests, made with OpenSSL; good and bad ones. Valid around PKI_NOW, whatever
 * the clock of the machine says. */

#define PKI_NOW INT64_C(1795264427) /* 2026-11-21 */
#define PKI_DAY INT64_C(86400)

struct pki_node {
    X509 *x;
    EVP_PKEY *key;
};

struct pki_spec {
    const char *cn;
    const char *cn2; /* a second common name */
    const char *san; /* as in openssl.cnf: "DNS:a,DNS:b" */
    const char *eku;
    const struct pki_node *issuer; /* NULL: itself */
    const EVP_PKEY *key;           /* NULL: a new one */
    int64_t from, to;              /* seconds from PKI_NOW; both 0: from a day ago, for a year */
    unsigned rsa_bits;             /* 0: a curve */
    const char *kind;              /* the curve, or "ed25519"; NULL: P-256 */
    bool ca;
    bool no_ids;     /* neither subject nor authority key identifier */
    const char *aki; /* authority key identifier, in openssl.cnf's words; NULL: the issuer's */
    bool sha1;
};

void pki_make(struct pki_node *ret, const struct pki_spec *spec);
void pki_free(struct pki_node *node);
/* Good until 32 more have been asked for. */
struct fk_slice pki_der(const struct pki_node *node);
struct fk_slice pki_pem(const struct pki_node *node);
struct fk_slice pki_key(const struct pki_node *node); /* PKCS#1 or SEC1, DER */
struct fk_slice pki_key_id(const struct pki_node *node);

#endif
