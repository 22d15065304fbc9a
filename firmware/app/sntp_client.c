/* SPDX-License-Identifier: Apache-2.0 */
#include "app/sntp_client.h"

#include "crypto/crypto.h"
#include "wire/sntp.h"

/* *ret_answered: the server has spoken, whether it helps or not. */
static enum fk_status await(const struct fk_transport *udp, const struct fk_clock *clock,
                            uint64_t cookie, bool *ret_answered, uint64_t *ret)
{
    uint8_t in[FK_SNTP_SIZE];
    uint64_t until_ms = clock->now_ms(clock->ctx) + FK_SNTP_WAIT_MS;
    for (unsigned strays = 0; strays < FK_SNTP_STRAYS; strays++) {
        uint64_t now_ms = clock->now_ms(clock->ctx);
        size_t n = 0;
        if (now_ms >= until_ms) {
            return strays == 0 ? FK_E_TIMEOUT : FK_E_SNTP;
        }
        enum fk_status st = udp->recv(udp->ctx, in, sizeof in, &n, (uint32_t)(until_ms - now_ms));
        if (st != FK_OK) {
            return st == FK_E_TIMEOUT && strays > 0 ? FK_E_SNTP : st;
        }
        st = fk_sntp_answer((struct fk_slice){in, n}, cookie, ret_answered, ret);
        if (*ret_answered) {
            return st;
        }
    }
    return FK_E_SNTP;
}

static enum fk_status ask_once(const struct fk_transport *udp, const struct fk_clock *clock,
                               bool *ret_answered, uint64_t *ret)
{
    uint8_t out[FK_SNTP_SIZE];
    uint64_t cookie = 0;
    enum fk_status st = fk_crypto_random(&cookie, sizeof cookie);
    if (st != FK_OK) {
        return st;
    }
    fk_sntp_question(cookie, out);
    st = udp->send(udp->ctx, out, sizeof out, FK_SNTP_WAIT_MS);
    return st == FK_OK ? await(udp, clock, cookie, ret_answered, ret) : st;
}

enum fk_status fk_sntp_ask(const struct fk_transport *udp, const struct fk_clock *clock,
                           const char *host, uint16_t port, struct fk_wall_clock *wall)
{
    uint64_t seconds = 0;
    bool answered = false;
    enum fk_status st = udp->open(udp->ctx, host, port, FK_SNTP_WAIT_MS);
    if (st == FK_OK) {
        st = FK_E_TIMEOUT;
        for (unsigned i = 0;
             i < FK_SNTP_TRIES && !answered && (st == FK_E_TIMEOUT || st == FK_E_SNTP); i++) {
            st = ask_once(udp, clock, &answered, &seconds);
        }
    }
    udp->close(udp->ctx);
    return st == FK_OK ? fk_wall_clock_set(wall, seconds, FK_TIME_SNTP) : st;
}
