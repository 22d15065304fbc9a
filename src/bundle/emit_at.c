/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE /* explicit_bzero */
#include "bundle/emit.h"

#include "fotakit/at_script.h"

#include <stdio.h>
#include <string.h>

/* The dialogue that fills a store: delete, set the clock, write each slot in the order of the
 * profile, activate, save, list; then the sequence that was asked for. */

struct build {
    const struct fk_emit_job *job;
    struct fk_at_script script;
    struct fk_error *err;
};

static enum fk_status add_line(struct build *b, const char *title, const char *line,
                               struct fk_slice data, const char *expect)
{
    uint32_t max = b->job->use->dialogue.line_max;
    if (max > 0 && strlen(line) > max) {
        return fk_fail(b->err, FK_E_LIMIT,
                       "%s: the command line has %zu characters, the device "
                       "takes %u",
                       title, strlen(line), (unsigned)max);
    }
    return fk_at_script_add(&b->script, title, line, data, expect, b->err);
}

static struct fk_emit_place *find_place(const struct fk_emit_job *job, const char *name, size_t len)
{
    for (size_t i = 0; i < job->n_places; i++) {
        struct fk_emit_place *p = &job->places[i];
        if (strlen(p->name) == len && memcmp(p->name, name, len) == 0) {
            return p;
        }
    }
    return NULL;
}

static enum fk_status check_value(const struct build *b, const struct fk_emit_place *p)
{
    const char *refused = b->job->use->dialogue.argument_not;
    size_t good = strcspn(p->value, refused);
    if (p->value[good] != '\0') {
        return fk_fail(b->err, FK_E_UNSUPPORTED,
                       "the value of <%s> holds '%c', which no argument "
                       "of this device can hold",
                       p->name, p->value[good]);
    }
    for (const char *c = p->value; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f) {
            return fk_fail(b->err, FK_E_FORMAT, "the value of <%s> holds a control character",
                           p->name);
        }
    }
    return FK_OK;
}

/* pattern with each <name> replaced by its place. */
static enum fk_status fill(const struct build *b, const char *pattern,
                           char line[FK_AT_LINE_MAX + 1])
{
    size_t at = 0;
    while (*pattern != '\0') {
        size_t plain = strcspn(pattern, "<");
        const char *end = strchr(pattern + plain, '>');
        const char *text = pattern;
        size_t len = plain == 0 ? 1 : plain; /* a '<' without an end is text */
        if (plain == 0 && end != NULL) {
            struct fk_emit_place *p = find_place(b->job, pattern + 1, (size_t)(end - pattern) - 1);
            if (p == NULL) {
                return fk_fail(b->err, FK_E_USAGE,
                               "no value for <%.*s> of '%s'; give it with --set "
                               "%.*s=..., or --secret %.*s=SOURCE",
                               (int)(end - pattern) - 1, pattern + 1, pattern,
                               (int)(end - pattern) - 1, pattern + 1, (int)(end - pattern) - 1,
                               pattern + 1);
            }
            enum fk_status st = check_value(b, p);
            if (st != FK_OK) {
                return st;
            }
            p->used = true;
            text = p->value;
            len = strlen(text);
            pattern = end + 1;
        } else {
            pattern += len;
        }
        if (len > FK_AT_LINE_MAX - at) {
            return fk_fail(b->err, FK_E_LIMIT, "a command line grows too long");
        }
        memcpy(line + at, text, len);
        at += len;
    }
    line[at] = '\0';
    return FK_OK;
}

static enum fk_status add_clock(struct build *b, const char *title)
{
    const char *pattern = b->job->use->checks.clock_command;
    char line[FK_AT_LINE_MAX + 1];
    const char *mark = pattern != NULL ? strstr(pattern, "<seconds>") : NULL;
    if (mark == NULL) {
        return FK_OK;
    }
    snprintf(line, sizeof line, "%.*s" FK_AT_TIME_MARK "%s", (int)(mark - pattern), pattern,
             mark + strlen("<seconds>"));
    return add_line(b, title, line, (struct fk_slice){0}, NULL);
}

/* <name>, <size> and <ski> of a slot's command, and any other from the places. */
static enum fk_status fill_slot(const struct build *b, const char *pattern, const char *name,
                                size_t size, char line[FK_AT_LINE_MAX + 1])
{
    char digits[24];
    snprintf(digits, sizeof digits, "%zu", size);
    struct fk_emit_place own[] = {{"name", name, false}, {"size", digits, false}};
    struct fk_emit_job job = *b->job;
    job.places = own;
    job.n_places = sizeof own / sizeof own[0];
    struct build with = {.job = &job, .err = b->err};
    return fill(&with, pattern, line);
}

/* "AT-S.SubjectKeyId:7F:D3:..." */
static void key_id_answer(const struct fk_dialogue *d, const struct fk_bundle_item *item,
                          char ret[FK_AT_EXPECT_MAX + 1])
{
    ret[0] = '\0';
    const struct fk_cert_info *info =
        item->role == FK_BUNDLE_CA && item->n_certs > 0 ? fk_cert_info(item->certs[0]) : NULL;
    if (d->key_id == NULL || info == NULL || !info->has_ski || info->ski.len == 0 ||
        info->ski.len > 32) {
        return;
    }
    int n = snprintf(ret, FK_AT_EXPECT_MAX + 1, "%s", d->key_id);
    for (size_t i = 0; i < info->ski.len; i++) {
        n += snprintf(ret + n, (size_t)(FK_AT_EXPECT_MAX + 1 - n), "%s%02X", i > 0 ? ":" : "",
                      info->ski.ptr[i]);
    }
}

