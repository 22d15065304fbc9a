/* SPDX-License-Identifier: Apache-2.0 */
#include "credentials/classify.h"

#include "crypto/der.h"

#include <string.h>

/* The first elements of a SEQUENCE. */
enum { SHAPE_MAX = 10 };
struct shape {
    struct fk_der e[SHAPE_MAX];
    size_t n;
};

static bool shape_of(struct fk_reader r, struct shape *ret)
{
    ret->n = 0;
    while (ret->n < SHAPE_MAX && fk_der_next(&r, &ret->e[ret->n])) {
        ret->n++;
    }
    return fk_reader_ok(&r) && ret->n > 0;
}

static bool is(const struct shape *s, size_t i, uint8_t tag)
{
    return i < s->n && s->e[i].tag == tag;
}

static bool is_small_integer(const struct shape *s, size_t i, uint8_t value)
{
    return is(s, i, FK_DER_INTEGER) && s->e[i].content.len == 1 && s->e[i].content.ptr[0] == value;
}

/* A SEQUENCE that starts with an OBJECT IDENTIFIER: AlgorithmIdentifier and its like. */
static bool is_algorithm(const struct shape *s, size_t i)
{
    struct shape inner;
    return is(s, i, FK_DER_SEQUENCE) && shape_of(fk_der_enter(&s->e[i]), &inner) &&
           is(&inner, 0, FK_DER_OID);
}

/* 1.2.840.113549.1.7: PKCS#7 and CMS content types */
static bool is_pkcs7_oid(const struct fk_der *e)
{
    static const uint8_t arc[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07};
    return e->tag == FK_DER_OID && e->content.len == sizeof arc + 1 &&
           memcmp(e->content.ptr, arc, sizeof arc) == 0;
}

/* SEQUENCE { SEQUENCE to-be-signed, AlgorithmIdentifier, BIT STRING }, told apart by the first:
 *   certificate  { [0] version OPTIONAL, INTEGER serial, AlgorithmIdentifier, Name, Validity, ... }
 *   CRL          { INTEGER version OPTIONAL, AlgorithmIdentifier, Name, Time, ... }
 *   request      { INTEGER 0, Name, SubjectPublicKeyInfo, [0] attributes } */
static enum fk_object_kind classify_signed(const struct fk_der *to_be_signed)
{
    struct shape s;
    if (!shape_of(fk_der_enter(to_be_signed), &s)) {
        return FK_OBJECT_UNKNOWN;
    }
    size_t first = is(&s, 0, FK_DER_CONTEXT(0)) || is(&s, 0, FK_DER_INTEGER) ? 1 : 0;
    if (is(&s, first + 2, FK_DER_UTC_TIME) || is(&s, first + 2, FK_DER_GEN_TIME)) {
        return FK_OBJECT_CRL;
    }
    if (is(&s, 0, FK_DER_CONTEXT(0)) && is(&s, 1, FK_DER_INTEGER) && is_algorithm(&s, 2)) {
        return FK_OBJECT_CERTIFICATE;
    }
    if (is(&s, 0, FK_DER_INTEGER) && is_algorithm(&s, 1) && is(&s, 5, FK_DER_SEQUENCE)) {
        return FK_OBJECT_CERTIFICATE; /* version 1 */
    }
    if (is_small_integer(&s, 0, 0) && is(&s, 1, FK_DER_SEQUENCE) && is(&s, 2, FK_DER_SEQUENCE)) {
        return FK_OBJECT_REQUEST;
    }
    return FK_OBJECT_UNKNOWN;
}

/* PFX ::= SEQUENCE { version INTEGER (3), authSafe ContentInfo, ... }; old exporters write it in
 * BER with indefinite lengths, so it is recognised by its first bytes. */
static bool starts_pkcs12(struct fk_slice b)
{
    static const uint8_t version_3[] = {FK_DER_INTEGER, 1, 3};
    if (b.len < 8 || b.ptr[0] != FK_DER_SEQUENCE) {
        return false;
    }
    size_t header = b.ptr[1] > 0x80 ? 2 + (size_t)(b.ptr[1] & 0x7f) : 2;
    return header <= 6 && header + sizeof version_3 < b.len &&
           memcmp(b.ptr + header, version_3, sizeof version_3) == 0 &&
           b.ptr[header + sizeof version_3] == FK_DER_SEQUENCE;
}

/*   RSAPrivateKey  { INTEGER version, 8 x INTEGER, ... }
 *   ECPrivateKey   { INTEGER 1, OCTET STRING, [0] OPTIONAL, [1] OPTIONAL }
 *   PrivateKeyInfo { INTEGER 0..1, AlgorithmIdentifier, OCTET STRING, ... }
 *   EncryptedPKI   { AlgorithmIdentifier, OCTET STRING }
 *   public key     { AlgorithmIdentifier, BIT STRING }, RSAPublicKey { INTEGER, INTEGER }
 *   ECParameters   OBJECT IDENTIFIER, or { INTEGER, { OID field, ... }, ... }
 *   ContentInfo    { OID pkcs7-*, ... } */
