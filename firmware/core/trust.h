/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_CORE_TRUST_H
#define FK_CORE_TRUST_H

#include "core/keyset.h"
#include "core/plan.h"
#include "wire/key_file.h"

/* The keys of a device, kept in the `keys` region of its flash: trust anchors and what they may
 * sign, the threshold, the keys that decrypt, the device identifier.
 *
 *   factory       fk_core_open, fk_provision, fk_trust_provision
 *   each start    fk_core_open, fk_trust_open          boot stage and application alike
 *   exchange      fk_trust_replace                     application: a signed key set came in
 *
 * What an application does with a key set that it has downloaded: hand all its bytes to
 * fk_trust_replace(), in memory (FK_KEYSET_FILE_MAX, wire/keyset.h, is the most that a set may
 * have), and report the status. Nothing else: no reset is needed, the next envelope is judged by
 * the new set, and so is one that is staged already.
 *
 * Two slots. A slot is written completely, twice, while no record names it; then the state record
 * names it together with the mark of its contents. So the switch is that of the state
 * (core/state.h): old keys or new keys at every power cut, and whatever is read is what was meant,
 * or FK_E_KEYS.
 *
 * Secrets are never given out: no function returns them, they lie in the box only, and
 * fk_trust_close() wipes it. */

/* Memory of the caller for what is loaded; must stay in place while the core is used. */
struct fk_trust_box {
    struct fk_trust trust;
    struct fk_trust_anchor anchors[FK_TRUST_ANCHORS_MAX];
    struct fk_component components[FK_COMPONENTS_MAX];
    struct fk_key_file file; /* points into bytes */
    uint64_t sequence;       /* of the key set in use; 0 when there is none */
    uint8_t bytes[FK_KEY_FILE_MAX];
};

/* Loads the keys and sets core->trust. envelope: memory for one envelope up to its integrated
 * payload; the profile's envelope.manifest_max and 1 KiB for signatures are enough.
 *
 * FK_OK with core->trust NULL when the device was not provisioned with keys, has no keys region, or
 * takes no envelopes. FK_E_KEYS when the keys are damaged beyond their two copies, FK_E_PROFILE
 * when they do not fit the profile any more: core->trust is NULL then, nothing signed is accepted,
 * and the caller goes on, since an image may still have to boot. */
enum fk_status fk_trust_open(struct fk_core *core, struct fk_trust_box *box, uint8_t *envelope,
                             size_t envelope_cap) FK_MUST_USE;

/* Wipes the box; core->trust is NULL afterwards. */
void fk_trust_close(struct fk_core *core, struct fk_trust_box *box);

/* What the factory puts into a device. Everything but the set may be empty. */
struct fk_trust_secrets {
    struct fk_slice kek, kek_kid;   /* A128KW */
    struct fk_slice ecdh, ecdh_kid; /* P-256 secret key, 32 bytes */
    struct fk_slice device_id;      /* 16 bytes */
};

/* Once in the life of a device, after fk_provision() (which makes it new again). signed_set is in
 * the form in which sets are exchanged, signed by its own threshold: a set whose keys nobody holds
 * is found out here and not in the field. The box is memory only; call fk_trust_open() next.
 * FK_E_HAS_KEYS; FK_E_UNSUPPORTED without keys region or envelopes; FK_E_KEY_SIZE; FK_E_LIMIT; and
 * the refusals of fk_keyset_judge_first(). */
enum fk_status fk_trust_provision(struct fk_core *core, struct fk_trust_box *box,
                                  const struct fk_trust_secrets *secrets,
                                  struct fk_slice signed_set) FK_MUST_USE;

/* Exchanges the trust anchors for those of a signed key set; secrets stay as they are. core->trust
 * must be the box's. signed_set may lie in the box's memory for envelopes, as a fetched one does;
 * that memory is overwritten. Keys that are not in the new set are revoked: from now on they sign
 * nothing that is accepted, staged or not. An image that was installed on their word stays
 * bootable: the state has judged and recorded it (FK_ORIGIN_RECORDED), and a signature by a revoked
 * key would say nothing more.
 *
 * FK_E_BUSY while an image is installed, on trial or reverted: confirm it, or let it go, first.
 * FK_E_UNSUPPORTED when the device has no keys yet; FK_E_LIMIT; and the refusals of
 * fk_keyset_judge(): nothing has changed then. Any other failure (flash, power): core->trust is
 * NULL, open the core anew; old or new keys will be found. *ret_report may be NULL. */
enum fk_status fk_trust_replace(struct fk_core *core, struct fk_trust_box *box,
                                struct fk_slice signed_set,
                                struct fk_keyset_report *ret_report) FK_MUST_USE;

#endif
