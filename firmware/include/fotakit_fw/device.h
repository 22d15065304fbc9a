/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FOTAKIT_FW_DEVICE_H
#define FOTAKIT_FW_DEVICE_H

#include "fotakit_fw/flash.h"
#include "fotakit_fw/status.h"

#include <stdbool.h>
#include <stdint.h>

/* What a device is: the constants of its profile (profiles/NAME.yaml). The build generates one
 * table per profile for the device, and the host fills the same structure when it loads the YAML,
 * so the two cannot disagree. Nothing here is ever taken from an update packet. */

/* Part of the flash: whole sectors, all of one size, in bytes from the start of the flash. */
struct fk_region {
    uint32_t off;
    uint32_t size;
    uint32_t sector; /* erase unit */
};

struct fk_flash_map {
    uint32_t base; /* address of the flash in the device's memory map */
    uint32_t size;
    uint32_t prog_size;
    uint8_t erased;
    struct fk_region boot;     /* boot stage, never rewritten by an update */
    struct fk_region state;    /* update state: two banks of equal size */
    struct fk_region store;    /* certificates and keys: two or more sectors */
    struct fk_region primary;  /* the image that runs */
    struct fk_region staging;  /* the update; one sector more than primary when swapping */
    struct fk_region envelope; /* two signed envelopes; size 0: takes bare packets only */
    struct fk_region keys;     /* trust anchors and secrets of the device, two slots; size 0: the
                                  product keeps them elsewhere */
};

/* Sectors of a slot, at most: bounds the progress that the state region keeps. */
#define FK_SLOT_SECTORS_MAX 65536u

/* Where the fields of an ST packet header stand. Offsets and sizes in bytes. */
struct fk_st_field {
    uint8_t off;
    uint8_t size;
};

struct fk_st_layout {
    struct fk_st_field nonce; /* size 12: the length for which GCM needs no extra hashing */
    struct fk_st_field tag;   /* size 12 to 16 */
    struct fk_st_field hash;  /* size 32: SHA-256 of the plaintext image */
    uint8_t size;             /* whole header, the sum of the three */
};

enum fk_install_mode {
    FK_INSTALL_SWAP,     /* old image is kept in staging and can come back */
    FK_INSTALL_OVERWRITE /* old image is lost once the new one is verified in staging */
};

enum fk_boot_check {
    FK_BOOT_CHECK_ALWAYS,       /* digest of the primary image at every boot */
    FK_BOOT_CHECK_AFTER_UPDATE, /* only until the image is confirmed */
    FK_BOOT_CHECK_SIGNATURE     /* at every boot, and the signatures of its envelope */
};

struct fk_policy {
    bool plain_allowed;    /* accept ST packets that are not encrypted */
    uint8_t trial_boots;   /* boots a new image gets to confirm itself; 0 = no trial */
    bool recover_previous; /* a damaged confirmed image may fall back to the previous one */
    enum fk_boot_check boot_check;
    enum fk_install_mode install;
};

/* Console errors that a device reports by number; the numbers and texts are the profile's. */
enum fk_console_error {
    FK_CONSOLE_COMMAND,  /* command not found */
    FK_CONSOLE_MISSING,  /* missing argument */
    FK_CONSOLE_VARIABLE, /* variable not found */
    FK_CONSOLE_TOO_MANY, /* too many arguments */
    FK_CONSOLE_INVALID,  /* invalid argument */
    FK_CONSOLE_TOO_LONG, /* argument or line exceeds the allowed size */
    FK_CONSOLE_OPEN,     /* failed to open socket */
    FK_CONSOLE_REQUEST,  /* request failed */
    FK_CONSOLE_FLASH,    /* failed to write flash */
    /* From here on a device may have none; then FK_CONSOLE_REQUEST stands. */
    FK_CONSOLE_ZERO,        /* argument evaluated to zero */
    FK_CONSOLE_FILE_OPEN,   /* unable to open file */
    FK_CONSOLE_FILE_READ,   /* unable to read file */
    FK_CONSOLE_FILE_DELETE, /* unable to delete file */
    FK_CONSOLE_TIME,        /* cannot update date and time */
    FK_CONSOLE_CLOSED,      /* closed socket */
    FK_CONSOLE_PORT_USED,   /* port already opened */
    FK_CONSOLE_SOCKETS,     /* too many sockets */
    FK_CONSOLE_SOCKET_ID,   /* illegal socket id */
    FK_CONSOLE_PENDING,     /* pending data */
    FK_CONSOLE_WRITE,       /* write failed */
    FK_CONSOLE_FILE_RENAME, /* unable to rename file */
    FK_CONSOLE_ERRORS
};

