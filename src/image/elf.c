/* SPDX-License-Identifier: Apache-2.0 */
/* ELF, 32-bit little endian (System V ABI, chapters 4 and 5): only what loading needs.
 *
 * Elf32_Ehdr  e_ident[16] e_type(2) e_machine(2) e_version(4) e_entry(4) e_phoff(4) e_shoff(4)
 *             e_flags(4) e_ehsize(2) e_phentsize(2) e_phnum(2) e_shentsize(2) e_shnum(2) e_shstrndx(2)
 * Elf32_Phdr  p_type(4) p_offset(4) p_vaddr(4) p_paddr(4) p_filesz(4) p_memsz(4) p_flags(4) p_align(4) */
#include "image/segments.h"
#include "wire/reader.h"

#include <inttypes.h>

#define EHDR_SIZE   52u
#define PHDR_SIZE   32u
#define CLASS_32    1
#define DATA_LITTLE 1
#define PT_LOAD     1u

static uint16_t read_u16le(struct fk_reader *r)
{
    const uint8_t *p = fk_read_bytes(r, 2);
    if (p == NULL) {
        return 0;
    }
    return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t read_u32le(struct fk_reader *r)
{
    uint32_t low = read_u16le(r);
    return low | (uint32_t)read_u16le(r) << 16;
}

struct ehdr {
    uint32_t entry;
    uint32_t phoff;
    uint16_t phentsize;
    uint16_t phnum;
};

static enum fk_status read_ehdr(const struct fk_input *in, struct ehdr *ret, struct fk_error *err)
{
    uint8_t bytes[EHDR_SIZE];
    if ((uint64_t)in->size < sizeof bytes) {
        return fk_fail(err, FK_E_TRUNCATED, "'%s': ELF header needs %u bytes, the file has %lld",
                       in->path, EHDR_SIZE, (long long)in->size);
    }
    enum fk_status st = fk_input_read_at(in, 0, bytes, sizeof bytes, err);
    if (st != FK_OK) {
        return st;
    }
    struct fk_reader r;
    fk_reader_init(&r, (struct fk_slice){bytes, sizeof bytes});
    const uint8_t *ident = fk_read_bytes(&r, 16);
    if (ident == NULL || ident[0] != 0x7f || ident[1] != 'E' || ident[2] != 'L' ||
        ident[3] != 'F') {
        return fk_fail(err, FK_E_FORMAT, "'%s' is not an ELF file", in->path);
    }
    if (ident[4] != CLASS_32 || ident[5] != DATA_LITTLE) {
        return fk_fail(err, FK_E_UNSUPPORTED,
                       "'%s': ELF of class %u with byte order %u, expected 32-bit (1) little "
                       "endian (1); is it a program for this computer?",
                       in->path, ident[4], ident[5]);
    }
    (void)fk_read_bytes(&r, 2 + 2 + 4); /* type, machine, version */
    struct ehdr h = {.entry = read_u32le(&r), .phoff = read_u32le(&r)};
    (void)fk_read_bytes(&r, 4 + 4 + 2); /* shoff, flags, ehsize */
    h.phentsize = read_u16le(&r);
    h.phnum = read_u16le(&r);
    if (!fk_reader_ok(&r)) {
        return fk_fail(err, FK_E_INTERNAL, "'%s': ELF header", in->path);
    }
    if (h.phnum == 0) {
        return fk_fail(err, FK_E_EMPTY,
                       "'%s': ELF without program headers; link it first, object files cannot be "
                       "loaded",
                       in->path);
    }
    if (h.phentsize != PHDR_SIZE) {
        return fk_fail(err, FK_E_FORMAT, "'%s': ELF program headers of %u bytes, expected %u",
                       in->path, h.phentsize, PHDR_SIZE);
    }
    *ret = h;
    return FK_OK;
}

/* Puts a segment at its place in the sorted list. */
static enum fk_status insert(struct fk_segments *s, struct fk_segment seg, const char *path,
                             struct fk_error *err)
{
    if (s->n == FK_SEGMENTS_MAX) {
        return fk_fail(err, FK_E_LIMIT, "'%s': more than %d loadable ELF segments", path,
                       FK_SEGMENTS_MAX);
    }
    size_t i = s->n;
    for (; i > 0 && s->at[i - 1].addr > seg.addr; i--) {
        s->at[i] = s->at[i - 1];
    }
    s->at[i] = seg;
    s->n++;
    for (size_t k = i > 0 ? i : 1; k < s->n && k <= i + 1; k++) {
        if (s->at[k].addr - s->at[k - 1].addr < s->at[k - 1].len) {
            return fk_fail(err, FK_E_IMAGE_OVERLAP,
                           "'%s': ELF segments at 0x%08" PRIx64 " and 0x%08" PRIx64 " overlap", path,
                           s->at[k - 1].addr, s->at[k].addr);
        }
    }
    return FK_OK;
}

static enum fk_status take_phdr(const struct fk_input *in, unsigned index, struct fk_slice bytes,
                                struct fk_segments *s, struct fk_error *err)
{
    struct fk_reader r;
    fk_reader_init(&r, bytes);
    uint32_t type = read_u32le(&r);
    uint32_t off = read_u32le(&r);
    (void)read_u32le(&r); /* virtual address: where it runs, not where it is stored */
    uint32_t paddr = read_u32le(&r);
    uint32_t filesz = read_u32le(&r);
    if (!fk_reader_ok(&r)) {
        return fk_fail(err, FK_E_INTERNAL, "'%s': ELF program header", in->path);
    }
    if (type != PT_LOAD || filesz == 0) {
        return FK_OK;
    }
    if (off > (uint64_t)in->size || filesz > (uint64_t)in->size - off) {
        return fk_fail(err, FK_E_TRUNCATED,
                       "'%s': ELF segment %u needs bytes %" PRIu32 " to %" PRIu64
                       ", the file has %lld",
                       in->path, index, off, (uint64_t)off + filesz, (long long)in->size);
    }
    if (filesz > FK_ADDRESS_END - paddr) {
        return fk_fail(err, FK_E_IMAGE_RANGE,
                       "'%s': ELF segment %u at 0x%08" PRIx32 " with %" PRIu32
                       " bytes goes beyond the 4 GiB of addresses",
                       in->path, index, paddr, filesz);
    }
    /* Linkers put the header into the first segment when the page has room for it. It would land
     * in front of the vector table. */
    if (off < EHDR_SIZE) {
        return fk_fail(err, FK_E_UNSUPPORTED,
                       "'%s': ELF segment %u at 0x%08" PRIx32 " holds the ELF header itself; link "
                       "with --nmagic, or convert with objcopy -O ihex",
                       in->path, index, paddr);
    }
    return insert(s, (struct fk_segment){.addr = paddr, .off = off, .len = filesz}, in->path, err);
}

enum fk_status fk_segments_of_elf(const struct fk_input *in, struct fk_segments *ret,
                                  uint32_t *ret_entry, struct fk_error *err)
{
    if (in->size < 0) {
        return fk_fail(err, FK_E_NOT_REGULAR,
                       "'%s': ELF cannot be read from a pipe; write it to a file first", in->path);
    }
    struct ehdr h = {0};
    enum fk_status st = read_ehdr(in, &h, err);
    if (st != FK_OK) {
        return st;
    }
    struct fk_segments segs = {.n = 0};
    for (unsigned i = 0; i < h.phnum; i++) {
        uint8_t bytes[PHDR_SIZE];
        uint64_t off = (uint64_t)h.phoff + (uint64_t)i * PHDR_SIZE;
        if (off > (uint64_t)in->size || sizeof bytes > (uint64_t)in->size - off) {
            return fk_fail(err, FK_E_TRUNCATED,
                           "'%s': ELF program header %u at offset %" PRIu64
                           " lies behind the end, the file has %lld bytes",
                           in->path, i, off, (long long)in->size);
        }
        st = fk_input_read_at(in, off, bytes, sizeof bytes, err);
        if (st == FK_OK) {
            st = take_phdr(in, i, (struct fk_slice){bytes, sizeof bytes}, &segs, err);
        }
        if (st != FK_OK) {
            return st;
        }
    }
    *ret = segs;
    *ret_entry = h.entry;
    return FK_OK;
}
