/* SPDX-License-Identifier: Apache-2.0 */
/* measure RUNS COMMAND [ARGUMENT...] [-- COMMAND...]...
 *
 * Runs the commands in turn, RUNS rounds after one that is not counted, so that a slow moment of
 * the machine meets all of them. Prints a line for each: median wall time and median processor time
 * in milliseconds, peak memory in KiB (the largest of the runs), exit code of the last run; children
 * are included. What the commands print is thrown away. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* BSD's, and glibc's without being asked for all of GNU. */
pid_t wait4(pid_t pid, int *status, int options, struct rusage *usage);

#define COMMANDS_MAX 16
#define RUNS_MAX     100

struct command {
    char **argv; /* NULL at the end */
    double ms[RUNS_MAX];
    double cpu_ms[RUNS_MAX];
    long peak_kib;
    int code;
};

static double now_ms(void)
{
    struct timespec t = {0};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double of_timeval(struct timeval t)
{
    return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

static void run_once(struct command *c, double *ret_ms, double *ret_cpu_ms)
{
    struct rusage usage;
    int status = 0;
    double start = now_ms();
    pid_t pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_RDWR);
        if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0) {
            _exit(126);
        }
        execvp(c->argv[0], c->argv);
        _exit(127);
    }
    if (pid < 0 || wait4(pid, &status, 0, &usage) != pid) {
        perror("measure");
        exit(3);
    }
    *ret_ms = now_ms() - start;
    *ret_cpu_ms = of_timeval(usage.ru_utime) + of_timeval(usage.ru_stime);
    c->code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    c->peak_kib = usage.ru_maxrss > c->peak_kib ? usage.ru_maxrss : c->peak_kib;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    static struct command commands[COMMANDS_MAX];
    size_t n = 0;
    long runs = argc > 2 ? strtol(argv[1], NULL, 10) : 0;
    if (runs < 1 || runs > RUNS_MAX) {
        fprintf(stderr, "usage: measure RUNS COMMAND [ARGUMENT...] [-- COMMAND...]...\n");
        return 2;
    }
    commands[n++].argv = argv + 2;
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--") == 0 && n < COMMANDS_MAX) {
            argv[i] = NULL;
            commands[n++].argv = argv + i + 1;
        }
    }
    for (size_t i = 0; i < n; i++) {
        if (commands[i].argv[0] == NULL) {
            fprintf(stderr, "measure: an empty command\n");
            return 2;
        }
    }
    for (long r = -1; r < runs; r++) {
        for (size_t i = 0; i < n; i++) {
            double ms = 0;
            double cpu_ms = 0;
            run_once(&commands[i], &ms, &cpu_ms);
            if (r >= 0) {
                commands[i].ms[r] = ms;
                commands[i].cpu_ms[r] = cpu_ms;
            }
        }
    }
    for (size_t i = 0; i < n; i++) {
        struct command *c = &commands[i];
        qsort(c->ms, (size_t)runs, sizeof c->ms[0], compare);
        qsort(c->cpu_ms, (size_t)runs, sizeof c->cpu_ms[0], compare);
        printf("%.1f %.1f %ld %d\n", c->ms[runs / 2], c->cpu_ms[runs / 2], c->peak_kib, c->code);
    }
    return 0;
}
