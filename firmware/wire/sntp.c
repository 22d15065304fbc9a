/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/sntp.h"

#include "wire/reader.h"
#include "wire/writer.h"

#include <string.h>

#define VERSION      4u
#define MODE_CLIENT  3u
#define MODE_SERVER  4u
#define LEAP_NO_TIME 3u

/* From 1900, the origin of NTP, to 1970. */
#define NTP_TO_UNIX UINT64_C(2208988800)

void fk_sntp_question(uint64_t cookie, uint8_t ret[FK_SNTP_SIZE])
{
    struct fk_writer w;
    memset(ret, 0, FK_SNTP_SIZE);
    ret[0] = VERSION << 3 | MODE_CLIENT;
    fk_writer_init(&w, ret + FK_SNTP_SIZE - 8, 8);
    fk_write_u64be(&w, cookie);
}

/*  0  leap indicator (2 bits), version (3), mode (3)
 *  1  stratum
 *  2  poll, precision, root delay, root dispersion, reference: 14 bytes
 * 16  reference timestamp
 * 24  originate timestamp: the question's transmit timestamp
 * 32  receive timestamp
 * 40  transmit timestamp: seconds, fraction */
enum fk_status fk_sntp_answer(struct fk_slice datagram, uint64_t cookie, bool *ret_ours,
                              uint64_t *ret_unix)
{
    struct fk_reader r;
    fk_reader_init(&r, datagram);
    uint8_t first = fk_read_u8(&r);
    uint8_t stratum = fk_read_u8(&r);
    (void)fk_read_bytes(&r, 14 + 8);
    uint64_t originate = fk_read_u64be(&r);
    (void)fk_read_u64be(&r);
    uint32_t seconds = fk_read_u32be(&r);
    uint32_t fraction = fk_read_u32be(&r);
    unsigned leap = first >> 6;
    unsigned version = first >> 3 & 7;
    unsigned mode = first & 7;
    *ret_ours = fk_reader_ok(&r) && mode == MODE_SERVER && version >= 3 && version <= VERSION &&
                originate == cookie;
    if (!*ret_ours || leap == LEAP_NO_TIME || stratum == 0 || stratum > 15 ||
        (seconds == 0 && fraction == 0)) {
        return FK_E_SNTP;
    }
    uint64_t since_1900 = seconds;
    if (seconds < UINT32_C(0x80000000)) {
        since_1900 += UINT64_C(1) << 32;
    }
    if (since_1900 <= NTP_TO_UNIX) {
        return FK_E_SNTP; /* before 1970 */
    }
    *ret_unix = since_1900 - NTP_TO_UNIX;
    return FK_OK;
}
