/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_OTA_SUIT_MAKER_H
#define FK_OTA_SUIT_MAKER_H

#include "ota/suit_build.h"

/* Envelopes being made: one payload, and one envelope around it or several, each for some of the
 * recipients. Begin, then in this order: recipients and a head without signatures (which tells the
 * size), payload, and again recipients and a signed head for each envelope. Release in every
 * case; it wipes the content key. */

enum { FK_SUIT_TAG_SIZE = 16, FK_SUIT_IV_MAX = 16 };

struct fk_suit_maker {
    const struct fk_suit_options *o;
    struct fk_image *image;
    struct fk_output *payload; /* where the payload goes */
    struct fk_suit_manifest m;
    uint64_t padding;
    uint8_t key[16], iv[FK_SUIT_IV_MAX];
    size_t iv_len;
    uint8_t image_digest[32], payload_digest[32];
    struct fk_buffer encryption, text;
};

/* Checks the options against the profile; all that is known before the payload is read. */
enum fk_status fk_suit_maker_begin(struct fk_suit_maker *k, struct fk_error *err) FK_MUST_USE;
/* The envelope is for recipients first to first + n. */
enum fk_status fk_suit_maker_recipients(struct fk_suit_maker *k, size_t first, size_t n,
                                        struct fk_error *err) FK_MUST_USE;
/* One pass over the image; the digests are known afterwards. */
enum fk_status fk_suit_maker_payload(struct fk_suit_maker *k, struct fk_error *err) FK_MUST_USE;
/* Everything in front of the payload. signatures: made and kept there; NULL: placeholders of the
 * same length. */
enum fk_status fk_suit_maker_head(const struct fk_suit_maker *k, struct fk_suit_signed *signatures,
                                  struct fk_suit_result *r, struct fk_buffer *ret,
                                  struct fk_error *err) FK_MUST_USE;
void fk_suit_maker_result(const struct fk_suit_maker *k, struct fk_suit_result *r);
void fk_suit_maker_release(struct fk_suit_maker *k);

#endif
