/* SPDX-License-Identifier: Apache-2.0 */
#include "port/sim/sim_flash_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the file ----------------------------------------------------------- */

static enum fk_status host_failed(struct fk_sim_flash *f)
{
    if (f->error == 0) {
        f->error = errno != 0 ? errno : EIO;
    }
    return FK_E_IO;
}

static enum fk_status file_read(struct fk_sim_flash *f, uint32_t off, void *buf, size_t len)
{
    uint8_t *to = buf;
    while (len > 0) {
        ssize_t n = pread(f->fd, to, len, (off_t)off);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) { /* 0: somebody cut the file off */
            errno = n == 0 ? EIO : errno;
            return host_failed(f);
        }
        to += n;
        off += (uint32_t)n;
        len -= (size_t)n;
    }
    return FK_OK;
}

static enum fk_status file_write(struct fk_sim_flash *f, uint32_t off, const void *buf, size_t len)
{
    const uint8_t *from = buf;
    while (len > 0) {
        ssize_t n = pwrite(f->fd, from, len, (off_t)off);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return host_failed(f);
        }
        from += n;
        off += (uint32_t)n;
        len -= (size_t)n;
    }
    return FK_OK;
}

static enum fk_status file_fill(struct fk_sim_flash *f, uint32_t off, uint32_t len)
{
    uint8_t blank[4096];
    enum fk_status st = FK_OK;
    memset(blank, f->device->map.erased, sizeof blank);
    while (st == FK_OK && len > 0) {
        uint32_t n = len < sizeof blank ? len : (uint32_t)sizeof blank;
        st = file_write(f, off, blank, n);
        off += n;
        len -= n;
    }
    return st;
}

/* ---- the rules ---------------------------------------------------------- */

static enum fk_status breach(struct fk_sim_flash *f, const char *why)
{
    if (f->breach == NULL) {
        f->breach = why;
    }
    return FK_E_FLASH_RULE;
}

/* The region that holds all of [off, off + len), or NULL. */
static const struct fk_region *region_of(const struct fk_sim_flash *f, uint32_t off, size_t len)
{
    for (enum fk_region_id i = FK_REGION_BOOT; i < FK_REGIONS; i++) {
        const struct fk_region *r = fk_device_region(f->device, i);
        if (off >= r->off && off - r->off <= r->size && len <= r->size - (off - r->off)) {
            return r;
        }
    }
    return NULL;
}

static enum fk_status check_change(struct fk_sim_flash *f, const struct fk_region *r)
{
    if (r == NULL) {
        return breach(f, "a change outside the regions, or across two of them");
    }
    return r == &f->device->map.boot ? breach(f, "a change of the boot region") : FK_OK;
}

static enum fk_status check_blank(struct fk_sim_flash *f, uint32_t off, size_t len)
{
    uint8_t found[256];
    enum fk_status st = FK_OK;
    while (st == FK_OK && len > 0) {
        size_t n = len < sizeof found ? len : sizeof found;
        st = file_read(f, off, found, n);
        for (size_t i = 0; st == FK_OK && i < n; i++) {
            if (found[i] != f->device->map.erased) {
                st = breach(f, "a program unit is written that is not erased");
            }
        }
        off += (uint32_t)n;
        len -= n;
    }
    return st;
}

/* ---- operations --------------------------------------------------------- */

/* Counts an operation that keeps the rules, and says how much of it happens. */
static enum fk_sim_cut count(struct fk_sim_flash *f)
{
    f->operations++;
    if (f->cut == FK_SIM_CUT_NONE || f->operations != f->cut_at) {
        return FK_SIM_CUT_NONE;
    }
    f->power_lost = true;
    return f->cut;
}

static enum fk_status sim_read(void *ctx, uint32_t off, void *buf, size_t len)
{
    struct fk_sim_flash *f = ctx;
    uint32_t size = f->device->map.size;
    if (f->power_lost) {
        return FK_E_POWER;
    }
    if (off > size || len > size - off) {
        return breach(f, "a read outside the flash");
    }
    f->bytes_read += len;
    return file_read(f, off, buf, len);
}

/* Half of the bits of the byte at which the power went. */
static uint8_t torn(uint8_t before, uint8_t after)
{
    return (uint8_t)((before & 0xaa) | (after & 0x55));
}

static enum fk_status sim_prog(void *ctx, uint32_t off, const void *buf, size_t len)
{
    struct fk_sim_flash *f = ctx;
    uint32_t unit = f->device->map.prog_size;
    if (f->power_lost) {
        return FK_E_POWER;
    }
    if (len == 0 || off % unit != 0 || len % unit != 0) {
        return breach(f, "a program operation that is not whole units");
    }
    enum fk_status st = check_change(f, region_of(f, off, len));
    if (st == FK_OK) {
        st = check_blank(f, off, len);
    }
    if (st != FK_OK) {
        return st;
    }
    f->programs++;
    f->bytes_programmed += len;
    enum fk_sim_cut cut = count(f);
    if (cut == FK_SIM_CUT_TORN) {
        uint8_t middle = torn(f->device->map.erased, ((const uint8_t *)buf)[len / 2]);
        st = file_write(f, off, buf, len / 2);
        if (st == FK_OK) {
            st = file_write(f, off + (uint32_t)(len / 2), &middle, 1);
        }
    } else if (cut != FK_SIM_CUT_BEFORE) {
        st = file_write(f, off, buf, len);
    }
    return st == FK_OK && f->power_lost ? FK_E_POWER : st;
}

