/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_EXAMPLES_MQTTS_MQTT_H
#define FK_EXAMPLES_MQTTS_MQTT_H

#include "fotakit_fw/slice.h"
#include "fotakit_fw/transport.h"

/* A client of MQTT 3.1.1 (OASIS Standard, 29 October 2014) that only publishes: CONNECT, PUBLISH
 * with QoS 0 or 1, PINGREQ, DISCONNECT. Over any transport; over that of tls/tls.h it is MQTTS.
 *
 *     struct mqtt m = {.transport = &tls, .clock = &clock, .keep_alive_s = 60};
 *     st = mqtt_connect(&m, "broker.example", 8883, "board-0001");
 *     for (; st == FK_OK; st = mqtt_keep(&m)) {
 *         if (a message is there within mqtt_quiet_ms(&m)) {
 *             st = mqtt_publish(&m, "plant/board-0001", message, 1);
 *         }
 *     }
 *     mqtt_disconnect(&m);
 *
 * It never subscribes, so the three packets that a broker may send, CONNACK, PUBACK and PINGRESP,
 * have two or four bytes: these are read, and nothing else. Clean session; no will, no user name
 * (the certificate says who it is), no repetition: after a failure of QoS 1 connect and publish
 * again, and the message may arrive twice.
 *
 * A connection may break without a sign. mqtt_keep() finds that out after half of keep_alive_s at
 * the latest, and MQTT_TIMEOUT_MS; the broker, for its part, drops a client that was quiet for one
 * and a half of it (3.1.2.10). Then connect again.
 *
 * Memory: struct mqtt and 0.4 KiB of stack; no heap. */

#define MQTT_ID_MAX      64u /* characters; a broker need not take more than 23 (3.1.3.1) */
#define MQTT_TOPIC_MAX   255u
#define MQTT_PAYLOAD_MAX 65536u
#define MQTT_TIMEOUT_MS  10000u /* for each of connecting, sending, an answer */

struct mqtt {
    const struct fk_transport *transport;
    const struct fk_clock *clock;
    uint16_t keep_alive_s; /* 0: none, and the broker waits for ever */

    uint8_t refusal; /* after mqtt_connect(): the broker's return code (3.2.2.3), 1 to 5, or 0 */

    /* Private. */
    uint16_t last_id; /* of a packet */
    uint64_t sent_ms; /* the last packet that went out */
};

/* Opens the transport and waits for CONNACK. FK_E_FORMAT: id is empty, or not of printable ASCII;
 * or what came is no CONNACK. FK_E_LIMIT: id is too long. FK_E_CONNECT with refusal set: the broker
 * does not want us. FK_E_TIMEOUT, FK_E_NETWORK, and what the transport returns. After a failure
 * nothing is open. */
enum fk_status mqtt_connect(struct mqtt *m, const char *host, uint16_t port,
                            const char *id) FK_MUST_USE;

/* qos 0: FK_OK when the bytes were sent; 1: when the broker has confirmed the message. topic:
 * printable ASCII without the wildcards + and #. FK_E_FORMAT and FK_E_LIMIT as above, for topic and
 * payload; FK_E_UNSUPPORTED for another qos. */
enum fk_status mqtt_publish(struct mqtt *m, const char *topic, struct fk_slice payload,
                            unsigned qos) FK_MUST_USE;

/* Milliseconds until mqtt_keep() has something to do; 0: now, UINT32_MAX: never. */
uint32_t mqtt_quiet_ms(const struct mqtt *m);
/* Asks the broker for a sign of life when nothing was sent for half of keep_alive_s, and waits for
 * it. FK_E_TIMEOUT: it came not; FK_E_NETWORK, FK_E_FORMAT. */
enum fk_status mqtt_keep(struct mqtt *m) FK_MUST_USE;

/* Says so and closes the transport; harmless when nothing is open. */
void mqtt_disconnect(struct mqtt *m);

#endif
