/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_FW_UPDATE_H
#define FOTAKIT_FW_UPDATE_H

#include "fotakit_fw/device.h"
#include "fotakit_fw/flash.h"
#include "fotakit_fw/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Update state of a device, and what the application may do with it.
 *
 * Life of an update:
 *
 *   IDLE --fk_stage_begin--> RECEIVING --fk_stage_finish--> STAGED      (application, core/stage.h)
 *   STAGED --verified--> INSTALLING --re-verified--> TRIAL              (boot stage, boot/boot.h)
 *   TRIAL --fk_update_confirm--> IDLE                                   (application)
 *   TRIAL --boots used up--> REVERTING --re-verified--> IDLE            (boot stage)
 *
 * A packet that is refused is forgotten: STAGED --> IDLE with the reason in `last`. Without trial
 * (policy.trial_boots 0, overwrite mode, or no image to go back to) INSTALLING ends in IDLE.
 *
 * Query: core->state, read by fk_core_open(), has the phase, the running image with its sequence
 * number and digest, the boots left on trial, and why the last update failed.
 *
 * Memory: the caller owns struct fk_core and its work buffer; nothing is allocated. One core per
 * flash at a time; a core is opened anew after every reset. */

enum fk_phase {
    FK_PHASE_EMPTY,      /* provisioned without an image */
    FK_PHASE_IDLE,       /* the running image is confirmed, no update is under way */
    FK_PHASE_RECEIVING,  /* a download is under way or was interrupted */
    FK_PHASE_STAGED,     /* a complete packet waits for the next boot */
    FK_PHASE_INSTALLING, /* verified and being written to the primary slot */
    FK_PHASE_TRIAL,      /* the new image has to confirm itself */
    FK_PHASE_REVERTING,  /* the previous image is being copied back */
    FK_PHASE_COUNT
};

/* Where the word for an image comes from. */
enum fk_origin {
    FK_ORIGIN_BARE,     /* a packet without signature */
    FK_ORIGIN_ENVELOPE, /* the signed envelope in the first slot of the envelope region */
    FK_ORIGIN_ENVELOPE_2,
    FK_ORIGIN_FACTORY, /* provisioning */
    FK_ORIGIN_RECORDED, /* an envelope whose signers have been revoked since; core/trust.h */
    FK_ORIGIN_COUNT
};

/* An image in a slot; size 0: none. */
struct fk_image_info {
    enum fk_origin origin;
    uint32_t size;
    uint64_t sequence; /* of its signed envelope; 0 for bare packets */
    uint8_t sha256[32];
};

#define FK_PACKET_HEADER_MAX 64
#define FK_KEY_MARK_SIZE     16
#define FK_VALIDATOR_MAX     64

/* The update that is being received, waits, or is being installed. */
struct fk_candidate {
    enum fk_origin origin;
    uint8_t header_len;
    uint8_t header[FK_PACKET_HEADER_MAX]; /* as received; parsed again wherever it is used */
    uint32_t payload_len;                 /* 0 until the download is complete */
    uint8_t source[32];                   /* SHA-256 of where it is loaded from */
    uint8_t validator_len;
    uint8_t validator[FK_VALIDATOR_MAX];  /* HTTP entity tag, for resuming; empty: cannot resume */
};

/* How the last update ended, or FK_OK and FK_PHASE_IDLE. */
struct fk_last_update {
    enum fk_status status;
    enum fk_phase phase; /* where it failed */
};

struct fk_state {
    uint32_t seq; /* of the record, rises with every write */
    enum fk_phase phase;
    uint32_t step;           /* finished steps of RECEIVING, INSTALLING or REVERTING */
    uint32_t revert_sectors; /* REVERTING: sectors of primary that must be copied back */
    uint8_t boots_left;      /* TRIAL */
    struct fk_image_info running;  /* in primary; while INSTALLING: the one being replaced */
    struct fk_image_info previous; /* kept in staging after a swap */
    struct fk_candidate update;
    struct fk_last_update last;
    uint64_t counter; /* rollback counter: lowest sequence that may still be installed */
    bool has_key;
    uint8_t key[16]; /* packet key, AES-128 */
    uint8_t key_slot; /* of the keys region, 1 or 2; 0: none were provisioned */
    uint8_t key_mark[FK_KEY_MARK_SIZE]; /* of what the slot holds: front of its SHA-256 */
};

/* Position in the state region; see core/state.h. */
struct fk_state_log {
    uint8_t bank;    /* bank that holds the state */
    bool found;      /* a valid state was there */
    bool marked;     /* its completion marker reads valid */
    bool fresh;      /* written completely since the core was opened */
    bool other_good; /* the other bank holds an older valid state */
    uint32_t base;   /* step of the stored record; progress cells count from here */
};

struct fk_trust; /* core/plan.h */

/* A signed envelope that was judged good in this session and stored; core/stage.h. */
struct fk_accepted {
    enum fk_origin origin; /* FK_ORIGIN_BARE: none */
    bool packet;           /* the payload is an ST packet */
    uint32_t payload_len;
};

struct fk_core {
    const struct fk_device *device;
    const struct fk_flash *flash;
    struct fk_state_log log;
    struct fk_state state;
    uint8_t *work;
    size_t work_len;
    const struct fk_trust *trust; /* set it after fk_core_open(); NULL: no signed envelopes */
    struct fk_accepted accepted;
};

/* Multiple of 64; more is faster, up to one sector. */
#define FK_WORK_MIN 256

/* Checks device table, flash and buffer, and reads the state. FK_E_GEOMETRY; FK_E_NO_STATE when
 * neither bank holds a valid state (the core is usable for fk_provision only). */
enum fk_status fk_core_open(struct fk_core *core, const struct fk_device *device,
                            const struct fk_flash *flash, void *work,
                            size_t work_len) FK_MUST_USE;

/* The same for a table that profile-gen has written: it writes none that fk_device_check() refuses,
 * so the boot stage need not carry that check and its sentences. Never for a table made by hand. */
enum fk_status fk_core_open_generated(struct fk_core *core, const struct fk_device *device,
                                      const struct fk_flash *flash, void *work,
                                      size_t work_len) FK_MUST_USE;

/* The running image works: keep it. FK_OK also when there is nothing to confirm. */
enum fk_status fk_update_confirm(struct fk_core *core) FK_MUST_USE;

/* Forgets a download that is under way or staged, with the reason. When there is none, only a new
 * reason is recorded. FK_E_BUSY once the boot stage has begun to install. */
enum fk_status fk_update_cancel(struct fk_core *core, enum fk_status reason) FK_MUST_USE;

/* Records why an update was refused and forgets nothing that is under way. FK_E_BUSY as above. */
enum fk_status fk_update_note(struct fk_core *core, enum fk_status reason) FK_MUST_USE;

/* Stores the packet key (NULL removes it); the old one is gone from flash afterwards. */
enum fk_status fk_update_set_key(struct fk_core *core, const uint8_t key[16]) FK_MUST_USE;

/* First state of a new device: writes the image (image_len 0: none) to the primary slot, checks
 * it and stores a fresh state. For the factory; everything that was there before is lost. */
enum fk_status fk_provision(struct fk_core *core, const void *image,
                            uint32_t image_len) FK_MUST_USE;

/* "idle", "receiving", …; never NULL. */
const char *fk_phase_name(enum fk_phase phase);

#endif
