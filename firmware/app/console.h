/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_APP_CONSOLE_H
#define FK_APP_CONSOLE_H

#include "fotakit_fw/slice.h"
#include "fotakit_fw/transport.h"
#include "fotakit_fw/update.h"
#include "fotakit_fw/wall_clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The command lines of the SPWF04S that concern updates, so that a provisioning script can be
 * rehearsed here before it meets hardware. A push parser: bytes go in, answers come out through a
 * callback. It blocks where a command has no answer before: in the port's update(), fetch() and
 * ask_time(), and while a socket is opened or written to; never in fk_console_poll().
 *
 *     fk_console_init(&c, &core, &port);
 *     while (!c.reset) {
 *         n = bytes that came, waiting at most fk_console_wait_ms(&c);
 *         fk_console_feed(&c, bytes, n);
 *         fk_console_poll(&c);
 *     }
 *
 *   AT                                       nothing; OK
 *   AT+S.SCFG=<key variable>,<32 hex digits> stores the packet key
 *   AT+S.SCFG=<variable>,<value>             sets a variable of the profile, until the reset
 *   AT+S.GCFG[=<variable>]                   prints variables; of the key and of other secrets only
 *                                            whether they are set
 *   AT+S.WCFG, AT+S.FCFG                     saves the variables; sets them to their defaults
 *   AT+S.SSIDTXT[=<name>], AT+S.WIFI=<0|1>   the variable with the network's name; nothing
 *   AT+S.FWUPDATE=e,<host>,<path>[,<port>[,<TLS>[,<usn>[,<pwd>]]]]
 *                                            fetches a signed envelope and its payload, a signed
 *                                            key set, or a bare packet where the device takes
 *                                            them; app/arrival.h tells them apart, and no option
 *                                            is needed
 *   AT+S.STS[=<variable>]                    prints the state of the update: update_phase; image_…
 *                                            of the one that runs (origin: factory, signed, bare,
 *                                            or revoked, when its signers no longer count);
 *                                            rollback_counter; trusted_keys; and the last verdict:
 *                                            last_status (a number of status.h, 0: nothing was
 *                                            refused), last_text, last_phase
 *   AT+S.TIME[=<seconds>]                    sets or prints the time, UTC since 1970
 *   AT+S.NTP                                 sets it from the time server of the configuration;
 *                                            what comes is not authenticated
 *   AT+S.SOCKON=<host>,<port>[,[<local port>][,<t|u|s|name>]]
 *                                            opens a socket: "AT-S.On:<ip>:<id>"
 *   AT+S.SOCKQ=<id>                          "AT-S.Query:<unread bytes>"
 *   AT+S.SOCKR=<id>[,<length>]               "AT-S.Reading:<bytes>:<unread bytes>", the bytes, and
 *                                            OK right behind them
 *   AT+S.SOCKW=<id>,<length>                 sends the data behind the line
 *   AT+S.SOCKC=<id>, AT+S.SOCKL              closes; lists
 *   AT+S.SOCKDON=<port>[,<t|u|s1|s2>]        listens: "AT-S.On:<sid>"
 *   AT+S.SOCKDQ, SOCKDR, SOCKDW=<sid>,<cid>… the same for those who connected
 *   AT+S.SOCKDC=<sid>[,<cid>], SOCKDL[=<sid>]
 *   AT+S.TLSCERT=<ca|cert|key|auth>,<length> stores the data behind the line; of a ca it says
 *                                            "AT-S.SubjectKeyId:7F:D3:…"
 *   AT+S.TLSCERT=content,<1|2>               lists them, "AT-S.Content:<word>:<bytes>"; deletes all
 *   AT+S.WPAECERT=…                          the same for WPA2-Enterprise
 *   AT+S.FSC=<name>,<length>                 appends the data to a file: tls.key, tls.cert,
 *                                            <key identifier>.ca, or one in memory
 *   AT+S.FSL, AT+S.FSD=<name>                lists files, "AT-S.File:C<tab><bytes><tab><name>";
 *                                            deletes one
 *   AT+S.FSP=<name>[,<offset>[,<length>]]    prints a file in memory as SOCKR does
 *   AT+S.FSR=<old>,<new>                     renames it
 *   AT+S.HTTPGET=<host>,<path>[,<port>[,<TLS>[,<usn>[,<pwd>[,<down>[,<up>]]]]]], AT+S.HTTPPOST=…
 *                                            "AT-S.Http Server Status Code:200", the body, and a
 *                                            line end of ours; or the body goes to the file down.
 *                                            POST sends the file up; both are in memory
 *   AT+S.RESET                               OK, and then fk_console.reset is set
 *   AT+S.CONFIRM                             ours: the running image works, keep it
 *
 * Lines end in CR; an LF behind it is skipped, and one without CR ends a line too, so that a
 * person at a terminal and a text file work. Names are case-insensitive, arguments are not.
 * Answers end in CR LF: lines with results, "AT-S.Var:<name>=<value>", then "AT-S.OK" or
 * "AT-S.ERROR:<code>:<text>" with the device's own codes. What the device's codes cannot tell
 * stands in a line of ours before it, "AT-S.Reason:<number>:<text>", with the numbers of
 * fotakit_fw/status.h. An empty line has no answer.
 *
 * Data. Some commands end in a length, and so many bytes follow their CR at once: any bytes, an LF
 * behind the CR included. Nothing happens before all of them are there. If the command is wrong,
 * the bytes are taken all the same and the error comes behind them, so that data never becomes a
 * command. When no byte comes for the profile's time, what came is dropped and the command is
 * answered with an error; the next byte begins a new line.
 *
 * Indications, lines that begin with "+WIND:", say what sockets do (console_sockets.c). They come
 * from fk_console_poll() and stand between answers, never in one.
 *
 * Deviations from the module, on purpose:
 *   - It waits for lost bytes of data for ever.
 *   - SCFG keeps the key at once. The module keeps it in RAM until AT+S.WCFG; here the key is read
 *     by the boot stage after the reset that an update needs, so one that is not stored would only
 *     turn up as a packet that does not verify.
 *   - GCFG never prints the key, nor a password.
 *   - A line longer than the limit is answered with an error once it ends, whatever its length.
 *
 * Limits: line_max of the device, at most FK_CONSOLE_LINE_MAX; no quoting, so no argument holds a
 * comma. <TLS> is 0 or empty for plain HTTP, 2 for TLS, and 1, "automatic" on the module, is TLS as
 * well: whoever is asked to choose between both on the way chooses the clear. A device without TLS
 * refuses 1 and 2 (FK_E_UNSUPPORTED). Lines may hold keys and passwords and are wiped when they
 * have been dealt with, and so is data.
 *
 * Not checked here: whether host, path and credentials are usable (wire/http_request.h), and who
 * is at the other end of the line. Whoever can write to the console owns the device. */

