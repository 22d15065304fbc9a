/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_FW_CERTSTORE_H
#define FOTAKIT_FW_CERTSTORE_H

#include "fotakit_fw/device.h"
#include "fotakit_fw/flash.h"
#include "fotakit_fw/slice.h"
#include "fotakit_fw/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Certificates and keys of a device, in the `store` region of its flash.
 *
 * Order of calls: fk_certstore_open() after each reset, fk_certstore_settle() before anything is
 * relied on, then the rest in any order. One store per region at a time.
 *
 * Changes. fk_certstore_apply() takes any number of changes and makes them all or none, whatever
 * the power does: afterwards, after any number of cuts, the store holds the old set or the new
 * set. What is replaced or removed is gone from flash when the call returns FK_OK; after a cut it
 * is gone when fk_certstore_settle() returns FK_OK. A store that is full refuses and keeps what it
 * has. After any other failure the set is the old one or the new one: open again.
 *
 * Size. The region is two banks of whole sectors; a third, fifth… sector stays unused. The set
 * must fit one bank.
 *
 * Secrets. With a device key, entries of role FK_STORE_KEY are encrypted (AES-128-GCM). Without
 * one they lie in flash as they are. The device key has to come from where the flash cannot be
 * read: fuses, a secure element. A store that was written without one is read with it all the
 * same, and its keys are encrypted by the next fk_certstore_apply(), one of no changes included,
 * if there is room (28 bytes for each); the readable ones are gone from flash then, like any that
 * are replaced. A key whose data is damaged stays as it is. Without the device key, or with another
 * one, encrypted keys cannot be read, and stay as they are in every change.
 *
 * Not checked here: that a certificate is one, or that a key belongs to it.
 *
 * Memory: struct fk_certstore, 264 bytes on a Cortex-M4; no heap. Stack in our code: 4.2 KiB for a
 * change that encrypts a key, 1.7 KiB for reading one, 0.7 KiB for looking up (-Os); the crypto
 * library comes on top. */

enum fk_store_set {
    FK_STORE_TLS = 1,
    FK_STORE_WPA = 2,   /* WPA-Enterprise */
    FK_STORE_CONFIG = 3 /* the application's own (app/config.h), among the secrets */
};
#define FK_STORE_SETS 3u

enum fk_store_role {
    FK_STORE_CA = 1,   /* trust anchor */
    FK_STORE_CERT = 2, /* own certificate, with its chain behind it */
    FK_STORE_KEY = 3,  /* own private key */
    FK_STORE_AUTH = 4  /* Authority Key Identifier of the peer's CA, binary */
};

#define FK_STORE_NAME_MAX 64u
#define FK_STORE_ID_MAX   32u
#define FK_STORE_KEY_SIZE 16u /* device key */
#define FK_STORE_BUCKETS  32u

/* What is to be stored; all is borrowed during the call. */
struct fk_store_item {
    enum fk_store_set set;
    enum fk_store_role role;
    const char *name;       /* unique in its set; 1 to 64 printable ASCII characters, no blank */
    struct fk_slice key_id; /* FK_STORE_CA: Subject Key Identifier, for fk_certstore_anchor(); at
                               most 32 bytes, or empty. Empty for other roles */
    struct fk_slice data;   /* not empty */
};

/* What is there. Good until the next change. */
struct fk_store_entry {
    enum fk_store_set set;
    enum fk_store_role role;
    char name[FK_STORE_NAME_MAX + 1];
    uint8_t key_id_len;
    uint8_t key_id[FK_STORE_ID_MAX];
    uint32_t len;   /* bytes of data */
    bool encrypted; /* under the device key */
    uint32_t at;    /* private */
};

/* Private. */
struct fk_certstore {
    const struct fk_flash *flash;
    struct fk_region region;
    const uint8_t *key;
    bool found;       /* a set is there; else the store is empty */
    uint8_t bank;     /* that holds it */
    uint32_t seq;     /* of the bank */
    uint32_t base;    /* end of the records that came with the bank */
    uint32_t end;     /* of the last transaction that counts */
    uint32_t place;   /* where the next claim goes */
    bool sealed;      /* that transaction is complete beyond doubt */
    bool damaged;     /* a record in the middle cannot be read */
    bool settled;     /* nothing that was read can change its mind any more */
    bool fresh;       /* the bank was written in this session, so it can be appended to */
    bool stale;       /* a change failed half way: what is above may no longer be so */
    bool claimed;     /* a claim of this bank was written completely in this session */
    bool spare_clean; /* the other bank was erased completely in this session */
    uint32_t count;   /* entries */
    uint32_t used;    /* bytes of their records */
    uint32_t heads[FK_STORE_BUCKETS]; /* last anchor of each bucket; 0: none */
    uint32_t roles[FK_STORE_SETS][3]; /* last entry of each set with each other role; 0: none */
};

