/* SPDX-License-Identifier: Apache-2.0 */
#include "fotakit/suit.h"

#include <string.h>

enum fk_status fk_suit_recipient_read(const char *path, struct fk_suit_recipient *ret,
                                      struct fk_error *err)
{
    struct fk_suit_recipient r = {.shared = false};
    enum fk_status st = fk_public_key_read(path, &r.key, err);
    if (st == FK_OK && r.key.kind != FK_PUBLIC_P256) {
        st = fk_fail(err, FK_E_UNSUPPORTED,
                     "'%s': content keys are agreed on P-256, and this is an Ed25519 key", path);
    }
    if (st == FK_OK) {
        memcpy(r.kid, r.key.kid, sizeof r.kid);
        *ret = r;
    }
    return st;
}

enum fk_status fk_suit_kek_read(const char *path, struct fk_suit_recipient *ret,
                                struct fk_error *err)
{
    struct fk_suit_recipient r = {.shared = true};
    struct fk_packet_key key = {.exposed = false};
    enum fk_status st = fk_packet_key_load(path, &key, err);
    if (st == FK_OK) {
        memcpy(r.kek, key.bytes, sizeof r.kek);
        st = fk_kid_of_secret((struct fk_slice){r.kek, sizeof r.kek}, r.kid, err);
    }
    if (st == FK_OK) {
        *ret = r;
    }
    fk_packet_key_wipe(&key);
    return st;
}
