/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_CORE_CERTSTORE_LOG_H
#define FK_CORE_CERTSTORE_LOG_H

#include "crypto/crypto.h"
#include "fotakit_fw/certstore.h"
#include "wire/certstore_record.h"

/* The store's log in flash; shared by certstore_*.c only. firmware/DESIGN.md, "Certificate store",
 * has the argument; the rules are:
 *
 *   1. Two banks. A bank is programmed only in the session (one power-up) that has erased it, so
 *      flash that merely looks erased is never used, and what was torn is never built upon.
 *   2. A bank counts when it has claimed the store. Claims are numbered, and the highest number
 *      that reads valid wins. A bank makes its first claim when its records are complete. The
 *      first bank of all is empty, so that nothing depends on how its claim reads.
 *   3. A bank is erased only after the other one made, completely in this session, a claim above
 *      every number that this bank has used. So the winner's erasing has never begun, and its
 *      records are complete and strong.
 *   4. Records added later stand behind the base as transactions: records, a commit cell, a seal
 *      cell. The seal is begun when the commit is complete. A set that is not sealed, or has
 *      anything behind the seal, is copied to the other bank before it is relied on. */

#define FK_STORE_COPIES 2u  /* of a bank's head */
#define FK_STORE_CLAIMS 16u /* places for claims in a bank */
#define FK_STORE_CHUNK  128u

/* Offsets are from the start of a bank. */
uint32_t fk_store_bank_size(const struct fk_certstore *store);
uint32_t fk_store_flash_off(const struct fk_certstore *store, unsigned bank, uint32_t off);
uint32_t fk_store_claim_off(const struct fk_certstore *store, uint32_t place);
uint32_t fk_store_first(const struct fk_certstore *store);   /* record of a bank */
uint32_t fk_store_trailer(const struct fk_certstore *store); /* bytes behind a transaction */
uint32_t fk_store_units(const struct fk_certstore *store, uint32_t len); /* rounded up */
uint32_t fk_store_record_space(const struct fk_certstore *store,
                               const struct fk_store_record *record);
/* Of a commit or seal cell. */
uint32_t fk_store_cell_index(uint32_t off);

/* SHA-256 cut to FK_STORE_CHECK bytes. */
enum fk_status fk_store_checksum(const uint8_t *p, size_t len,
                                 uint8_t ret[FK_STORE_CHECK]) FK_MUST_USE;

/* The head of a record where it stands; do not copy, record points into raw. */
struct fk_store_head {
    uint8_t raw[FK_STORE_RECORD_HEAD];
    struct fk_store_record record;
    uint32_t at;
    uint32_t data; /* offset of its data */
    uint32_t next; /* offset behind its data */
};

/* FK_E_CHECKSUM, FK_E_FORMAT, FK_E_TRUNCATED: there is no record at this offset that ends at
 * `limit` or before. */
enum fk_status fk_store_read_head(const struct fk_certstore *store, uint32_t at, uint32_t limit,
                                  struct fk_store_head *ret) FK_MUST_USE;

/* The next live record at *at or behind; moves *at behind it. FK_E_STORE_ENTRY at the end. */
enum fk_status fk_store_walk(const struct fk_certstore *store, uint32_t *at,
                             struct fk_store_head *ret) FK_MUST_USE;

/* A bank by itself. */
struct fk_store_view {
    bool usable; /* has a head */
    struct fk_store_bank bank;
    bool claims;    /* a claim reads valid */
    uint64_t best;  /* its number */
    uint32_t place; /* behind the last claim place that is in use; 0: none is */
};
enum fk_status fk_store_view(const struct fk_certstore *store, unsigned bank,
                             struct fk_store_view *ret) FK_MUST_USE;

/* All bytes of the bank from this offset on look erased. */
enum fk_status fk_store_blank(const struct fk_certstore *store, unsigned bank, uint32_t from,
                              bool *ret) FK_MUST_USE;

