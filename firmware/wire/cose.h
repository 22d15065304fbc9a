/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_WIRE_COSE_H
#define FK_WIRE_COSE_H

#include "fotakit_fw/slice.h"
#include "fotakit_fw/status.h"
#include "wire/reader.h"
#include "wire/writer.h"

/* The part of COSE (RFC 9052, 9053, 9459, 9864) that signed envelopes use: COSE_Sign1 and COSE_Mac0
 * with a detached payload, and COSE_Encrypt with a detached ciphertext. Numbers and shapes are in
 * firmware/FORMAT.md.
 *
 * This file takes structures apart and puts the bytes together that are signed, authenticated or
 * derived from; it computes no cryptography. Slices point into the caller's bytes.
 *
 * What an attacker can change without breaking a signature: all of the auth block but the protected
 * header. So from the unprotected header only the key identifier is taken, as a hint to the right
 * key, never the algorithm. COSE_Encrypt stands inside the signed manifest, so there the
 * unprotected headers are covered. */

/* Algorithms, as numbered by IANA. */
enum {
    FK_COSE_ESP256 = -9,   /* ECDSA with P-256 and SHA-256 */
    FK_COSE_ES256 = -7,    /* the same with its older, not fully specified number */
    FK_COSE_ED25519 = -19, /* for hosts only */
    FK_COSE_HMAC256 = 5,
    FK_COSE_SHA256 = -16,
    FK_COSE_A128GCM = 1,
    FK_COSE_A128CTR = -65534,
    FK_COSE_A128KW = -3,
    FK_COSE_ECDH_ES_A128KW = -29
};

#define FK_COSE_SIGNATURE_SIZE 64 /* ECDSA r and s, Ed25519 */
#define FK_COSE_MAC_SIZE       32
#define FK_COSE_WRAPPED_SIZE   24 /* AES-128 key behind A128KW (RFC 3394) */
#define FK_COSE_KID_MAX        32
#define FK_COSE_DIGEST_SIZE    36 /* encoded SUIT_Digest with SHA-256, which is what is signed */
/* Longest protected header that is read; ours is 3 bytes. */
#define FK_COSE_PROTECTED_MAX 16
/* Bytes to be signed or authenticated, at most. */
#define FK_COSE_EXTERNAL_MAX 16
#define FK_COSE_TBS_MAX                                                                            \
    (1 + 11 + 1 + FK_COSE_PROTECTED_MAX + 1 + FK_COSE_EXTERNAL_MAX + 2 + FK_COSE_DIGEST_SIZE)
/* Encoded COSE_KDF_Context, at most. */
#define FK_COSE_KDF_CONTEXT_MAX (32 + FK_COSE_PROTECTED_MAX + 24)

enum fk_cose_kind { FK_COSE_SIGN1, FK_COSE_MAC0 };

/* One signature or MAC. Parsed, not verified. */
struct fk_cose_auth {
    enum fk_cose_kind kind;
    int32_t alg;               /* of the protected header; 0 for one beyond 32 bits */
    struct fk_slice header;    /* protected header as it stands, without its bstr head */
    struct fk_slice kid;       /* of the unprotected header; empty when there is none */
    struct fk_slice signature; /* 64 bytes, or a MAC of 32 */
    struct fk_slice external;  /* external data, set by who knows it; empty in envelopes */
};

/* bytes: the contents of one authentication block. FK_E_FORMAT for a structure that is not one of
 * ours (another tag, a payload that is not detached, an algorithm outside the protected header, an
 * unknown header label), FK_E_LIMIT for a header or key identifier over the limits, or what the
 * CBOR reader refuses. A signature of the wrong length is FK_E_FORMAT. */
enum fk_status fk_cose_auth_parse(struct fk_slice bytes, struct fk_cose_auth *ret) FK_MUST_USE;

/* The bytes that the signature or MAC is over: Sig_structure or MAC_structure with the
 * external data and `payload`, the encoded SUIT_Digest. */
enum fk_status fk_cose_tbs(const struct fk_cose_auth *auth, struct fk_slice payload,
                           uint8_t buf[FK_COSE_TBS_MAX], size_t *ret_len) FK_MUST_USE;

/* Writes a whole auth block around header fields and signature. */
void fk_cose_auth_put(struct fk_writer *w, const struct fk_cose_auth *auth);

/* COSE_Encrypt over a detached ciphertext. */
struct fk_cose_encrypt {
    int32_t alg;            /* FK_COSE_A128GCM or FK_COSE_A128CTR */
    struct fk_slice header; /* protected header, for the additional data of GCM; empty for CTR */
    struct fk_slice iv;     /* 12 bytes for GCM, 16 for CTR */
    size_t n_recipients;
    struct fk_slice recipients; /* for fk_cose_recipient_next() */
};

struct fk_cose_recipient {
    int32_t alg;            /* FK_COSE_A128KW or FK_COSE_ECDH_ES_A128KW */
    struct fk_slice header; /* protected header; empty for A128KW */
    struct fk_slice kid;
    struct fk_slice salt;    /* for HKDF; empty when there is none */
    struct fk_slice x, y;    /* ephemeral public key on P-256, 32 bytes each; empty for A128KW */
    struct fk_slice wrapped; /* FK_COSE_WRAPPED_SIZE bytes */
};

/* Checks the whole structure with all its recipients. Every refusal is FK_E_ENCRYPTION_INFO, except
 * FK_E_CIPHER for content or key algorithms that are not ours. */
enum fk_status fk_cose_encrypt_parse(struct fk_slice bytes,
                                     struct fk_cose_encrypt *ret) FK_MUST_USE;

/* Recipients one by one, after fk_cose_encrypt_parse() has accepted them:
 *     struct fk_reader at = fk_cose_recipients(&enc);
 *     while (fk_cose_recipient_next(&at, &recipient)) … */
struct fk_reader fk_cose_recipients(const struct fk_cose_encrypt *enc);
bool fk_cose_recipient_next(struct fk_reader *at, struct fk_cose_recipient *ret);

/* Additional data of GCM: the encoded Enc_structure. */
#define FK_COSE_ENC_MAX (1 + 8 + 1 + FK_COSE_PROTECTED_MAX + 1)
enum fk_status fk_cose_enc_structure(struct fk_slice header, uint8_t buf[FK_COSE_ENC_MAX],
                                     size_t *ret_len) FK_MUST_USE;

/* COSE_KDF_Context of SUIT for ECDH-ES+A128KW: AlgorithmID A128KW, 128 bits, the recipient's
 * protected header, and the text that binds the key to SUIT payloads. */
enum fk_status fk_cose_kdf_context(struct fk_slice header, uint8_t buf[FK_COSE_KDF_CONTEXT_MAX],
                                   size_t *ret_len) FK_MUST_USE;

/* What the host writes. */
void fk_cose_encrypt_put_head(struct fk_writer *w, int32_t alg, struct fk_slice iv,
                              size_t n_recipients);
void fk_cose_recipient_put(struct fk_writer *w, const struct fk_cose_recipient *recipient);
/* A header map {1: alg}, the contents of a protected header. */
void fk_cose_put_alg_header(struct fk_writer *w, int32_t alg);

#endif
