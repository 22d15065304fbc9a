/* SPDX-License-Identifier: Apache-2.0 */
/* New signatures and new recipients for an envelope that exists. The payload is copied as it is. */
#include "ota/suit_build.h"
#include "fotakit/envelope.h"

#include "core/suit_verify.h"
#include "crypto/crypto.h"
#include "crypto/random.h"
#include "fotakit/hex.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK = 256 * 1024 };

/* The new head, then the payload of the old file. */
static enum fk_status write_copy(const struct fk_suit_file *f, const struct fk_suit_head *head,
                                 struct fk_output *output, uint64_t *ret_size, struct fk_error *err)
{
    struct fk_buffer bytes = {.ptr = NULL};
    uint8_t *chunk = malloc(CHUNK);
    enum fk_status st = chunk != NULL ? fk_suit_head_make(head, &bytes, err)
                                      : fk_fail(err, FK_E_MEMORY, "out of memory");
    if (st == FK_OK) {
        st = fk_output_write(output, bytes.ptr, bytes.len, err);
        *ret_size = bytes.len + f->env.payload_len;
    }
    for (uint64_t done = 0; st == FK_OK && done < f->env.payload_len;) {
        uint64_t left = f->env.payload_len - done;
        size_t n = left < CHUNK ? (size_t)left : CHUNK;
        st = fk_suit_file_read(f, f->env.payload_off + done, chunk, n, err);
        if (st == FK_OK) {
            st = fk_output_write(output, chunk, n, err);
        }
        done += n;
    }
    fk_buffer_release(&bytes);
    free(chunk);
    return st;
}

static struct fk_suit_head keep_head(const struct fk_suit_file *f)
{
    return (struct fk_suit_head){.manifest = f->env.manifest,
                                 .install = f->env.install_item,
                                 .text = f->env.text_item,
                                 .payload_name = f->env.payload_name,
                                 .payload_len = f->env.payload_len};
}

/* The digest in the envelope must be the manifest's, or signing it would be signing something
 * else. */
static enum fk_status check_digest(const struct fk_suit_file *f, uint8_t ret[32],
                                   struct fk_error *err)
{
    enum fk_status st = fk_suit_manifest_digest(f->env.manifest, ret, err);
    if (st == FK_OK && memcmp(ret, f->env.digest.ptr, 32) != 0) {
        st = fk_fail(err, FK_E_SUIT_DIGEST, "'%s': %s", f->path, fk_status_text(FK_E_SUIT_DIGEST));
    }
    return st;
}

enum fk_status fk_suit_attach(const char *path, const struct fk_public_key *key, bool es256,
                              struct fk_slice signature, struct fk_output *output,
                              struct fk_error *err)
{
    const struct fk_suit_attachment a = {path, key, es256, signature};
    struct fk_suit_file f = FK_SUIT_FILE_INIT;
    struct fk_suit_head head;
    uint8_t block[160];
    size_t block_len = 0;
    uint64_t size = 0;
    enum fk_status st = fk_suit_file_open(&f, path, err);
    if (st != FK_OK) {
        return st;
    }
    st = fk_suit_attach_block(&a, &f.env, block, &block_len, err);
    if (st == FK_OK) {
        head = keep_head(&f);
        memcpy(head.auths, f.env.auths, sizeof head.auths);
        head.auths[f.env.n_auths] = (struct fk_slice){block, block_len};
        head.n_auths = f.env.n_auths + 1;
        st = write_copy(&f, &head, output, &size, err);
    }
    fk_suit_file_close(&f);
    return st;
}

/* Signing anew is for what these keys have signed before; otherwise a stranger's envelope would
 * come out with our signature. */
static enum fk_status check_origin(const struct fk_suit_file *f, const uint8_t digest[32],
                                   const struct fk_suit_options *o, struct fk_error *err)
{
    for (size_t i = 0; i < f->env.n_auths; i++) {
        struct fk_cose_auth auth;
        uint8_t tbs[FK_COSE_TBS_MAX];
        size_t len = 0;
        if (fk_cose_auth_parse(f->env.auths[i], &auth) != FK_OK || auth.kind != FK_COSE_SIGN1 ||
            fk_suit_tbs(digest, f->env.context, auth.alg, tbs, &len) != FK_OK) {
            continue;
        }
        for (size_t k = 0; k < o->n_signers; k++) {
            const struct fk_public_key *key = fk_signer_public(o->signers[k]);
            bool own = auth.alg == fk_suit_algorithm(key, false) ||
                       auth.alg == fk_suit_algorithm(key, true);
            if (own && fk_public_key_verify(key, (struct fk_slice){tbs, len}, auth.signature.ptr,
                                            NULL) == FK_OK) {
                return FK_OK;
            }
        }
    }
    return fk_fail(err, FK_E_SIGNER,
                   "'%s' is not signed by any of the keys that would sign it anew", f->path);
}

static enum fk_status read_encrypted(const struct fk_suit_file *f, struct fk_suit_manifest *m,
                                     struct fk_cose_encrypt *enc, struct fk_error *err)
{
    enum fk_status st = fk_suit_manifest_parse(f->env.manifest, f->env.install, m);
    if (st == FK_OK && m->encryption_info.len == 0) {
        return fk_fail(err, FK_E_UNSUPPORTED,
                       "'%s': the payload is not encrypted, so it has no recipients", f->path);
    }
    if (st == FK_OK) {
        st = fk_cose_encrypt_parse(m->encryption_info, enc);
    }
    return st == FK_OK ? FK_OK : fk_fail(err, st, "'%s': %s", f->path, fk_status_text(st));
}

