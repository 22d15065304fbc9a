/* SPDX-License-Identifier: Apache-2.0 */
/* Skipped checks at boot. For each hostile scenario the boot is run once to count its branches and
 * returns, and then once with each of them inverted (a branch) or forced (a returned value). After
 * each, the device boots once more without fault: what a fault has written down counts as well.
 * Unsafe: an image starts that is neither the factory's nor the vendor's.
 *
 * A case that crashes has started nothing; cases run in child processes, which are renewed. */
#include "boot/boot.h"
#include "core/stage.h"
#include "core/state.h"
#include "support/device.h"
#include "support/signed.h"
#include "support/simflash.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

bool fault_here(void);
extern int fault_value;

int fault_value;
static unsigned long fault_count;
static unsigned long fault_at;

bool fault_here(void)
{
    return ++fault_count == fault_at;
}

#define SLOT   1024u
#define HEADER 60u

static const struct test_layout layout = {"swap", 256, 512, 4, 4, 0xff, FK_INSTALL_SWAP};

struct rig {
    struct fk_device device;
    struct simflash sim;
    struct fk_flash flash;
    uint8_t work[256];
    uint8_t key[16];
    uint8_t old_image[SLOT], new_image[SLOT], evil_image[SLOT];
    uint8_t packet[HEADER + SLOT];
    uint8_t evil_packet[HEADER + SLOT];
    const struct fk_trust *trust; /* NULL: bare packets */
};

static struct signed_update good, evil;

#define OLD_LEN 800u
#define NEW_LEN 900u

static void must(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "fault_boot: %s\n", what);
        exit(4);
    }
}

static enum fk_status open_core(struct rig *r, struct fk_core *core)
{
    enum fk_status st = fk_core_open(core, &r->device, &r->flash, r->work, sizeof r->work);
    core->trust = r->trust;
    return st;
}

static void stage(struct rig *r, const uint8_t *packet, uint32_t len)
{
    struct fk_core core;
    struct fk_stage s;
    struct fk_stage_id id = {.source = {1}};
    must(open_core(r, &core) == FK_OK && fk_stage_begin(&s, &core, &id) == FK_OK &&
             fk_stage_write(&s, packet, len) == FK_OK && fk_stage_finish(&s) == FK_OK,
         "cannot stage");
}

static void good_boot(struct rig *r, bool confirm)
{
    struct fk_core core;
    struct fk_boot_report report;
    must(open_core(r, &core) == FK_OK && fk_boot(&core, &report) == FK_OK &&
             report.verdict == FK_VERDICT_BOOT,
         "cannot boot");
    if (confirm) {
        must(open_core(r, &core) == FK_OK && fk_update_confirm(&core) == FK_OK, "cannot confirm");
    }
}

/* ---- scenarios ---- */

static void flipped_body(struct rig *r)
{
    memcpy(r->evil_packet, r->packet, sizeof r->packet);
    r->evil_packet[HEADER + 100] ^= 1;
    stage(r, r->evil_packet, HEADER + NEW_LEN);
}

/* An attacker who knows the plaintext turns it into his own image, bit by bit, and puts the right
 * hash in the header. Only the tag gives him away. */
static void malleated_body(struct rig *r)
{
    memcpy(r->evil_packet, r->packet, sizeof r->packet);
    for (uint32_t i = 0; i < NEW_LEN; i++) {
        r->evil_packet[HEADER + i] ^= r->new_image[i] ^ r->evil_image[i];
    }
    must(EVP_Digest(r->evil_image, NEW_LEN, r->evil_packet + 28, NULL, EVP_sha256(), NULL) == 1,
         "digest");
    stage(r, r->evil_packet, HEADER + NEW_LEN);
}

/* A plain packet with the right hash of a hostile image: only the policy is against it. It was
 * staged before the policy was made stricter. */
static void plain_packet(struct rig *r)
{
    test_packet(&r->device, r->evil_image, NEW_LEN, NULL, r->evil_packet);
    r->device.policy.plain_allowed = true;
    stage(r, r->evil_packet, HEADER + NEW_LEN);
    r->device.policy.plain_allowed = false;
}