enum fk_object_kind fk_classify(struct fk_slice der)
{
    if (starts_pkcs12(der)) {
        return FK_OBJECT_PKCS12;
    }
    struct fk_reader r;
    struct fk_der outer;
    struct shape s;
    fk_reader_init(&r, der);
    if (!fk_der_next(&r, &outer)) {
        return FK_OBJECT_UNKNOWN;
    }
    if (outer.tag == FK_DER_OID) {
        return FK_OBJECT_EC_PARAMETERS;
    }
    if (outer.tag != FK_DER_SEQUENCE || !shape_of(fk_der_enter(&outer), &s)) {
        return FK_OBJECT_UNKNOWN;
    }
    if (is(&s, 0, FK_DER_SEQUENCE) && is_algorithm(&s, 1) && is(&s, 2, FK_DER_BIT_STRING)) {
        return classify_signed(&s.e[0]);
    }
    if (is_algorithm(&s, 0) && s.n == 2) {
        return is(&s, 1, FK_DER_OCTET_STRING) ? FK_OBJECT_PKCS8_ENCRYPTED
               : is(&s, 1, FK_DER_BIT_STRING) ? FK_OBJECT_PUBLIC_KEY
                                              : FK_OBJECT_UNKNOWN;
    }
    if (is_pkcs7_oid(&s.e[0])) {
        return FK_OBJECT_PKCS7;
    }
    if (!is(&s, 0, FK_DER_INTEGER)) {
        return FK_OBJECT_UNKNOWN;
    }
    if (is(&s, 1, FK_DER_INTEGER)) {
        return is(&s, 8, FK_DER_INTEGER) ? FK_OBJECT_PKCS1
               : s.n == 2                ? FK_OBJECT_PUBLIC_KEY
                                         : FK_OBJECT_UNKNOWN;
    }
    if (is(&s, 1, FK_DER_OCTET_STRING)) {
        return FK_OBJECT_SEC1;
    }
    if (is_algorithm(&s, 1)) {
        return is(&s, 2, FK_DER_OCTET_STRING) ? FK_OBJECT_PKCS8 : FK_OBJECT_EC_PARAMETERS;
    }
    return FK_OBJECT_UNKNOWN;
}

static bool contains(struct fk_slice text, const char *word)
{
    size_t n = strlen(word);
    for (size_t i = 0; n <= text.len && i <= text.len - n; i++) {
        if (memcmp(text.ptr + i, word, n) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_utf16(struct fk_slice b)
{
    if (b.len < 4) {
        return false;
    }
    bool mark = (b.ptr[0] == 0xff && b.ptr[1] == 0xfe) || (b.ptr[0] == 0xfe && b.ptr[1] == 0xff);
    bool little = b.ptr[0] > 0x08 && b.ptr[1] == 0 && b.ptr[2] > 0x08 && b.ptr[3] == 0;
    bool big = b.ptr[0] == 0 && b.ptr[1] > 0x08 && b.ptr[2] == 0 && b.ptr[3] > 0x08;
    return mark || little || big;
}

/* Printable ASCII, line ends and UTF-8; judged by the first bytes. */
static bool is_text(struct fk_slice b)
{
    if (b.len > 1 && b.ptr[0] == FK_DER_SEQUENCE && b.ptr[1] >= 0x80) {
        return false; /* '0' and a stray byte of UTF-8: no text starts like that */
    }
    for (size_t i = 0; i < b.len && i < 512; i++) {
        if (b.ptr[i] < 0x09 || (b.ptr[i] > 0x0d && b.ptr[i] < 0x20) || b.ptr[i] == 0x7f) {
            return false;
        }
    }
    return true;
}

static bool is_bare_base64(struct fk_slice b)
{
    for (size_t i = 0; i < b.len; i++) {
        uint8_t c = b.ptr[i];
        bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        bool digit = c >= '0' && c <= '9';
        if (!letter && !digit && memchr("+/=\r\n \t", c, 7) == NULL) {
            return false;
        }
    }
    return true;
}

static enum fk_status explain_text(struct fk_slice b, struct fk_error *err)
{
    if (contains(b, "PuTTY-User-Key-File")) {
        return fk_fail(err, FK_E_UNSUPPORTED,
                       "a PuTTY key; export it as OpenSSH PEM with puttygen -O private-openssh");
    }
    if (contains(b, "ssh-rsa ") || contains(b, "ecdsa-sha2-") || contains(b, "ssh-ed25519 ")) {
        return fk_fail(err, FK_E_UNSUPPORTED, "an OpenSSH public key, not a key or certificate");
    }
    if (is_bare_base64(b)) {
        return fk_fail(err, FK_E_FORMAT,
                       "base64 without its BEGIN and END lines; put '-----BEGIN ...-----' in front "
                       "and '-----END ...-----' behind, or decode it with: base64 -d");
    }
    return fk_fail(err, FK_E_FORMAT, "text without a line '-----BEGIN ...-----'");
}

enum fk_status fk_classify_file(struct fk_slice b, bool *ret_is_pem, struct fk_error *err)
{
    if (b.len == 0) {
        return fk_fail(err, FK_E_EMPTY, "the file is empty");
    }
    /* A certificate may have any text in its names: what is DER to the last byte is DER. */
    uint64_t claim = 0;
    bool whole = b.ptr[0] == FK_DER_SEQUENCE && fk_der_claim(b, &claim) && claim == b.len;
    if (whole || starts_pkcs12(b)) {
        *ret_is_pem = false;
        return FK_OK;
    }
    if (is_utf16(b)) {
        return fk_fail(err, FK_E_FORMAT,
                       "UTF-16 text, as Windows editors and PowerShell write it; convert it with: "
                       "iconv -f UTF-16 -t US-ASCII");
    }
    if (!is_text(b)) {
        *ret_is_pem = false; /* DER, or refused as such */
        return FK_OK;
    }
    if (!contains(b, "BEGIN ")) {
        return explain_text(b, err);
    }
    *ret_is_pem = true;
    return FK_OK;
}