struct fk_console_code {
    uint16_t code;
    const char *text;
};

/* Sockets of a console at a time; all zero: it has none. */
struct fk_socket_limits {
    uint8_t clients;        /* that it opens */
    uint8_t secure_clients; /* of those, with TLS */
    uint8_t servers;        /* ports it listens on */
    uint8_t server_clients; /* connections that one server takes */
};

/* Configuration variables, besides the packet key. */
#define FK_VARIABLES_MAX      24u
#define FK_VARIABLE_NAME_MAX  31u
#define FK_VARIABLE_VALUE_MAX 64u

enum fk_variable_type {
    FK_VARIABLE_NUMBER, /* min to max */
    FK_VARIABLE_TEXT    /* min to max bytes */
};

/* What the core itself reads a variable for. */
enum fk_variable_use {
    FK_VARIABLE_STORED,     /* nothing: it is kept for the device's own firmware */
    FK_VARIABLE_SKIP_DATES, /* 1: TLS does not look at dates */
    FK_VARIABLE_TIME_SERVER,
    FK_VARIABLE_NETWORK /* the name of the wireless network */
};

struct fk_console_variable {
    const char *name;
    enum fk_variable_type type;
    enum fk_variable_use use;
    bool secret; /* never printed */
    uint32_t min, max;
    const char *initial; /* its value until it is set */
};

struct fk_console_words {
    uint16_t line_max;        /* bytes of one command line without its end */
    const char *key_variable; /* configuration variable with the packet key, in hexadecimal */
    uint16_t data_max;        /* bytes of data behind a command line; 0: no command takes data */
    uint32_t data_timeout_ms; /* wait for the next byte of such data */
    struct fk_socket_limits sockets;
    uint16_t file_max;                /* bytes of a certificate or key; 0: no command takes them */
    uint16_t ram_files, ram_file_max; /* files in memory, and bytes of one; 0: there are none */
    uint16_t n_variables;
    const struct fk_console_variable *variables;
    struct fk_console_code errors[FK_CONSOLE_ERRORS];
};

/* Signed envelopes (core/suit_verify.h): what is accepted, apart from keys, which are provisioned.
 * A component identifier is an encoded CBOR array of byte strings; len 0: there is none. */
#define FK_COMPONENT_ID_MAX 32

struct fk_component_id {
    uint8_t len;
    uint8_t bytes[FK_COMPONENT_ID_MAX];
};

enum { FK_CONTENT_A128GCM = 1, FK_CONTENT_A128CTR = 2 };
enum { FK_DELIVERY_A128KW = 1, FK_DELIVERY_ECDH = 2 };

struct fk_envelope_rules {
    bool supported;    /* false: all of the following is zero */
    bool bare_allowed; /* update packets without an envelope are accepted, too */
    bool encryption_required;
    uint8_t threshold;    /* valid signatures by different keys that are needed */
    uint8_t ciphers;      /* FK_CONTENT_… */
    uint8_t deliveries;   /* FK_DELIVERY_… */
    uint8_t vendor[16];   /* UUID of version 5: the vendor's domain in the DNS name space */
    uint8_t class_id[16]; /* the class name in the name space of the vendor's UUID */
    struct fk_component_id image;
    struct fk_component_id packet;  /* an ST packet in an envelope */
    struct fk_component_id staging; /* where an encrypted payload waits */
    uint32_t manifest_max;          /* bytes of manifest and severed parts that the device reads */
};

