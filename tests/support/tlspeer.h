/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TESTS_TLSPEER_H
#define FK_TESTS_TLSPEER_H

#include "fotakit_fw/transport.h"
#include "support/pki.h"

/* The other side of a TLS connection: OpenSSL over memory, in the same thread. It looks like a
 * transport to the device: what the device sends goes to OpenSSL, what it receives is what OpenSSL
 * had to say. An established peer answers what it reads with the same bytes. */

struct tls_peer {
    SSL_CTX *ctx;
    SSL *ssl;
    bool client;
    const char *says; /* client: what it begins with */
    char got[256];    /* what it has read */
    size_t n_got;
    unsigned connections; /* so far */
    uint64_t received;    /* bytes by the device */
    uint64_t cut_after;   /* bytes by the device until the stream ends; 0: never */
    enum fk_status fails; /* what recv returns from then on; FK_OK: the end of the stream */
    uint64_t flip_at;     /* of these bytes has a bit turned over, counted from 1; 0: none */
    size_t chunk;         /* most bytes per recv; 0: any */
    bool says_goodbye;    /* closes after its first answer */
    bool listens;         /* and answers no more */
    int error;            /* of the handshake, as SSL_get_error() */
};

/* own may be NULL (client). chain: sent behind it, may be NULL. */
void peer_init(struct tls_peer *peer, bool client, const struct pki_node *own,
               const struct pki_node *chain);
/* Demands a certificate of the device, below this root. */
void peer_trust(struct tls_peer *peer, const struct pki_node *root);
void peer_release(struct tls_peer *peer);
struct fk_transport peer_transport(struct tls_peer *peer);

#endif
