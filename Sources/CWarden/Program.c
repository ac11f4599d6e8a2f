// What happens in the program's process between vfork and exec: system calls only, in the memory of the keeper.
#define _GNU_SOURCE
#include "internal.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

void cwarden_close_from(int first, bool on_exec) {
    if (syscall(SYS_close_range, first, ~0U, on_exec ? CLOSE_RANGE_CLOEXEC : 0) == 0) return;
    // Before Linux 5.9 (5.11 for close-on-exec). No descriptor is beyond the limit, unless that was lowered.
    struct rlimit limit = {.rlim_max = 1 << 20};
    getrlimit(RLIMIT_NOFILE, &limit);
    int end = limit.rlim_max < (1 << 20) ? (int)limit.rlim_max : 1 << 20;
    for (int descriptor = first; descriptor < end; descriptor++) {
        if (on_exec) fcntl(descriptor, F_SETFD, FD_CLOEXEC);
        else close(descriptor);
    }
}

static _Noreturn void fail(int report, int step) {
    int32_t words[2] = {step, errno};
    // The keeper holds the other end of an empty pipe: eight bytes are written at once or the keeper is dead.
    (void)!write(report, words, sizeof words);
    _exit(127);
}

static int raise_descriptor(int descriptor, int floor, int report) {
    int raised = fcntl(descriptor, F_DUPFD_CLOEXEC, floor);
    if (raised < 0) fail(report, CWARDEN_STEP_DESCRIPTORS);
    return raised;
}

static void place(int descriptor, int target, int report) {
    int result;
    do result = dup2(descriptor, target);
    while (result < 0 && (errno == EINTR || errno == EBUSY));
    if (result < 0) fail(report, CWARDEN_STEP_DESCRIPTORS);
}

/// Leaves 0, 1, 2, the sockets from 3 up, and until exec the way to report a failure, which is returned.
static int arrange_descriptors(const struct cwarden_launch *launch) {
    int count = (int)launch->request->socket_count;
    int floor = 3 + count;
    int report = raise_descriptor(launch->report, floor, launch->report);
    int null = raise_descriptor(launch->null, floor, report);
    int output = raise_descriptor(launch->output, floor, report);
    int error = raise_descriptor(launch->error, floor, report);
    int sockets[CWARDEN_SOCKET_LIMIT];
    for (int i = 0; i < count; i++) sockets[i] = raise_descriptor(launch->sockets[i], floor, report);
    place(null, 0, report);
    place(output, 1, report);
    place(error, 2, report);
    for (int i = 0; i < count; i++) place(sockets[i], 3 + i, report);
    cwarden_close_from(floor, true);
    return report;
}

static void apply_limits(const struct cwarden_launch *launch, int report) {
    static const int resources[] = {RLIMIT_AS, RLIMIT_CORE, RLIMIT_NOFILE, RLIMIT_NPROC, RLIMIT_CPU};
    for (uint32_t i = 0; i < launch->request->limit_count; i++) {
        const uint32_t *words = launch->limits + 3 * i;
        rlim_t value = (rlim_t)words[1] | (rlim_t)words[2] << 32;
        struct rlimit limit = {.rlim_cur = value, .rlim_max = value};
        if (words[0] >= sizeof resources / sizeof resources[0]) {
            errno = EINVAL;
            fail(report, CWARDEN_STEP_LIMIT);
        }
        if (setrlimit(resources[words[0]], &limit) != 0) fail(report, CWARDEN_STEP_LIMIT);
    }
}

static void change_identity(const struct cwarden_launch *launch, int report) {
    const struct cwarden_request *request = launch->request;
    if ((request->flags & CWARDEN_HAS_IDENTITY) == 0) return;
    // Without privileges only the identity that one has already can be had, and the groups stay.
    bool same = geteuid() != 0 && request->user == geteuid() && request->group == getegid();
    if (!same && setgroups(request->group_count, launch->groups) != 0) fail(report, CWARDEN_STEP_GROUPS);
    if (setresgid(request->group, request->group, request->group) != 0) fail(report, CWARDEN_STEP_GROUP);
    if (setresuid(request->user, request->user, request->user) != 0) fail(report, CWARDEN_STEP_USER);
}

_Noreturn void cwarden_become(const struct cwarden_launch *launch) {
    if (setsid() < 0) fail(launch->report, CWARDEN_STEP_SESSION);
    int report = arrange_descriptors(launch);
    apply_limits(launch, report);
    change_identity(launch, report);
    // After the change of user, which clears it.
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) fail(report, CWARDEN_STEP_TIE);
    if (getppid() != launch->keeper) _exit(127);
    if (launch->directory != NULL && chdir(launch->directory) != 0) fail(report, CWARDEN_STEP_DIRECTORY);
    if (launch->listen_pid != NULL) sprintf(launch->listen_pid, "LISTEN_PID=%d", (int)getpid());
    if (launch->watchdog_pid != NULL) sprintf(launch->watchdog_pid, "WATCHDOG_PID=%d", (int)getpid());
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(launch->program, launch->arguments, launch->environment);
    fail(report, CWARDEN_STEP_RUN);
}
