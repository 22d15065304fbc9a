/* SPDX-License-Identifier: Apache-2.0 */
/* Put in front of each device source file by tests/fault/run.sh: every `if` and `while` and every
 * returned value of the file can be made to go wrong, one at a time. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Counts one place; true when this is the one that goes wrong now. */
bool fault_here(void);
/* What a faulty return gives: 0 (FK_OK, false) or 1 (true, an unknown status). */
extern int fault_value;

#define if(...)    if (fault_here() ? !(__VA_ARGS__) : (__VA_ARGS__))
#define while(...) while (fault_here() ? !(__VA_ARGS__) : (__VA_ARGS__))
/* Only where a file returns numbers: -DFAULT_RETURNS */
#ifdef FAULT_RETURNS
#define return return fault_here() ? fault_value :
#endif
