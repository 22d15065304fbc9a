/* SPDX-License-Identifier: Apache-2.0 */
/* The MQTT client of examples/mqtts: the bytes that it sends, and every answer that it refuses. */
#include "mqtts/mqtt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

/* A broker that plays fixed bytes, a few at a time, and whose clock moves with each of them. */
struct broker {
    const uint8_t *says;
    size_t len, at, piece;
    uint32_t delay_ms;
    uint64_t now_ms;
    uint8_t heard[512];
    size_t n_heard;
    bool is_open;
};

static enum fk_status broker_open(void *ctx, const char *host, uint16_t port, uint32_t timeout_ms)
{
    struct broker *b = ctx;
    (void)timeout_ms;
    assert_string_equal(host, "broker");
    assert_int_equal(port, 8883);
    b->is_open = true;
    return FK_OK;
}

static enum fk_status broker_send(void *ctx, const void *buf, size_t len, uint32_t timeout_ms)
{
    struct broker *b = ctx;
    (void)timeout_ms;
    if (!b->is_open) {
        return FK_E_NETWORK;
    }
    assert_true(len <= sizeof b->heard - b->n_heard);
    memcpy(b->heard + b->n_heard, buf, len);
    b->n_heard += len;
    return FK_OK;
}

static enum fk_status broker_recv(void *ctx, void *buf, size_t cap, size_t *ret_len,
                                  uint32_t timeout_ms)
{
    struct broker *b = ctx;
    size_t n = b->len - b->at < cap ? b->len - b->at : cap;
    n = b->piece > 0 && n > b->piece ? b->piece : n;
    if (b->delay_ms > timeout_ms) {
        return FK_E_TIMEOUT;
    }
    b->now_ms += b->delay_ms;
    memcpy(buf, b->says + b->at, n);
    b->at += n;
    *ret_len = n;
    return FK_OK;
}

static void broker_close(void *ctx)
{
    ((struct broker *)ctx)->is_open = false;
}

static uint64_t broker_now(void *ctx)
{
    return ((struct broker *)ctx)->now_ms;
}

struct rig {
    struct broker broker;
    struct fk_transport transport;
    struct fk_clock clock;
    struct mqtt m;
};

static void begin(struct rig *r, const uint8_t *says, size_t len)
{
    memset(r, 0, sizeof *r);
    r->broker.says = says;
    r->broker.len = len;
    r->transport = (struct fk_transport){&r->broker,  "https",     broker_open,
                                         broker_send, broker_recv, broker_close};
    r->clock = (struct fk_clock){&r->broker, broker_now};
    r->m = (struct mqtt){.transport = &r->transport, .clock = &r->clock, .keep_alive_s = 60};
}

static enum fk_status dial(struct rig *r)
{
    return mqtt_connect(&r->m, "broker", 8883, "dev-1");
}

static const uint8_t good[] = {0x20, 2, 0, 0, 0x40, 2, 0, 1, 0x40, 2, 0, 2};
static const struct fk_slice hello = {(const uint8_t *)"hello", 5};

static void packets_are_those_of_the_standard(void **state)
{
    (void)state;
    static const uint8_t want[] = {0x10, 17,  0,   4,   'M', 'Q', 'T', 'T',  4,   2,    0,  60,
                                   0,    5,   'd', 'e', 'v', '-', '1', 0x32, 12,  0,    3,  'a',
                                   '/',  'b', 0,   1,   'h', 'e', 'l', 'l',  'o', 0x30, 10, 0,
                                   3,    'a', '/', 'b', 'h', 'e', 'l', 'l',  'o', 0xe0, 0};
    struct rig r;
    begin(&r, good, sizeof good);
    r.broker.piece = 1;
    assert_int_equal(dial(&r), FK_OK);
    assert_int_equal(mqtt_publish(&r.m, "a/b", hello, 1), FK_OK);
    assert_int_equal(mqtt_publish(&r.m, "a/b", hello, 0), FK_OK);
    mqtt_disconnect(&r.m);
    assert_false(r.broker.is_open);
    assert_int_equal(r.broker.n_heard, sizeof want);
    assert_memory_equal(r.broker.heard, want, sizeof want);
    assert_int_equal(r.broker.at, 8);
}