static void hash_replaced(struct rig *r)
{
    memcpy(r->evil_packet, r->packet, sizeof r->packet);
    must(EVP_Digest(r->evil_image, NEW_LEN, r->evil_packet + 28, NULL, EVP_sha256(), NULL) == 1,
         "digest");
    stage(r, r->evil_packet, HEADER + NEW_LEN);
}

static void replace_primary(struct rig *r)
{
    memcpy(r->sim.bytes + r->device.map.primary.off, r->evil_image, SLOT);
}

static void primary_replaced_without_way_back(struct rig *r)
{
    replace_primary(r);
}

static void primary_replaced_on_trial(struct rig *r)
{
    stage(r, r->packet, HEADER + NEW_LEN);
    good_boot(r, false);
    replace_primary(r);
}

static void both_slots_replaced(struct rig *r)
{
    stage(r, r->packet, HEADER + NEW_LEN);
    good_boot(r, true);
    replace_primary(r);
    memcpy(r->sim.bytes + r->device.map.staging.off, r->evil_image, SLOT);
}

static void stage_signed(struct rig *r, const struct signed_update *u)
{
    struct fk_core core;
    struct fk_stage s;
    struct fk_stage_id id = {.source = {1}, .signed_payload = true};
    struct fk_suit_plan plan;
    struct fk_suit_report report;
    r->trust = &u->trust;
    must(open_core(r, &core) == FK_OK &&
             fk_stage_accept(&core, signed_update_head(u), signed_update_total(u), &plan,
                             &report) == FK_OK &&
             fk_stage_begin(&s, &core, &id) == FK_OK &&
             fk_stage_write(&s, u->payload, u->payload_len) == FK_OK &&
             fk_stage_finish(&s) == FK_OK,
         "cannot stage a signed update");
}

/* Staged while somebody else's key was trusted; judged at boot when it is not. */
static void envelope_by_another_key(struct rig *r)
{
    signed_update_make(&good, &r->device, 7, r->new_image, NEW_LEN, SIGNED_PLAIN);
    signed_update_make(&evil, &r->device, 8, r->evil_image, NEW_LEN, SIGNED_PLAIN);
    stage_signed(r, &evil);
    r->trust = &good.trust;
}

/* Properly signed, but older than what was confirmed meanwhile. */
static void older_image(struct rig *r)
{
    struct fk_core core;
    signed_update_make(&good, &r->device, 3, r->evil_image, NEW_LEN, SIGNED_ENCRYPTED);
    stage_signed(r, &good);
    must(open_core(r, &core) == FK_OK, "cannot open");
    core.state.counter = 4;
    must(fk_state_write(&core) == FK_OK, "cannot raise the counter");
}

/* A genuine envelope, another payload. */
static void payload_replaced(struct rig *r)
{
    signed_update_make(&good, &r->device, 7, r->new_image, NEW_LEN, SIGNED_PLAIN);
    memcpy(good.payload, r->evil_image, NEW_LEN);
    stage_signed(r, &good);
}

struct scenario {
    const char *name;
    void (*prepare)(struct rig *r);
};

static const struct scenario scenarios[] = {
    {"flipped bit in the body", flipped_body},
    {"hostile image, right hash, old tag", malleated_body},
    {"hostile plain image, right hash", plain_packet},
    {"hash of another image", hash_replaced},
    {"primary replaced, no way back", primary_replaced_without_way_back},
    {"primary replaced on trial", primary_replaced_on_trial},
    {"both slots replaced", both_slots_replaced},
    {"envelope by another key", envelope_by_another_key},
    {"older image, properly signed", older_image},
    {"genuine envelope, another payload", payload_replaced},
};

