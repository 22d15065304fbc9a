/* SPDX-License-Identifier: Apache-2.0 */
/* Keys in PKCS#11 tokens. OpenSSL 3 reaches them through a provider where one is installed and
 * configured; Debian 12 ships only the engine. The engine interface is deprecated, and this file is
 * the only one that uses it. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "crypto/ossl.h"
#include "crypto/signer.h"

#include <openssl/engine.h>
#include <openssl/err.h>
#include <openssl/store.h>
#include <openssl/ui.h>

#include <string.h>

enum { PIN_MAX = 256 };

/* The URI may not carry the PIN: it would be on the command line. */
static enum fk_status check(const char *uri, const struct fk_buffer *pin, struct fk_error *err)
{
    if (pin->len > PIN_MAX || (pin->len > 0 && memchr(pin->ptr, '\0', pin->len) != NULL)) {
        return fk_fail(err, FK_E_PASSPHRASE, "the PIN has more than %d bytes, or a NUL byte",
                       PIN_MAX);
    }
    if (strstr(uri, "pin-value") != NULL || strstr(uri, "pin-source") != NULL) {
        return fk_fail(err, FK_E_USAGE,
                       "a pkcs11: URI may not carry its PIN; give it with --passin env:NAME, "
                       "file:PATH or fd:N");
    }
    return FK_OK;
}

static EVP_PKEY *from_provider(const char *uri, UI_METHOD *ui, const struct fk_buffer *pin)
{
    EVP_PKEY *pkey = NULL;
    struct fk_buffer copy = *pin;
    OSSL_STORE_CTX *store = OSSL_STORE_open(uri, ui, &copy, NULL, NULL);
    while (store != NULL && pkey == NULL && !OSSL_STORE_eof(store)) {
        OSSL_STORE_INFO *info = OSSL_STORE_load(store);
        if (info != NULL && OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_PKEY) {
            pkey = OSSL_STORE_INFO_get1_PKEY(info);
        }
        OSSL_STORE_INFO_free(info);
    }
    OSSL_STORE_close(store);
    return pkey;
}

/* The engine asks through this method; the answer is the buffer that was handed in. */
static int read_pin(UI *ui, UI_STRING *uis)
{
    const struct fk_buffer *pin = UI_get0_user_data(ui);
    char text[PIN_MAX + 1] = "";
    int rc = 0;
    if (UI_get_string_type(uis) != UIT_PROMPT) {
        return 1;
    }
    if (pin != NULL && pin->len > 0) {
        memcpy(text, pin->ptr, pin->len);
        rc = UI_set_result(ui, uis, text) == 0;
        OPENSSL_cleanse(text, sizeof text);
    }
    return rc;
}

static EVP_PKEY *from_engine(const char *uri, UI_METHOD *ui, const struct fk_buffer *pin,
                             bool *ret_there)
{
    EVP_PKEY *pkey = NULL;
    struct fk_buffer copy = *pin;
    ENGINE_load_builtin_engines();
    ENGINE *engine = ENGINE_by_id("pkcs11");
    *ret_there = engine != NULL;
    if (engine != NULL) {
        (void)ENGINE_ctrl_cmd_string(engine, "QUIET", NULL, 1); /* it would talk to people */
    }
    if (engine != NULL && ENGINE_init(engine) == 1) {
        pkey = ENGINE_load_private_key(engine, uri, ui, &copy);
        ENGINE_finish(engine); /* the key holds its own reference */
    }
    ENGINE_free(engine);
    return pkey;
}

enum fk_status fk_token_open(const char *uri, const struct fk_buffer *pin, EVP_PKEY **ret,
                             struct fk_error *err)
{
    static const struct fk_buffer none = {.ptr = NULL, .len = 0};
    bool engine = false;
    const struct fk_buffer *given = pin != NULL ? pin : &none;
    enum fk_status st = check(uri, given, err);
    if (st != FK_OK) {
        return st;
    }
    UI_METHOD *ui = UI_create_method("fotakit");
    if (ui == NULL || UI_method_set_reader(ui, read_pin) != 0) {
        UI_destroy_method(ui);
        return fk_fail(err, FK_E_MEMORY, "out of memory");
    }
    /* One way or the other: a wrong PIN that is tried by both counts twice in the token. */
    bool provider = OSSL_PROVIDER_available(NULL, "pkcs11") == 1;
    ERR_clear_error();
    EVP_PKEY *pkey = provider ? from_provider(uri, ui, given)
                              : from_engine(uri, ui, given, &engine);
    UI_destroy_method(ui);
    if (pkey == NULL && !provider && !engine) {
        (void)fk_ossl_reason();
        return fk_fail(err, FK_E_NOT_FOUND,
                       "OpenSSL has neither a PKCS#11 provider nor the engine; on Debian 12 "
                       "install libengine-pkcs11-openssl");
    }
    if (pkey == NULL) {
        return fk_fail(err, FK_E_CRYPTO, "cannot open the key '%s' in its token%s: %s", uri,
                       given->len == 0 ? " (no PIN given, see --passin)" : "",
                       fk_ossl_first_reason());
    }
    *ret = pkey;
    return FK_OK;
}
