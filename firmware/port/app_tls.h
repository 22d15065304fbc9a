/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_PORT_APP_TLS_H
#define FK_PORT_APP_TLS_H

#include "app/application.h"

/* Certificate store and TLS of the application; firmware/build.mk links app_tls.c, or
 * app_plain.c where the profile sets no memory aside for TLS (board.tls_pool). */

/* Memory of the crypto library, and random numbers; before anything else of them is used. A board
 * without entropy is told so on its console, and every connection with TLS is refused. */
void fk_app_crypto(void);

/* Gives the application its certificate store, and TLS over lower. A store that is damaged
 * stops nothing: the console can say so, and wipe it. */
enum fk_status fk_app_tls(struct fk_application *app, const struct fk_device *device,
                          const struct fk_flash *flash,
                          const struct fk_transport *lower) FK_MUST_USE;

/* TLS for the console's sockets, after fk_app_tls(); NULL: there is none. */
const struct fk_socket_tls *fk_app_socket_tls(struct fk_application *app);

/* Before a reset: keys of connections, kept sessions. Prints what the pool held at most. */
void fk_app_tls_end(void);

#endif
