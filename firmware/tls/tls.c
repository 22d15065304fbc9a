/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/tls_state.h"

#include "core/tls_floor.h"
#include "crypto/crypto.h"
#include "tls/pool.h"

#include <mbedtls/platform.h>

#include <string.h>

#define CLOSE_MS     1000u /* for a last word to the peer */
#define STEP_SEND_MS 1000u /* for what a step of a handshake says, if the peer takes nothing */

/* What the configuration of mbedTLS has decided. */
#ifdef MBEDTLS_SSL_PROTO_TLS1_3
static const bool has_tls13 = true;

static void signal_tickets(struct fk_tls *tls)
{
    mbedtls_ssl_conf_tls13_enable_signal_new_session_tickets(
        &tls->state->conf, tls->setup.resume
                               ? MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED
                               : MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_DISABLED);
}
#else
static const bool has_tls13 = false;

static void signal_tickets(struct fk_tls *tls)
{
    (void)tls; /* TLS 1.2 does not tell of them */
}
#endif

enum fk_status fk_tls_init(struct fk_tls *tls, const struct fk_tls_setup *setup)
{
    *tls = (struct fk_tls){.setup = *setup};
    if (setup->lower == NULL || setup->clock == NULL || setup->wall == NULL ||
        setup->store == NULL || setup->policy == NULL ||
        (setup->peer_name != NULL && strlen(setup->peer_name) > FK_TLS_HOST_MAX)) {
        return FK_E_INTERNAL;
    }
    const struct fk_tls_policy *p = setup->policy;
    bool sound = p->n_suites > 0 && p->n_suites <= FK_TLS_SUITES && (p->tls12 || p->tls13) &&
                 (has_tls13 || !p->tls13);
    for (size_t i = 0; sound && i < p->n_suites; i++) {
        sound = fk_tls_floor_takes(p->suites[i]); /* whatever the table says */
    }
    return sound ? FK_OK : FK_E_UNSUPPORTED;
}

/* ---- bytes to and from the lower transport ------------------------------ */

static void set_deadline(struct fk_tls *tls, uint32_t timeout_ms)
{
    const struct fk_clock *clock = tls->setup.clock;
    tls->deadline_ms = clock->now_ms(clock->ctx) + timeout_ms;
    fk_tls_watch(tls);
}

static uint32_t time_left(const struct fk_tls *tls)
{
    uint64_t now = tls->setup.clock->now_ms(tls->setup.clock->ctx);
    uint64_t left = tls->deadline_ms > now ? tls->deadline_ms - now : 0;
    return left < UINT32_MAX ? (uint32_t)left : UINT32_MAX;
}

static int lower_send(void *ctx, const unsigned char *p, size_t len)
{
    struct fk_tls *tls = ctx;
    const struct fk_transport *lower = tls->setup.lower;
    uint32_t left = time_left(tls);
    size_t n = len < INT32_MAX ? len : INT32_MAX;
    if (tls->stepping && left > STEP_SEND_MS) {
        left = STEP_SEND_MS;
    }
    enum fk_status st = left > 0 ? lower->send(lower->ctx, p, n, left) : FK_E_TIMEOUT;
    if (st != FK_OK) { /* nobody knows how much of it has gone out: never to be repeated */
        tls->cause = st;
        return MBEDTLS_ERR_SSL_CONN_EOF;
    }
    return (int)n;
}

static int lower_recv(void *ctx, unsigned char *p, size_t len)
{
    struct fk_tls *tls = ctx;
    const struct fk_transport *lower = tls->setup.lower;
    uint32_t left = time_left(tls);
    size_t cap = len < INT32_MAX ? len : INT32_MAX;
    size_t n = 0;
    uint32_t wait_ms = tls->stepping ? 0 : left;
    enum fk_status st = left > 0 ? lower->recv(lower->ctx, p, cap, &n, wait_ms) : FK_E_TIMEOUT;
    if (st == FK_E_TIMEOUT && tls->stepping && left > 0) {
        return MBEDTLS_ERR_SSL_WANT_READ; /* the next step asks again */
    }
    if (st != FK_OK) { /* after a time-out the caller may ask again, and the library with it */
        tls->cause = st;
        return st == FK_E_TIMEOUT ? MBEDTLS_ERR_SSL_WANT_READ : MBEDTLS_ERR_SSL_CONN_EOF;
    }
    return n <= cap ? (int)n : MBEDTLS_ERR_SSL_CONN_EOF; /* 0: the library sees the end */
}

