/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions that are resumed: only where the full handshake would give the same verdict again. */
#include "tls/tls_state.h"

#include "tls/pool.h"

#include <mbedtls/platform.h>

#include <string.h>

static bool dates_count(const struct fk_tls *tls)
{
    return tls->setup.policy->dates && !tls->setup.skip_dates;
}

static bool still_good(const struct fk_tls *tls, const struct fk_tls_session *s)
{
    const struct fk_certstore *store = tls->setup.store;
    bool dates =
        !dates_count(tls) || (s->dates_checked && tls->now >= s->since && tls->now <= s->until);
    return dates && s->port == tls->port && s->store_seq == store->seq &&
           s->store_end == store->end && strcmp(s->host, tls->host) == 0 &&
           strcmp(s->name, fk_tls_peer_name(tls)) == 0;
}

static void forget(struct fk_tls *tls)
{
    if (tls->session != NULL) {
        mbedtls_ssl_session_free(&tls->session->session);
        mbedtls_free(tls->session);
        tls->session = NULL;
    }
}

void fk_tls_release(struct fk_tls *tls)
{
    forget(tls);
}

void fk_tls_offer_session(struct fk_tls *tls)
{
    if (tls->session == NULL) {
        return;
    }
    if (!still_good(tls, tls->session) ||
        mbedtls_ssl_set_session(&tls->state->ssl, &tls->session->session) != 0) {
        forget(tls);
        fk_tls_watch(tls); /* the handshake is a full one, and no worse for it */
        return;
    }
    tls->since = tls->session->since; /* if it is resumed, no certificate is seen */
    tls->until = tls->session->until;
}

static void keep(struct fk_tls *tls)
{
    forget(tls);
    struct fk_tls_session *s = mbedtls_calloc(1, sizeof *s);
    if (s == NULL) { /* the next handshake is a full one */
        fk_tls_watch(tls);
        return;
    }
    mbedtls_ssl_session_init(&s->session);
    tls->session = s;
    if (mbedtls_ssl_get_session(&tls->state->ssl, &s->session) != 0) {
        forget(tls);
        fk_tls_watch(tls);
        return;
    }
    s->since = tls->since;
    s->until = tls->until;
    s->dates_checked = dates_count(tls);
    s->store_seq = tls->setup.store->seq;
    s->store_end = tls->setup.store->end;
    s->port = tls->port;
    memcpy(s->host, tls->host, sizeof s->host);
    memcpy(s->name, fk_tls_peer_name(tls), strlen(fk_tls_peer_name(tls)) + 1);
}

void fk_tls_keep_session(struct fk_tls *tls)
{
    if (tls->setup.resume && !tls->server) {
        uint8_t owner = fk_tls_pool_own(0); /* it outlives the connection */
        keep(tls);
        (void)fk_tls_pool_own(owner);
    }
}
