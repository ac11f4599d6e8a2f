// The warden: a small process without threads that forks a keeper for each program.
//
// main ── warden ── keeper ── program. The warden and its keepers are the binary of main, executed again with the name
// `supervisor-warden`; nothing of Swift runs in them. What a program leaves behind is adopted by its keeper, what a
// keeper leaves behind by the warden, and what the warden leaves behind by main (PR_SET_CHILD_SUBREAPER).
#ifndef CWARDEN_H
#define CWARDEN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/// The most listening sockets of a program: with those for its output they fit into one SCM_RIGHTS message (253).
#define CWARDEN_SOCKET_LIMIT 200

/// The most bytes of a request; the kernel takes at most 6 MiB of arguments and environment.
#define CWARDEN_REQUEST_LIMIT 8388608

/// The request, in a memfd: these words, then `group_count` words, then three words for each limit (resource, low and
/// high half of the value), then strings that end with NUL: program, directory, arguments, environment.
struct cwarden_request {
    uint32_t flags;
    uint32_t user;
    uint32_t group;
    uint32_t group_count;
    uint32_t limit_count;
    uint32_t argument_count;
    uint32_t environment_count;
    uint32_t socket_count;
};

#define CWARDEN_HAS_DIRECTORY 1
#define CWARDEN_HAS_IDENTITY 2
/// Two descriptors for standard output and standard error come with the request; otherwise they are `/dev/null`.
#define CWARDEN_HAS_OUTPUT 4
/// The descriptors of the output are pipes that may be given to the user of the program.
#define CWARDEN_OWNS_OUTPUT 8
#define CWARDEN_NOTIFIES 16
#define CWARDEN_WATCHES 32

/// The resources of a limit.
#define CWARDEN_ADDRESS_SPACE 0
#define CWARDEN_CORE 1
#define CWARDEN_OPEN_FILES 2
#define CWARDEN_PROCESSES 3
#define CWARDEN_CPU_SECONDS 4

/// A message between main and a keeper, one for each packet of their socket.
struct cwarden_record {
    int32_t kind;
    int32_t value;
    int32_t error;
};

// From a keeper.
#define CWARDEN_HELLO 1     // value: the keeper's pid
#define CWARDEN_STARTED 2   // value: the program's pid; its image is executed
#define CWARDEN_FAILED 3    // value: a step, error: its errno; nothing is left
#define CWARDEN_READY 4
#define CWARDEN_WATCHDOG 5
#define CWARDEN_TRIGGER 6
#define CWARDEN_EXITED 7    // value: the status as wait(2) has it
#define CWARDEN_GONE 8      // nothing is left

// To a keeper.
#define CWARDEN_SIGNAL 1    // value: the signal, for the program's process group
#define CWARDEN_KILL 2

// The steps of a start.
#define CWARDEN_STEP_KEEPER 1
#define CWARDEN_STEP_REQUEST 2
#define CWARDEN_STEP_NOTIFY 3
#define CWARDEN_STEP_NULL 4
#define CWARDEN_STEP_FORK 5
#define CWARDEN_STEP_SESSION 6
#define CWARDEN_STEP_DESCRIPTORS 7
#define CWARDEN_STEP_LIMIT 8
#define CWARDEN_STEP_GROUPS 9
#define CWARDEN_STEP_GROUP 10
#define CWARDEN_STEP_USER 11
#define CWARDEN_STEP_DIRECTORY 12
#define CWARDEN_STEP_TIE 13
#define CWARDEN_STEP_RUN 14

/// True when the process was started to be the warden.
int cwarden_is_named(char *const arguments[]);

/// The warden's life; returns its exit code. The socket to main is descriptor 3.
int cwarden_run(char *const arguments[]);

// What follows is called by main.

/// Makes main the parent of what its descendants leave behind. Returns 0 or an errno.
int cwarden_adopt_orphans(void);

/// Starts the warden with `socket` as its way to main. Returns 0 or an errno.
int cwarden_start(const char *executable, int socket, pid_t *pid);

/// Makes a pair of connected sockets that keep the borders of messages, close-on-exec. Returns 0 or an errno.
int cwarden_socket_pair(int descriptors[2]);

/// Makes a pipe, close-on-exec. Returns 0 or an errno.
int cwarden_pipe(int descriptors[2]);

/// Makes a file in memory with these bytes, close-on-exec. Returns the descriptor, or -1 with errno.
int cwarden_memory(const void *bytes, size_t count);

/// Sends descriptors to the warden, without waiting: the request, the keeper's socket, the output, the sockets.
/// Returns 0 or an errno, EAGAIN when the warden has too many requests to read.
int cwarden_send(int socket, const int *descriptors, int count);

/// True when a process is stopped, by a signal or by its tracer.
bool cwarden_is_stopped(pid_t pid);

/// Sends a signal to a process, when it descends from this one.
void cwarden_signal_descendant(pid_t pid, int number);

/// The children of this process, at most `capacity` of them. Returns their number, or -1 with errno.
int cwarden_children(pid_t *children, int capacity);

#endif
