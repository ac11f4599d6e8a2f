// A keeper: starts one program, tells main what becomes of it, and ends when none of its descendants is left.
#define _GNU_SOURCE
#include "internal.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

// Notifications read in one turn, so that a flood of them does not keep the keeper from main's commands.
#define NOTIFICATION_TURN 16
// A notification's bytes; systemd takes 4 KiB too.
#define NOTIFICATION_LIMIT 4096

static struct {
    int socket;
    int notify;
    int signals;
    int report;
    // Why it cannot keep; 0: it can.
    int preparation;
    pid_t program;
    uid_t user;
    bool killing;
    bool gone;
    // Records to be sent, a bit for each kind; the kinds are in the order in which they happen.
    unsigned pending;
    struct cwarden_record records[CWARDEN_GONE + 1];
} keeper = {.socket = -1, .notify = -1, .signals = -1, .report = -1};

static void queue(int kind, int value, int error) {
    keeper.pending |= 1u << kind;
    keeper.records[kind] = (struct cwarden_record){.kind = kind, .value = value, .error = error};
}

/// Sends what is queued in one packet, so that main is woken once.
static void flush(void) {
    if (keeper.pending == 0 || keeper.socket < 0) return;
    struct cwarden_record records[CWARDEN_GONE];
    size_t total = 0;
    for (int kind = CWARDEN_HELLO; kind <= CWARDEN_GONE; kind++)
        if (keeper.pending & 1u << kind) records[total++] = keeper.records[kind];
    ssize_t count;
    do count = send(keeper.socket, records, total * sizeof records[0], MSG_NOSIGNAL | MSG_DONTWAIT);
    while (count < 0 && errno == EINTR);
    // Any other failure shows when the socket is read.
    if (count >= 0) keeper.pending = 0;
}

static void kill_all(void) {
    keeper.killing = true;
    cwarden_kill_descendants(NULL, 0);
}

// Starting

/// Ends a start that failed before there was a program.
static _Noreturn void refuse(int step, int error) {
    struct cwarden_record record = {.kind = CWARDEN_FAILED, .value = step, .error = error};
    (void)!send(keeper.socket, &record, sizeof record, MSG_NOSIGNAL);
    _exit(0);
}

struct text {
    char *next;
    char *end;
};

/// The next string of the request.
static char *take(struct text *text) {
    char *string = text->next;
    char *end = string < text->end ? memchr(string, 0, (size_t)(text->end - string)) : NULL;
    if (end == NULL) refuse(CWARDEN_STEP_REQUEST, EINVAL);
    text->next = end + 1;
    return string;
}

static void *allocate(size_t size) {
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) refuse(CWARDEN_STEP_REQUEST, errno);
    return memory;
}

struct plan {
    struct cwarden_launch launch;
    void *request;
    size_t request_size;
    char **pointers;
    size_t pointers_size;
    char notify_socket[16 + sizeof(struct sockaddr_un)];
    char listen_pid[32];
    char watchdog_pid[32];
};

