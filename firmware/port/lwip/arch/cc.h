/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_PORT_LWIP_CC_H
#define FK_PORT_LWIP_CC_H

/* What lwIP asks of a compiler and a board. */
#define LWIP_NO_CTYPE_H      1
#define LWIP_NO_UNISTD_H     1
#define LWIP_NO_INTTYPES_H   1
#define X8_F                 "x"
#define U16_F                "u"
#define S16_F                "d"
#define X16_F                "x"
#define U32_F                "u"
#define S32_F                "d"
#define X32_F                "x"
#define SZT_F                "u"
#define LWIP_PLATFORM_DIAG(x)
#define LWIP_NOASSERT        1
#define LWIP_PLATFORM_ASSERT(x)

#endif
