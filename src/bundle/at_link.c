/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE /* cfmakeraw, CRTSCTS, TIOCEXCL */
#include "fotakit/at_replay.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static bool speed_of(unsigned baud, speed_t *ret)
{
    static const struct {
        unsigned baud;
        speed_t speed;
    } speeds[] = {{9600, B9600},     {19200, B19200},   {38400, B38400},   {57600, B57600},
                  {115200, B115200}, {230400, B230400}, {460800, B460800}, {921600, B921600}};
    for (size_t i = 0; i < sizeof speeds / sizeof speeds[0]; i++) {
        if (speeds[i].baud == baud) {
            *ret = speeds[i].speed;
            return true;
        }
    }
    return false;
}

/* see fotakit/at_replay.h */
enum fk_status fk_at_link_open_port(const char *path, unsigned baud, bool flow,
                                    struct fk_at_link *ret, struct fk_error *err)
{
    speed_t speed = B0;
    struct termios raw;
    if (!speed_of(baud, &speed)) {
        return fk_fail(err, FK_E_USAGE,
                       "baud rate %u: expected 9600, 19200, 38400, 57600, 115200, "
                       "230400, 460800 or 921600",
                       baud);
    }
    int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        return fk_fail(err, errno == ENOENT ? FK_E_NOT_FOUND : FK_E_IO, "cannot open '%s': %s",
                       path, strerror(errno));
    }
    struct termios *saved = malloc(sizeof *saved);
    if (saved == NULL || tcgetattr(fd, saved) != 0) {
        enum fk_status st = saved == NULL
                                ? fk_fail(err, FK_E_MEMORY, "out of memory")
                                : fk_fail(err, FK_E_NOT_REGULAR, "'%s' is not a serial port", path);
        free(saved);
        close(fd);
        return st;
    }
    raw = *saved;
    cfmakeraw(&raw);
    raw.c_cflag |= CLOCAL | CREAD;
    raw.c_cflag &= ~(tcflag_t)(CSTOPB | HUPCL);
    raw.c_cflag = flow ? raw.c_cflag | CRTSCTS : raw.c_cflag & ~CRTSCTS;
    if (cfsetispeed(&raw, speed) != 0 || cfsetospeed(&raw, speed) != 0 ||
        tcsetattr(fd, TCSANOW, &raw) != 0 || ioctl(fd, TIOCEXCL) != 0) {
        enum fk_status st = fk_fail(err, FK_E_IO, "cannot set up '%s': %s", path, strerror(errno));
        free(saved);
        close(fd);
        return st;
    }
    *ret = (struct fk_at_link){.in = fd, .out = fd, .saved = saved};
    return FK_OK;
}

/* see fotakit/at_replay.h */
enum fk_status fk_at_link_open_exec(const char *command, struct fk_at_link *ret,
                                    struct fk_error *err)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) {
        return fk_fail(err, FK_E_IO, "cannot make a socket pair: %s", strerror(errno));
    }
    pid_t child = fork();
    if (child < 0) {
        close(ends[0]);
        close(ends[1]);
        return fk_fail(err, FK_E_IO, "cannot start '%s': %s", command, strerror(errno));
    }
    if (child == 0) {
        close(ends[0]);
        setpgid(0, 0); /* so that close can end what the shell started, too */
        if (dup2(ends[1], 0) >= 0 && dup2(ends[1], 1) >= 0) {
            if (ends[1] > 2) {
                close(ends[1]);
            }
            execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        }
        _exit(127);
    }
    setpgid(child, child); /* both sides: whoever is first */
    close(ends[1]);
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    signal(SIGPIPE, SIG_IGN); /* a command that ends is an error to report, not our end */
    *ret = (struct fk_at_link){.in = ends[0], .out = ends[0], .child = child};
    return FK_OK;
}

/* Splits "host:port", "[v6]:port"; host and port are the caller's arrays. */
static bool split(const char *text, char host[256], char port[8])
{
    const char *colon = strrchr(text, ':');
    if (colon == NULL || colon == text || strlen(colon + 1) > 5 || colon[1] == '\0' ||
        strspn(colon + 1, "0123456789") != strlen(colon + 1)) {
        return false;
    }
    const char *begin = text;
    size_t len = (size_t)(colon - text);
    if (*begin == '[') {
        if (len < 3 || begin[len - 1] != ']') {
            return false;
        }
        begin++;
        len -= 2;
    }
    if (len >= 256) {
        return false;
    }
    memcpy(host, begin, len);
    host[len] = '\0';
    snprintf(port, 8, "%s", colon + 1);
    return true;
}

static int connect_one(const struct addrinfo *a, uint32_t timeout_ms)
{
    int fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
    if (fd < 0) {
        return -1;
    }
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    int rc = connect(fd, a->ai_addr, a->ai_addrlen);
    if (rc != 0 && errno == EINPROGRESS) {
        struct pollfd p = {.fd = fd, .events = POLLOUT};
        int problem = ETIMEDOUT;
        socklen_t len = sizeof problem;
        if (poll(&p, 1, (int)timeout_ms) > 0) {
            (void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &len);
        }
        errno = problem;
        rc = problem == 0 ? 0 : -1;
    }
    if (rc != 0) {
        int problem = errno;
        close(fd);
        errno = problem;
        return -1;
    }
    return fd;
}

/* see fotakit/at_replay.h */
enum fk_status fk_at_link_open_tcp(const char *host_port, uint32_t timeout_ms,
                                   struct fk_at_link *ret, struct fk_error *err)
{
    char host[256], port[8];
    if (!split(host_port, host, port)) {
        return fk_fail(err, FK_E_USAGE, "'%s': expected HOST:PORT", host_port);
    }
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    int rc = getaddrinfo(host, port, &hints, &list);
    if (rc != 0) {
        return fk_fail(err, FK_E_CONNECT, "cannot find '%s': %s", host, gai_strerror(rc));
    }
    int fd = -1;
    for (const struct addrinfo *a = list; a != NULL && fd < 0; a = a->ai_next) {
        fd = connect_one(a, timeout_ms);
    }
    int problem = errno;
    freeaddrinfo(list);
    if (fd < 0) {
        return fk_fail(err, FK_E_CONNECT, "cannot connect to '%s': %s", host_port,
                       strerror(problem));
    }
    signal(SIGPIPE, SIG_IGN);
    *ret = (struct fk_at_link){.in = fd, .out = fd};
    return FK_OK;
}

static void end_child(pid_t child)
{
    for (unsigned i = 0; i < 40; i++) {
        if (waitpid(child, NULL, WNOHANG) != 0) {
            return;
        }
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    }
    kill(-child, SIGKILL);
    waitpid(child, NULL, 0);
}

/* see fotakit/at_replay.h */
void fk_at_link_close(struct fk_at_link *link)
{
    if (link->saved != NULL) {
        (void)tcsetattr(link->in, TCSANOW, link->saved);
        free(link->saved);
    }
    if (link->out != link->in) {
        close(link->out);
    }
    if (link->in > 0) {
        close(link->in);
    }
    if (link->child > 0) {
        end_child(link->child);
    }
    *link = (struct fk_at_link){.in = 0};
}
