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
    uint16_t port;
    size_t in_len; /* said by the peer, not received yet */
    uint8_t in[FAKE_BYTES];
    size_t heard_len;
    uint8_t heard[FAKE_BYTES];
};

struct fakelinks {
    struct fake_link links[FAKE_LINKS];
    uint16_t listening[FAKE_LISTENERS]; /* 0: not */
    unsigned waiting[FAKE_LISTENERS];   /* clients to be accepted */
    uint16_t taken;                     /* a port that somebody else has */
    enum fk_status open, send;          /* what they come to */
    const char *greeting;               /* said by each peer at once; NULL: none */
};

struct fk_net fakelinks_net(struct fakelinks *f);
/* Peer i says these bytes. */
void fakelinks_say(struct fakelinks *f, unsigned i, const void *p, size_t len);

#endif
