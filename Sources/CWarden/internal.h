// What the parts of the warden share.
#ifndef CWARDEN_INTERNAL_H
#define CWARDEN_INTERNAL_H

#include "CWarden.h"
#include <stdbool.h>

/// The descriptors of a request, in the order in which they are sent.
struct cwarden_parcel {
    int request;
    int socket;
    int count;
    int others[2 + CWARDEN_SOCKET_LIMIT];
};

/// Does what a keeper can do before it has a request, in a process of its own.
void cwarden_prepare_keeper(void);

/// The keeper's life, after its preparation; does not return. A byte into `spare`, a pipe or -1, tells that the next
/// spare is wanted.
_Noreturn void cwarden_keep(struct cwarden_parcel *parcel, int spare);

/// The program's process between vfork and exec, in the memory of its keeper.
struct cwarden_launch {
    const char *program;
    const char *directory;
    char **arguments;
    char **environment;
    char *listen_pid;
    char *watchdog_pid;
    const struct cwarden_request *request;
    const uint32_t *groups;
    const uint32_t *limits;
    int null;
    int output;
    int error;
    const int *sockets;
    int report;
    pid_t keeper;
};

/// Turns this process into the program; reports a step and its errno otherwise.
_Noreturn void cwarden_become(const struct cwarden_launch *launch);

/// Sends SIGKILL to every descendant of this process but the children in `spared`.
void cwarden_kill_descendants(const pid_t *spared, int count);

/// True when `pid` descends from this process; `exists` tells whether there is such a process.
bool cwarden_is_descendant(pid_t pid, bool *exists);

/// Closes, or marks as close-on-exec, every descriptor from `first` up.
void cwarden_close_from(int first, bool on_exec);

/// Opens a signalfd for SIGCHLD, which is blocked. Returns -1 with errno.
int cwarden_child_signals(void);

/// Reads whatever a signalfd has to say.
void cwarden_drain(int signals);

/// Closes a descriptor, unless it is negative, and forgets it.
void cwarden_close(int *descriptor);

#endif