/* TLS: what the profile asks for and the floor allows (core/tls_floor.h). */
#define FK_TLS_SUITES 6u

enum fk_peer_name {
    FK_PEER_NAME_NONE,     /* not checked: the device knows no names */
    FK_PEER_NAME_CN,       /* the common name, exactly */
    FK_PEER_NAME_SAN_OR_CN /* RFC 6125; the common name only where there is no other */
};

struct fk_tls_policy {
    bool tls12, tls13; /* neither: no TLS */
    uint8_t n_suites;
    uint16_t suites[FK_TLS_SUITES]; /* code points of the IANA registry, best first */
    enum fk_peer_name name;
    bool dates;          /* validity against the clock */
    bool root_by_key_id; /* no trust anchor is looked for by its name */
    uint16_t record_max; /* asked of the peer (RFC 6066) where TLS 1.3 is off: 512, 1024, 2048,
                            4096; 0, and with TLS 1.3: what it sends, up to 16 KiB */
};

struct fk_device {
    const char *name; /* of the profile */
    struct fk_flash_map map;
    struct fk_st_layout st;
    uint32_t image_unit; /* image length must be a multiple of this many bytes */
    uint32_t connect_timeout_ms;
    uint32_t idle_timeout_ms; /* longest wait for the next byte of a download */
    uint32_t minimum_rate;    /* bytes per second that a download must average; 0: no limit */
    struct fk_policy policy;
    struct fk_envelope_rules envelope;
    struct fk_tls_policy tls;
    struct fk_console_words console;
};

/* Bytes an image may have on this device: the primary slot. */
uint32_t fk_device_slot_size(const struct fk_device *device);

/* Update packets without a signed envelope are accepted. */
bool fk_device_takes_bare(const struct fk_device *device);

/* FK_OK, or FK_E_GEOMETRY when regions overlap, are not whole sectors, primary and staging have
 * different sectors, staging is too small for the install mode, the state banks cannot hold the
 * progress cells of the largest image, or the header layout is not usable. *ret_why (may be NULL)
 * gets a static sentence. The host calls it when a profile is loaded, the device at start. */
enum fk_status fk_device_check(const struct fk_device *device, const char **ret_why) FK_MUST_USE;

/* The same check, telling what it is about; for the host, which points at a line of the profile. */
enum fk_region_id {
    FK_REGION_BOOT,
    FK_REGION_STATE,
    FK_REGION_STORE,
    FK_REGION_PRIMARY,
    FK_REGION_STAGING,
    FK_REGION_ENVELOPE,
    FK_REGION_KEYS,
    FK_REGIONS
};

enum fk_device_part {
    FK_DEVICE_SIZE,    /* base and size of the flash */
    FK_DEVICE_PROGRAM, /* program size */
    FK_DEVICE_ERASED,  /* erased value */
    FK_DEVICE_REGION,  /* one of the regions */
    FK_DEVICE_HEADER,  /* layout of the packet header */
    FK_DEVICE_UNIT     /* image unit */
};

struct fk_device_fault {
    const char *why; /* static sentence */
    enum fk_device_part part;
    enum fk_region_id region; /* with FK_DEVICE_REGION */
    enum fk_region_id other;  /* the region it does not go with, or FK_REGIONS */
};

/* *ret is written only with FK_E_GEOMETRY. */
enum fk_status fk_device_find_fault(const struct fk_device *device,
                                    struct fk_device_fault *ret) FK_MUST_USE;
/* NULL for a number that is none. */
const struct fk_region *fk_device_region(const struct fk_device *device, enum fk_region_id id);
/* As in the profiles: "boot", "state"… Never NULL. */
const char *fk_region_name(enum fk_region_id id);

#endif
