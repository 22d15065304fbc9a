/* SPDX-License-Identifier: Apache-2.0 */
/* What cmocka's own configuration would find out about newlib. */
#define HAVE_ASSERT_H        1
#define HAVE_INTTYPES_H      1
#define HAVE_STDINT_H        1
#define HAVE_STDLIB_H        1
#define HAVE_STRING_H        1
#define HAVE_STRINGS_H       1
#define HAVE_SETJMP_H        1
#define HAVE_SIGNAL_H        1
#define HAVE_STDIO_H         1
#define HAVE_TIME_H          1
#define HAVE_SNPRINTF        1
#define HAVE_VSNPRINTF       1
#define HAVE_STRUCT_TIMESPEC 1
