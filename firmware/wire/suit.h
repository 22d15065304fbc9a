/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_WIRE_SUIT_H
#define FK_WIRE_SUIT_H

#include "fotakit_fw/slice.h"
#include "fotakit_fw/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Signed envelopes: a frozen, minimal profile of SUIT (draft-ietf-suit-manifest-34 to -37, which
 * are the same on the wire). firmware/FORMAT.md, "Signed envelope", defines every byte.
 *
 * Parsing has two steps, because nothing of a manifest may be looked at before its signature holds:
 *
 *   fk_suit_envelope_parse()   finds the parts; the caller checks digest and signatures
 *   fk_suit_manifest_parse()   reads the whole manifest and says what it asks for
 *
 * The second step runs every command sequence once on paper: nothing is fetched, written or
 * compared with the device. What comes out is a list of claims, all of them to be judged
 * (core/suit_verify.h). Default deny: an element, command or parameter that is not in the profile
 * refuses the manifest as a whole, so no part of it has had an effect. Commands are straight lines
 * (no try-each, no run-sequence, no loops), so reading is executing.
 *
 * Slices point into the caller's envelope, which must stay unchanged as long as they are used. */

#define FK_SUIT_AUTHS_MAX     8 /* authentication blocks */
#define FK_SUIT_URI_MAX       255
#define FK_SUIT_UUID_SIZE     16
#define FK_SUIT_DIGEST_SIZE   32
#define FK_SUIT_COMPONENT_MAX 64 /* encoded component identifier, in bytes */

/* The parts of an envelope. Parsed, not verified. */
struct fk_suit_envelope {
    struct fk_slice digest_item; /* encoded SUIT_Digest: what signatures cover */
    struct fk_slice digest;      /* SHA-256 in it: of manifest_item */
    struct fk_slice context;     /* external data of the signatures: none for envelopes */
    size_t n_auths;
    struct fk_slice auths[FK_SUIT_AUTHS_MAX]; /* contents of the blocks: fk_cose_auth_parse() */
    struct fk_slice manifest_item;            /* with the head of its byte string, as digested */
    struct fk_slice manifest;
    struct fk_slice install_item; /* severed elements, with head; empty when not there */
    struct fk_slice install;
    struct fk_slice text_item;
    struct fk_slice payload_name; /* key of the integrated payload; empty when there is none */
    uint64_t payload_off;         /* its place in the envelope, and its length */
    uint64_t payload_len;
};

/* head: the envelope, or its beginning, at least up to the first byte of the integrated payload.
 * total_len: length of the whole envelope, which is head.len unless a payload is cut off. So a
 * device reads the small front part into memory and streams the payload behind it.
 *
 * FK_E_SUIT_ENVELOPE when the SUIT tag is missing, FK_E_TRUNCATED, FK_E_TRAILING, FK_E_CBOR,
 * FK_E_FORMAT; FK_E_LIMIT for more than FK_SUIT_AUTHS_MAX authentication blocks. */
enum fk_status fk_suit_envelope_parse(struct fk_slice head, uint64_t total_len,
                                      struct fk_suit_envelope *ret) FK_MUST_USE;

/* The front of an envelope while it comes from a network, byte by byte: how much of it is needed
 * before more can be said. Nothing is judged but the order of things; fk_suit_envelope_parse() does
 * that. With FK_OK, and *ret_need
 *
 *   above front.len   so many bytes are needed before this is to be asked again; never more than
 *                     the front has, so that no byte of a payload gets into the memory for it
 *   equal to it       this is the front up to its integrated payload (or the whole envelope), and
 *                     *ret_total is the length of the envelope with its payload
 *
 * FK_E_SUIT_ENVELOPE as soon as a byte cannot be the SUIT tag, FK_E_CBOR, FK_E_FORMAT,
 * FK_E_SUIT_ELEMENT, FK_E_LIMIT when lengths exceed 32 bits. */
enum fk_status fk_suit_front(struct fk_slice front, size_t *ret_need,
                             uint32_t *ret_total) FK_MUST_USE;

/* What an image-match condition asks for. */
struct fk_suit_match {
    struct fk_slice digest; /* SHA-256; empty: no such condition */
    uint64_t size;
};

