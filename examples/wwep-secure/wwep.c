/* SPDX-License-Identifier: Apache-2.0 */
#include "wwep-secure/wwep.h"

#include "wire/reader.h"
#include "wire/writer.h"

#include <string.h>

#define READ_SIZE  7u
#define WRITE_SIZE 11u

size_t wwep_question_size(struct fk_slice bytes)
{
    if (bytes.len == 0) {
        return 1;
    }
    return bytes.ptr[0] == WWEP_READ    ? READ_SIZE
           : bytes.ptr[0] == WWEP_WRITE ? WRITE_SIZE
                                        : bytes.len;
}

static uint16_t read_hex(struct fk_reader *r, unsigned digits)
{
    unsigned v = 0;
    for (unsigned i = 0; i < digits; i++) {
        unsigned c = fk_read_u8(r);
        unsigned digit = c >= '0' && c <= '9'   ? c - '0'
                         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                         : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                                : 16u;
        fk_reader_require(r, digit < 16, FK_E_FORMAT);
        v = v << 4 | (digit & 15u);
    }
    return (uint16_t)v;
}

static bool printable(uint8_t c)
{
    return c >= 0x20 && c < 0x7f;
}

static void read_reason(struct fk_reader *r, char ret[WWEP_REASON_MAX + 1])
{
    for (size_t i = 0; fk_reader_more(r); i++) {
        uint8_t c = fk_read_u8(r);
        fk_reader_require(r, i < WWEP_REASON_MAX, FK_E_LIMIT);
        fk_reader_require(r, printable(c), FK_E_FORMAT); /* it ends on somebody's terminal */
        if (fk_reader_ok(r)) {
            ret[i] = (char)c;
        }
    }
}

enum fk_status wwep_parse(struct fk_slice bytes, struct wwep_message *ret)
{
    struct fk_reader r;
    fk_reader_init(&r, bytes);
    struct wwep_message m = {.kind = (enum wwep_kind)fk_read_u8(&r)};
    switch (m.kind) {
    case WWEP_READ:
    case WWEP_WRITE:
    case WWEP_ACCEPT:
        m.device = read_hex(&r, 4);
        m.reg = (uint8_t)read_hex(&r, 2);
        m.value = m.kind != WWEP_READ ? read_hex(&r, 4) : 0;
        break;
    case WWEP_FAIL:
        read_reason(&r, m.reason);
        break;
    default:
        fk_reader_fail(&r, FK_E_FORMAT);
    }
    enum fk_status st = fk_reader_end(&r);
    if (st == FK_OK) {
        *ret = m;
    }
    return st;
}

static void write_hex(struct fk_writer *w, unsigned v, unsigned digits)
{
    while (digits-- > 0) {
        fk_write_u8(w, (uint8_t) "0123456789ABCDEF"[v >> (4 * digits) & 15u]);
    }
}

enum fk_status wwep_format(const struct wwep_message *m, void *buf, size_t cap, size_t *ret_len)
{
    struct fk_writer w;
    fk_writer_init(&w, buf, cap);
    fk_write_u8(&w, (uint8_t)m->kind);
    switch (m->kind) {
    case WWEP_READ:
    case WWEP_WRITE:
    case WWEP_ACCEPT:
        write_hex(&w, m->device, 4);
        write_hex(&w, m->reg, 2);
        if (m->kind != WWEP_READ) {
            write_hex(&w, m->value, 4);
        }
        break;
    case WWEP_FAIL:
        for (size_t i = 0; i < WWEP_REASON_MAX && m->reason[i] != '\0'; i++) {
            if (!printable((uint8_t)m->reason[i])) {
                return FK_E_FORMAT;
            }
            fk_write_u8(&w, (uint8_t)m->reason[i]);
        }
        break;
    default:
        return FK_E_FORMAT;
    }
    return fk_writer_end(&w, ret_len);
}

/* ---- registers ---------------------------------------------------------- */

static struct wwep_message failed(const char *reason)
{
    struct wwep_message m = {.kind = WWEP_FAIL};
    memcpy(m.reason, reason, strlen(reason) + 1); /* one of those below */
    return m;
}

static size_t find(const struct wwep_registers *registers, const struct wwep_message *m)
{
    size_t i = 0;
    while (i < registers->n &&
           (registers->at[i].device != m->device || registers->at[i].reg != m->reg)) {
        i++;
    }
    return i;
}

static struct wwep_message carry_out(struct wwep_registers *registers, struct wwep_message m)
{
    size_t i = find(registers, &m);
    if (m.kind == WWEP_READ && i == registers->n) {
        return failed(" Not Found");
    }
    if (i == WWEP_REGISTERS) {
        return failed(" Database Full");
    }
    if (m.kind == WWEP_WRITE) {
        registers->at[i].device = m.device;
        registers->at[i].reg = m.reg;
        registers->at[i].value = m.value;
        registers->n += i == registers->n;
    }
    m.kind = WWEP_ACCEPT;
    m.value = registers->at[i].value;
    return m;
}

struct wwep_message wwep_answer(struct wwep_registers *registers, struct fk_slice question)
{
    struct wwep_message m;
    if (question.len == wwep_question_size(question) + 1 &&
        question.ptr[question.len - 1] == '\n') {
        question.len--;
    }
    switch (wwep_parse(question, &m)) {
    case FK_OK:
        return m.kind == WWEP_READ || m.kind == WWEP_WRITE ? carry_out(registers, m)
                                                           : failed(" illegal command");
    case FK_E_TRUNCATED:
    case FK_E_TRAILING:
    case FK_E_LIMIT:
        return failed(" illegal message length");
    default:
        return question.ptr[0] == WWEP_READ || question.ptr[0] == WWEP_WRITE
                   ? failed(" illegal character")
                   : failed(" illegal command");
    }
}
