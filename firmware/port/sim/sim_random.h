/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_PORT_SIM_RANDOM_H
#define FK_PORT_SIM_RANDOM_H

#include "crypto/crypto.h"

/* Random numbers of the simulated device: those of the host's kernel, fit for keys. */
extern const struct fk_random fk_sim_random;

#endif
