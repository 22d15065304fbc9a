/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TOOLS_FOTA_SIM_H
#define FK_TOOLS_FOTA_SIM_H

#include "boot/boot.h"
#include "core/trust.h"
#include "fota-sim/options.h"
#include "fotakit/error.h"
#include "fotakit/file.h"
#include "fotakit/json.h"
#include "fotakit_fw/certstore.h"
#include "port/sim/sim_flash_file.h"

#include <stdbool.h>
#include <stdint.h>

/* The parts of fota-sim: options and verbs (fota-sim.c), one device and its faults (device.c), the
 * factory and the flash (flash.c, goods.c), the certificate store (store.c), what is said about
 * boots and state (report.c), and the console (console.c). */

/* One power-up of the device. */
struct sim {
    const struct sim_options *o;
    const struct fk_device *device;
    char path[4096]; /* of the flash file */
    struct fk_sim_flash file;
    struct fk_flash flash;
    struct fk_core core;
    struct fk_trust_box box;
    enum fk_status trust_status;          /* why the device has no usable keys, or FK_OK */
    uint8_t store_key[FK_STORE_KEY_SIZE]; /* what a device has in fuses, not in its flash */
    bool has_store_key;
    uint8_t envelope[8192]; /* the front of one, as large as any profile's slot */
    uint8_t work[4096];
};

/* Finds the device and the name of its flash file. */
enum fk_status sim_prepare(struct sim *sim, const struct sim_options *o, struct fk_error *err);
/* The same, opens the flash file and arms the power cut. Release with sim_close(). */
enum fk_status sim_open(struct sim *sim, const struct sim_options *o, bool writable,
                        struct fk_error *err);
void sim_close(struct sim *sim);

/* After fk_core_open(): the keys for signed envelopes, as every start of a device loads them. Keys
 * that are damaged are no failure here, only noted: an image may still have to boot. */
enum fk_status sim_open_trust(struct sim *sim, struct fk_error *err);

/* Reset: the core, and the boot stage. FK_OK when the boot stage has come to a verdict, whatever it
 * is; *ret_report is written in every case. */
enum fk_status sim_boot(struct sim *sim, struct fk_boot_report *ret_report, struct fk_error *err);
/* The application's core, and, if the options say so, its confirmation. */
enum fk_status sim_start(struct sim *sim, struct fk_error *err);
/* What the device could not do, in words: the power cut, a broken rule of flash, the host. */
enum fk_status sim_fail(struct sim *sim, enum fk_status st, const char *doing,
                        struct fk_error *err);

/* Warns when the power cut that was asked for lies behind the last flash operation. */
void sim_note_cut(const struct sim *sim);

/* Does the image in the primary slot have the digest that the state names? */
enum fk_status sim_image_sound(struct sim *sim, bool *ret, struct fk_error *err);

/* Exit status of a boot: FK_OK when an image runs. */
enum fk_status sim_verdict(const struct fk_boot_report *report, struct fk_error *err);

/* ---- the certificate store ---- */

/* The options' key for the store, if they name one. */
enum fk_status sim_load_store_key(struct sim *sim, struct fk_error *err);
/* Or NULL. */
const uint8_t *sim_store_key(const struct sim *sim);
/* The image that the options name, as it will be in the flash. Release in every case. */
enum fk_status sim_load_store(const struct sim *sim, struct fk_buffer *ret, struct fk_error *err);
enum fk_status sim_write_store(struct sim *sim, const struct fk_buffer *image,
                               struct fk_error *err);

/* What an onlooker sees. */
struct sim_store {
    bool there;           /* the device has one */
    enum fk_status opens; /* or FK_E_CHECKSUM */
    uint32_t used, bytes;
    unsigned entries, secrets, encrypted, locked; /* locked: not to be read with this key */
};
enum fk_status sim_look_at_store(struct sim *sim, struct sim_store *ret, struct fk_error *err);
void sim_print_store(const struct sim_store *s);
void sim_json_store(struct fk_json *j, const struct sim_store *s);

/* ---- verbs ---- */

enum fk_status sim_init(const struct sim_options *o, struct fk_error *err);
enum fk_status sim_flash_dump(const struct sim_options *o, struct fk_error *err);
enum fk_status sim_console(const struct sim_options *o, struct fk_error *err);

/* ---- reports ---- */

void sim_print_boot(const struct sim *sim, const struct fk_boot_report *report);
void sim_print_boot_json(const struct sim *sim, const struct fk_boot_report *report);
void sim_print_trust(const struct sim *sim);
void sim_print_state(const struct sim *sim, bool image_sound);
void sim_print_state_json(const struct sim *sim, bool image_sound, const struct sim_store *store);

#endif