static void prepare(struct rig *r, const struct scenario *scenario)
{
    memset(r, 0, sizeof *r);
    fault_at = 0;
    r->trust = NULL;
    r->device = test_device(&layout);
    r->device.policy.plain_allowed = false;
    test_fill(r->old_image, SLOT, 1);
    test_fill(r->new_image, SLOT, 2);
    test_fill(r->evil_image, SLOT, 666);
    test_fill(r->key, sizeof r->key, 3);
    test_packet(&r->device, r->new_image, NEW_LEN, r->key, r->packet);
    sim_init(&r->sim, &r->device.map, 5);
    r->flash = sim_flash(&r->sim);
    struct fk_core core;
    must(open_core(r, &core) == FK_E_NO_STATE &&
             fk_provision(&core, r->old_image, OLD_LEN) == FK_OK &&
             fk_update_set_key(&core, r->key) == FK_OK,
         "cannot provision");
    scenario->prepare(r);
}

/* True when a wrong image was started. */
static bool boots_wrong_image(struct rig *r)
{
    struct fk_core core;
    struct fk_boot_report report = {0};
    enum fk_status st = open_core(r, &core);
    if (st == FK_OK) {
        st = fk_boot(&core, &report);
    }
    if (report.verdict != FK_VERDICT_BOOT) {
        return false;
    }
    const uint8_t *p = r->sim.bytes + r->device.map.primary.off;
    return memcmp(p, r->old_image, OLD_LEN) != 0 && memcmp(p, r->new_image, NEW_LEN) != 0;
}

enum outcome { SAFE, UNSAFE, CRASHED };

struct shared {
    unsigned long next; /* case that runs now, for the parent to know which one crashed */
    unsigned long outcomes[3];
    unsigned long first_unsafe;
};

static void run_cases(const struct scenario *scenario, struct simflash *start, struct rig *r,
                      struct shared *shared, unsigned long count)
{
    struct fk_device device = r->device;
    for (; shared->next <= count; shared->next++) {
        sim_copy(&r->sim, start);
        r->device = device;
        fault_count = 0;
        fault_at = shared->next;
        alarm(10);
        bool unsafe = boots_wrong_image(r);
        fault_at = 0;
        unsafe = boots_wrong_image(r) || unsafe;
        shared->outcomes[unsafe ? UNSAFE : SAFE]++;
        if (unsafe && shared->first_unsafe == 0) {
            shared->first_unsafe = shared->next;
        }
    }
    (void)scenario;
}

static bool run_scenario(const struct scenario *scenario, struct shared *shared)
{
    static struct rig rig;
    struct simflash start;
    *shared = (struct shared){.next = 1};
    prepare(&rig, scenario);
    sim_init(&start, &rig.device.map, 5);
    sim_copy(&start, &rig.sim);
    fault_count = 0;
    must(!boots_wrong_image(&rig), "the scenario is not refused even without a fault");
    unsigned long count = fault_count;
    must(count > 100, "the boot path is not instrumented");
    while (shared->next <= count) {
        pid_t pid = fork();
        must(pid >= 0, "fork");
        if (pid == 0) {
            /* A fault may make a loop endless: that starts nothing either. */
            run_cases(scenario, &start, &rig, shared, count);
            _exit(0);
        }
        int status = 0;
        waitpid(pid, &status, 0);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
            shared->outcomes[CRASHED]++;
            shared->next++;
        }
    }
    printf("%-36s return %d: %6lu places, %6lu safe, %3lu crash, %3lu UNSAFE", scenario->name,
           fault_value, count, shared->outcomes[SAFE], shared->outcomes[CRASHED],
           shared->outcomes[UNSAFE]);
    printf(shared->first_unsafe != 0 ? " (first at place %lu)\n" : "\n", shared->first_unsafe);
    bool safe = shared->outcomes[UNSAFE] == 0;
    sim_release(&start);
    sim_release(&rig.sim);
    return safe;
}

int main(void)
{
    struct shared *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
                                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    must(shared != MAP_FAILED, "mmap");
    setvbuf(stdout, NULL, _IOLBF, 0);
    bool safe = true;
    for (fault_value = 0; fault_value <= 1; fault_value++) {
        for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++) {
            safe = run_scenario(&scenarios[i], shared) && safe;
        }
    }
    return safe ? 0 : 1;
}