/* Reads what is there; writes nothing. device_key: 16 bytes that outlive the store, or NULL.
 * Bytes that are no store are an empty store. FK_E_CHECKSUM: a record in the middle is damaged;
 * what stands before it can be read, and only fk_certstore_wipe() of everything is taken.
 * FK_E_GEOMETRY, FK_E_FLASH. */
enum fk_status fk_certstore_open(struct fk_certstore *store, const struct fk_device *device,
                                 const struct fk_flash *flash,
                                 const uint8_t *device_key) FK_MUST_USE;

/* Ends what a power cut interrupted: makes the set that was read the one that every later
 * fk_certstore_open() reads, and erases what is left of the other one. Costs no flash operation
 * when nothing was interrupted. */
enum fk_status fk_certstore_settle(struct fk_certstore *store) FK_MUST_USE;

enum fk_store_verb {
    FK_STORE_PUT,       /* store the item, in place of what has its set and name */
    FK_STORE_REMOVE,    /* item.set and item.name; FK_E_STORE_ENTRY when there is none */
    FK_STORE_REMOVE_SET /* everything of item.set */
};

struct fk_store_change {
    enum fk_store_verb verb;
    struct fk_store_item item;
};

/* All of these changes or none. Puts win over removals of the same call. FK_E_STORE_FULL,
 * FK_E_STORE_ENTRY, FK_E_COLLISION (a name twice), FK_E_LIMIT, FK_E_EMPTY, FK_E_FORMAT (name):
 * nothing has changed. n may be 0. */
enum fk_status fk_certstore_apply(struct fk_certstore *store, const struct fk_store_change *changes,
                                  size_t n) FK_MUST_USE;

/* One change. */
enum fk_status fk_certstore_put(struct fk_certstore *store,
                                const struct fk_store_item *item) FK_MUST_USE;
enum fk_status fk_certstore_remove(struct fk_certstore *store, enum fk_store_set set,
                                   const char *name) FK_MUST_USE;
/* Everything, also of a damaged store. */
enum fk_status fk_certstore_wipe(struct fk_certstore *store) FK_MUST_USE;

/* FK_E_STORE_ENTRY when there is none. */
enum fk_status fk_certstore_find(const struct fk_certstore *store, enum fk_store_set set,
                                 const char *name, struct fk_store_entry *ret) FK_MUST_USE;

/* The entry behind *at, in the order in which they were stored; begin with *at = 0.
 * FK_E_STORE_ENTRY at the end. */
enum fk_status fk_certstore_next(const struct fk_certstore *store, uint32_t *at,
                                 struct fk_store_entry *ret) FK_MUST_USE;

/* The youngest entry of the set with this role, which is not FK_STORE_CA. FK_E_STORE_ENTRY when
 * there is none. Reads one head, however many entries there are. */
enum fk_status fk_certstore_role(const struct fk_certstore *store, enum fk_store_set set,
                                 enum fk_store_role role, struct fk_store_entry *ret) FK_MUST_USE;

/* The next trust anchor of the set with this key identifier, the youngest first; begin with
 * *at = 0. Several may have the same one. FK_E_STORE_ENTRY at the end. Reads the heads of about
 * one in 32 anchors. */
enum fk_status fk_certstore_anchor(const struct fk_certstore *store, enum fk_store_set set,
                                   struct fk_slice key_id, uint32_t *at,
                                   struct fk_store_entry *ret) FK_MUST_USE;

/* Copies the data of an entry. FK_E_LIMIT when cap is less than entry->len; FK_E_CHECKSUM;
 * FK_E_STORE_LOCKED when it is encrypted and the device key is missing or another one. On failure
 * buf is wiped. The caller wipes a private key. */
enum fk_status fk_certstore_read(const struct fk_certstore *store,
                                 const struct fk_store_entry *entry, void *buf,
                                 size_t cap) FK_MUST_USE;

/* Bytes that the set may still grow by, at most, and bytes of a bank that hold records. */
uint32_t fk_certstore_room(const struct fk_certstore *store);
uint32_t fk_certstore_capacity(const struct fk_certstore *store);

#endif