/* ---- a connection ------------------------------------------------------- */

static void free_state(struct fk_tls *tls)
{
    struct fk_tls_state *s = tls->state;
    if (s != NULL) {
        mbedtls_ssl_free(&s->ssl);
        mbedtls_ssl_config_free(&s->conf);
        mbedtls_x509_crt_free(&s->own);
        mbedtls_pk_free(&s->key);
        mbedtls_free(s);
        tls->state = NULL;
        tls->established = false;
        fk_tls_pool_sweep(tls->owner);
    }
}

/* From here to free_state() what is allocated for the connection is marked with tls->owner, which
 * the state itself keeps taken. */
static enum fk_status new_state(struct fk_tls *tls)
{
    tls->established = tls->ended = false;
    tls->broken = FK_OK;
    tls->owner = fk_tls_pool_new_owner();
    (void)fk_tls_pool_own(tls->owner);
    struct fk_tls_state *s = tls->owner != 0 ? mbedtls_calloc(1, sizeof *s) : NULL;
    if (s == NULL) {
        return FK_E_MEMORY;
    }
    mbedtls_ssl_init(&s->ssl);
    mbedtls_ssl_config_init(&s->conf);
    mbedtls_x509_crt_init(&s->own);
    mbedtls_pk_init(&s->key);
    tls->state = s;
    return FK_OK;
}

/* The time of the connection, read once. */
static enum fk_status read_clock(struct fk_tls *tls)
{
    struct fk_date date;
    uint64_t seconds = 0;
    tls->now = 0;
    tls->since = 0;
    tls->until = UINT64_MAX;
    if (!tls->setup.policy->dates || tls->setup.skip_dates) {
        return FK_OK;
    }
    enum fk_status st = fk_wall_clock_now(tls->setup.wall, &seconds);
    if (st == FK_OK) {
        st = fk_date_from_unix(seconds, &date);
    }
    if (st == FK_OK) {
        tls->now = fk_tls_date(&date);
    }
    return st;
}

/* Not beside TLS 1.3: there the library does not know the extension, and a server that answers it,
 * as OpenSSL does, breaks the handshake. */
static unsigned char fragment_code(const struct fk_tls_policy *policy)
{
    switch (policy->tls13 ? 0 : policy->record_max) {
    case 512:
        return MBEDTLS_SSL_MAX_FRAG_LEN_512;
    case 1024:
        return MBEDTLS_SSL_MAX_FRAG_LEN_1024;
    case 2048:
        return MBEDTLS_SSL_MAX_FRAG_LEN_2048;
    case 4096:
        return MBEDTLS_SSL_MAX_FRAG_LEN_4096;
    default:
        return MBEDTLS_SSL_MAX_FRAG_LEN_NONE;
    }
}

static void set_policy(struct fk_tls *tls)
{
    struct fk_tls_state *s = tls->state;
    const struct fk_tls_policy *p = tls->setup.policy;
    mbedtls_ssl_conf_min_tls_version(&s->conf, p->tls12 ? MBEDTLS_SSL_VERSION_TLS1_2
                                                        : MBEDTLS_SSL_VERSION_TLS1_3);
    mbedtls_ssl_conf_max_tls_version(&s->conf, p->tls13 ? MBEDTLS_SSL_VERSION_TLS1_3
                                                        : MBEDTLS_SSL_VERSION_TLS1_2);
    for (size_t i = 0; i < p->n_suites; i++) {
        s->suites[i] = p->suites[i];
    }
    mbedtls_ssl_conf_ciphersuites(&s->conf, s->suites); /* ends in a 0 */
}