static void read_request(struct plan *plan, struct cwarden_parcel *parcel) {
    struct stat status;
    if (fstat(parcel->request, &status) != 0) refuse(CWARDEN_STEP_REQUEST, errno);
    size_t size = (size_t)status.st_size;
    if (size < sizeof(struct cwarden_request) || size > CWARDEN_REQUEST_LIMIT) refuse(CWARDEN_STEP_REQUEST, EINVAL);
    char *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, parcel->request, 0);
    if (bytes == MAP_FAILED) refuse(CWARDEN_STEP_REQUEST, errno);
    plan->request = bytes;
    plan->request_size = size;
    const struct cwarden_request *request = plan->request;
    size_t fixed = sizeof *request + 4 * (size_t)request->group_count + 12 * (size_t)request->limit_count;
    size_t strings = (size_t)request->argument_count + request->environment_count;
    unsigned outputs = request->flags & CWARDEN_HAS_OUTPUT ? 2 : 0;
    if (fixed > size || strings > size || request->socket_count > CWARDEN_SOCKET_LIMIT
        || (unsigned)parcel->count != outputs + request->socket_count) {
        refuse(CWARDEN_STEP_REQUEST, EINVAL);
    }
    struct cwarden_launch *launch = &plan->launch;
    launch->request = request;
    launch->groups = (const uint32_t *)(request + 1);
    launch->limits = launch->groups + request->group_count;
    launch->sockets = parcel->others + outputs;
    // Arguments, environment, three variables of ours, and two ends.
    plan->pointers_size = sizeof(char *) * (strings + 5);
    plan->pointers = allocate(plan->pointers_size);
    launch->arguments = plan->pointers;
    launch->environment = plan->pointers + request->argument_count + 1;
    struct text text = {.next = bytes + fixed, .end = bytes + size};
    launch->program = take(&text);
    const char *directory = take(&text);
    launch->directory = request->flags & CWARDEN_HAS_DIRECTORY ? directory : NULL;
    for (uint32_t i = 0; i < request->argument_count; i++) launch->arguments[i] = take(&text);
    for (uint32_t i = 0; i < request->environment_count; i++) launch->environment[i] = take(&text);
}

