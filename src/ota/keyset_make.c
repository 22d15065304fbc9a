/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/keyset.h"

#include "core/suit_policy.h"
#include "core/suit_sign.h"
#include "crypto/digest.h"
#include "ota/suit_build.h"
#include "ota/suit_put.h"
#include "wire/cbor.h"

#include <string.h>

static const struct fk_slice context = {(const uint8_t *)FK_KEYSET_CONTEXT,
                                        sizeof FK_KEYSET_CONTEXT - 1};

/* ---- entries ---- */

static enum fk_status take_word(const char *word, size_t len, struct fk_keyset_entry *e)
{
    static const struct {
        const char *word;
        uint8_t algorithms, components;
        bool key_sets;
    } words[] = {{"image", 0, FK_SUIT_MAY_IMAGE, false},
                 {"packet", 0, FK_SUIT_MAY_PACKET, false},
                 {"keys", 0, 0, true},
                 {"esp256", FK_SIGN_ESP256, 0, false},
                 {"es256", FK_SIGN_ES256, 0, false}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strlen(words[i].word) == len && memcmp(words[i].word, word, len) == 0) {
            e->algorithms |= words[i].algorithms;
            e->components |= words[i].components;
            e->key_sets = e->key_sets || words[i].key_sets;
            return FK_OK;
        }
    }
    return FK_E_USAGE;
}

static enum fk_status take_words(const char *words, struct fk_keyset_entry *e, struct fk_error *err)
{
    for (const char *at = words; at != NULL;) {
        size_t len = strcspn(at, ",");
        if (take_word(at, len, e) != FK_OK) {
            return fk_fail(err, FK_E_USAGE,
                           "expected image, packet, keys, esp256 or es256, found '%.*s'", (int)len,
                           at);
        }
        at = at[len] == ',' ? at + len + 1 : NULL;
    }
    return FK_OK;
}

enum fk_status fk_keyset_entry_read(const char *text, struct fk_keyset_entry *ret,
                                    struct fk_error *err)
{
    char path[4096];
    struct fk_keyset_entry e = {.key_sets = false};
    const char *words = strrchr(text, '=');
    size_t len = words != NULL ? (size_t)(words - text) : strlen(text);
    if (len >= sizeof path) {
        return fk_fail(err, FK_E_USAGE, "'%.40s…': the path is too long", text);
    }
    memcpy(path, text, len);
    path[len] = '\0';
    enum fk_status st = take_words(words != NULL ? words + 1 : "image,packet,keys", &e, err);
    if (e.algorithms == 0) {
        e.algorithms = FK_SIGN_ESP256 | FK_SIGN_ES256;
    }
    if (st == FK_OK && e.components == 0 && !e.key_sets) {
        st = fk_fail(err, FK_E_USAGE, "the key may sign nothing: expected image, packet or keys");
    }
    if (st != FK_OK) {
        return fk_wrap(err, st, "'%s'", text);
    }
    st = fk_public_key_read(path, &e.key, err);
    if (st == FK_OK && e.key.kind != FK_PUBLIC_P256) {
        st = fk_fail(err, FK_E_UNSUPPORTED, "'%s' is an Ed25519 key, which devices do not verify",
                     path);
    }
    if (st == FK_OK) {
        *ret = e;
    }
    return st;
}

/* ---- making ---- */

static void fill_set(const struct fk_keyset_options *o, struct fk_keyset *set)
{
    *set = (struct fk_keyset){
        .sequence = o->sequence, .threshold = (uint8_t)o->threshold, .n_keys = o->n_keys};
    for (size_t i = 0; i < o->n_keys; i++) {
        const struct fk_keyset_entry *e = &o->keys[i];
        set->keys[i] = (struct fk_keyset_key){.kid = {e->key.kid, sizeof e->key.kid},
                                              .point = {e->key.bytes, e->key.len},
                                              .algorithms = e->algorithms,
                                              .components = e->components,
                                              .key_sets = e->key_sets};
    }
}

