/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "port/sim/sim_random.h"

#include <errno.h>
#include <sys/random.h>

static enum fk_status fill(void *ctx, void *p, size_t len)
{
    char *at = p;
    (void)ctx;
    while (len > 0) {
        ssize_t n = getrandom(at, len, 0);
        if (n < 0 && errno != EINTR) {
            return FK_E_RANDOM;
        }
        at += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return FK_OK;
}

const struct fk_random fk_sim_random = {NULL, fill};