#define FK_CONSOLE_LINE_MAX 512u
#define FK_CONSOLE_DATA_MAX 4096u

struct fk_certstore;
struct fk_config;
struct fk_console;
struct fk_ram_files;
struct fk_http_sink;
struct fk_sockets;

struct fk_console_update {
    bool tls; /* and never without */
    const char *host;
    const char *path;
    uint16_t port;
    const char *user; /* "" for none */
    const char *password;
};

struct fk_console_port {
    void *ctx;
    void (*write)(void *ctx, const char *p, size_t len);
    /* Fetches a packet and stages it; *ret_http_status is the server's last answer, 0 for none,
     * and is written in every case. */
    enum fk_status (*update)(void *ctx, const struct fk_console_update *what,
                             uint16_t *ret_http_status);
    const struct fk_clock *clock;
    /* What not every device has; NULL: it has not, and its commands are not found. */
    struct fk_wall_clock *wall;
    struct fk_config *config; /* app/config.h */
    /* Sets the wall clock from a time server (app/sntp_client.h). */
    enum fk_status (*ask_time)(void *ctx, const char *host, uint16_t port);
    /* Asks a server, with GET or, unless post is NULL, with POST and these bytes, and hands its
     * answer to the sink (app/http_get.h); *ret_http_status as of update(). */
    enum fk_status (*fetch)(void *ctx, const struct fk_console_update *what,
                            const struct fk_slice *post, const struct fk_http_sink *sink,
                            uint16_t *ret_http_status);
    struct fk_ram_files *files; /* in memory (app/ram_files.h) */
    struct fk_sockets *sockets; /* app/sockets.h */
    struct fk_certstore *store; /* open and settled; with it, key_id */
    /* The Subject Key Identifier of a certificate in PEM or DER, at most 32 bytes; *ret_len 0: it
     * has none. FK_E_FORMAT: it is no certificate. FK_E_UNSUPPORTED: its kind of key. alone: nor
     * may others follow it, FK_E_ROOTS. */
    enum fk_status (*key_id)(struct fk_slice certificate, bool alone, uint8_t ret[32],
                             size_t *ret_len);
};

enum fk_console_mode {
    FK_CONSOLE_LINE,     /* collecting a line */
    FK_CONSOLE_OVERLONG, /* waiting for the end of a line that was too long */
    FK_CONSOLE_DATA      /* collecting the data of a command */
};

/* The data of the command that was read last. */
struct fk_console_data {
    uint32_t want, got;
    uint64_t last_ms; /* when a byte came */
    bool refused;     /* the bytes are dropped, and then this is the answer */
    enum fk_console_error error;
    enum fk_status reason; /* FK_OK: none */
    /* Answers the command; the data lies in the core's work buffer, from its first byte on. */
    void (*done)(struct fk_console *c);
    struct {
        uint8_t a, b;  /* small numbers: a socket, a role */
        char name[65]; /* a file */
    } about;
};

struct fk_console {
    bool reset; /* AT+S.RESET was given: the caller resets the device */

    /* Private. */
    struct fk_core *core;
    const struct fk_console_port *port;
    enum fk_console_mode mode;
    bool skip_lf;
    uint16_t len;
    char line[FK_CONSOLE_LINE_MAX + 1];
    struct fk_console_data data;
};

/* core must be open and, like port, outlive the console. FK_E_GEOMETRY when the device's line_max
 * is above FK_CONSOLE_LINE_MAX or too small for the shortest command that sets a key, or when its
 * data_max is above FK_CONSOLE_DATA_MAX, or core->work smaller than that: the data of a command is
 * collected there, and wiped, since no update goes on meanwhile; FK_E_INTERNAL for a port with a hole. */
enum fk_status fk_console_init(struct fk_console *c, struct fk_core *core,
                               const struct fk_console_port *port) FK_MUST_USE;

/* Takes bytes and returns how many: all, unless AT+S.RESET was among them; then what follows is
 * for the console of the next session. */
size_t fk_console_feed(struct fk_console *c, const void *p, size_t len) FK_MUST_USE;

/* What has to happen without input: ends data that got stuck. To be called whenever
 * fk_console_wait_ms() have passed. */
void fk_console_poll(struct fk_console *c);

/* Milliseconds that may pass before the next fk_console_poll(); UINT32_MAX: only input matters. */
uint32_t fk_console_wait_ms(const struct fk_console *c);

#endif
