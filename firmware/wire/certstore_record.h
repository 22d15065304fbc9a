/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_WIRE_CERTSTORE_RECORD_H
#define FK_WIRE_CERTSTORE_RECORD_H

#include "fotakit_fw/certstore.h"
#include "fotakit_fw/slice.h"

/* The certificate store as it lies in flash (FORMAT.md, "Certificate store"): the head of a bank
 * and the head of a record. Checksums are SHA-256 cut to 16 bytes, computed by the caller over all
 * that stands before them. Parsing judges the fields, not whether they fit the bank. */

#define FK_STORE_CHECK      16u /* bytes of a checksum */
#define FK_STORE_BANK_HEAD  32u
#define FK_STORE_SEQ_MAX    0xffffff00u
#define FK_STORE_NONCE      12u
#define FK_STORE_TAG        16u
#define FK_STORE_DIGEST     32u
#define FK_STORE_RECORD_MIN (48u + FK_STORE_CHECK)
#define FK_STORE_RECORD_HEAD                                                                       \
    (FK_STORE_RECORD_MIN + FK_STORE_NAME_MAX + FK_STORE_ID_MAX + FK_STORE_NONCE + FK_STORE_TAG)
#define FK_STORE_AAD_MAX (8u + FK_STORE_NAME_MAX + FK_STORE_ID_MAX)

struct fk_store_bank {
    uint32_t seq;      /* number of its first claim; 1 to FK_STORE_SEQ_MAX */
    uint32_t base_len; /* bytes of records that came with the bank */
};

/* Writes all but the checksum; checksum: the last FK_STORE_CHECK bytes of FK_STORE_BANK_HEAD. */
enum fk_status fk_store_bank_write(const struct fk_store_bank *bank,
                                   uint8_t buf[FK_STORE_BANK_HEAD]) FK_MUST_USE;
/* FK_E_FORMAT. */
enum fk_status fk_store_bank_parse(const uint8_t buf[FK_STORE_BANK_HEAD],
                                   struct fk_store_bank *ret) FK_MUST_USE;

struct fk_store_record {
    bool last; /* of its transaction */
    bool encrypted;
    enum fk_store_set set;
    enum fk_store_role role;
    struct fk_slice name;
    struct fk_slice key_id;
    uint32_t data_len;
    uint32_t link;                   /* offset of the previous anchor of its bucket; 0: none */
    uint8_t digest[FK_STORE_DIGEST]; /* SHA-256 of the data as stored */
    uint8_t nonce[FK_STORE_NONCE];   /* encrypted only */
    uint8_t tag[FK_STORE_TAG];
};

/* Bytes of the record's head with its checksum. */
uint32_t fk_store_record_head(const struct fk_store_record *record);

/* FK_OK when a record may have these: FK_E_FORMAT (name), FK_E_LIMIT (identifier), FK_E_EMPTY,
 * FK_E_UNSUPPORTED (set or role). */
enum fk_status fk_store_record_check(const struct fk_store_record *record) FK_MUST_USE;

/* Writes all but the checksum: fk_store_record_head() - FK_STORE_CHECK bytes. */
enum fk_status fk_store_record_write(const struct fk_store_record *record,
                                     uint8_t buf[FK_STORE_RECORD_HEAD]) FK_MUST_USE;

/* Reads a record's head from the front of bytes; the slices of *ret point into them. *ret_len: as
 * fk_store_record_head(); the last FK_STORE_CHECK bytes of it are the checksum. FK_E_FORMAT,
 * FK_E_TRUNCATED. */
enum fk_status fk_store_record_parse(struct fk_slice bytes, struct fk_store_record *ret,
                                     size_t *ret_len) FK_MUST_USE;

/* Additional data of an encrypted record: what must not be exchanged between records. */
enum fk_status fk_store_record_aad(const struct fk_store_record *record,
                                   uint8_t buf[FK_STORE_AAD_MAX], size_t *ret_len) FK_MUST_USE;

/* In which chain of anchors an identifier is, 0 to FK_STORE_BUCKETS - 1. */
uint32_t fk_store_bucket(struct fk_slice key_id);

#endif