static enum fk_status tear_erase(struct fk_sim_flash *f, uint32_t off, uint32_t len)
{
    uint8_t middle = 0;
    enum fk_status st = file_read(f, off + len / 2, &middle, 1);
    if (st == FK_OK) {
        middle = torn(middle, f->device->map.erased);
        st = file_write(f, off + len / 2, &middle, 1);
    }
    return st == FK_OK ? file_fill(f, off, len / 2) : st;
}

static enum fk_status sim_erase(void *ctx, uint32_t off, uint32_t len)
{
    struct fk_sim_flash *f = ctx;
    if (f->power_lost) {
        return FK_E_POWER;
    }
    const struct fk_region *r = region_of(f, off, len);
    enum fk_status st = check_change(f, r);
    if (st == FK_OK && (len != r->sector || (off - r->off) % r->sector != 0)) {
        st = breach(f, "an erase that is not exactly one sector");
    }
    if (st != FK_OK) {
        return st;
    }
    uint32_t *erases = &f->sector_erases[off / f->smallest_sector];
    f->erases++;
    f->most_erases = ++*erases > f->most_erases ? *erases : f->most_erases;
    enum fk_sim_cut cut = count(f);
    if (cut == FK_SIM_CUT_TORN) {
        st = tear_erase(f, off, len);
    } else if (cut != FK_SIM_CUT_BEFORE) {
        st = file_fill(f, off, len);
    }
    return st == FK_OK && f->power_lost ? FK_E_POWER : st;
}

/* A read-only file takes no change, whatever the core thinks. */
static enum fk_status refuse_prog(void *ctx, uint32_t off, const void *buf, size_t len)
{
    (void)off, (void)buf, (void)len;
    return breach(ctx, "a change of a flash that is open for reading");
}

static enum fk_status refuse_erase(void *ctx, uint32_t off, uint32_t len)
{
    (void)off, (void)len;
    return breach(ctx, "a change of a flash that is open for reading");
}

struct fk_flash fk_sim_flash_table(struct fk_sim_flash *f)
{
    return (struct fk_flash){
        .ctx = f,
        .read = sim_read,
        .prog = f->writable ? sim_prog : refuse_prog,
        .erase = f->writable ? sim_erase : refuse_erase,
        .size = f->device->map.size,
        .prog_size = f->device->map.prog_size,
        .erased = f->device->map.erased,
    };
}

/* ---- opening ------------------------------------------------------------ */

static enum fk_status prepare(struct fk_sim_flash *f, const struct fk_device *device)
{
    *f = (struct fk_sim_flash){.fd = -1, .device = device, .writable = true};
    enum fk_status st = fk_device_check(device, NULL);
    if (st != FK_OK) {
        return st;
    }
    f->smallest_sector = device->map.boot.sector;
    for (enum fk_region_id i = FK_REGION_BOOT; i < FK_REGIONS; i++) {
        const struct fk_region *r = fk_device_region(device, i);
        if (r->size > 0 && r->sector < f->smallest_sector) { /* the device may have no such one */
            f->smallest_sector = r->sector;
        }
    }
    f->sector_erases = calloc(device->map.size / f->smallest_sector + 1u, sizeof(uint32_t));
    return f->sector_erases != NULL ? FK_OK : FK_E_MEMORY;
}

static enum fk_status open_and_lock(struct fk_sim_flash *f, const char *path, bool writable)
{
    struct stat s;
    f->writable = writable;
    f->fd = open(path, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK);
    if (f->fd < 0) {
        bool missing = errno == ENOENT;
        enum fk_status st = host_failed(f);
        return missing ? FK_E_NOT_FOUND : st;
    }
    if (fstat(f->fd, &s) != 0) {
        return host_failed(f);
    }
    if (!S_ISREG(s.st_mode)) {
        return FK_E_NOT_REGULAR;
    }
    if (flock(f->fd, (writable ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0) {
        return errno == EWOULDBLOCK ? FK_E_BUSY : host_failed(f);
    }
    return s.st_size == (off_t)f->device->map.size ? FK_OK : FK_E_GEOMETRY;
}

enum fk_status fk_sim_flash_open(struct fk_sim_flash *f, const struct fk_device *device,
                                 const char *path, bool writable)
{
    enum fk_status st = prepare(f, device);
    if (st == FK_OK) {
        st = open_and_lock(f, path, writable);
    }
    if (st != FK_OK) {
        int error = f->error;
        fk_sim_flash_close(f);
        f->error = error;
    }
    return st;
}

enum fk_status fk_sim_flash_create(struct fk_sim_flash *f, const struct fk_device *device, int fd)
{
    enum fk_status st = prepare(f, device);
    f->fd = fd;
    if (st == FK_OK && ftruncate(fd, (off_t)device->map.size) != 0) {
        st = host_failed(f);
    }
    if (st == FK_OK) {
        st = file_fill(f, 0, device->map.size);
    }
    return st;
}

void fk_sim_flash_close(struct fk_sim_flash *f)
{
    if (f->fd >= 0) {
        close(f->fd);
    }
    free(f->sector_erases);
    *f = (struct fk_sim_flash){.fd = -1, .device = f->device};
}

void fk_sim_flash_cut(struct fk_sim_flash *f, uint64_t operation, enum fk_sim_cut cut)
{
    f->cut_at = operation;
    f->cut = cut;
}
