// Doors to Linux interfaces that the Glibc module does not show to Swift.
#ifndef CLINUX_H
#define CLINUX_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/signalfd.h>

/// Opens a descriptor that reads as a stream of `signalfd_siginfo` records, one for each pending signal of `mask`.
/// Returns the descriptor, or -1 with errno; see signalfd(2).
static inline int clinux_signalfd(const sigset_t *mask) {
    return signalfd(-1, mask, SFD_CLOEXEC | SFD_NONBLOCK);
}

/// The size of one record of `clinux_signalfd`, in bytes.
static const int clinux_signalfd_record_size = (int)sizeof(struct signalfd_siginfo);

// The socket functions below are not inline: the headers of the network would be a second definition of types that
// other modules show to Swift.

/// An address of TCP or UDP: `groups` are the eight groups of an IPv6 address, or `bits` those of an IPv4 address.
struct clinux_address {
    int is_ipv6;
    uint32_t bits;
    uint16_t groups[8];
    uint16_t port;
};

/// Binds a socket to an address of TCP or UDP. Returns 0, or -1 with errno.
int clinux_bind(int descriptor, const struct clinux_address *address);

/// The local address of a socket of TCP or UDP. Returns 0, or -1 with errno.
int clinux_local_address(int descriptor, struct clinux_address *address);

/// Binds a unix socket to a path. Returns 0, or -1 with errno; ENAMETOOLONG for a path that the kernel cannot hold.
int clinux_bind_unix(int descriptor, const char *path);

/// The path of a unix socket, with a NUL at its end; empty when it has none, or one in the abstract namespace.
/// Returns 0, or -1 with errno; ENAMETOOLONG when it does not fit.
int clinux_local_path(int descriptor, uint8_t *path, size_t capacity);

/// Connects a unix socket to a path. Returns 0, or -1 with errno.
int clinux_connect_unix(int descriptor, const char *path);

/// Who connected to a unix socket.
struct clinux_peer {
    int32_t pid;
    uint32_t uid;
    uint32_t gid;
};

/// The credentials of whoever connected a unix socket, from the moment of the connect. Returns 0, or -1 with errno.
int clinux_peer_credentials(int descriptor, struct clinux_peer *peer);

/// The supplementary groups of whoever connected a unix socket. Returns how many there are, or -1 with errno; ERANGE
/// when there are more than `capacity`.
int clinux_peer_groups(int descriptor, uint32_t *groups, int capacity);

/// Takes the first connection from the queue of a listening socket, close-on-exec and non-blocking.
/// Returns the descriptor, or -1 with errno; see accept4(2).
int clinux_accept(int descriptor);

/// Makes a listening TCP socket ignore new connection attempts: a packet with SYN and without ACK is dropped, so the
/// client repeats it a second later. Handshakes that have begun complete. Returns 0, or -1 with errno.
int clinux_ignore_new_connections(int descriptor);

/// Undoes `clinux_ignore_new_connections`. Returns 0, or -1 with errno.
int clinux_heed_new_connections(int descriptor);

/// Connects a UDP socket to an address: it then gets only what comes from there, and keeps what waits in it already.
/// Returns 0, or -1 with errno.
int clinux_connect(int descriptor, const struct clinux_address *address);

/// Undoes `clinux_connect`. Returns 0, or -1 with errno.
int clinux_disconnect(int descriptor);

/// Sends one datagram without waiting, and without SIGPIPE. `to` (with `length` bytes) is null for a connected socket.
/// `from`, when it is not null, is the address of this machine to send from, of the same family; its port does not
/// count, and `interface` matters only for addresses that belong to one link. Returns 0, or -1 with errno; see
/// sendmsg(2).
int clinux_send_datagram(
    int descriptor, const void *bytes, size_t count, const void *to, uint32_t length, const void *from, int interface);

/// Sends a message to a unix socket of datagrams at an address, with a descriptor unless that is negative (unix(7),
/// SCM_RIGHTS). Waits while the receiver's queue is full. Returns 0, or -1 with errno.
int clinux_notify(int socket, const void *bytes, size_t count, const void *to, uint32_t length, int descriptor);

/// True when a socket has something to read or an error to tell. Never waits.
int clinux_is_readable(int descriptor);

/// Makes close(2) reset the connection instead of finishing it. Returns 0, or -1 with errno.
int clinux_reset_on_close(int descriptor);

/// The bytes that the peer has not acknowledged yet, or -1 with errno.
int clinux_unsent_bytes(int descriptor);

#endif
