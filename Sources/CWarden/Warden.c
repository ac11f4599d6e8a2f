// The warden's loop: forks keepers, reaps, kills what a dead keeper left behind.
#define _GNU_SOURCE
#include "internal.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// Programs that run at once: the services of a file are at most 10,000.
#define KEEPER_LIMIT 16384

static const char warden_name[] = "supervisor-warden";
static const char keeper_name[] = "supervisor-keeper";
static const int main_socket = 3;

static pid_t keepers[KEEPER_LIMIT];
static int keeper_count = 0;

int cwarden_is_named(char *const arguments[]) {
    return arguments[0] != NULL && strcmp(arguments[0], warden_name) == 0;
}

void cwarden_close(int *descriptor) {
    // Linux frees the descriptor whatever close(2) returns.
    if (*descriptor >= 0) close(*descriptor);
    *descriptor = -1;
}

static void close_parcel(struct cwarden_parcel *parcel) {
    cwarden_close(&parcel->request);
    cwarden_close(&parcel->socket);
    for (int i = 0; i < parcel->count; i++) cwarden_close(&parcel->others[i]);
    parcel->count = 0;
}

int cwarden_child_signals(void) {
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGCHLD);
    return signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
}

void cwarden_drain(int signals) {
    struct signalfd_siginfo record;
    for (;;) {
        ssize_t count = read(signals, &record, sizeof record);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return;
    }
}

/// Receives a request. Returns 1, 0 when there is none now, or -1 when main is gone.
static int receive(struct cwarden_parcel *parcel, int flags) {
    char data[4];
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int) * (4 + CWARDEN_SOCKET_LIMIT))];
    } control;
    struct iovec vector = {.iov_base = data, .iov_len = sizeof data};
    struct msghdr message = {
        .msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t count = recvmsg(main_socket, &message, MSG_CMSG_CLOEXEC | flags);
    if (count < 0) return errno == EAGAIN || errno == EINTR || errno == ENOMEM ? 0 : -1;
    if (count == 0) return -1;
    parcel->request = parcel->socket = -1;
    parcel->count = 0;
    int received = 0;
    for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part != NULL; part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
        int total = (int)((part->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        for (int i = 0; i < total; i++, received++) {
            int descriptor;
            memcpy(&descriptor, CMSG_DATA(part) + i * sizeof(int), sizeof descriptor);
            if (received == 0) parcel->request = descriptor;
            else if (received == 1) parcel->socket = descriptor;
            else parcel->others[parcel->count++] = descriptor;
        }
    }
    if ((message.msg_flags & MSG_CTRUNC) != 0 || received < 2) {
        // A descriptor table without room loses some: main sees the end of the keeper's socket.
        close_parcel(parcel);
        return 0;
    }
    return 1;
}

static void refuse(int socket, int error) {
    struct cwarden_record record = {.kind = CWARDEN_FAILED, .value = CWARDEN_STEP_KEEPER, .error = error};
    // An unread socket has room for one record, and main notices the end of the socket anyway.
    (void)!send(socket, &record, sizeof record, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static pid_t fork_child(void) {
    if (keeper_count == KEEPER_LIMIT) {
        errno = EAGAIN;
        return -1;
    }
    pid_t pid = fork();
    if (pid > 0) keepers[keeper_count++] = pid;
    return pid;
}

static _Noreturn void keep(struct cwarden_parcel *parcel, int spare, char *title) {
    close(main_socket);
    // Both names have the same length, so ps(1) shows the right one.
    memcpy(title, keeper_name, sizeof keeper_name);
    cwarden_keep(parcel, spare);
}

static void fork_keeper(struct cwarden_parcel *parcel, char *title, int *signals) {
    pid_t pid = fork_child();
    if (pid == 0) {
        cwarden_close(signals);
        cwarden_prepare_keeper();
        keep(parcel, -1, title);
    }
    if (pid < 0) refuse(parcel->socket, errno);
    close_parcel(parcel);
}

/// Waits for a request in place of the warden, and becomes its keeper.
static _Noreturn void wait_as_spare(pid_t warden, int spare, char *title) {
    // It reads for the warden, so it ends with it; main sends again what was not read then.
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != warden) _exit(0);
    cwarden_prepare_keeper();
    // The page becomes its own before there is any hurry.
    memcpy(title, warden_name, sizeof warden_name);
    struct cwarden_parcel parcel;
    int received;
    do received = receive(&parcel, 0);
    while (received == 0);
    if (received < 0) _exit(0);
    prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
    keep(&parcel, spare, title);
}

/// Forks a keeper in advance: a restart waits for neither the warden nor its fork.
///
/// Returns a pipe from which something can be read, if only its end, when the keeper is no spare any more; or -1.
static int fork_spare(char *title, int *signals) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    pid_t warden = getpid();
    pid_t pid = fork_child();
    if (pid == 0) {
        close(ends[0]);
        cwarden_close(signals);
        wait_as_spare(warden, ends[1], title);
    }
    close(ends[1]);
    if (pid < 0) cwarden_close(&ends[0]);
    return ends[0];
}

static bool forget_keeper(pid_t pid) {
    for (int i = 0; i < keeper_count; i++) {
        if (keepers[i] != pid) continue;
        keepers[i] = keepers[--keeper_count];
        return true;
    }
    return false;
}

/// No program may keep its keeper stopped. For one that runs this means nothing.
static void wake_keepers(void) {
    for (int i = 0; i < keeper_count; i++) kill(keepers[i], SIGCONT);
}

/// Reaps; a keeper that did not end by itself, or an orphan, may have left more. Returns false when no child is left.
static bool reap(void) {
    for (;;) {
        bool strays = false, stopped = false;
        for (;;) {
            int status;
            pid_t pid = waitpid(-1, &status, WNOHANG | WUNTRACED | __WALL);
            if (pid == 0) break;
            if (pid < 0 && errno == EINTR) continue;
            if (pid < 0) return false;
            if (WIFSTOPPED(status)) stopped = true;
            else if (!forget_keeper(pid) || status != 0) strays = true;
        }
        if (stopped) wake_keepers();
        if (!strays) return true;
        cwarden_kill_descendants(keepers, keeper_count);
    }
}

/// Leaves descriptors 0 to 2 pointing nowhere, and nothing but the socket to main.
static void release_descriptors(void) {
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int i = 0; null >= 0 && i < 3; i++) dup2(null, i);
    cwarden_close_from(main_socket + 1, false);
    fcntl(main_socket, F_SETFD, FD_CLOEXEC);
}

