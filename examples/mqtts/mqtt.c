/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtts/mqtt.h"

#include "wire/reader.h"
#include "wire/writer.h"

#include <string.h>

/* First bytes of the packets (2.2): type, and the flags that it must have. */
#define CONNECT    0x10u
#define CONNACK    0x20u
#define PUBLISH    0x30u
#define PUBACK     0x40u
#define PINGREQ    0xc0u
#define PINGRESP   0xd0u
#define DISCONNECT 0xe0u

#define LEVEL         4u /* 3.1.1 */
#define CLEAN_SESSION 0x02u
#define QOS_SHIFT     1u
#define REFUSAL_MAX   5u

#define ANSWER_MAX 4u
/* First byte, length, protocol name, level, flags, keep alive, identifier. */
#define CONNECT_MAX (1 + 4 + 6 + 1 + 1 + 2 + 2 + MQTT_ID_MAX)
/* First byte, length, topic, packet identifier. */
#define PUBLISH_MAX (1 + 4 + 2 + MQTT_TOPIC_MAX + 2)

/* Printable ASCII is UTF-8 that no broker refuses (1.5.3). */
static enum fk_status check_text(const char *text, size_t max, const char *without)
{
    size_t len = strlen(text);
    for (size_t i = 0; i < len; i++) {
        if (text[i] < ' ' || text[i] > '~' || strchr(without, text[i]) != NULL) {
            return FK_E_FORMAT;
        }
    }
    if (len == 0) {
        return FK_E_FORMAT;
    }
    return len <= max ? FK_OK : FK_E_LIMIT;
}

/* Seven bits a byte, the lowest first (2.2.3). */
static void write_length(struct fk_writer *w, size_t len)
{
    do {
        uint8_t low = len & 0x7f;
        len >>= 7;
        fk_write_u8(w, len > 0 ? low | 0x80u : low);
    } while (len > 0);
}

static void write_text(struct fk_writer *w, const char *text)
{
    size_t len = strlen(text); /* checked */
    fk_write_u16be(w, (uint16_t)len);
    fk_write_bytes(w, text, len);
}

static uint64_t now(const struct mqtt *m)
{
    return m->clock->now_ms(m->clock->ctx);
}

static enum fk_status send_bytes(struct mqtt *m, const void *buf, size_t len)
{
    enum fk_status st = m->transport->send(m->transport->ctx, buf, len, MQTT_TIMEOUT_MS);
    m->sent_ms = now(m);
    return st;
}

static enum fk_status send_packet(struct mqtt *m, const struct fk_writer *w)
{
    size_t len = 0;
    enum fk_status st = fk_writer_end(w, &len);
    return st == FK_OK ? send_bytes(m, w->buf, len) : st;
}

/* len bytes within the time, however they drip. */
static enum fk_status receive(const struct mqtt *m, uint8_t *ret, size_t len)
{
    uint64_t until_ms = now(m) + MQTT_TIMEOUT_MS;
    for (size_t have = 0; have < len;) {
        uint64_t now_ms = now(m);
        size_t n = 0;
        if (now_ms >= until_ms) {
            return FK_E_TIMEOUT;
        }
        enum fk_status st = m->transport->recv(m->transport->ctx, ret + have, len - have, &n,
                                               (uint32_t)(until_ms - now_ms));
        if (st != FK_OK) {
            return st;
        }
        if (n == 0 || n > len - have) {
            return FK_E_NETWORK; /* the stream ended */
        }
        have += n;
    }
    return FK_OK;
}

/* The packet that is waited for, and the two bytes in it, if it has some. */
static enum fk_status await(const struct mqtt *m, uint8_t first, uint16_t *ret)
{
    const size_t inside = first == PINGRESP ? 0 : 2;
    uint8_t answer[ANSWER_MAX];
    struct fk_reader r;
    enum fk_status st = receive(m, answer, 2 + inside);
    if (st != FK_OK) {
        return st;
    }
    fk_reader_init(&r, (struct fk_slice){answer, 2 + inside});
    fk_reader_require(&r, fk_read_u8(&r) == first, FK_E_FORMAT);
    fk_reader_require(&r, fk_read_u8(&r) == inside, FK_E_FORMAT);
    *ret = inside > 0 ? fk_read_u16be(&r) : 0;
    return fk_reader_end(&r);
}

