/* SPDX-License-Identifier: Apache-2.0 */
/* An application without TLS, and so without certificates. */
#include "port/app_tls.h"

void fk_app_crypto(void)
{
}

enum fk_status fk_app_tls(struct fk_application *app, const struct fk_device *device,
                          const struct fk_flash *flash, const struct fk_transport *lower)
{
    (void)app, (void)device, (void)flash, (void)lower;
    return FK_OK;
}

const struct fk_socket_tls *fk_app_socket_tls(struct fk_application *app)
{
    (void)app;
    return NULL;
}

void fk_app_tls_end(void)
{
}
