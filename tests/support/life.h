/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TESTS_LIFE_H
#define FK_TESTS_LIFE_H

#include "boot/boot.h"
#include "support/device.h"
#include "support/signed.h"
#include "support/simflash.h"

/* One device through one update, from the factory to a settled end, with the invariant checked at
 * every boot. The same code runs with and without power cuts: each session is one power-up in
 * which the device boots and its application does whatever is next. */

/* The board takes one case of so many. */
#define LIFE_BOARD_EVERY  67u
#define STORM_BOARD_EVERY 400u

#define LIFE_IMAGE_MAX (64u * 1024u)

enum life_end {
    LIFE_CONFIRM, /* the application confirms the new image: it must stay */
    LIFE_REVERT   /* the application never confirms: the old image must come back */
};

struct life {
    struct fk_device device;
    struct simflash flash;
    enum life_end end;
    bool encrypted;
    const struct signed_update *update; /* NULL: a bare packet */
    uint32_t old_len, new_len;
    uint8_t old_image[LIFE_IMAGE_MAX];
    uint8_t new_image[LIFE_IMAGE_MAX];
    uint8_t packet[FK_PACKET_HEADER_MAX + LIFE_IMAGE_MAX];
    uint8_t key[16];
    bool staged;       /* fk_stage_finish() returned FK_OK */
    bool confirmed;    /* fk_update_confirm() returned FK_OK */
    bool settled;      /* the end is reached */
    bool faulty;       /* the flash is damaged: no image may boot, but never a wrong one */
    bool stuck;        /* faulty: the device stayed in the boot stage, or the flash failed */
    enum fk_status stuck_status;
    unsigned sessions; /* power-ups so far */
    char why[256];     /* what broke the invariant; empty: nothing did */
};

/* Sizes in bytes, not above the slot. Provisions the device with the old image and the key. */
void life_begin(struct life *life, const struct test_layout *layout, bool encrypted,
                uint32_t old_len, uint32_t new_len, enum life_end end);
/* The same, but the update comes in a signed envelope, which the caller keeps. */
void life_begin_signed(struct life *life, const struct test_layout *layout,
                       struct signed_update *update, uint32_t old_len, uint32_t new_len,
                       enum life_end end);
void life_release(struct life *life);
/* Copies the device with everything that it remembers; both must be of the same layout. */
void life_copy(struct life *to, const struct life *from);

/* Sessions until the life is settled (FK_OK), the power is lost (FK_E_POWER), or the invariant is
 * broken (FK_E_INTERNAL, see why). */
enum fk_status life_run(struct life *life);

/* Cuts the power once at every flash operation in every way, and after each cut lets the device
 * settle undisturbed. nested: cut a second time at every operation of what follows, in the same
 * way. Returns the number of cases; *ret_lost counts broken ones and `life->why` has the first.
 * step: 1 for every operation, n for every n-th. */
struct sweep_result {
    unsigned long cases;
    unsigned long lost;
    char first[384];
};
struct sweep_result life_sweep(const struct life *fresh, bool nested, unsigned step);

/* Storms: `lives` lives, each cut several times in a row at random operations in random ways, most
 * of them right after the reset, and then left to settle. */
struct sweep_result life_storm(const struct life *fresh, unsigned long lives, uint64_t seed);

#endif
