// Main's side: starts the warden and sends it requests.
#define _GNU_SOURCE
#include "internal.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

int cwarden_adopt_orphans(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0 ? 0 : errno; }

int cwarden_socket_pair(int descriptors[2]) {
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, descriptors) == 0 ? 0 : errno;
}

int cwarden_pipe(int descriptors[2]) { return pipe2(descriptors, O_CLOEXEC) == 0 ? 0 : errno; }

static int spawn(const char *executable, int socket, posix_spawnattr_t *attributes, pid_t *pid) {
    static char name[] = "supervisor-warden";
    static char *const arguments[] = {name, NULL};
    // Symbols are looked up once, and not by each keeper when a program is to start.
    static char bind[] = "LD_BIND_NOW=1";
    static char *const environment[] = {bind, NULL};
    posix_spawn_file_actions_t actions;
    int error = posix_spawn_file_actions_init(&actions);
    if (error != 0) return error;
    error = posix_spawn_file_actions_adddup2(&actions, socket, 3);
    if (error == 0) error = posix_spawn(pid, executable, &actions, attributes, arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

int cwarden_start(const char *executable, int socket, pid_t *pid) {
    posix_spawnattr_t attributes;
    int error = posix_spawnattr_init(&attributes);
    if (error != 0) return error;
    sigset_t all;
    sigfillset(&all);
    error = posix_spawnattr_setsigmask(&attributes, &all);
    if (error == 0) error = posix_spawnattr_setsigdefault(&attributes, &all);
    short flags = POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    if (error == 0) error = posix_spawnattr_setflags(&attributes, flags);
    if (error == 0) error = spawn(executable, socket, &attributes, pid);
    posix_spawnattr_destroy(&attributes);
    return error;
}

int cwarden_memory(const void *bytes, size_t count) {
    int descriptor = memfd_create("request", MFD_CLOEXEC | MFD_NOEXEC_SEAL);
    // Before Linux 6.3.
    if (descriptor < 0 && errno == EINVAL) descriptor = memfd_create("request", MFD_CLOEXEC);
    if (descriptor < 0) return -1;
    for (size_t written = 0; written < count;) {
        ssize_t result = write(descriptor, (const char *)bytes + written, count - written);
        if (result < 0 && errno == EINTR) continue;
        if (result < 0) {
            int error = errno;
            close(descriptor);
            errno = error;
            return -1;
        }
        written += (size_t)result;
    }
    return descriptor;
}

int cwarden_send(int socket, const int *descriptors, int count) {
    if (count > 4 + CWARDEN_SOCKET_LIMIT) return E2BIG;
    char data[4] = {'k', 'e', 'e', 'p'};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int) * (4 + CWARDEN_SOCKET_LIMIT))];
    } control;
    memset(&control, 0, sizeof control);
    struct iovec vector = {.iov_base = data, .iov_len = sizeof data};
    struct msghdr message = {.msg_iov = &vector,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)count)};
    struct cmsghdr *part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(sizeof(int) * (size_t)count);
    memcpy(CMSG_DATA(part), descriptors, sizeof(int) * (size_t)count);
    for (;;) {
        if (sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0) return 0;
        if (errno != EINTR) return errno;
    }
}
