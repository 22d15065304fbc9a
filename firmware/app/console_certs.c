/* SPDX-License-Identifier: Apache-2.0 */
#include "app/console_answer.h"
#include "app/console_data.h"
#include "app/console_handlers.h"
#include "app/console_store.h"
#include "wire/http_text.h"

#include <string.h>

#define ROLES 4u

static const struct {
    const char *word;
    enum fk_store_role role;
} slots[ROLES] = {
    {"ca", FK_STORE_CA}, {"cert", FK_STORE_CERT}, {"key", FK_STORE_KEY}, {"auth", FK_STORE_AUTH}};

/* "ca", "cert", "key" or "auth"; never NULL. */
static const char *slot_name(enum fk_store_role role)
{
    for (size_t i = 0; i < ROLES; i++) {
        if (slots[i].role == role) {
            return slots[i].word;
        }
    }
    return "";
}

bool fk_is_slot(const struct fk_store_entry *entry)
{
    return strcmp(entry->name, slot_name(entry->role)) == 0;
}

/* "<word>7F:D3:…" */
static void print_key_id(struct fk_console *c, struct fk_slice id)
{
    static const char digits[] = "0123456789ABCDEF";
    uint8_t buf[FK_ANSWER_MAX];
    struct fk_writer w;
    fk_writer_init(&w, buf, sizeof buf);
    fk_write_text(&w, "AT-S.SubjectKeyId:");
    for (size_t i = 0; i < id.len; i++) {
        fk_write_text(&w, i > 0 ? ":" : "");
        fk_write_u8(&w, (uint8_t)digits[id.ptr[i] >> 4]);
        fk_write_u8(&w, (uint8_t)digits[id.ptr[i] & 15]);
    }
    fk_answer_line(c, &w);
}

void fk_console_store_conclude(struct fk_console *c, enum fk_status st)
{
    if (st == FK_OK) {
        fk_answer_ok(c);
    } else if (st == FK_E_STORE_ENTRY) {
        fk_answer_error(c, FK_CONSOLE_FILE_DELETE);
    } else if (st == FK_E_FORMAT || st == FK_E_FILE_NAME || st == FK_E_FILE_KEY_ID ||
               st == FK_E_ROOTS || st == FK_E_UNSUPPORTED) {
        fk_answer_failure(c, st, FK_CONSOLE_INVALID);
    } else {
        fk_answer_conclude(c, st, 0);
    }
}

/* Stores the item and answers; of a trust anchor with its key identifier. */
static void store_item(struct fk_console *c, const struct fk_store_item *item)
{
    enum fk_status st = fk_certstore_put(c->port->store, item);
    if (st == FK_OK && item->role == FK_STORE_CA && item->key_id.len > 0) {
        print_key_id(c, item->key_id);
    }
    fk_console_store_conclude(c, st);
}

/* ---- slots -------------------------------------------------------------- */

static void store_slot(struct fk_console *c)
{
    enum fk_store_role role = (enum fk_store_role)c->data.about.b;
    uint8_t id[FK_STORE_ID_MAX];
    size_t id_len = 0;
    const struct fk_slice data = {c->core->work, c->data.want};
    enum fk_status st = FK_OK;
    if (role == FK_STORE_CA || role == FK_STORE_CERT) {
        st = c->port->key_id(data, role == FK_STORE_CA, id, &id_len);
    } else if (role == FK_STORE_AUTH && data.len > FK_STORE_ID_MAX) {
        st = FK_E_FORMAT;
    }
    if (st != FK_OK) {
        fk_console_store_conclude(c, st);
        return;
    }
    const struct fk_store_item item = {
        .set = (enum fk_store_set)c->data.about.a,
        .role = role,
        .name = slot_name(role),
        .key_id = {id, role == FK_STORE_CA ? id_len : 0},
        .data = data,
    };
    store_item(c, &item);
}

/* Reads through all slots of a set; each(c, entry) until it is not FK_OK. */
static enum fk_status list_slots(struct fk_console *c, enum fk_store_set set)
{
    for (size_t i = 0; i < ROLES; i++) {
        struct fk_store_entry entry;
        enum fk_status st = fk_certstore_find(c->port->store, set, slots[i].word, &entry);
        uint8_t buf[FK_ANSWER_MAX];
        struct fk_writer w;
        if (st == FK_E_STORE_ENTRY) {
            continue;
        }
        if (st != FK_OK) {
            return st;
        }
        fk_writer_init(&w, buf, sizeof buf);
        fk_write_text(&w, "AT-S.Content:");
        fk_write_text(&w, slots[i].word);
        fk_write_text(&w, ":");
        fk_write_decimal(&w, entry.len);
        fk_answer_line(c, &w);
        if (entry.key_id_len > 0) {
            print_key_id(c, (struct fk_slice){entry.key_id, entry.key_id_len});
        }
    }
    return FK_OK;
}

/* All slots of a set at once; a store that cannot be read loses everything, so that there is a way
 * out of it. */
static enum fk_status delete_slots(struct fk_console *c, enum fk_store_set set)
{
    struct fk_store_change changes[ROLES];
    size_t n = 0;
    enum fk_status st = FK_OK;
    for (size_t i = 0; i < ROLES && (st == FK_OK || st == FK_E_STORE_ENTRY); i++) {
        struct fk_store_entry entry;
        st = fk_certstore_find(c->port->store, set, slots[i].word, &entry);
        if (st == FK_OK) {
            changes[n++] = (struct fk_store_change){.verb = FK_STORE_REMOVE,
                                                    .item = {.set = set, .name = slots[i].word}};
        }
    }
    st = st == FK_E_STORE_ENTRY ? FK_OK : st;
    if (st == FK_OK) { /* nothing found in a damaged store: settling says so */
        st = n > 0 ? fk_certstore_apply(c->port->store, changes, n)
                   : fk_certstore_settle(c->port->store);
    }
    return st == FK_E_CHECKSUM ? fk_certstore_wipe(c->port->store) : st;
}

static void content(struct fk_console *c, enum fk_store_set set, const char *what)
{
    if (strcmp(what, "1") == 0) {
        fk_console_store_conclude(c, list_slots(c, set));
    } else if (strcmp(what, "2") == 0) {
        fk_console_store_conclude(c, delete_slots(c, set));
    } else {
        fk_answer_error(c, what[0] == '\0' ? FK_CONSOLE_MISSING : FK_CONSOLE_INVALID);
    }
}

/* <ca|cert|key|auth>,<length> and content,<1|2>; ST's driver writes "Ca" and "Auth". */
static void on_cert(struct fk_console *c, const struct fk_args *args, enum fk_store_set set)
{
    if (!fk_args_count(c, args, 2, 2)) {
        return;
    }
    struct fk_slice word = {(const uint8_t *)args->at[0], strlen(args->at[0])};
    if (fk_http_same_word(word, "content")) {
        content(c, set, args->at[1]);
        return;
    }
    for (size_t i = 0; i < ROLES; i++) {
        if (fk_http_same_word(word, slots[i].word)) {
            c->data.about.a = (uint8_t)set;
            c->data.about.b = (uint8_t)slots[i].role;
            fk_console_expect(c, args->at[1], c->core->device->console.file_max, store_slot);
            return;
        }
    }
    fk_console_refuse(c, args->at[1], FK_CONSOLE_INVALID, FK_OK);
}

void fk_on_tlscert(struct fk_console *c, const struct fk_args *args)
{
    on_cert(c, args, FK_STORE_TLS);
}

void fk_on_wpaecert(struct fk_console *c, const struct fk_args *args)
{
    on_cert(c, args, FK_STORE_WPA);
}
