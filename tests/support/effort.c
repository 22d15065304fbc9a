/* SPDX-License-Identifier: Apache-2.0 */
#include "support/effort.h"

unsigned test_every(unsigned n)
{
    (void)n;
    return 1;
}
