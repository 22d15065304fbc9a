/* SPDX-License-Identifier: Apache-2.0 */
#include "support/tlspeer.h"

#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "tlspeer: %s\n", what);
        ERR_print_errors_fp(stderr);
        abort();
    }
}

void peer_init(struct tls_peer *peer, bool client, const struct pki_node *own,
               const struct pki_node *chain)
{
    *peer = (struct tls_peer){.client = client, .fails = FK_OK};
    peer->ctx = SSL_CTX_new(client ? TLS_client_method() : TLS_server_method());
    must(peer->ctx != NULL, "context");
    SSL_CTX_set_security_level(peer->ctx, 0); /* it offers what the device has to refuse */
    if (own != NULL) {
        must(SSL_CTX_use_certificate(peer->ctx, own->x) == 1 &&
                 SSL_CTX_use_PrivateKey(peer->ctx, own->key) == 1,
             "own certificate");
    }
    if (chain != NULL) {
        must(SSL_CTX_add1_chain_cert(peer->ctx, chain->x) == 1, "chain");
    }
    must(SSL_CTX_set_session_id_context(peer->ctx, (const unsigned char *)"fk", 2) == 1, "id");
}

void peer_trust(struct tls_peer *peer, const struct pki_node *root)
{
    X509_VERIFY_PARAM *param = SSL_CTX_get0_param(peer->ctx);
    must(X509_STORE_add_cert(SSL_CTX_get_cert_store(peer->ctx), root->x) == 1, "root");
    X509_VERIFY_PARAM_set_time(param, (time_t)PKI_NOW);
    SSL_CTX_set_verify(peer->ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
}

static void end(struct tls_peer *peer)
{
    SSL_free(peer->ssl);
    peer->ssl = NULL;
}

void peer_release(struct tls_peer *peer)
{
    end(peer);
    SSL_CTX_free(peer->ctx);
}

static enum fk_status peer_open(void *ctx, const char *host, uint16_t port, uint32_t timeout_ms)
{
    struct tls_peer *peer = ctx;
    (void)host, (void)port, (void)timeout_ms;
    end(peer);
    peer->ssl = SSL_new(peer->ctx);
    BIO *in = BIO_new(BIO_s_mem());
    BIO *out = BIO_new(BIO_s_mem());
    must(peer->ssl != NULL && in != NULL && out != NULL, "memory");
    SSL_set_bio(peer->ssl, in, out);
    if (peer->client) {
        SSL_set_connect_state(peer->ssl);
    } else {
        SSL_set_accept_state(peer->ssl);
    }
    peer->connections++;
    peer->received = 0;
    peer->n_got = 0;
    peer->error = 0;
    return FK_OK;
}

/* Lets OpenSSL work on what it has. */
static void pump(struct tls_peer *peer)
{
    if (!SSL_is_init_finished(peer->ssl)) {
        int rc = SSL_do_handshake(peer->ssl);
        if (rc != 1) {
            int why = SSL_get_error(peer->ssl, rc);
            peer->error = why == SSL_ERROR_WANT_READ ? 0 : why;
            ERR_clear_error();
            return;
        }
        if (peer->says != NULL) {
            must(SSL_write(peer->ssl, peer->says, (int)strlen(peer->says)) > 0, "write");
        }
    }
    for (;;) {
        char buf[256];
        int n = SSL_read(peer->ssl, buf, sizeof buf);
        if (n <= 0) {
            int why = SSL_get_error(peer->ssl, n);
            peer->error = why == SSL_ERROR_WANT_READ ? 0 : why;
            ERR_clear_error();
            return;
        }
        size_t room = sizeof peer->got - peer->n_got;
        size_t take = (size_t)n < room ? (size_t)n : room;
        memcpy(peer->got + peer->n_got, buf, take);
        peer->n_got += take;
        must(peer->client || peer->listens || SSL_write(peer->ssl, buf, n) > 0, "echo");
        if (peer->says_goodbye) {
            SSL_shutdown(peer->ssl);
        }
    }
}

static enum fk_status peer_send(void *ctx, const void *buf, size_t len, uint32_t timeout_ms)
{
    struct tls_peer *peer = ctx;
    (void)timeout_ms;
    if (peer->ssl == NULL) {
        return FK_E_NETWORK;
    }
    must(BIO_write(SSL_get_rbio(peer->ssl), buf, (int)len) == (int)len, "to memory");
    pump(peer);
    return FK_OK;
}

static enum fk_status peer_recv(void *ctx, void *buf, size_t cap, size_t *ret_len,
                                uint32_t timeout_ms)
{
    struct tls_peer *peer = ctx;
    (void)timeout_ms;
    if (peer->ssl == NULL) {
        return FK_E_NETWORK;
    }
    *ret_len = 0;
    if (peer->cut_after > 0 && peer->received >= peer->cut_after) {
        return peer->fails;
    }
    pump(peer);
    if (peer->chunk > 0 && cap > peer->chunk) {
        cap = peer->chunk;
    }
    if (peer->cut_after > 0 && cap > peer->cut_after - peer->received) {
        cap = (size_t)(peer->cut_after - peer->received);
    }
    int n = BIO_read(SSL_get_wbio(peer->ssl), buf, (int)cap);
    if (n <= 0) {
        bool over = peer->error != 0 || (SSL_get_shutdown(peer->ssl) & SSL_SENT_SHUTDOWN) != 0;
        return over ? FK_OK : FK_E_TIMEOUT; /* the end, or both would wait for ever */
    }
    uint64_t before = peer->received;
    peer->received += (uint64_t)n;
    if (peer->flip_at > before && peer->flip_at <= peer->received) {
        ((unsigned char *)buf)[peer->flip_at - before - 1] ^= 1;
    }
    *ret_len = (size_t)n;
    return FK_OK;
}

static void peer_close(void *ctx)
{
    end(ctx);
}

struct fk_transport peer_transport(struct tls_peer *peer)
{
    return (struct fk_transport){.ctx = peer,
                                 .scheme = "http",
                                 .open = peer_open,
                                 .send = peer_send,
                                 .recv = peer_recv,
                                 .close = peer_close};
}