/* What a manifest asks for. Claims, not facts. */
struct fk_suit_manifest {
    uint64_t sequence;
    struct fk_slice reference_uri;    /* empty when there is none */
    struct fk_slice component;        /* encoded identifier of the component that is written */
    struct fk_slice staging;          /* of the one that holds the encrypted payload, or empty */
    struct fk_slice vendor, class_id; /* 16 bytes; always there */
    struct fk_slice device;           /* 16 bytes, or empty */
    struct fk_slice uri;              /* of the payload; "#name": integrated */
    uint64_t payload_size;            /* as fetched */
    struct fk_suit_match payload;     /* of the payload as fetched; plain: the same as image */
    struct fk_suit_match image;       /* of what ends up in the component; always there */
    struct fk_slice encryption_info;  /* COSE_Encrypt; empty: the payload is not encrypted */
    bool invoke;                      /* the image is started */
    struct fk_slice text;             /* for people; empty when severed or not there */
};

/* Severed: digests that stand in the manifest in place of an element of the envelope. */
struct fk_suit_severed {
    struct fk_slice install; /* SHA-256 of fk_suit_envelope.install_item; empty: not severed */
    struct fk_slice text;
};

/* First the digests of severed elements, so that the caller can check them before their contents
 * are read. Also refuses a wrong version and elements outside the profile, and gives the sequence
 * number: *ret_sequence. FK_E_SUIT_VERSION, FK_E_SUIT_ELEMENT, or what the reader refuses. */
enum fk_status fk_suit_manifest_scan(struct fk_slice manifest, struct fk_suit_severed *ret_severed,
                                     uint64_t *ret_sequence) FK_MUST_USE;

/* Then everything. install: contents of the severed install element, or empty when it stands in the
 * manifest. FK_E_SEVERED when the manifest has a digest only and install is empty;
 * FK_E_SUIT_COMMAND, FK_E_SUIT_PARAMETER, FK_E_SUIT_COMPONENT; FK_E_SUIT_CONDITION when vendor,
 * class, size or digest are not asked for where the profile demands it; FK_E_LIMIT. */
enum fk_status fk_suit_manifest_parse(struct fk_slice manifest, struct fk_slice install,
                                      struct fk_suit_manifest *ret) FK_MUST_USE;

/* Labels of the profile, for the code that writes. */
enum {
    FK_SUIT_TAG = 107,
    FK_SUIT_AUTHENTICATION = 2,
    FK_SUIT_MANIFEST = 3,
    FK_SUIT_VERSION = 1, /* of the manifest: the only value is 1 */
    FK_SUIT_SEQUENCE = 2,
    FK_SUIT_COMMON = 3,
    FK_SUIT_REFERENCE_URI = 4,
    FK_SUIT_VALIDATE = 7,
    FK_SUIT_INVOKE = 9,
    FK_SUIT_INSTALL = 20,
    FK_SUIT_TEXT = 23,
    FK_SUIT_COMMON_COMPONENTS = 2,
    FK_SUIT_COMMON_SHARED = 4
};

enum fk_suit_command {
    FK_SUIT_COND_VENDOR = 1,
    FK_SUIT_COND_CLASS = 2,
    FK_SUIT_COND_IMAGE_MATCH = 3,
    FK_SUIT_SET_COMPONENT = 12,
    FK_SUIT_OVERRIDE = 20,
    FK_SUIT_FETCH = 21,
    FK_SUIT_COPY = 22,
    FK_SUIT_DO_INVOKE = 23,
    FK_SUIT_COND_DEVICE = 24
};

enum fk_suit_parameter {
    FK_SUIT_PARAM_VENDOR = 1,
    FK_SUIT_PARAM_CLASS = 2,
    FK_SUIT_PARAM_DIGEST = 3,
    FK_SUIT_PARAM_SIZE = 14,
    FK_SUIT_PARAM_ENCRYPTION = 19,
    FK_SUIT_PARAM_URI = 21,
    FK_SUIT_PARAM_SOURCE = 22,
    FK_SUIT_PARAM_DEVICE = 24
};

#endif