static void long_packets_have_long_lengths(void **state)
{
    (void)state;
    uint8_t payload[200] = {0};
    struct rig r;
    begin(&r, good, sizeof good);
    assert_int_equal(dial(&r), FK_OK);
    r.broker.n_heard = 0;
    assert_int_equal(mqtt_publish(&r.m, "t", (struct fk_slice){payload, 200}, 0), FK_OK);
    assert_int_equal(r.broker.n_heard, 3 + 203);
    assert_int_equal(r.broker.heard[1], 0x80 | (203 & 0x7f));
    assert_int_equal(r.broker.heard[2], 203 >> 7);
}

/* Each byte of CONNACK with each value. */
static void only_a_connack_is_taken(void **state)
{
    (void)state;
    for (unsigned at = 0; at < 4; at++) {
        for (unsigned value = 0; value < 256; value++) {
            uint8_t says[4] = {0x20, 2, 0, 0};
            bool same = says[at] == value, refused = at == 3 && value >= 1 && value <= 5;
            struct rig r;
            says[at] = (uint8_t)value;
            begin(&r, says, sizeof says);
            assert_int_equal(dial(&r), same ? FK_OK : refused ? FK_E_CONNECT : FK_E_FORMAT);
            assert_int_equal(r.m.refusal, refused ? value : 0);
            assert_int_equal(r.broker.is_open, same);
        }
    }
}

static void only_the_puback_of_this_message_is_taken(void **state)
{
    (void)state;
    for (unsigned at = 4; at < 8; at++) {
        for (unsigned value = 0; value < 256; value++) {
            uint8_t says[8];
            struct rig r;
            memcpy(says, good, sizeof says);
            says[at] = (uint8_t)value;
            begin(&r, says, sizeof says);
            assert_int_equal(dial(&r), FK_OK);
            assert_int_equal(mqtt_publish(&r.m, "t", hello, 1),
                             value == good[at] ? FK_OK : FK_E_FORMAT);
        }
    }
}

static void a_broker_that_ends_or_drips_is_left(void **state)
{
    (void)state;
    struct rig r;
    for (size_t len = 0; len < 4; len++) {
        begin(&r, good, len);
        assert_int_equal(dial(&r), FK_E_NETWORK);
        assert_false(r.broker.is_open);
    }
    begin(&r, good, sizeof good);
    r.broker.piece = 1;
    r.broker.delay_ms = MQTT_TIMEOUT_MS / 3;
    assert_int_equal(dial(&r), FK_E_TIMEOUT);
    assert_true(r.broker.now_ms <= MQTT_TIMEOUT_MS);
    assert_false(r.broker.is_open);
}

static void what_a_broker_would_refuse_is_not_sent(void **state)
{
    (void)state;
    char text[MQTT_TOPIC_MAX + 2];
    struct rig r;
    begin(&r, good, sizeof good);
    assert_int_equal(mqtt_connect(&r.m, "broker", 8883, ""), FK_E_FORMAT);
    assert_int_equal(mqtt_connect(&r.m, "broker", 8883, "a\n"), FK_E_FORMAT);
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    assert_int_equal(mqtt_publish(&r.m, text, hello, 0), FK_E_LIMIT);
    text[MQTT_ID_MAX + 1] = '\0';
    assert_int_equal(mqtt_connect(&r.m, "broker", 8883, text), FK_E_LIMIT);
    assert_false(r.broker.is_open);
    text[MQTT_ID_MAX] = '\0';
    assert_int_equal(mqtt_connect(&r.m, "broker", 8883, text), FK_OK);
    size_t heard = r.broker.n_heard;
    static const char *const topics[] = {"", "a/#", "+/b", "a\x7f", "\xc3\xa4"};
    for (size_t i = 0; i < sizeof topics / sizeof topics[0]; i++) {
        assert_int_equal(mqtt_publish(&r.m, topics[i], hello, 0), FK_E_FORMAT);
    }
    assert_int_equal(mqtt_publish(&r.m, "t", hello, 2), FK_E_UNSUPPORTED);
    assert_int_equal(mqtt_publish(&r.m, "t", (struct fk_slice){good, MQTT_PAYLOAD_MAX + 1}, 0),
                     FK_E_LIMIT);
    assert_int_equal(r.broker.n_heard, heard);
}

