/* SPDX-License-Identifier: Apache-2.0 */
/* What a unit test needs of a host, on the emulated board: its main, a heap, standard output on the
 * console, and an exit status by semihosting, which is there for tests only. */
#include "port/board.h"
#include "support/effort.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

int unit_main(void); /* the test's main, renamed by the build */
void *_sbrk(ptrdiff_t grow);
int _write(int file, const char *p, int len);
_Noreturn void _exit(int status);
int _read(int file, char *p, int len);
int _open(const char *path, int flags, int mode);
int _close(int file);
int _lseek(int file, int off, int whence);
int _isatty(int file);
int _fstat(int file, void *ret);
int _kill(int process, int signal);
int _getpid(void);

static _Alignas(8) uint8_t heap[2u << 20];

void *_sbrk(ptrdiff_t grow)
{
    static size_t used;
    if (grow < 0 ? (size_t)-grow > used : (size_t)grow > sizeof heap - used) {
        errno = ENOMEM;
        return (void *)-1;
    }
    void *from = heap + used;
    used = (size_t)((ptrdiff_t)used + grow);
    return from;
}

int _write(int file, const char *p, int len)
{
    (void)file;
    fk_board_write(p, (size_t)len);
    return len;
}

/* There are no files and no processes. */
int _read(int file, char *p, int len)
{
    (void)file, (void)p, (void)len;
    return -1;
}

int _open(const char *path, int flags, int mode)
{
    (void)path, (void)flags, (void)mode;
    return -1;
}

int _close(int file)
{
    (void)file;
    return -1;
}

int _lseek(int file, int off, int whence)
{
    (void)file, (void)off, (void)whence;
    return -1;
}

int _isatty(int file)
{
    (void)file;
    return 1;
}

int _fstat(int file, void *ret)
{
    (void)file, (void)ret;
    return -1;
}

int _getpid(void)
{
    return 1;
}

int _kill(int process, int signal)
{
    (void)process;
    _exit(128 + signal);
}

/* SYS_EXIT_EXTENDED with ADP_Stopped_ApplicationExit: QEMU ends with this status. */
_Noreturn void _exit(int status)
{
    const uint32_t block[2] = {0x20026u, (uint32_t)status};
    __asm volatile("movs r0, #0x20\n\tmov r1, %0\n\tbkpt 0xab" ::"r"(block) : "r0", "r1", "memory");
    for (;;) {
    }
}

unsigned test_every(unsigned n)
{
    static unsigned said;
    if (n != said) {
        printf("board: one case of %u\n", n);
        said = n;
    }
    return n;
}

int main(void)
{
    fk_board_init();
    _exit(unit_main());
}