/* Reads banks and log anew; keeps flash, region and key. */
enum fk_status fk_store_load(struct fk_certstore *store) FK_MUST_USE;

/* Takes a record that is there into the list of anchors. false: its link is wrong. */
bool fk_store_note(struct fk_certstore *store, const struct fk_store_head *head);

/* Encryption of one record, or none: certstore_secret.c. */
struct fk_store_cipher {
    bool on;
    struct fk_gcm gcm;
};
/* Where the data of a record is: in memory, or, with `from`, at an offset of its bank. */
struct fk_store_source {
    const uint8_t *data;
    const struct fk_certstore *from;
    uint32_t at;
};
enum fk_status fk_store_source_read(const struct fk_store_source *source, uint32_t off, uint8_t *to,
                                    uint32_t len) FK_MUST_USE;

/* Chooses nonce and digest, and the tag, from the data; record->encrypted is set by the caller. */
enum fk_status fk_store_seal(const uint8_t *device_key, struct fk_store_record *record,
                             const struct fk_store_source *source) FK_MUST_USE;
/* Does the data have the digest that its record names? */
enum fk_status fk_store_intact(const struct fk_store_record *record,
                               const struct fk_store_source *source, bool *ret) FK_MUST_USE;
/* The data as stored, piece by piece; every piece but the last is FK_STORE_CHUNK bytes. End with
 * fk_store_cipher_end(). */
enum fk_status fk_store_cipher_begin(struct fk_store_cipher *cipher, const uint8_t *device_key,
                                     const struct fk_store_record *record) FK_MUST_USE;
enum fk_status fk_store_cipher_next(struct fk_store_cipher *cipher, const uint8_t *in, uint8_t *out,
                                    size_t len) FK_MUST_USE;
void fk_store_cipher_end(struct fk_store_cipher *cipher);
/* In place. FK_E_STORE_LOCKED. */
enum fk_status fk_store_unseal(const uint8_t *device_key, const struct fk_store_record *record,
                               uint8_t *data) FK_MUST_USE;

/* Writing: certstore_write.c. What stays of the old set, and what is new. */
struct fk_store_job {
    const struct fk_store_change *changes;
    size_t n;
    bool as_it_is; /* keys that stay without encryption stay without it */
};

/* What stays of the old set: certstore_keep.c. */
struct fk_store_kept {
    uint32_t len; /* of its records in their new form */
    bool drops;   /* something does not stay */
    bool seals;   /* a key that lay there in the clear will be encrypted */
};
enum fk_status fk_store_measure(const struct fk_certstore *store, const struct fk_store_job *job,
                                struct fk_store_kept *ret) FK_MUST_USE;
bool fk_store_dropped(const struct fk_store_job *job, const struct fk_store_record *record);
/* The new form of a record that stays: rewritten as it is, or sealed first. A key whose data is
 * damaged stays as it is, so that the damage is not signed over. */
enum fk_status fk_store_renew(const struct fk_certstore *store, const struct fk_store_job *job,
                              const struct fk_store_head *head, struct fk_store_record *ret,
                              bool *ret_seal) FK_MUST_USE;
/* Puts behind what is there: only in a fresh bank with room for them and the trailer. */
enum fk_status fk_store_append(struct fk_certstore *store,
                               const struct fk_store_job *job) FK_MUST_USE;
/* Writes base_len bytes of records, what stays and what is new, to the other bank and moves there.
 * The store is settled. */
enum fk_status fk_store_rebuild(struct fk_certstore *store, const struct fk_store_job *job,
                                uint32_t base_len) FK_MUST_USE;
/* Erases both banks. */
enum fk_status fk_store_format(struct fk_certstore *store) FK_MUST_USE;
/* The record that an item becomes; not sealed yet. */
struct fk_store_record fk_store_record_of(const struct fk_certstore *store,
                                          const struct fk_store_item *item);

#endif