/* What a device would refuse is refused here, in words. */
static enum fk_status check(const struct fk_keyset_options *o, struct fk_error *err)
{
    const struct fk_envelope_rules *e = &o->profile->device.envelope;
    unsigned images = 0, sets = 0;
    if (!e->supported) {
        return fk_fail(err, FK_E_UNSUPPORTED, "profile %s has no section 'envelope'",
                       o->profile->name);
    }
    if (o->n_keys == 0 || o->n_keys > FK_KEYSET_KEYS_MAX) {
        return fk_fail(err, FK_E_USAGE, "a key set has 1 to %d keys, found %zu", FK_KEYSET_KEYS_MAX,
                       o->n_keys);
    }
    for (size_t i = 0; i < o->n_keys; i++) {
        images += (o->keys[i].components & FK_SUIT_MAY_IMAGE) != 0;
        sets += o->keys[i].key_sets;
        for (size_t k = 0; k < i; k++) {
            if (memcmp(o->keys[i].key.bytes, o->keys[k].key.bytes, o->keys[i].key.len) == 0) {
                return fk_fail(err, FK_E_USAGE, "key %zu and %zu of the set are the same", k + 1,
                               i + 1);
            }
        }
    }
    unsigned needed = o->threshold > e->threshold ? o->threshold : e->threshold;
    if (o->threshold == 0 || needed > o->n_keys) {
        return fk_fail(err, FK_E_PROFILE,
                       "%u signatures are needed (threshold %u, profile %s asks for %u), and the "
                       "set has %zu %s",
                       needed, o->threshold, o->profile->name, (unsigned)e->threshold, o->n_keys,
                       o->n_keys == 1 ? "key" : "keys");
    }
    if (sets < needed) {
        return fk_fail(err, FK_E_PROFILE,
                       "%u of the keys may sign key sets and %u are needed: nobody could replace "
                       "this set",
                       sets, needed);
    }
    if (images < needed) {
        return fk_fail(err, FK_E_PROFILE,
                       "%u of the keys may sign images and %u are needed: nobody could update a "
                       "device",
                       images, needed);
    }
    return o->sequence > 0 ? fk_suit_check_sequence(o->sequence, err)
                           : fk_fail(err, FK_E_USAGE, "the sequence of a key set begins at 1");
}

/* Array of context, blocks, set. */
static enum fk_status put_file(struct fk_slice contents, const uint8_t digest[32],
                               const struct fk_slice *auths, size_t n, struct fk_buffer *ret,
                               struct fk_error *err)
{
    uint8_t wrapper[FK_SUIT_WRAPPER_MAX];
    size_t wrapper_len = 0;
    struct fk_buffer b = {.ptr = NULL};
    struct fk_writer w;
    enum fk_status st = fk_suit_wrapper_make(digest, auths, n, wrapper, &wrapper_len);
    if (st == FK_OK) {
        st = fk_suit_writer_open(&w, contents.len + sizeof wrapper + 64, &b, err);
    }
    if (st != FK_OK) {
        return st;
    }
    fk_cbor_put_array(&w, 3);
    fk_cbor_put_text(&w, context);
    fk_cbor_put_bytes(&w, (struct fk_slice){wrapper, wrapper_len});
    fk_cbor_put_bytes(&w, contents);
    st = fk_suit_writer_close(&w, &b, ret, err);
    if (st == FK_OK && ret->len > FK_KEYSET_FILE_MAX) {
        st = fk_fail(err, FK_E_LIMIT, "the key set has %zu bytes, devices take %u", ret->len,
                     FK_KEYSET_FILE_MAX);
        fk_buffer_release(ret);
    }
    return st;
}