static int set_up(struct fk_tls *tls)
{
    struct fk_tls_state *s = tls->state;
    int rc = mbedtls_ssl_config_defaults(
        &s->conf, tls->server ? MBEDTLS_SSL_IS_SERVER : MBEDTLS_SSL_IS_CLIENT,
        MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
    if (rc != 0) {
        return rc;
    }
    set_policy(tls);
    bool asks = !tls->server || tls->setup.ask_client;
    mbedtls_ssl_conf_authmode(&s->conf,
                              asks ? MBEDTLS_SSL_VERIFY_REQUIRED : MBEDTLS_SSL_VERIFY_NONE);
    mbedtls_ssl_conf_ca_cb(&s->conf, fk_tls_find_anchors, tls);
    mbedtls_ssl_conf_verify(&s->conf, fk_tls_check_cert, tls);
    mbedtls_ssl_conf_rng(&s->conf, fk_tls_random, NULL);
    signal_tickets(tls);
    /* Not mbedtls_ssl_conf_max_frag_len(): it refuses what only the buffer for receiving is large
     * enough for. What is sent is cut to its own buffer anyway. */
    s->conf.MBEDTLS_PRIVATE(mfl_code) = fragment_code(tls->setup.policy);
    return 0;
}

/* After the configuration is complete. */
static int set_up_connection(struct fk_tls *tls)
{
    struct fk_tls_state *s = tls->state;
    int rc = mbedtls_ssl_setup(&s->ssl, &s->conf);
    if (rc !=
        0) { /* out of memory: mbedTLS 3.6 takes it away and then frees by what stands in it */
        s->ssl.MBEDTLS_PRIVATE(conf) = &s->conf;
    }
    if (rc == 0 && !tls->server) {
        /* What it is given is both sent and compared. An address must not be sent (RFC 6066 3), so
         * trust.c compares those. */
        const char *name = fk_tls_peer_is_address(tls) ? NULL : fk_tls_peer_name(tls);
        rc = mbedtls_ssl_set_hostname(&s->ssl, name);
    }
    mbedtls_ssl_set_bio(&s->ssl, tls, lower_send, lower_recv, NULL);
    return rc;
}

static enum fk_status begin(struct fk_tls *tls)
{
    enum fk_status st = new_state(tls);
    int rc = st == FK_OK ? set_up(tls) : 0;
    if (st == FK_OK && rc == 0) {
        st = fk_tls_load_own(tls);
    }
    if (st == FK_OK && rc == 0) {
        rc = set_up_connection(tls);
    }
    return st == FK_OK && rc != 0 ? fk_tls_fault(tls, rc) : st;
}

/* The library wants to be called again, although our transport waits: after a message that is none
 * of the caller's. The deadline ends it. */
static bool goes_on(const struct fk_tls *tls, int rc)
{
    bool wants = rc == MBEDTLS_ERR_SSL_WANT_READ || rc == MBEDTLS_ERR_SSL_WANT_WRITE ||
                 rc == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET;
    return wants && tls->cause == FK_OK && time_left(tls) > 0;
}

/* *ret_done false: the peer has to say more, and a step does not wait for it. */
static enum fk_status handshake(struct fk_tls *tls, bool *ret_done)
{
    int rc = mbedtls_ssl_handshake(&tls->state->ssl);
    bool more = goes_on(tls, rc);
    while (more && !tls->stepping) {
        rc = mbedtls_ssl_handshake(&tls->state->ssl);
        more = goes_on(tls, rc);
    }
    *ret_done = !more;
    if (more) {
        return FK_OK;
    }
    if (rc != 0) {
        return fk_tls_fault(tls, rc);
    }
    /* The library has required it; say it once more where it can be read. A resumed session
     * carries the verdict of the handshake that it comes from. */
    bool asked = !tls->server || tls->setup.ask_client;
    if (asked && mbedtls_ssl_get_verify_result(&tls->state->ssl) != 0) {
        return FK_E_TLS_UNTRUSTED;
    }
    if (mbedtls_ssl_get_version_number(&tls->state->ssl) == MBEDTLS_SSL_VERSION_TLS1_2) {
        fk_tls_keep_session(tls); /* with TLS 1.3 it comes later */
    }
    tls->established = true;
    return FK_OK;
}

static enum fk_status connect_to(struct fk_tls *tls, const char *host, uint16_t port,
                                 uint32_t timeout_ms)
{
    const struct fk_transport *lower = tls->setup.lower;
    size_t n = strlen(host);
    if (tls->state != NULL) {
        return FK_E_BUSY;
    }
    if (n > FK_TLS_HOST_MAX) {
        return FK_E_URL;
    }
    memcpy(tls->host, host, n + 1);
    tls->port = port;
    tls->server = tls->checked = tls->stepping = false;
    fk_tls_watch(tls);
    bool done = false;
    enum fk_status st = read_clock(tls); /* before anybody is called */
    if (st == FK_OK) {
        st = begin(tls);
    }
    if (st == FK_OK) {
        st = lower->open(lower->ctx, host, port, timeout_ms);
    }
    if (st == FK_OK) {
        set_deadline(tls, timeout_ms);
        fk_tls_offer_session(tls);
        st = handshake(tls, &done);
    }
    if (st != FK_OK) {
        free_state(tls);
        lower->close(lower->ctx);
    }
    return st;
}

static enum fk_status tls_open(void *ctx, const char *host, uint16_t port, uint32_t timeout_ms)
{
    uint8_t owner = fk_tls_pool_own(0);
    enum fk_status st = connect_to(ctx, host, port, timeout_ms);
    (void)fk_tls_pool_own(owner);
    return st;
}

static enum fk_status accept_from(struct fk_tls *tls, uint32_t timeout_ms)
{
    if (tls->state != NULL) {
        return FK_E_BUSY;
    }
    tls->server = true;
    tls->stepping = false;
    set_deadline(tls, timeout_ms);
    enum fk_status st = tls->setup.ask_client ? read_clock(tls) : FK_OK;
    if (st == FK_OK) {
        st = begin(tls);
    }
    if (st != FK_OK) {
        free_state(tls);
        tls->setup.lower->close(tls->setup.lower->ctx);
    }
    return st;
}

enum fk_status fk_tls_accept_begin(struct fk_tls *tls, uint32_t timeout_ms)
{
    uint8_t owner = fk_tls_pool_own(0);
    enum fk_status st = accept_from(tls, timeout_ms);
    (void)fk_tls_pool_own(owner);
    return st;
}

static enum fk_status go_on(struct fk_tls *tls, bool *ret_done)
{
    uint8_t owner = fk_tls_pool_own(tls->owner);
    enum fk_status st = handshake(tls, ret_done);
    if (st != FK_OK) {
        free_state(tls);
        tls->setup.lower->close(tls->setup.lower->ctx);
    }
    (void)fk_tls_pool_own(owner);
    return st;
}

enum fk_status fk_tls_accept_step(struct fk_tls *tls, bool *ret_done)
{
    *ret_done = false;
    if (tls->state == NULL) {
        return FK_E_NETWORK;
    }
    fk_tls_watch(tls);
    tls->stepping = true;
    enum fk_status st = go_on(tls, ret_done);
    tls->stepping = false;
    return st;
}

enum fk_status fk_tls_accept(struct fk_tls *tls, uint32_t timeout_ms)
{
    bool done = false;
    enum fk_status st = fk_tls_accept_begin(tls, timeout_ms);
    return st == FK_OK ? go_on(tls, &done) : st;
}

/* Before and after send and recv. The library must not be used after most failures, and before the
 * handshake is over it would go on with that in here. */
static enum fk_status may_pass(const struct fk_tls *tls)
{
    return tls->established ? tls->broken : FK_E_NETWORK;
}

static enum fk_status passed(struct fk_tls *tls, enum fk_status st)
{
    tls->broken = st;
    return st;
}

static enum fk_status send_all(struct fk_tls *tls, const unsigned char *at, size_t len)
{
    while (len > 0) {
        int n = mbedtls_ssl_write(&tls->state->ssl, at, len);
        if (goes_on(tls, n)) {
            continue;
        }
        if (n < 0) {
            return fk_tls_fault(tls, n);
        }
        at += n;
        len -= (size_t)n;
    }
    return FK_OK;
}

static enum fk_status tls_send(void *ctx, const void *buf, size_t len, uint32_t timeout_ms)
{
    struct fk_tls *tls = ctx;
    enum fk_status st = may_pass(tls);
    if (st != FK_OK) {
        return st;
    }
    set_deadline(tls, timeout_ms);
    uint8_t owner = fk_tls_pool_own(tls->owner);
    st = send_all(tls, buf, len);
    (void)fk_tls_pool_own(owner);
    return passed(tls, st);
}

static enum fk_status recv_some(struct fk_tls *tls, void *buf, size_t cap, size_t *ret_len)
{
    int n = mbedtls_ssl_read(&tls->state->ssl, buf, cap);
    while (goes_on(tls, n)) {
        if (n == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET) {
            fk_tls_keep_session(tls);
        }
        n = mbedtls_ssl_read(&tls->state->ssl, buf, cap);
    }
    if (n >= 0 || n == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) {
        tls->ended = n == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY;
        /* 0 is the end of the lower stream without a word: somebody may have cut it. */
        *ret_len = n > 0 ? (size_t)n : 0;
        enum fk_status cut = tls->cause != FK_OK ? tls->cause : FK_E_NETWORK;
        return n == 0 && cap > 0 ? cut : FK_OK;
    }
    return fk_tls_fault(tls, n);
}

static enum fk_status tls_recv(void *ctx, void *buf, size_t cap, size_t *ret_len,
                               uint32_t timeout_ms)
{
    struct fk_tls *tls = ctx;
    enum fk_status st = may_pass(tls);
    if (st != FK_OK) {
        return st;
    }
    if (tls->ended) {
        *ret_len = 0;
        return FK_OK;
    }
    set_deadline(tls, timeout_ms);
    uint8_t owner = fk_tls_pool_own(tls->owner);
    st = recv_some(tls, buf, cap, ret_len);
    (void)fk_tls_pool_own(owner);
    return st == FK_E_TIMEOUT ? st : passed(tls, st);
}

static void tls_close(void *ctx)
{
    struct fk_tls *tls = ctx;
    if (tls->state != NULL) {
        uint8_t owner = fk_tls_pool_own(tls->owner);
        set_deadline(tls, CLOSE_MS);
        if (tls->established && tls->broken == FK_OK) {
            (void)mbedtls_ssl_close_notify(&tls->state->ssl); /* whether it hears it or not */
        }
        free_state(tls);
        (void)fk_tls_pool_own(owner);
    }
    tls->setup.lower->close(tls->setup.lower->ctx);
}

struct fk_transport fk_tls_transport(struct fk_tls *tls)
{
    return (struct fk_transport){.ctx = tls,
                                 .scheme = "https",
                                 .open = tls_open,
                                 .send = tls_send,
                                 .recv = tls_recv,
                                 .close = tls_close};
}

struct fk_tls_facts fk_tls_facts(const struct fk_tls *tls)
{
    struct fk_tls_facts facts = {.version = "", .suite = ""};
    if (tls->state != NULL) {
        const char *suite = mbedtls_ssl_get_ciphersuite(&tls->state->ssl);
        facts.version = mbedtls_ssl_get_version(&tls->state->ssl);
        facts.suite = suite != NULL ? suite : "";
        facts.resumed = !tls->server && !tls->checked;
    }
    return facts;
}
