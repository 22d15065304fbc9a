/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TESTS_STORERIG_H
#define FK_TESTS_STORERIG_H

#include "fotakit_fw/certstore.h"
#include "support/simflash.h"

/* A device that is nothing but a certificate store, over simulated flash. */

struct store_layout {
    const char *name;
    uint32_t sector, sectors, prog_size;
    uint8_t erased;
    bool device_key; /* encrypts its secrets */
};

struct store_rig {
    struct fk_device device;
    struct simflash sim;
    struct fk_flash flash;
    struct fk_certstore store;
    uint8_t key[FK_STORE_KEY_SIZE];
    const uint8_t *device_key; /* key or NULL */
};

void store_begin(struct store_rig *rig, const struct store_layout *layout, uint64_t seed);
/* Checks that no rule of flash was broken. */
void store_end(struct store_rig *rig);
/* A new session: power up, open. */
enum fk_status store_session(struct store_rig *rig, uint32_t cut_at, enum sim_cut cut);

/* Repeatable data of a length. Valid until the program ends. */
struct fk_slice store_data(uint32_t seed, uint32_t len);
struct fk_store_change store_put(enum fk_store_set set, enum fk_store_role role, const char *name,
                                 struct fk_slice data);

/* The store holds exactly the items of these n puts, in any order. */
bool store_holds(struct store_rig *rig, const struct fk_store_change *puts, size_t n);
/* Eleven bytes in a row of the data stand somewhere in the flash; fewer may go unseen. */
bool store_flash_shows(const struct store_rig *rig, struct fk_slice data);

#endif