/* CONNACK (3.2): a byte of flags, of which a clean session has none, and the return code. */
static enum fk_status await_connack(struct mqtt *m)
{
    uint16_t code = 0;
    enum fk_status st = await(m, CONNACK, &code);
    if (st != FK_OK || code == 0) {
        return st;
    }
    if (code > REFUSAL_MAX) {
        return FK_E_FORMAT;
    }
    m->refusal = (uint8_t)code;
    return FK_E_CONNECT;
}

static enum fk_status send_connect(struct mqtt *m, const char *id)
{
    uint8_t buf[CONNECT_MAX];
    struct fk_writer w;
    fk_writer_init(&w, buf, sizeof buf);
    fk_write_u8(&w, CONNECT);
    write_length(&w, 6 + 1 + 1 + 2 + 2 + strlen(id));
    write_text(&w, "MQTT");
    fk_write_u8(&w, LEVEL);
    fk_write_u8(&w, CLEAN_SESSION);
    fk_write_u16be(&w, m->keep_alive_s);
    write_text(&w, id);
    return send_packet(m, &w);
}

enum fk_status mqtt_connect(struct mqtt *m, const char *host, uint16_t port, const char *id)
{
    const struct fk_transport *t = m->transport;
    m->refusal = 0;
    m->last_id = 0;
    enum fk_status st = check_text(id, MQTT_ID_MAX, "");
    if (st != FK_OK) {
        return st;
    }
    st = t->open(t->ctx, host, port, MQTT_TIMEOUT_MS);
    if (st == FK_OK) {
        st = send_connect(m, id);
    }
    if (st == FK_OK) {
        st = await_connack(m);
    }
    if (st != FK_OK) {
        t->close(t->ctx);
    }
    return st;
}

enum fk_status mqtt_publish(struct mqtt *m, const char *topic, struct fk_slice payload,
                            unsigned qos)
{
    uint8_t buf[PUBLISH_MAX];
    struct fk_writer w;
    enum fk_status st = check_text(topic, MQTT_TOPIC_MAX, "+#");
    if (st == FK_OK && qos > 1) {
        st = FK_E_UNSUPPORTED;
    }
    if (st == FK_OK && payload.len > MQTT_PAYLOAD_MAX) {
        st = FK_E_LIMIT;
    }
    if (st != FK_OK) {
        return st;
    }
    fk_writer_init(&w, buf, sizeof buf);
    fk_write_u8(&w, (uint8_t)(PUBLISH | qos << QOS_SHIFT));
    write_length(&w, 2 + strlen(topic) + (qos > 0 ? 2u : 0u) + payload.len);
    write_text(&w, topic);
    if (qos > 0) {
        m->last_id = m->last_id < UINT16_MAX ? m->last_id + 1 : 1; /* never 0 (2.3.1) */
        fk_write_u16be(&w, m->last_id);
    }
    st = send_packet(m, &w);
    if (st == FK_OK && payload.len > 0) {
        st = send_bytes(m, payload.ptr, payload.len);
    }
    if (st != FK_OK || qos == 0) {
        return st;
    }
    uint16_t confirmed = 0;
    st = await(m, PUBACK, &confirmed);
    return st == FK_OK && confirmed != m->last_id ? FK_E_FORMAT : st;
}

/* Half of the keep alive: an answer that takes its whole time-out, or a reconnection, still fits
 * into the one and a half that the broker waits. */
uint32_t mqtt_quiet_ms(const struct mqtt *m)
{
    const uint32_t most_ms = m->keep_alive_s * 500u;
    const uint64_t quiet_ms = now(m) - m->sent_ms;
    if (m->keep_alive_s == 0) {
        return UINT32_MAX;
    }
    return quiet_ms < most_ms ? most_ms - (uint32_t)quiet_ms : 0;
}

enum fk_status mqtt_keep(struct mqtt *m)
{
    static const uint8_t packet[] = {PINGREQ, 0};
    uint16_t nothing = 0;
    if (mqtt_quiet_ms(m) > 0) {
        return FK_OK;
    }
    enum fk_status st = send_bytes(m, packet, sizeof packet);
    return st == FK_OK ? await(m, PINGRESP, &nothing) : st;
}

void mqtt_disconnect(struct mqtt *m)
{
    static const uint8_t packet[] = {DISCONNECT, 0};
    const struct fk_transport *t = m->transport;
    /* Nobody answers it, and a connection that is broken is as good as ended. */
    (void)!t->send(t->ctx, packet, sizeof packet, MQTT_TIMEOUT_MS);
    t->close(t->ctx);
}
