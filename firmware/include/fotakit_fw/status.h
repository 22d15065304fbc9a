/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_FW_STATUS_H
#define FOTAKIT_FW_STATUS_H

/* The one list of outcomes, used by host and device.
 *
 * Every refusal has a symbol, a number that never changes its meaning (devices report it, so a
 * number is never reused), a class and a sentence. The class decides the exit code of a tool:
 *
 *   DONE     0  it worked
 *   REJECTED 1  the input is refused: malformed, over a limit, not authentic, against policy
 *   USAGE    2  wrong command line
 *   ENVIRON  3  could not: I/O, memory, a missing file, flash, network
 *   BUG      4  our own mistake
 *
 * Numbers: 1-9 generic, 10-29 encoding, 30-39 image files, 40-59 update packets, 60-79 network,
 * 80-99 device state, 100-119 profiles, 120-159 certificates and keys, 160-199 signed envelopes,
 * 200-229 environment, 240-255 usage and bugs. Fits in one byte, so it can be kept in flash.
 *
 * The texts live in core/status_text.c, an object that a small device need not link. */

#define FK_STATUS_MAP(X)                                                                           \
    X(FK_OK, 0, DONE, "success")                                                                   \
    X(FK_E_TRUNCATED, 10, REJECTED, "input ends inside a field")                                   \
    X(FK_E_TRAILING, 11, REJECTED, "bytes left over after the last field")                         \
    X(FK_E_FORMAT, 12, REJECTED, "malformed input")                                                \
    X(FK_E_LIMIT, 13, REJECTED, "a limit is exceeded")                                             \
    X(FK_E_UNSUPPORTED, 14, REJECTED, "not supported")                                             \
    X(FK_E_EMPTY, 15, REJECTED, "input is empty")                                                  \
    X(FK_E_CHECKSUM, 16, REJECTED, "checksum is wrong")                                            \
    X(FK_E_IMAGE_OVERLAP, 30, REJECTED, "image data overlaps with other contents")                 \
    X(FK_E_IMAGE_RANGE, 31, REJECTED, "image data lies outside the permitted addresses")           \
    X(FK_E_IMAGE_TOO_BIG, 32, REJECTED, "image does not fit the slot")                             \
    X(FK_E_IMAGE_ALIGN, 33, REJECTED, "image length is not a multiple of the required unit")       \
    X(FK_E_KEY_SIZE, 34, REJECTED, "key has the wrong length")                                     \
    X(FK_E_EXISTS, 35, REJECTED, "output exists and may not be replaced")                          \
    X(FK_E_NOT_REGULAR, 36, REJECTED, "input is not a regular file")                               \
    X(FK_E_TAG, 40, REJECTED, "authentication tag does not verify")                                \
    X(FK_E_DIGEST, 41, REJECTED, "image digest differs")                                           \
    X(FK_E_NO_KEY, 42, REJECTED, "packet is encrypted but the device has no key")                  \
    X(FK_E_PLAIN_REFUSED, 43, REJECTED, "policy refuses packets that are not encrypted")           \
    X(FK_E_BARE_REFUSED, 44, REJECTED, "policy refuses packets that are not signed")               \
    X(FK_E_PAYLOAD_SIZE, 45, REJECTED, "payload size is wrong for this device")                    \
    X(FK_E_HTTP_SYNTAX, 60, REJECTED, "malformed HTTP response")                                   \
    X(FK_E_HTTP_STATUS, 61, REJECTED, "server did not answer 200 or 206")                          \
    X(FK_E_HTTP_REDIRECT, 62, REJECTED, "server redirects, which is refused")                      \
    X(FK_E_HTTP_TOO_BIG, 63, REJECTED, "body is larger than the staging slot")                     \
    X(FK_E_HTTP_CHANGED, 64, REJECTED, "file on the server changed during the download")           \
    X(FK_E_HTTP_SHORT, 65, ENVIRON, "connection ended before the body was complete")               \
    X(FK_E_CONNECT, 66, ENVIRON, "cannot connect")                                                 \
    X(FK_E_TIMEOUT, 67, ENVIRON, "timed out")                                                      \
    X(FK_E_NETWORK, 68, ENVIRON, "network error")                                                  \
    X(FK_E_URL, 69, REJECTED, "host, path or port is not usable")                                  \
    X(FK_E_HTTP_LIMIT, 70, REJECTED, "HTTP header is larger than the device takes")                \
    X(FK_E_HTTP_ENCODING, 71, REJECTED, "server encodes the body, which was not asked for")        \
    X(FK_E_HTTP_RANGE, 72, REJECTED, "server sends another range than was asked for")              \
    X(FK_E_SNTP, 73, REJECTED, "answer of the time server cannot be used")                         \
    X(FK_E_NO_IMAGE, 80, REJECTED, "no bootable image")                                            \
    X(FK_E_NO_STATE, 81, REJECTED, "device state is missing or unreadable")                        \
    X(FK_E_BUSY, 82, REJECTED, "not possible in the present update state")                         \
    X(FK_E_ROLLBACK, 83, REJECTED, "image is older than the rollback counter allows")              \
    X(FK_E_NOT_CONFIRMED, 84, REJECTED, "trial image was not confirmed in time")                   \
    X(FK_E_KEYS, 85, REJECTED, "keys of the device are missing or damaged")                        \
    X(FK_E_HAS_KEYS, 86, REJECTED, "device has been provisioned with keys before")                 \
    X(FK_E_CLOCK, 87, REJECTED, "the clock is not set")                                            \
    X(FK_E_PROFILE, 100, REJECTED, "profile is not valid")                                         \
    X(FK_E_GEOMETRY, 101, REJECTED, "flash map is not usable")                                     \
    X(FK_E_PASSPHRASE_NEEDED, 120, REJECTED, "a pass phrase is needed")                            \
    X(FK_E_PASSPHRASE, 121, REJECTED, "wrong pass phrase")                                         \
    X(FK_E_WRONG_KIND, 122, REJECTED, "another kind of object is expected")                        \
    X(FK_E_KEY_INVALID, 123, REJECTED, "the numbers of the key do not fit together")               \
    X(FK_E_KEY_MISMATCH, 124, REJECTED, "key and certificate do not belong together")              \
    X(FK_E_AMBIGUOUS, 125, REJECTED, "several objects, and none was chosen")                       \
    X(FK_E_NO_KEY_ID, 126, REJECTED, "certificate has no usable key identifier")                   \
    X(FK_E_COLLISION, 127, REJECTED, "different certificates have the same name")                  \
    X(FK_E_ANSWER, 130, REJECTED, "the module answered with an error")                             \
    X(FK_E_STORE_FULL, 140, REJECTED, "certificate store is full")                                 \
    X(FK_E_STORE_ENTRY, 141, REJECTED, "no such entry in the certificate store")                   \
    X(FK_E_STORE_LOCKED, 142, REJECTED, "entry is encrypted under another device key")             \
    X(FK_E_FILE_NAME, 143, REJECTED, "file name is not that of a certificate or key")              \
    X(FK_E_TLS_UNTRUSTED, 144, REJECTED, "peer's certificate leads to no trusted root")            \
    X(FK_E_TLS_NAME, 145, REJECTED, "peer's certificate is for another name")                      \
    X(FK_E_TLS_EXPIRED, 146, REJECTED, "a certificate of the peer's chain has expired")            \
    X(FK_E_TLS_NOT_YET, 147, REJECTED, "a certificate of the peer's chain is not valid yet")       \
    X(FK_E_TLS_CERT, 148, REJECTED, "peer's certificate is too weak or for another use")           \
    X(FK_E_TLS_NO_CERT, 149, REJECTED, "peer shows no certificate")                                \
    X(FK_E_TLS_AGREE, 150, REJECTED, "no common TLS version or cipher suite")                      \
    X(FK_E_TLS_REFUSED, 151, REJECTED, "peer refused the TLS connection")                          \
    X(FK_E_TLS_PROTOCOL, 152, REJECTED, "peer breaks the TLS protocol")                            \
    X(FK_E_TLS_OWN, 153, REJECTED, "own certificate or key is missing or unusable")                \
    X(FK_E_FILE_KEY_ID, 154, REJECTED, "file name is not the key identifier of the certificate")   \
    X(FK_E_ROOTS, 155, REJECTED, "several certificates where one root is expected")                \
    X(FK_E_CBOR, 160, REJECTED, "encoding is not deterministic CBOR")                              \
    X(FK_E_SUIT_ENVELOPE, 161, REJECTED, "not a signed envelope")                                  \
    X(FK_E_SUIT_TOO_BIG, 162, REJECTED, "manifest is larger than this device reads")               \
    X(FK_E_UNSIGNED, 163, REJECTED, "envelope carries no signature")                               \
    X(FK_E_SUIT_DIGEST, 164, REJECTED, "manifest differs from its signed digest")                  \
    X(FK_E_SIGNATURE, 165, REJECTED, "signature does not verify")                                  \
    X(FK_E_SIGNER, 166, REJECTED, "no signature is by a trusted key")                              \
    X(FK_E_SIG_ALGORITHM, 167, REJECTED, "signature algorithm is not allowed for the key")         \
    X(FK_E_THRESHOLD, 168, REJECTED, "too few valid signatures")                                   \
    X(FK_E_SUIT_VERSION, 169, REJECTED, "manifest version is not supported")                       \
    X(FK_E_SUIT_ELEMENT, 170, REJECTED, "manifest element is outside the profile")                 \
    X(FK_E_SUIT_COMMAND, 171, REJECTED, "manifest command is outside the profile")                 \
    X(FK_E_SUIT_PARAMETER, 172, REJECTED, "manifest parameter is outside the profile")             \
    X(FK_E_SUIT_COMPONENT, 173, REJECTED, "component is not one of this device")                   \
    X(FK_E_SUIT_CONDITION, 174, REJECTED, "manifest lacks a required condition or step")           \
    X(FK_E_VENDOR, 175, REJECTED, "image is for another vendor")                                   \
    X(FK_E_DEVICE_CLASS, 176, REJECTED, "image is for another device class")                       \
    X(FK_E_DEVICE_ID, 177, REJECTED, "image is for another device")                                \
    X(FK_E_SEVERED, 178, REJECTED, "severed manifest element is missing")                          \
    X(FK_E_SEVERED_DIGEST, 179, REJECTED, "severed manifest element differs from its digest")      \
    X(FK_E_NO_PAYLOAD, 180, REJECTED, "integrated payload is missing")                             \
    X(FK_E_AUTHORITY, 181, REJECTED, "signer may not sign for this component")                     \
    X(FK_E_ENCRYPTION_REQUIRED, 182, REJECTED, "policy refuses payloads that are not encrypted")   \
    X(FK_E_CIPHER, 183, REJECTED, "cipher or key delivery is not allowed")                         \
    X(FK_E_ENCRYPTION_INFO, 184, REJECTED, "encryption information is malformed")                  \
    X(FK_E_RECIPIENT, 185, REJECTED, "payload is encrypted for other recipients")                  \
    X(FK_E_UNWRAP, 186, REJECTED, "content key does not unwrap")                                   \
    X(FK_E_POINT, 187, REJECTED, "public key is not a point of the curve")                         \
    X(FK_E_CIPHERTEXT, 188, REJECTED, "digest of the encrypted payload differs")                   \
    X(FK_E_PAYLOAD_URI, 189, REJECTED, "payload is at an address that is not usable here")         \
    X(FK_E_IO, 200, ENVIRON, "input/output error")                                                 \
    X(FK_E_NOT_FOUND, 201, ENVIRON, "no such file")                                                \
    X(FK_E_MEMORY, 202, ENVIRON, "out of memory")                                                  \
    X(FK_E_FLASH, 203, ENVIRON, "flash operation failed")                                          \
    X(FK_E_FLASH_RULE, 204, BUG, "flash was used against its rules")                               \
    X(FK_E_CRYPTO, 205, ENVIRON, "crypto library failed")                                          \
    X(FK_E_RANDOM, 206, ENVIRON, "no random numbers")                                              \
    X(FK_E_POWER, 207, ENVIRON, "power was lost")                                                  \
    X(FK_E_USAGE, 240, USAGE, "wrong usage")                                                       \
    X(FK_E_INTERNAL, 250, BUG, "internal error")

enum fk_status {
#define FK_STATUS_ENUM(sym, num, cls, text) sym = num,
    FK_STATUS_MAP(FK_STATUS_ENUM)
#undef FK_STATUS_ENUM
};

enum fk_class { FK_CLASS_DONE, FK_CLASS_REJECTED, FK_CLASS_USAGE, FK_CLASS_ENVIRON, FK_CLASS_BUG };

#if defined(__GNUC__)
#define FK_MUST_USE __attribute__((warn_unused_result))
#else
#define FK_MUST_USE
#endif

/* Sentence for a status, its class, and its symbol ("FK_E_TAG"). Unknown numbers give
 * "unknown status", FK_CLASS_BUG and "FK_E_?". Never NULL; static storage. */
const char *fk_status_text(enum fk_status st);
const char *fk_status_symbol(enum fk_status st);
enum fk_class fk_status_class(enum fk_status st);

#endif