/// Binds the socket for notifications to an abstract name that the kernel chooses.
static void bind_notify(struct plan *plan) {
    int on = 1;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    socklen_t length = sizeof address;
    keeper.notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (keeper.notify < 0 || setsockopt(keeper.notify, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0
        || bind(keeper.notify, (struct sockaddr *)&address, sizeof(sa_family_t)) != 0
        || getsockname(keeper.notify, (struct sockaddr *)&address, &length) != 0) {
        refuse(CWARDEN_STEP_NOTIFY, errno);
    }
    int count = (int)(length - offsetof(struct sockaddr_un, sun_path)) - 1;
    snprintf(plan->notify_socket, sizeof plan->notify_socket, "NOTIFY_SOCKET=@%.*s", count, address.sun_path + 1);
}

static void add_variables(struct plan *plan) {
    struct cwarden_launch *launch = &plan->launch;
    char **next = launch->environment + launch->request->environment_count;
    if (launch->request->flags & CWARDEN_NOTIFIES) {
        bind_notify(plan);
        *next++ = plan->notify_socket;
    }
    if (launch->request->socket_count > 0) *next++ = launch->listen_pid = plan->listen_pid;
    if (launch->request->flags & CWARDEN_WATCHES) *next++ = launch->watchdog_pid = plan->watchdog_pid;
}

static void open_descriptors(struct plan *plan, struct cwarden_parcel *parcel) {
    struct cwarden_launch *launch = &plan->launch;
    const struct cwarden_request *request = launch->request;
    launch->null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (launch->null < 0) refuse(CWARDEN_STEP_NULL, errno);
    bool lines = request->flags & CWARDEN_HAS_OUTPUT;
    launch->output = lines ? parcel->others[0] : launch->null;
    launch->error = lines ? parcel->others[1] : launch->null;
    if (request->flags & CWARDEN_OWNS_OUTPUT && request->flags & CWARDEN_HAS_IDENTITY) {
        // So that the program may open /dev/stdout. A supervisor without privileges keeps its own user anyway.
        (void)!fchown(launch->output, request->user, request->group);
        (void)!fchown(launch->error, request->user, request->group);
    }
    for (uint32_t i = 0; i < request->socket_count; i++) {
        // Other programs expect what systemd passes: sockets on which accept(2) waits.
        int flags = fcntl(launch->sockets[i], F_GETFL);
        if (flags < 0 || fcntl(launch->sockets[i], F_SETFL, flags & ~O_NONBLOCK) != 0)
            refuse(CWARDEN_STEP_DESCRIPTORS, errno);
    }
}

static void start(struct cwarden_parcel *parcel, int spare) {
    struct plan plan;
    memset(&plan, 0, sizeof plan);
    read_request(&plan, parcel);
    add_variables(&plan);
    open_descriptors(&plan, parcel);
    int report[2];
    if (pipe2(report, O_CLOEXEC | O_NONBLOCK) != 0) refuse(CWARDEN_STEP_FORK, errno);
    plan.launch.report = report[1];
    plan.launch.keeper = getpid();
    keeper.report = report[0];
    keeper.user = plan.launch.request->flags & CWARDEN_HAS_IDENTITY ? plan.launch.request->user : getuid();
    // The warden forks the next spare meanwhile; a program that is long on its way to exec holds up no other.
    if (spare >= 0) (void)!write(spare, "", 1);
    // Shares the memory until exec, which a fork would copy for nothing. While it waits, this process hears only
    // SIGKILL: main sends that to a keeper whose start hangs, and the warden when main is dead.
    pid_t pid = vfork();
    if (pid < 0) refuse(CWARDEN_STEP_FORK, errno);
    if (pid == 0) cwarden_become(&plan.launch);
    keeper.program = pid;
    cwarden_close(&spare);
    // The request may hold secrets: this process forgets it, and the kernel frees it with the last descriptor.
    munmap(plan.request, plan.request_size);
    munmap(plan.pointers, plan.pointers_size);
    close(report[1]);
    close(plan.launch.null);
    close(parcel->request);
    for (int i = 0; i < parcel->count; i++) close(parcel->others[i]);
}

// Running

/// Reads why there is no program, or that there is one.
static void read_report(void) {
    int32_t words[2];
    ssize_t count;
    do count = read(keeper.report, words, sizeof words);
    while (count < 0 && errno == EINTR);
    if (count < 0 && errno == EAGAIN) return;
    cwarden_close(&keeper.report);
    if (count == sizeof words) {
        // Sent when nothing is left.
        keeper.records[CWARDEN_FAILED] =
            (struct cwarden_record){.kind = CWARDEN_FAILED, .value = words[0], .error = words[1]};
    } else {
        queue(CWARDEN_STARTED, keeper.program, 0);
    }
}

static void program_ended(int status) {
    if (keeper.report >= 0) read_report();
    keeper.program = 0;
    keeper.killing = true;
    if (keeper.records[CWARDEN_FAILED].kind == 0) queue(CWARDEN_EXITED, status, 0);
}

static void all_gone(void) {
    if (keeper.gone) return;
    keeper.gone = true;
    if (keeper.records[CWARDEN_FAILED].kind != 0) keeper.pending |= 1u << CWARDEN_FAILED;
    else queue(CWARDEN_GONE, 0, 0);
}

static void reap(void) {
    for (;;) {
        bool reaped = false;
        for (;;) {
            int status;
            pid_t pid = waitpid(-1, &status, WNOHANG | __WALL);
            if (pid < 0 && errno == EINTR) continue;
            if (pid < 0) return all_gone();
            if (pid == 0) break;
            reaped = true;
            if (pid == keeper.program) program_ended(status);
        }
        // Whatever a dead process left behind is a child now, so there is nothing new before the next death.
        if (!keeper.killing || !reaped) return;
        // Main hears of the end of the program before the search for what is left.
        flush();
        cwarden_kill_descendants(NULL, 0);
    }
}

static bool is_trusted(const struct ucred *sender) {
    bool exists = false;
    if (sender->pid <= 0) return false;
    if (cwarden_is_descendant(sender->pid, &exists)) return true;
    // It may have ended already, as systemd-notify(1) does.
    return !exists && sender->uid == keeper.user;
}

static void take_notification(char *text) {
    for (char *line = text; line != NULL;) {
        char *end = strchr(line, '\n');
        if (end != NULL) *end = 0;
        if (strcmp(line, "READY=1") == 0) queue(CWARDEN_READY, 0, 0);
        else if (strcmp(line, "WATCHDOG=1") == 0) queue(CWARDEN_WATCHDOG, 0, 0);
        else if (strcmp(line, "WATCHDOG=trigger") == 0) queue(CWARDEN_TRIGGER, 0, 0);
        line = end == NULL ? NULL : end + 1;
    }
}

/// Closes the descriptors of a message, which end a barrier of sd_notify_barrier(3), and finds its sender.
static struct ucred open_control(struct msghdr *message) {
    struct ucred sender = {.pid = 0};
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part != NULL; part = CMSG_NXTHDR(message, part)) {
        if (part->cmsg_level != SOL_SOCKET) continue;
        if (part->cmsg_type == SCM_CREDENTIALS) memcpy(&sender, CMSG_DATA(part), sizeof sender);
        if (part->cmsg_type != SCM_RIGHTS) continue;
        size_t total = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < total; i++) {
            int descriptor;
            memcpy(&descriptor, CMSG_DATA(part) + i * sizeof(int), sizeof descriptor);
            close(descriptor);
        }
    }
    return sender;
}

