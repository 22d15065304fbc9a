/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_PORT_BOARD_H
#define FK_PORT_BOARD_H

#include "fotakit_fw/device.h"
#include "fotakit_fw/flash.h"
#include "fotakit_fw/net.h"
#include "fotakit_fw/transport.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a board owes to boot_main.c and app_main.c, which are the same for all boards: one source
 * file each for console, clock and watchdog, flash, memory guard, network. firmware/PORTING.md tells
 * in which order to write them, port/template has them all, failing.
 *
 * One thread, no interrupt handlers: a board may use interrupts to wake from fk_board_idle(), but
 * nothing here is called from one. */

/* Which of the two images is running. The boot stage may write the primary slot; the application,
 * which runs from it, may not. */
enum fk_board_image { FK_BOARD_BOOT, FK_BOARD_APPLICATION };

/* Clocks, console and timer; first of all. */
void fk_board_init(void);

/* Console. Write waits until everything is on its way; read takes what is there, at most cap
 * bytes, and does not wait. */
void fk_board_write(const char *p, size_t len);
size_t fk_board_read(void *p, size_t cap);

/* Waits until something may have happened, at most for some milliseconds. */
void fk_board_idle(void);

/* Milliseconds since start; never runs backwards. Called at least once a minute. */
uint64_t fk_board_now_ms(void);

/* The board is reset when nobody calls _kick for timeout_ms. Cannot be stopped again. */
void fk_board_watchdog_start(uint32_t timeout_ms);
void fk_board_watchdog_kick(void);

/* Memory guard: from here on nothing but the code of the running image can be executed, flash can
 * only be written by the flash driver, and what is no memory faults. Anything but FK_OK: the board
 * cannot protect itself, so nothing may be started. */
enum fk_status fk_board_guard(const struct fk_device *device, enum fk_board_image image) FK_MUST_USE;

/* The flash driver; it keeps the rules of flash.h, and for the boot stage it has a view. device and
 * the result must outlive its use. */
struct fk_flash fk_board_flash(const struct fk_device *device, enum fk_board_image image);

/* Entropy, for the generator behind TLS (fk_crypto_seed()); the application's alone, since a boot
 * stage needs no secrets of its own. FK_E_CRYPTO when there is no source: never a guess. The name is
 * printed at start, so that a stand-in cannot pass for a source. */
enum fk_status fk_board_entropy(void *p, size_t len) FK_MUST_USE;
const char *fk_board_entropy_name(void);

/* The network, for the application. Started with the first call; never NULL. */
const struct fk_transport *fk_board_transport(void);
/* Connections for the console's sockets, at least one more than those, for its time server. NULL:
 * there are none. */
const struct fk_net *fk_board_net(void);
/* Moves the network on while nobody waits for it; often. */
void fk_board_network_poll(void);

/* Starts the image whose first byte lies at address, with nothing of this one left in memory.
 * Returns only when there is nothing that could be started. */
void fk_board_start(const struct fk_device *device, uint32_t address);

_Noreturn void fk_board_reset(void);

/* Bytes of the stack that were ever used since start; 0: not known. */
uint32_t fk_board_stack_used(void);

#endif
