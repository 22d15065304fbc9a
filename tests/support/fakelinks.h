/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TESTS_FAKELINKS_H
#define FK_TESTS_FAKELINKS_H

#include "fotakit_fw/net.h"

#include <stdbool.h>

/* A network in memory for fk_net: what peers say is put in by the test, what they hear is kept. */

#define FAKE_LINKS     12u
#define FAKE_LISTENERS 2u
#define FAKE_BYTES     8192u

struct fake_link {
    bool open, peer_closed, broken;
    enum fk_link_kind kind;
    char host[64];
    uint16_t port, local_port;
    size_t in_len; /* said by the peer, not received yet */
    uint8_t in[FAKE_BYTES];
    size_t heard_len;
    uint8_t heard[FAKE_BYTES];
};

/* One that came to a listener of UDP, or that it sent. */
struct fake_datagram {
    struct fk_peer peer;
    size_t len;
    uint8_t bytes[2048];
};

#define FAKE_DATAGRAMS 10u

struct fakelinks {
    struct fake_link links[FAKE_LINKS];
    uint16_t listening[FAKE_LISTENERS]; /* 0: not */
    unsigned waiting[FAKE_LISTENERS];   /* clients to be accepted */
    bool of_datagrams[FAKE_LISTENERS];
    struct fake_datagram came[FAKE_LISTENERS][FAKE_DATAGRAMS]; /* the first is the next */
    unsigned n_came[FAKE_LISTENERS];
    struct fake_datagram sent[FAKE_LISTENERS]; /* the last one */
    uint16_t taken;                            /* a port that somebody else has */
    enum fk_status open, send;                 /* what they come to */
    const char *greeting;                      /* said by each peer at once; NULL: none */
};

struct fk_net fakelinks_net(struct fakelinks *f);
/* A datagram from 192.0.2.<host>:<port> to listener l; false: the queue is full. */
bool fakelinks_datagram(struct fakelinks *f, unsigned l, unsigned host, uint16_t port,
                        const void *p, size_t len);
/* Peer i says these bytes. */
void fakelinks_say(struct fakelinks *f, unsigned i, const void *p, size_t len);

#endif