static enum fk_status check_new(const struct fk_suit_file *f, const struct fk_cose_encrypt *enc,
                                const struct fk_suit_options *o, struct fk_error *err)
{
    struct fk_reader at = fk_cose_recipients(enc);
    struct fk_cose_recipient old;
    char kid[2 * FK_KID_SIZE + 1];
    while (fk_cose_recipient_next(&at, &old)) {
        for (size_t i = 0; i < o->n_recipients; i++) {
            const struct fk_suit_recipient *r = &o->recipients[i];
            if (r->shared == (old.alg == FK_COSE_A128KW) && old.kid.len == sizeof r->kid &&
                memcmp(old.kid.ptr, r->kid, sizeof r->kid) == 0) {
                fk_hex_encode(r->kid, sizeof r->kid, kid);
                return fk_fail(err, FK_E_EXISTS,
                               "'%s': recipient %zu to add, key %s, can decrypt it already",
                               f->path, i + 1, kid);
            }
        }
    }
    return FK_OK;
}

static enum fk_status unwrap(const struct fk_suit_file *f, const struct fk_cose_encrypt *enc,
                             const struct fk_suit_keys *own, uint8_t ret[16],
                             struct fk_error *err)
{
    const struct fk_suit_plan plan = {
        .encrypted = true,
        .encryption = *enc,
        .deliveries = FK_DELIVERY_A128KW | FK_DELIVERY_ECDH};
    enum fk_status st = fk_crypto_init();
    if (st == FK_OK) {
        st = fk_suit_unwrap(&plan, own, ret, NULL);
    }
    return st == FK_OK ? FK_OK : fk_fail(err, st, "'%s': %s", f->path, fk_status_text(st));
}

static enum fk_status sign_copy(const struct fk_suit_file *f, const struct fk_suit_manifest *m,
                                const struct fk_suit_options *options, size_t n_recipients,
                                struct fk_output *output, struct fk_suit_result *r,
                                struct fk_error *err)
{
    struct fk_buffer manifest = {.ptr = NULL};
    struct fk_suit_signed blocks;
    struct fk_suit_head head = keep_head(f);
    enum fk_status st = fk_suit_manifest_make(m, &manifest, err);
    head.manifest = (struct fk_slice){manifest.ptr, manifest.len};
    head.install = (struct fk_slice){NULL, 0}; /* what was severed stands in the manifest now */
    head.text = (struct fk_slice){NULL, 0};
    head.n_auths = options->n_signers;
    if (st == FK_OK) {
        st = fk_suit_check_limit(options->profile, manifest.len, n_recipients, err);
    }
    if (st == FK_OK) {
        st = fk_suit_manifest_digest(head.manifest, r->manifest_sha256, err);
    }
    if (st == FK_OK) {
        const struct fk_suit_signers by = {options->signers, options->n_signers, options->es256};
        st = fk_suit_sign(&by, r->manifest_sha256, f->env.context, &blocks, err);
    }
    for (size_t i = 0; st == FK_OK && i < options->n_signers; i++) {
        head.auths[i] = (struct fk_slice){blocks.bytes[i], blocks.len[i]};
    }
    if (st == FK_OK) {
        st = write_copy(f, &head, output, &r->envelope_size, err);
    }
    r->manifest_size = manifest.len;
    fk_buffer_release(&manifest);
    return st;
}

enum fk_status fk_suit_add_recipients(const char *path, const struct fk_suit_options *options,
                                      const struct fk_suit_keys *own, struct fk_output *output,
                                      struct fk_suit_result *ret, struct fk_error *err)
{
    struct fk_suit_file f = FK_SUIT_FILE_INIT;
    struct fk_suit_manifest m;
    struct fk_cose_encrypt enc;
    struct fk_suit_result r = {0};
    struct fk_suit_options o = *options;
    struct fk_buffer info = {.ptr = NULL};
    uint8_t key[16] = {0}, digest[32];
    enum fk_status st = fk_suit_check_sequence(options->sequence, err);
    if (st == FK_OK) {
        st = fk_suit_file_open(&f, path, err);
    }
    if (st != FK_OK) {
        return st;
    }
    st = check_digest(&f, digest, err);
    if (st == FK_OK) {
        st = check_origin(&f, digest, options, err);
    }
    if (st == FK_OK) {
        st = read_encrypted(&f, &m, &enc, err);
    }
    if (st == FK_OK) {
        st = check_new(&f, &enc, options, err);
    }
    if (st == FK_OK) {
        st = unwrap(&f, &enc, own, key, err);
    }
    if (st == FK_OK) {
        o.cipher = enc.alg;
        st = fk_suit_encryption_make(&o, key, enc.iv, &enc, &info, err);
    }
    if (st == FK_OK) {
        m.encryption_info = (struct fk_slice){info.ptr, info.len};
        m.sequence = o.sequence > 0 ? o.sequence : m.sequence;
        st = sign_copy(&f, &m, &o, enc.n_recipients + o.n_recipients, output, &r, err);
    }
    if (st == FK_OK) {
        r.image_size = m.image.size;
        r.payload_size = m.payload_size;
        r.n_recipients = enc.n_recipients + o.n_recipients;
        if (f.env.payload_name.len == 0) {
            memcpy(r.uri, m.uri.ptr, m.uri.len); /* the parser has bounded it, r is zeroed */
        }
        memcpy(r.image_sha256, m.image.digest.ptr, sizeof r.image_sha256);
        *ret = r;
    }
    fk_cleanse(key, sizeof key);
    fk_buffer_release(&info);
    fk_suit_file_close(&f);
    return st;
}
