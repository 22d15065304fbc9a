/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TESTS_TLSRIG_H
#define FK_TESTS_TLSRIG_H

#include "support/storerig.h"
#include "support/tlspeer.h"
#include "tls/tls.h"

/* A device with a certificate store and TLS, and OpenSSL at the other end. The device's clock shows
 * PKI_NOW. */

#define TLS_HOST "updates.example"

/* What the build under test has: for (tls13 = 0; tls13 < TLS_VERSIONS; …). The one of boards has TLS
 * 1.2, AES-128, SHA-256 and P-256. */
#ifdef FK_TESTS_TLS12
#define TLS_VERSIONS 1
#else
#define TLS_VERSIONS 2
#endif
struct fk_tls_policy tls_policy(void); /* everything of it */

struct tls_rig {
    struct store_rig flash;
    struct tls_peer peer;
    struct fk_transport lower;
    struct fk_clock clock;
    struct fk_wall_clock wall;
    struct fk_tls_policy policy; /* that of the floor; may be changed at any time */
    struct fk_tls_setup setup;   /* taken over by the first tls_dial() */
    struct fk_tls tls;
    uint64_t now_ms;
};

/* root and other_root; intermediate below root; server below the intermediate, client below root.
 */
extern struct pki_node tls_root, tls_other_root, tls_between, tls_server, tls_client;
/* Of cmocka's group: the pool, random numbers, and these certificates. */
int tls_group_setup(void **state);
int tls_group_teardown(void **state);

void tls_begin(struct tls_rig *r, const struct pki_node *own, const struct pki_node *chain);
void tls_end(struct tls_rig *r);
void tls_set_clock(struct tls_rig *r, int64_t from_now);

void tls_put(struct tls_rig *r, enum fk_store_role role, const char *name, struct fk_slice data,
             struct fk_slice id);
void tls_trust(struct tls_rig *r, const char *name, const struct pki_node *node);
void tls_own(struct tls_rig *r, const struct pki_node *cert, const struct pki_node *key);

enum fk_status tls_dial(struct tls_rig *r);
void tls_hang_up(struct tls_rig *r);
/* Sends a line and gets it back. */
void tls_echo(struct tls_rig *r);
/* A connection that is refused leaves nothing open and no memory in use. */
void tls_refused(struct tls_rig *r, enum fk_status want);

#endif