/* Quiet for half of the keep alive: then, and not before, a ping goes out. */
static void the_broker_hears_of_a_quiet_client(void **state)
{
    (void)state;
    static const uint8_t says[] = {0x20, 2, 0, 0, 0xd0, 0, 0xd0, 0}, ping[] = {0xc0, 0};
    struct rig r;
    begin(&r, says, sizeof says);
    r.broker.piece = 1;
    assert_int_equal(dial(&r), FK_OK);
    r.broker.n_heard = 0;
    assert_int_equal(mqtt_quiet_ms(&r.m), 30000);
    r.broker.now_ms += 29999;
    assert_int_equal(mqtt_quiet_ms(&r.m), 1);
    assert_int_equal(mqtt_keep(&r.m), FK_OK);
    assert_int_equal(r.broker.n_heard, 0);
    r.broker.now_ms += 1;
    assert_int_equal(mqtt_quiet_ms(&r.m), 0);
    assert_int_equal(mqtt_keep(&r.m), FK_OK);
    assert_int_equal(r.broker.n_heard, sizeof ping);
    assert_memory_equal(r.broker.heard, ping, sizeof ping);
    assert_int_equal(mqtt_quiet_ms(&r.m), 30000);
    r.broker.now_ms += 30000;
    assert_int_equal(mqtt_publish(&r.m, "t", hello, 0), FK_OK); /* as good as a ping */
    assert_int_equal(mqtt_quiet_ms(&r.m), 30000);
    r.m.keep_alive_s = 0;
    r.broker.now_ms += UINT32_MAX;
    assert_int_equal(mqtt_quiet_ms(&r.m), UINT32_MAX);
    assert_int_equal(mqtt_keep(&r.m), FK_OK);
    assert_int_equal(r.broker.at, 6); /* one ping was answered, and none was sent since */
    r.m.keep_alive_s = UINT16_MAX;
    assert_int_equal(mqtt_quiet_ms(&r.m), 0);
}

static void a_broker_that_gives_no_sign_of_life_is_left(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        uint8_t says[8];
        size_t len;
        uint32_t delay_ms;
        enum fk_status want;
    } cases[] = {
        {"it has gone", {0x20, 2, 0, 0}, 4, 0, FK_E_NETWORK},
        {"half an answer", {0x20, 2, 0, 0, 0xd0}, 5, 0, FK_E_NETWORK},
        {"no answer in time", {0x20, 2, 0, 0, 0xd0, 0}, 6, MQTT_TIMEOUT_MS + 1, FK_E_TIMEOUT},
        {"an answer that drips", {0x20, 2, 0, 0, 0xd0, 0}, 6, MQTT_TIMEOUT_MS, FK_E_TIMEOUT},
        {"another packet", {0x20, 2, 0, 0, 0x40, 2, 0, 1}, 8, 0, FK_E_FORMAT},
        {"an answer with something in it", {0x20, 2, 0, 0, 0xd0, 1, 0}, 7, 0, FK_E_FORMAT},
        {"flags", {0x20, 2, 0, 0, 0xd1, 0}, 6, 0, FK_E_FORMAT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rig r;
        begin(&r, cases[i].says, cases[i].len);
        assert_int_equal(dial(&r), FK_OK);
        r.broker.now_ms += 30000;
        r.broker.delay_ms = cases[i].delay_ms;
        r.broker.piece = 1;
        enum fk_status st = mqtt_keep(&r.m);
        if (st != cases[i].want) {
            fail_msg("%s: %s", cases[i].why, fk_status_text(st));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_are_those_of_the_standard),
        cmocka_unit_test(long_packets_have_long_lengths),
        cmocka_unit_test(the_broker_hears_of_a_quiet_client),
        cmocka_unit_test(a_broker_that_gives_no_sign_of_life_is_left),
        cmocka_unit_test(only_a_connack_is_taken),
        cmocka_unit_test(only_the_puback_of_this_message_is_taken),
        cmocka_unit_test(a_broker_that_ends_or_drips_is_left),
        cmocka_unit_test(what_a_broker_would_refuse_is_not_sent),
    };
    return cmocka_run_group_tests_name("mqtt", tests, NULL, NULL);
}
