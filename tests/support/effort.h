/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_TESTS_EFFORT_H
#define FK_TESTS_EFFORT_H

/* How many cases of a long sweep to take: on a host each one, so 1; on the emulated board, which is
 * a hundred times slower, every n-th, and it says so (tests/board/unit_host.c). */
unsigned test_every(unsigned n);

#endif