/* Have enough of its own keys signed? A refusal is an answer, a failure to find out is not. */
static enum fk_status check_complete(const struct fk_profile *profile,
                                     const struct fk_buffer *bytes, bool *ret, struct fk_error *err)
{
    struct fk_keyset_file f = {.path = "", .bytes = *bytes};
    enum fk_status st = fk_keyset_parse((struct fk_slice){bytes->ptr, bytes->len}, &f.set);
    if (st == FK_OK) {
        st = fk_keyset_file_verify(&f, profile, NULL, 0, NULL, NULL);
    }
    *ret = st == FK_OK;
    return st == FK_OK || fk_status_class(st) == FK_CLASS_REJECTED
               ? FK_OK
               : fk_fail(err, st, "judging the new key set: %s", fk_status_text(st));
}

enum fk_status fk_keyset_create(const struct fk_keyset_options *o, struct fk_output *output,
                                struct fk_keyset_result *ret, struct fk_error *err)
{
    const struct fk_suit_signers by = {o->signers, o->n_signers, o->es256};
    struct fk_keyset_result r = {.complete = false};
    struct fk_suit_signed blocks;
    struct fk_slice auths[FK_SUIT_AUTHS_MAX];
    uint8_t set_bytes[FK_KEY_SET_MAX];
    size_t len = 0;
    struct fk_keyset set;
    struct fk_writer w;
    struct fk_buffer bytes = {.ptr = NULL};
    enum fk_status st = check(o, err);
    if (st != FK_OK) {
        return st;
    }
    fill_set(o, &set);
    fk_writer_init(&w, set_bytes, sizeof set_bytes);
    fk_keyset_put(&w, &set);
    st = fk_writer_end(&w, &len);
    if (st == FK_OK) {
        st = fk_suit_manifest_digest((struct fk_slice){set_bytes, len}, r.sha256, err);
    }
    if (st == FK_OK) {
        st = fk_suit_sign(&by, r.sha256, context, &blocks, err);
    }
    for (size_t i = 0; st == FK_OK && i < o->n_signers; i++) {
        auths[i] = (struct fk_slice){blocks.bytes[i], blocks.len[i]};
    }
    if (st == FK_OK) {
        st =
            put_file((struct fk_slice){set_bytes, len}, r.sha256, auths, o->n_signers, &bytes, err);
    }
    if (st == FK_OK) {
        st = check_complete(o->profile, &bytes, &r.complete, err);
    }
    if (st == FK_OK) {
        st = fk_output_write(output, bytes.ptr, bytes.len, err);
    }
    if (st == FK_OK) {
        r.size = bytes.len;
        *ret = r;
    }
    fk_buffer_release(&bytes);
    return st;
}

enum fk_status fk_keyset_tbs(const uint8_t sha256[32], int32_t alg, uint8_t ret[FK_COSE_TBS_MAX],
                             size_t *ret_len)
{
    return fk_suit_tbs(sha256, context, alg, ret, ret_len);
}

enum fk_status fk_keyset_attach(const char *path, const struct fk_public_key *key, bool es256,
                                struct fk_slice signature, struct fk_output *output,
                                struct fk_error *err)
{
    const struct fk_suit_attachment a = {path, key, es256, signature};
    struct fk_keyset_file f = {.path = path};
    struct fk_slice auths[FK_SUIT_AUTHS_MAX];
    struct fk_buffer bytes = {.ptr = NULL};
    uint8_t block[160];
    size_t block_len = 0;
    enum fk_status st = fk_keyset_file_open(&f, path, err);
    if (st == FK_OK) {
        st = fk_suit_attach_block(&a, &f.set.parts, block, &block_len, err);
    }
    if (st == FK_OK) {
        size_t n = f.set.parts.n_auths; /* below the limit: fk_suit_attach_block() */
        memcpy(auths, f.set.parts.auths, sizeof auths);
        auths[n] = (struct fk_slice){block, block_len};
        st = put_file(f.set.parts.manifest, f.set.parts.digest.ptr, auths, n + 1, &bytes, err);
    }
    if (st == FK_OK) {
        st = fk_output_write(output, bytes.ptr, bytes.len, err);
    }
    fk_buffer_release(&bytes);
    fk_keyset_file_close(&f);
    return st;
}