static void read_notifications(void) {
    for (int turn = 0; turn < NOTIFICATION_TURN; turn++) {
        char text[NOTIFICATION_LIMIT + 1];
        union {
            struct cmsghdr header;
            char bytes[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(sizeof(int) * 16)];
        } control;
        struct iovec vector = {.iov_base = text, .iov_len = NOTIFICATION_LIMIT};
        struct msghdr message = {
            .msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
        ssize_t count = recvmsg(keeper.notify, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return;
        struct ucred sender = open_control(&message);
        if (message.msg_flags & MSG_TRUNC || !is_trusted(&sender)) continue;
        text[count] = 0;
        take_notification(text);
    }
}

static void signal_program(int number) {
    if (keeper.program == 0) return;
    // The program leads its session, so its group is its own and lives until it is reaped.
    kill(-keeper.program, number);
    kill(-keeper.program, SIGCONT);
}

static void read_commands(void) {
    for (;;) {
        struct cwarden_record record;
        ssize_t count = recv(keeper.socket, &record, sizeof record, MSG_DONTWAIT);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno == EAGAIN) return;
        if (count <= 0) {
            // Main is dead, or it has heard that everything is gone.
            cwarden_close(&keeper.socket);
            if (!keeper.gone) kill_all();
            return;
        }
        if (count != sizeof record) continue;
        if (record.kind == CWARDEN_SIGNAL) signal_program(record.value);
        if (record.kind == CWARDEN_KILL && !keeper.gone) kill_all();
    }
}

static void turn(void) {
    struct pollfd wanted[4] = {
        {.fd = keeper.signals, .events = POLLIN},
        {.fd = keeper.socket, .events = POLLIN | (keeper.pending != 0 ? POLLOUT : 0)},
        {.fd = keeper.program != 0 ? keeper.notify : -1, .events = POLLIN},
        {.fd = keeper.report, .events = POLLIN},
    };
    if (poll(wanted, 4, -1) < 0) return;
    // What the program said before it ended comes first.
    if (wanted[3].revents != 0 && keeper.report >= 0) read_report();
    if (wanted[2].revents != 0) read_notifications();
    if (wanted[0].revents != 0) {
        cwarden_drain(keeper.signals);
        if (keeper.notify >= 0 && keeper.program != 0) read_notifications();
        reap();
    }
    if (wanted[1].revents & ~POLLOUT) read_commands();
}

void cwarden_prepare_keeper(void) {
    if (setsid() < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0
        || (keeper.signals = cwarden_child_signals()) < 0) {
        keeper.preparation = errno;
    }
}

_Noreturn void cwarden_keep(struct cwarden_parcel *parcel, int spare) {
    keeper.socket = parcel->socket;
    prctl(PR_SET_NAME, "keeper", 0, 0, 0);
    if (keeper.preparation != 0) refuse(CWARDEN_STEP_KEEPER, keeper.preparation);
    queue(CWARDEN_HELLO, getpid(), 0);
    flush();
    start(parcel, spare);
    // The end of the socket is awaited after `gone`: closing it with an unread command would lose what was sent.
    while (!keeper.gone || keeper.socket >= 0) {
        flush();
        turn();
    }
    _exit(0);
}
