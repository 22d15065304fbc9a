/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/ossl.h"

#include <openssl/err.h>

const char *fk_ossl_reason(void)
{
    const char *text = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return text != NULL ? text : "no reason given";
}

const char *fk_ossl_first_reason(void)
{
    const char *text = ERR_reason_error_string(ERR_peek_error());
    ERR_clear_error();
    return text != NULL ? text : "no reason given";
}

enum fk_status fk_ossl_legacy_open(struct fk_ossl_legacy *l, struct fk_error *err)
{
    *l = (struct fk_ossl_legacy){.ctx = OSSL_LIB_CTX_new()};
    if (l->ctx != NULL) {
        l->standard = OSSL_PROVIDER_load(l->ctx, "default");
        l->legacy = OSSL_PROVIDER_load(l->ctx, "legacy"); /* may be absent */
    }
    if (l->ctx == NULL || l->standard == NULL) {
        fk_ossl_legacy_close(l);
        return fk_fail(err, FK_E_CRYPTO, "cannot start OpenSSL: %s", fk_ossl_reason());
    }
    ERR_clear_error();
    return FK_OK;
}

void fk_ossl_legacy_close(struct fk_ossl_legacy *l)
{
    if (l->legacy != NULL) {
        OSSL_PROVIDER_unload(l->legacy);
    }
    if (l->standard != NULL) {
        OSSL_PROVIDER_unload(l->standard);
    }
    OSSL_LIB_CTX_free(l->ctx);
    *l = (struct fk_ossl_legacy){.ctx = NULL};
}
