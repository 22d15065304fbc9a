/* SPDX-License-Identifier: Apache-2.0 */
/* A plugin for QEMU that watches the stores into the flash of the emulated board.
 *
 *     cut=N                      ends QEMU with status 77 right after store N (from 1)
 *     at=HEX:HEX...              looks only at the instructions at these addresses, which leaves the
 *                                others as fast as they are without a plugin
 *     trace=FILE,flash=FILE      writes each store: offset, the four bytes that are there now and
 *                                the address of the instruction, as three little endian words
 *
 * The interface is version 1 of include/qemu/qemu-plugin.h of QEMU 7.2; Debian does not package that
 * header, so what is used of it is declared here. */
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FLASH_START 0x21000000u
#define FLASH_SIZE  0x01000000u
#define CUT_STATUS  77
#define AT_MAX      16

struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef void (*translated)(uint64_t id, struct qemu_plugin_tb *tb);
typedef void (*accessed)(unsigned cpu, uint32_t info, uint64_t address, void *data);

extern void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, translated cb);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
/* flags 0: no registers; rw 2: stores */
extern void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn, accessed cb, int flags,
                                             int rw, void *data);
extern uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
extern bool qemu_plugin_mem_is_store(uint32_t info);

int qemu_plugin_version = 1;
int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv);

static unsigned long cut, stores;
static FILE *trace;
static int flash = -1;
static uint32_t at[AT_MAX];
static unsigned at_count;

static void on_access(unsigned cpu, uint32_t info, uint64_t address, void *data)
{
    (void)cpu;
    /* 7.2 hands out loads, too, whatever was asked for. */
    if (!qemu_plugin_mem_is_store(info) || address < FLASH_START ||
        address - FLASH_START >= FLASH_SIZE) {
        return;
    }
    if (++stores == cut) {
        _exit(CUT_STATUS);
    }
    if (trace != NULL) {
        uint32_t record[3] = {(uint32_t)(address - FLASH_START) & ~3u, 0, (uint32_t)(uintptr_t)data};
        if (pread(flash, &record[1], 4, (off_t)record[0]) != 4 ||
            fwrite(record, sizeof record, 1, trace) != 1 || fflush(trace) != 0) {
            _exit(1);
        }
    }
}

static bool watched(uint32_t address)
{
    bool found = at_count == 0;
    for (unsigned i = 0; i < at_count; i++) {
        found |= at[i] == address;
    }
    return found;
}

static void on_translated(uint64_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        uint32_t address = (uint32_t)qemu_plugin_insn_vaddr(insn);
        if (watched(address)) {
            qemu_plugin_register_vcpu_mem_cb(insn, on_access, 0, 2, (void *)(uintptr_t)address);
        }
    }
}

/* False when it is no list of addresses, or one that is too long. */
static bool read_addresses(const char *text)
{
    char *end = NULL;
    do {
        if (at_count == AT_MAX) {
            return false;
        }
        at[at_count++] = (uint32_t)strtoul(text, &end, 16);
        if (end == text) {
            return false;
        }
        text = end + 1;
    } while (*end == ':');
    return *end == '\0';
}

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "cut=", 4) == 0) {
            cut = strtoul(argv[i] + 4, NULL, 10);
        } else if (strncmp(argv[i], "at=", 3) == 0) {
            if (!read_addresses(argv[i] + 3)) {
                return 1;
            }
        } else if (strncmp(argv[i], "trace=", 6) == 0) {
            trace = fopen(argv[i] + 6, "wb");
        } else if (strncmp(argv[i], "flash=", 6) == 0) {
            flash = open(argv[i] + 6, O_RDONLY | O_CLOEXEC);
        }
    }
    if ((trace != NULL) != (flash >= 0)) {
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translated);
    return 0;
}