static enum fk_status add_item(struct build *b, const struct fk_bundle_item *item,
                               const struct fk_slot *slot)
{
    char name[FK_BUNDLE_NAME_SIZE], line[FK_AT_LINE_MAX + 1], expect[FK_AT_EXPECT_MAX + 1];
    char title[FK_AT_TITLE_MAX + 1];
    const struct fk_emit_job *job = b->job;
    size_t number = fk_emit_number(job, item), len = fk_emit_text_len(item);
    enum fk_status st = fk_emit_item_name(job->store, item, number, name, b->err);
    if (st == FK_OK && job->store->remove != NULL) {
        st = fill_slot(b, job->store->remove, name, 0, line);
        snprintf(title, sizeof title, "delete %.60s", name);
        st = st == FK_OK ? add_line(b, title, line, (struct fk_slice){0}, NULL) : st;
        if (st == FK_OK) {
            b->script.steps[b->script.n - 1].may_fail = true; /* it need not be there */
        }
    }
    if (st == FK_OK) {
        st = fill_slot(b, slot->write, name, len, line);
    }
    if (st == FK_OK) {
        /* A module reads what it gets for a slot, but not what it gets for a file. */
        bool reads = strstr(slot->write, "<name>") == NULL;
        expect[0] = '\0';
        if (reads) {
            key_id_answer(&job->use->dialogue, item, expect);
        }
        snprintf(title, sizeof title, "%s, %zu bytes", fk_bundle_role_text(item->role), len);
        st = add_line(b, title, line, (struct fk_slice){item->bytes.ptr, len}, expect);
    }
    if (st == FK_OK && slot->activate != NULL) {
        st = fill_slot(b, slot->activate, name, len, line);
        snprintf(title, sizeof title, "use %.60s", name);
        st = st == FK_OK ? add_line(b, title, line, (struct fk_slice){0}, NULL) : st;
    }
    return st;
}

static enum fk_status add_store(struct build *b)
{
    const struct fk_emit_job *job = b->job;
    const struct fk_store *store = job->store;
    enum fk_status st = FK_OK;
    if (store->clear != NULL) {
        st = add_line(b, "delete what is there", store->clear, (struct fk_slice){0}, NULL);
    }
    st = st == FK_OK ? add_clock(b, "clock") : st;
    for (size_t s = 0; s < store->n_slots; s++) {
        for (size_t i = 0; st == FK_OK && i < job->repaired->n_items; i++) {
            const struct fk_bundle_item *item = &job->repaired->items[i];
            if (fk_emit_slot(job, item) == &store->slots[s]) {
                st = add_item(b, item, &store->slots[s]);
            }
        }
    }
    if (st == FK_OK && store->save != NULL) {
        st = add_line(b, "save", store->save, (struct fk_slice){0}, NULL);
    }
    if (st == FK_OK && store->list != NULL) { /* for replay --verbose to show */
        st = add_line(b, "list what is there", store->list, (struct fk_slice){0}, NULL);
        if (st == FK_OK) {
            b->script.steps[b->script.n - 1].may_fail = true;
        }
    }
    return st;
}

/* The name of the command alone: its arguments may be a password. */
static void command_title(const char *pattern, char title[FK_AT_TITLE_MAX + 1])
{
    snprintf(title, FK_AT_TITLE_MAX + 1, "%.70s", pattern);
}

static enum fk_status add_sequence(struct build *b)
{
    const struct fk_dialogue *d = &b->job->use->dialogue;
    const struct fk_sequence *seq = b->job->sequence;
    char line[FK_AT_LINE_MAX + 1], title[FK_AT_TITLE_MAX + 1];
    enum fk_status st = FK_OK;
    for (size_t i = 0; st == FK_OK && seq != NULL && i < seq->n_lines; i++) {
        command_title(seq->lines[i], title);
        st = fill(b, seq->lines[i], line);
        st = st == FK_OK ? add_line(b, title, line, (struct fk_slice){0}, NULL) : st;
        if (st == FK_OK && d->reset != NULL && strcmp(seq->lines[i], d->reset) == 0) {
            b->script.steps[b->script.n - 1].restarts = true;
            if (b->job->use->checks.clock_after_reset) {
                st = add_clock(b, "clock again, it is lost with a reset");
            }
        }
    }
    explicit_bzero(line, sizeof line);
    return st;
}

enum fk_status fk_emit_at(const struct fk_emit_job *job, struct fk_emitted *ret,
                          struct fk_error *err)
{
    static const enum fk_at_line_end ends[] = {
        [FK_COMMAND_CR] = FK_AT_CR, [FK_COMMAND_LF] = FK_AT_LF, [FK_COMMAND_CRLF] = FK_AT_CRLF};
    const struct fk_dialogue *d = &job->use->dialogue;
    struct build b = {.job = job, .err = err};
    struct fk_buffer text = {.ptr = NULL};
    b.script.line_end = ends[d->command_end];
    snprintf(b.script.profile, sizeof b.script.profile, "%s", job->profile->name);
    snprintf(b.script.ok, sizeof b.script.ok, "%s", d->done);
    snprintf(b.script.error, sizeof b.script.error, "%s", d->failed);
    snprintf(b.script.probe, sizeof b.script.probe, "%s", d->probe);
    enum fk_status st = add_store(&b);
    st = st == FK_OK ? add_sequence(&b) : st;
    st = st == FK_OK ? fk_at_script_write(&b.script, &text, err) : st;
    if (st == FK_OK) {
        char what[120];
        snprintf(what, sizeof what, "script of %zu steps for cert-bundle replay", b.script.n);
        bool secret = fk_emit_count(job, FK_BUNDLE_KEY) > 0 || job->sequence != NULL;
        st = fk_emitted_add(ret, "provision.at", &text, secret, what, err);
    }
    fk_at_script_release(&b.script);
    return st;
}
