// Finds and kills descendants through /proc.
//
// A pid stays taken until its parent reaps it, so a child of this process, which has one thread, can be signalled by
// its pid. Any other descendant is held by a pidfd, and its parent is read again before it is killed.
#define _GNU_SOURCE
#include "internal.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

// Processes of the system that one pass looks at; what is beyond is found by a later pass, as a child.
#define PROCESS_LIMIT 65536
// Steps from a process up to its ancestor: deeper trees than this are not sent by programs that notify.
#define DEPTH_LIMIT 256

struct process {
    pid_t pid;
    pid_t parent;
    bool descends;
};

// Untouched pages of it cost nothing.
static struct process processes[PROCESS_LIMIT];

/// The parent of a process, or -1 when there is no such process; `state` is a letter as in proc(5).
static pid_t look_up(pid_t pid, char *state) {
    char text[512];
    snprintf(text, sizeof text, "/proc/%d/stat", (int)pid);
    int descriptor = open(text, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return -1;
    ssize_t count;
    do count = read(descriptor, text, sizeof text - 1);
    while (count < 0 && errno == EINTR);
    close(descriptor);
    if (count <= 0) return -1;
    text[count] = 0;
    // PID (COMMAND) STATE PARENT ...; the command may hold anything.
    const char *end = strrchr(text, ')');
    int parent;
    if (end == NULL || sscanf(end + 1, " %c %d", state, &parent) != 2) return -1;
    return parent;
}

static pid_t parent_of(pid_t pid) {
    char state;
    return look_up(pid, &state);
}

struct entry {
    uint64_t inode;
    int64_t offset;
    unsigned short length;
    unsigned char type;
    char name[];
};

/// Calls `visit` with each pid of /proc until it returns false. Returns 0, or -1 with errno.
static int each_process(bool (*visit)(pid_t pid, void *context), void *context) {
    int folder = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return -1;
    _Alignas(struct entry) char buffer[4096];
    long count;
    bool more = true;
    while (more && (count = syscall(SYS_getdents64, folder, buffer, sizeof buffer)) > 0) {
        for (long position = 0; more && position < count;) {
            const struct entry *entry = (const struct entry *)(buffer + position);
            position += entry->length;
            char *end;
            long pid = strtol(entry->name, &end, 10);
            if (*end == 0 && pid > 0) more = visit((pid_t)pid, context);
        }
    }
    int error = errno;
    close(folder);
    errno = error;
    return more && count < 0 ? -1 : 0;
}

static int compare(const void *left, const void *right) {
    pid_t a = ((const struct process *)left)->pid, b = ((const struct process *)right)->pid;
    return a < b ? -1 : a > b;
}

static bool list(pid_t pid, void *context) {
    int *count = context;
    pid_t parent = parent_of(pid);
    if (parent > 0) processes[(*count)++] = (struct process){.pid = pid, .parent = parent};
    return *count < PROCESS_LIMIT;
}

static bool contains(const pid_t *pids, int count, pid_t pid) {
    for (int i = 0; i < count; i++)
        if (pids[i] == pid) return true;
    return false;
}

static void mark_descendants(int count, pid_t self, const pid_t *spared, int spared_count) {
    for (bool changed = true; changed;) {
        changed = false;
        for (int i = 0; i < count; i++) {
            struct process *process = &processes[i];
            if (process->descends) continue;
            struct process key = {.pid = process->parent};
            const struct process *parent = bsearch(&key, processes, (size_t)count, sizeof key, compare);
            bool child = process->parent == self && !contains(spared, spared_count, process->pid);
            process->descends = child || (parent != NULL && parent->descends);
            changed |= process->descends;
        }
    }
}

/// Kills a descendant that is no child, when it still is one.
static void kill_remote(const struct process *process, pid_t self) {
    int descriptor = (int)syscall(SYS_pidfd_open, process->pid, 0);
    // Without pidfds (Linux before 5.3) it becomes a child when its parent is dead, and the next pass finds it.
    if (descriptor < 0) return;
    pid_t parent = parent_of(process->pid);
    if (parent == process->parent || parent == self)
        syscall(SYS_pidfd_send_signal, descriptor, SIGKILL, NULL, 0);
    close(descriptor);
}

void cwarden_kill_descendants(const pid_t *spared, int spared_count) {
    int count = 0;
    pid_t self = getpid();
    each_process(list, &count);
    qsort(processes, (size_t)count, sizeof processes[0], compare);
    mark_descendants(count, self, spared, spared_count);
    for (int i = 0; i < count; i++) {
        if (!processes[i].descends) continue;
        if (processes[i].parent == self) kill(processes[i].pid, SIGKILL);
        else kill_remote(&processes[i], self);
    }
}

bool cwarden_is_descendant(pid_t pid, bool *exists) {
    pid_t self = getpid();
    *exists = false;
    for (int depth = 0; depth < DEPTH_LIMIT; depth++) {
        pid_t parent = parent_of(pid);
        if (depth == 0) *exists = parent >= 0;
        if (parent == self) return true;
        if (parent <= 1) return false;
        pid = parent;
    }
    return false;
}

bool cwarden_is_stopped(pid_t pid) {
    char state;
    return look_up(pid, &state) >= 0 && (state == 'T' || state == 't');
}

void cwarden_signal_descendant(pid_t pid, int number) {
    bool exists;
    int descriptor = (int)syscall(SYS_pidfd_open, pid, 0);
    // Without pidfds (Linux before 5.3) the pid would have to be taken anew within this call to be another's.
    if (cwarden_is_descendant(pid, &exists)) {
        if (descriptor < 0) kill(pid, number);
        else syscall(SYS_pidfd_send_signal, descriptor, number, NULL, 0);
    }
    cwarden_close(&descriptor);
}

struct children {
    pid_t self;
    pid_t *pids;
    int count;
    int capacity;
};

static bool list_child(pid_t pid, void *context) {
    struct children *children = context;
    if (parent_of(pid) == children->self) children->pids[children->count++] = pid;
    return children->count < children->capacity;
}

int cwarden_children(pid_t *pids, int capacity) {
    struct children children = {.self = getpid(), .pids = pids, .count = 0, .capacity = capacity};
    if (capacity == 0) return 0;
    return each_process(list_child, &children) == 0 ? children.count : -1;
}
