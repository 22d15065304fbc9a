/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TLS_TLS_H
#define FK_TLS_TLS_H

#include "fotakit_fw/certstore.h"
#include "fotakit_fw/device.h"
#include "fotakit_fw/transport.h"
#include "fotakit_fw/wall_clock.h"

/* TLS 1.2 and 1.3, client and server, over mbedTLS 3.6 and the certificate store. The one place
 * beside crypto/ that sees mbedTLS.
 *
 * Order: fk_crypto_init(), fk_crypto_use_random(), fk_tls_pool_init(), once; then for each
 * connection fk_tls_init(), and as a client fk_tls_transport(), whose open, send, recv and close
 * are those of any transport; as a server fk_tls_accept() over a connection that was accepted, and
 * then the same table. A server that must not wait shakes hands in steps.
 *
 * What is checked, always, before a byte of the application is sent or taken:
 *   - the chain, up to a trust anchor of the store. Anchors are not loaded beforehand: for each
 *     certificate of the chain those with its Authority Key Identifier are fetched, and parsed, and
 *     freed again. Without that identifier the anchor is looked for by name, unless the policy
 *     says otherwise
 *   - every date of the chain, anchor included, against the wall clock. While the clock is unset
 *     no connection is opened (FK_E_CLOCK). `skip_dates` is the device's documented switch
 *   - the name, as the policy says (a client)
 *   - key usage, key sizes (RSA from 2048, P-256 and up), digests (SHA-256 and up)
 *   - the suites and versions of the policy, which the profile and core/tls_floor.h make
 * Not checked: revocation (no CRL, no OCSP), certificate transparency.
 *
 * A session that the server offers to resume is kept for the next connection to the same host, port
 * and name, while the store has not changed and every date of the chain that was checked still
 * holds: a resumed connection is as good as the full one before it.
 *
 * Memory: struct fk_tls, 0.7 KiB, and the pool, which all connections share; no other heap.
 * firmware/DESIGN.md, "TLS", has figures. */

#define FK_TLS_HOST_MAX 255u
#define FK_TLS_ITEM_MAX 16384u /* larger entries of the store are not loaded */

struct fk_tls_setup {
    const struct fk_transport *lower;
    const struct fk_clock *clock;
    const struct fk_wall_clock *wall;
    const struct fk_certstore *store;
    enum fk_store_set set;
    const struct fk_tls_policy *policy;
    const char *peer_name; /* client: that the certificate must have; NULL: the host of open() */
    bool skip_dates;
    bool resume;     /* client: keep sessions, in the pool */
    bool ask_client; /* server: the client must show a certificate of ours */
};

/* Private. */
struct fk_tls {
    struct fk_tls_setup setup;
    struct fk_tls_state *state;     /* of a connection */
    struct fk_tls_session *session; /* kept */
    enum fk_status cause;           /* why a callback of ours said no */
    unsigned refused;               /* by the pool, when this operation began */
    uint64_t deadline_ms;
    uint64_t now;          /* date of this connection, as fk_tls_date() */
    uint64_t since;        /* the whole chain is valid from this date … */
    uint64_t until;        /* … to this one */
    uint8_t owner;         /* what the connection has of the pool is marked so */
    enum fk_status broken; /* why nothing passes any more, or FK_OK */
    bool server;
    bool stepping;    /* does not wait for the peer */
    bool established; /* the handshake came to a good end */
    bool ended;       /* the peer has said that it sends no more */
    bool checked;     /* a certificate was seen in this handshake */
    uint16_t port;
    char host[FK_TLS_HOST_MAX + 1];
};

/* The memory of TLS and of the crypto library: one pool for the whole program, of len bytes that
 * stay. Once, before there is a connection or a key; not to be taken back. */
void fk_tls_pool_init(void *pool, size_t len);
/* Bytes of the pool in use, and the most that were at a time. */
size_t fk_tls_pool_used(void);
size_t fk_tls_pool_peak(void);
void fk_tls_pool_reset_peak(void);

/* setup is copied; what it points to must outlive tls. FK_E_INTERNAL when something is missing,
 * FK_E_UNSUPPORTED when the policy leaves no version or no suite, or wants TLS 1.3 of a build
 * without it. */
enum fk_status fk_tls_init(struct fk_tls *tls, const struct fk_tls_setup *setup) FK_MUST_USE;

/* scheme "https". open: what the lower transport returns; FK_E_CLOCK, FK_E_TLS_…,
 * FK_E_KEY_MISMATCH, FK_E_MEMORY, FK_E_TIMEOUT (the handshake gets the time-out once more). recv: a
 * stream that ends without close_notify is FK_E_NETWORK; the time-out is for a whole record, up to
 * 16 KiB where the peer likes, and after FK_E_TIMEOUT the next call goes on where it was. After any
 * other failure, and any of send, part of a record may be lost: every later call fails with the
 * same status, and close says nothing to the peer. A stream that ended with close_notify can still
 * be sent to. */
struct fk_transport fk_tls_transport(struct fk_tls *tls);

/* Server side of the handshake, over a lower transport that is connected; end with close. */
enum fk_status fk_tls_accept(struct fk_tls *tls, uint32_t timeout_ms) FK_MUST_USE;

/* The same in steps: begin, and then again and again, until *ret_done or a failure. A step takes
 * what has come and waits for nothing but the peer's window, 1 s at most, so it lasts as long as
 * the sums of one flight; the lower transport must take a time-out of 0 (fotakit_fw/net.h).
 * timeout_ms from begin on, the next step is FK_E_TIMEOUT. */
enum fk_status fk_tls_accept_begin(struct fk_tls *tls, uint32_t timeout_ms) FK_MUST_USE;
enum fk_status fk_tls_accept_step(struct fk_tls *tls, bool *ret_done) FK_MUST_USE;

/* Forgets a kept session; close the connection first. */
void fk_tls_release(struct fk_tls *tls);

/* "TLSv1.3" and the suite's name while connected; "" otherwise. resumed: without certificates. */
struct fk_tls_facts {
    const char *version;
    const char *suite;
    bool resumed;
};
struct fk_tls_facts fk_tls_facts(const struct fk_tls *tls);

/* The Subject Key Identifier of a certificate in DER or PEM, for fk_store_item.key_id. *ret_len 0:
 * it has none, or one that is longer than FK_STORE_ID_MAX. FK_E_FORMAT when it is no certificate,
 * FK_E_UNSUPPORTED when its key or signature is of a kind that is not built in, FK_E_MEMORY. alone:
 * FK_E_ROOTS when more than one is there; a trust anchor has an entry of its own, because its
 * identifier is what it is found by. */
enum fk_status fk_tls_key_id(struct fk_slice certificate, bool alone, uint8_t ret[FK_STORE_ID_MAX],
                             size_t *ret_len) FK_MUST_USE;

#endif