/// Gives every signal its default disposition, also the two that glibc hides and main may have inherited ignored.
static void reset_dispositions(void) {
    struct {
        void *handler;
        unsigned long flags;
        void *restorer;
        uint64_t mask;
    } action;
    memset(&action, 0, sizeof action);
    // SIGKILL and SIGSTOP have no other, and the call refuses them.
    for (int number = 1; number < NSIG; number++)
        syscall(SYS_rt_sigaction, number, &action, NULL, sizeof action.mask);
}

int cwarden_run(char *const arguments[]) {
    int type = 0;
    socklen_t length = sizeof type;
    if (getsockopt(main_socket, SOL_SOCKET, SO_TYPE, &type, &length) != 0 || type != SOCK_SEQPACKET) {
        static const char text[] = "cannot be the warden without a supervisor: run `supervisor` instead\n";
        (void)!write(2, text, sizeof text - 1);
        return 64;
    }
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    reset_dispositions();
    release_descriptors();
    prctl(PR_SET_NAME, "warden", 0, 0, 0);
    int signals = cwarden_child_signals();
    if (signals < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) return 71;
    bool open = true, ending = false;
    int spare = -1;
    for (;;) {
        // Without main it stays until the last keeper has ended: their orphans are adopted here.
        if (!reap() && !open) return 0;
        if (!ending && spare < 0) spare = fork_spare(arguments[0], &signals);
        // Without a spare, the warden reads itself.
        struct pollfd wanted[3] = {
            {.fd = signals, .events = POLLIN},
            {.fd = open ? main_socket : -1, .events = POLLRDHUP | (spare < 0 ? POLLIN : 0)},
            {.fd = spare, .events = POLLIN}};
        if (poll(wanted, 3, -1) < 0) continue;
        if (wanted[0].revents != 0) cwarden_drain(signals);
        if (wanted[2].revents != 0) cwarden_close(&spare);
        if (wanted[1].revents == 0) continue;
        if (wanted[1].revents & ~POLLIN) {
            // The spare ends by itself; what main sent before its end is read by either.
            ending = true;
            cwarden_close(&spare);
        }
        struct cwarden_parcel parcel;
        int received = receive(&parcel, MSG_DONTWAIT);
        if (received > 0) fork_keeper(&parcel, arguments[0], &signals);
        if (received >= 0) continue;
        // The socket stays open: its end tells main that the warden has ended.
        open = false;
        // A keeper whose program hangs on its way to exec does not hear of the end of main.
        cwarden_kill_descendants(NULL, 0);
    }
}
