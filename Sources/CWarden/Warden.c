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
static int receive(struct cwarden_parcel *parcel) {
    char data[4];
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int) * (4 + CWARDEN_SOCKET_LIMIT))];
    } control;
    struct iovec vector = {.iov_base = data, .iov_len = sizeof data};
    struct msghdr message = {
        .msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t count = recvmsg(main_socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
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

static void fork_keeper(struct cwarden_parcel *parcel, char *title, int *signals) {
    pid_t pid = keeper_count == KEEPER_LIMIT ? (errno = EAGAIN, -1) : fork();
    if (pid == 0) {
        close(main_socket);
        cwarden_close(signals);
        // Both names have the same length, so ps(1) shows the right one.
        memcpy(title, keeper_name, sizeof keeper_name);
        cwarden_keep(parcel);
    }
    if (pid < 0) refuse(parcel->socket, errno);
    else keepers[keeper_count++] = pid;
    close_parcel(parcel);
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
    bool open = true;
    for (;;) {
        // Without main it stays until the last keeper has ended: their orphans are adopted here.
        if (!reap() && !open) return 0;
        struct pollfd wanted[2] = {
            {.fd = signals, .events = POLLIN}, {.fd = open ? main_socket : -1, .events = POLLIN}};
        if (poll(wanted, 2, -1) < 0) continue;
        if (wanted[0].revents != 0) cwarden_drain(signals);
        if (wanted[1].revents == 0) continue;
        struct cwarden_parcel parcel;
        int received = receive(&parcel);
        if (received > 0) fork_keeper(&parcel, arguments[0], &signals);
        // The socket stays open: its end tells main that the warden has ended.
        if (received < 0) open = false;
    }
}
