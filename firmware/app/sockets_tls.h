/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_APP_SOCKETS_TLS_H
#define FK_APP_SOCKETS_TLS_H

#include "app/sockets.h"
#include "tls/tls.h"

/* TLS for the sockets of a console: tls/tls.h above each connection, with the trust anchors, the
 * certificate and the key of the store's TLS set. */

#ifndef FK_SECURE_MAX    /* as FK_SOCKETS_MAX */
#define FK_SECURE_MAX 6u /* connections at a time */
#endif

struct fk_sockets_tls {
    struct fk_socket_tls table; /* for fk_sockets_init() */

    /* Private. */
    struct fk_tls_setup setup;
    const bool *skip_dates;
    bool used[FK_SECURE_MAX];
    struct fk_tls tls[FK_SECURE_MAX];
    char names[FK_SECURE_MAX][FK_TLS_HOST_MAX + 1];
};

/* setup: clock, wall, store, set and policy; the rest is this file's. All of it must outlive t,
 * which must stay where it is. *skip_dates is looked at for each connection. The pool and the
 * random source are ready (tls/tls.h). */
void fk_sockets_tls_init(struct fk_sockets_tls *t, const struct fk_tls_setup *setup,
                         const bool *skip_dates);

#endif
