// Doors to Linux interfaces that the Glibc module does not show to Swift.
#ifndef CLINUX_H
#define CLINUX_H

#include <signal.h>
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

/// A TCP address: `groups` are the eight groups of an IPv6 address, or `bits` those of an IPv4 address.
struct clinux_address {
    int is_ipv6;
    uint32_t bits;
    uint16_t groups[8];
    uint16_t port;
};

/// Binds a socket to a TCP address. Returns 0, or -1 with errno.
int clinux_bind(int descriptor, const struct clinux_address *address);

/// The local TCP address of a socket. Returns 0, or -1 with errno.
int clinux_local_address(int descriptor, struct clinux_address *address);

/// Binds a unix socket to a path. Returns 0, or -1 with errno; ENAMETOOLONG for a path that the kernel cannot hold.
int clinux_bind_unix(int descriptor, const char *path);

/// Connects a unix socket to a path. Returns 0, or -1 with errno.
int clinux_connect_unix(int descriptor, const char *path);

/// Takes the first connection from the queue of a listening socket, close-on-exec and non-blocking.
/// Returns the descriptor, or -1 with errno; see accept4(2).
int clinux_accept(int descriptor);

/// Makes a listening TCP socket ignore new connection attempts: a packet with SYN and without ACK is dropped, so the
/// client repeats it a second later. Handshakes that have begun complete. Returns 0, or -1 with errno.
int clinux_ignore_new_connections(int descriptor);

/// Undoes `clinux_ignore_new_connections`. Returns 0, or -1 with errno.
int clinux_heed_new_connections(int descriptor);

/// Makes close(2) reset the connection instead of finishing it. Returns 0, or -1 with errno.
int clinux_reset_on_close(int descriptor);

/// The bytes that the peer has not acknowledged yet, or -1 with errno.
int clinux_unsent_bytes(int descriptor);

#endif
